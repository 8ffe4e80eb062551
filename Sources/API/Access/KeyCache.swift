import Domain
import EventLoop
import Storage

/// Keys by the hash of their token, remembered for one second: revocation holds everywhere within two.
@Reactor
final class KeyCache {
    struct Entry {
        /// nil for a key that there is none of.
        let caller: Exchange.Caller?
        fileprivate let readAt: MonotonicTime
    }

    /// What a look-up may be behind the database.
    private static let lifetime = Duration.seconds(1)
    /// Unknown tokens are remembered too, so the number is bounded.
    private static let capacity = 10_000

    private let keys: APIKeyStore
    private var entries: [[UInt8]: Entry] = [:]
    private var underWay: [[UInt8]: Task<Exchange.Caller?, any Error>] = [:]

    init(_ keys: APIKeyStore) { self.keys = keys }

    /// What is remembered of this token; nil if it must be looked up.
    func known(_ token: APIKeyToken) -> Entry? { fresh(KeyToken.hash(token)) }

    /// The key with this token and its account, whatever their state.
    func find(_ token: APIKeyToken) async throws -> Exchange.Caller? {
        let hash = KeyToken.hash(token)
        if let entry = fresh(hash) { return entry.caller }
        if let task = underWay[hash] { return try await task.value }
        let task = Task(executorPreference: EventLoop.shared) { try await self.load(hash) }
        underWay[hash] = task
        defer { underWay[hash] = nil }
        return try await task.value
    }

    private func fresh(_ hash: [UInt8]) -> Entry? {
        guard let entry = entries[hash], MonotonicTime.now - entry.readAt < Self.lifetime else { return nil }
        return entry
    }

    /// Those of an account that has changed, or whose keys have.
    func forget(_ account: Account.ID) { entries = entries.filter { $0.value.caller?.account.id != account } }

    private func load(_ hash: [UInt8]) async throws -> Exchange.Caller? {
        // The instant before the read: what the answer may have missed counts from there.
        let readAt = MonotonicTime.now
        let caller = try await keys.find(hash: hash).map { Exchange.Caller(key: $0.key, account: $0.account) }
        if entries.count >= Self.capacity { entries.removeAll(keepingCapacity: true) }
        entries[hash] = Entry(caller: caller, readAt: readAt)
        return caller
    }
}
