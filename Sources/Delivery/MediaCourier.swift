import Domain
import EventLoop
import Providers
import Storage

/// Brings the file of a message to where the message can name it: to the provider, once for each number, or into the
/// message itself.
@Reactor
final class MediaCourier {
    enum Outcome {
        case ready(OutboundContent, OutboundFile?)
        /// Nothing was sent.
        case failed(AttemptOutcome)
    }

    private let database: Database
    private let fetcher: MediaFetcher
    private let clock: Clock

    init(_ database: Database, _ fetcher: MediaFetcher, clock: Clock) {
        self.database = database
        self.fetcher = fetcher
        self.clock = clock
    }

    private var now: Timestamp { Timestamp(microseconds: clock.microseconds) }

    /// - Parameter extend: makes the attempt's lease last so much longer; false when the attempt is another's.
    func carry(
        _ attempt: AttemptStore.Claimed, _ channel: Channels.Channel,
        extend: @Reactor (Duration) async throws -> Bool
    ) async -> Outcome {
        do {
            switch attempt.content.media {
            case .stored(let id)?: return try await place(id, attempt.content, attempt, channel, extend: extend)
            // Meta fetches links itself, from where Meta stands. WAHA would fetch them from where WAHA stands, which
            // may be beside what nobody outside is to reach: it is given the file.
            case .link(let link)? where channel.access.provider == .waha:
                return try await fetch(link, attempt, channel, extend: extend)
            case .link?, .id?, nil: return .ready(attempt.content, nil)
            }
        } catch let failure as MediaFetcher.Failure {
            let fault = fault(failure.title, channel, retryable: failure.isPassing)
            return .failed(failure.isPassing ? .notSent(fault) : .refused(fault, .fail))
        } catch {
            return .failed(.notSent(fault("The file could not be read from the database", channel, retryable: true)))
        }
    }

    private func fetch(
        _ link: String, _ attempt: AttemptStore.Claimed, _ channel: Channels.Channel,
        extend: @Reactor (Duration) async throws -> Bool
    ) async throws -> Outcome {
        guard case .media(let content) = attempt.content else { return .ready(attempt.content, nil) }
        guard try await extend(MediaFetcher.patience) else { return .failed(.notSent(lost(channel))) }
        let medium = try await fetcher.fetch(
            link, as: content.kind, filename: content.filename, for: attempt.account)
        let kept = attempt.content.replacingMedia(by: .stored(medium.id))
        let details = MessageDetails.Media(stored: medium).json
        guard try await database.attempts.keep(medium, as: details, content: kept, for: attempt) else {
            return .failed(.notSent(lost(channel)))
        }
        return try await place(medium.id, kept, attempt, channel, extend: extend)
    }

    private func place(
        _ id: Medium.ID, _ content: OutboundContent, _ attempt: AttemptStore.Claimed, _ channel: Channels.Channel,
        extend: @Reactor (Duration) async throws -> Bool
    ) async throws -> Outcome {
        let (instance, account) = (attempt.instanceID, attempt.account)
        if let known = try await database.media.providerID(of: id, at: instance, account: account, until: now) {
            return .ready(content.replacingMedia(by: .id(known)), nil)
        }
        guard let entry = try await database.run(database.media.one(id, of: account)), entry.state == .stored else {
            return .failed(.refused(fault("The file is no longer there", channel, retryable: false), .fail))
        }
        let file = file(entry.medium, content, of: account)
        // There and into the message, each in its time.
        guard try await extend(file.patience * 2) else { return .failed(.notSent(lost(channel))) }
        switch await channel.provider.place(file, via: channel.access) {
        case .withMessage: return .ready(content, file)
        case .failed(let outcome): return .failed(outcome)
        case .id(let providerID):
            try await database.media.keep(
                providerID: providerID, of: id, at: instance, account: account, until: now + MediaPlacement.life)
            return .ready(content.replacingMedia(by: .id(providerID)), nil)
        }
    }

    private func file(_ medium: Medium, _ content: OutboundContent, of account: Account.ID) -> OutboundFile {
        var filename: String?
        if case .media(let media) = content { filename = media.filename }
        let media = database.media
        return OutboundFile(medium, filename: filename, chunkCount: MediaStore.chunkCount(medium.size)) { number in
            guard let chunk = try await media.chunk(number, of: medium.id, account: account) else {
                throw StorageError.missing("a piece of a file")
            }
            return chunk
        }
    }

    /// Meta cannot take the file, or no longer has it: it is given to Meta anew the next time.
    func settle(_ outcome: AttemptOutcome, of attempt: AttemptStore.Claimed) async {
        guard case .stored(let id)? = attempt.content.media, case .refused(let fault, _) = outcome,
            let code = fault.code.flatMap(CloudAPIErrorCode.init),
            code == .mediaUpload || code == .invalidParameter
        else { return }
        try? await database.media.forgetProviderID(of: id, at: attempt.instanceID, account: attempt.account)
    }

    private func fault(_ title: String, _ channel: Channels.Channel, retryable: Bool) -> ProviderFault {
        ProviderFault(
            provider: channel.access.provider, code: nil, title: title, details: nil, retryable: retryable)
    }

    private func lost(_ channel: Channels.Channel) -> ProviderFault {
        fault("The attempt could not be prepared in the database", channel, retryable: true)
    }
}
