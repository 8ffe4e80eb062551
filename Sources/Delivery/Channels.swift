import Domain
import EventLoop
import HTTP
import Providers
import Storage

/// Where each instance's provider is and what opens it, remembered for a moment.
@Reactor
final class Channels {
    struct Channel: Sendable {
        let access: ProviderAccess
        let provider: any MessagingProvider
        let hasWindowRestriction: Bool
    }

    private struct Entry {
        let channel: Channel
        let readAt: MonotonicTime
    }

    /// A rotated token or a moved server is seen after this.
    private static let lifetime = Duration.seconds(2)

    private let instances: InstanceStore
    private let secrets: ChannelSecrets
    private let cloudAPI: CloudAPIProvider
    private let waha: WAHAProvider
    private var entries: [Instance.ID: Entry] = [:]

    init(_ instances: InstanceStore, _ secrets: ChannelSecrets, _ client: HTTPClient) {
        self.instances = instances
        self.secrets = secrets
        cloudAPI = CloudAPIProvider(client: client)
        waha = WAHAProvider(client: client)
    }

    /// The next look reads anew: what was known has been refused.
    func forget(_ id: Instance.ID) { entries[id] = nil }

    /// nil when the instance is gone.
    func channel(of id: Instance.ID, account: Account.ID) async throws -> Channel? {
        if let entry = entries[id], MonotonicTime.now - entry.readAt < Self.lifetime { return entry.channel }
        let readAt = MonotonicTime.now
        guard let row = try await instances.access(id, of: account) else { return nil }
        let token = try secrets.openInstance(
            row.sealedSecrets, account: account.rawValue, providerKey: row.providerKey)
        let isCloud = row.provider == .cloudAPI
        let access = ProviderAccess(
            provider: row.provider, baseURL: row.baseURL, token: token, apiVersion: row.apiVersion ?? "v23.0",
            phoneNumberID: isCloud ? row.providerKey : nil, businessAccountID: row.businessAccountID,
            session: isCloud ? nil : row.providerKey)
        let channel = Channel(
            access: access, provider: isCloud ? cloudAPI : waha, hasWindowRestriction: isCloud)
        if entries.count > 10_000 { entries.removeAll() }
        entries[id] = Entry(channel: channel, readAt: readAt)
        return channel
    }
}
