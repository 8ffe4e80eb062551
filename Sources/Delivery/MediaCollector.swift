import Crypto
import Domain
import EventLoop
import HTTP
import Providers
import Storage
import Telemetry

/// Fetches what contacts sent from where the providers keep it, while they do.
@Reactor
final class MediaCollector {
    private static let interval = Duration.seconds(2)
    /// At once in one process: each holds a piece in memory.
    private static let batch = 8
    /// For one file.
    private static let patience = Duration.seconds(10 * 60)
    /// Longer than that, so that only a dead process loses its errand.
    private static let lease = Duration.seconds(11 * 60)
    /// Meta keeps what contacts send for 7 days.
    private static let life = Duration.seconds(7 * 24 * 60 * 60)
    private static let firstPause = Duration.seconds(5)
    private static let longestPause = Duration.seconds(60 * 60)

    private let database: Database
    private let channels: Channels
    private let clock: Clock
    private let duty = RecurringDuty(every: interval)
    private var isAtWork = false
    private var wantsMore = false

    init(_ database: Database, _ channels: Channels, clock: Clock) {
        self.database = database
        self.channels = channels
        self.clock = clock
    }

    private var now: Timestamp { Timestamp(microseconds: clock.microseconds) }

    func start() { duty.start { await self.turn() } }

    func stop() { duty.stop() }

    /// Something has come that is not to wait for the next turn.
    func wake() { spawn { await self.turn() } }

    private func turn() async {
        guard !isAtWork else { return wantsMore = true }
        isAtWork = true
        repeat {
            wantsMore = false
            await fetchDue()
        } while wantsMore && duty.isRunning
        isAtWork = false
    }

    private func fetchDue() async {
        do {
            let due = try await database.media.claimFetches(now: now, until: now + Self.lease, limit: Self.batch)
            if due.count == Self.batch { wantsMore = true }
            let tasks = due.map { fetch in spawn { await self.fetch(fetch) } }
            for task in tasks { await task.value }
        } catch {
            Log.shared.warning("media.collect_failed", ["error": .string("\(error)")])
        }
    }

    private func fetch(_ fetch: MediaStore.Fetch) async {
        do {
            if let fault = try await collect(fetch) { try await putOff(fetch, fault) }
        } catch is StorageError.Outdated {
            // Its message was erased meanwhile.
        } catch {
            // The errand's lease runs out, and it is taken up again.
            Log.shared.warning(
                "media.fetch_failed", ["media": .int(fetch.id.rawValue), "error": .string("\(error)")])
        }
    }

    /// Why it is not here now; nil when it is.
    private func collect(_ fetch: MediaStore.Fetch) async throws -> ProviderFault? {
        guard let channel = try await channels.channel(of: fetch.instanceID, account: fetch.account) else {
            return ProviderFault(
                provider: .cloudAPI, code: nil, title: "The number is no longer attached", details: nil,
                retryable: false)
        }
        switch await channel.provider.download(fetch.place, via: channel.access, patience: Self.patience) {
        case .failure(let fault): return fault
        case .success(let stream):
            defer { stream.body.close() }
            return try await keep(stream.body, fetch, of: channel.access.provider)
        }
    }

    private func keep(
        _ body: HTTPClientBody, _ fetch: MediaStore.Fetch, of provider: Instance.Provider
    ) async throws -> ProviderFault? {
        func fault(_ title: String, retryable: Bool = true) -> ProviderFault {
            ProviderFault(provider: provider, code: nil, title: title, details: nil, retryable: retryable)
        }
        try await database.media.clear(fetch.id, of: fetch.account)
        let hash = SHA256.Stream()
        // Whatever a phone sends is kept as it is: no type is refused.
        let intake = MediaIntake(nil, limit: MediaKind.largest, chunkSize: MediaStore.chunkSize)
        do {
            let size = try await database.media.fill(fetch.id, of: fetch.account, intake) {
                let piece = try await body.read()
                if let piece { hash.update(piece) }
                return piece
            }
            let sha256 = hash.finish()
            guard fetch.sha256.map({ $0 == sha256 }) ?? true else {
                return fault("The file is not the one that the provider told of")
            }
            try await database.media.finish(fetch, size: size, sha256: sha256)
            return nil
        } catch let error as HTTPClientError {
            return fault("The file broke off", retryable: error.code != .responseTooLarge)
        } catch let refusal as MediaIntake.Refusal {
            if case .empty = refusal { return fault("The file is empty") }
            return fault("The file is too large", retryable: false)
        }
    }

    /// Tried again until the provider no longer has it.
    private func putOff(_ fetch: MediaStore.Fetch, _ fault: ProviderFault) async throws {
        let pause = min(Self.firstPause * (1 << min(fetch.attempts, 20)), Self.longestPause)
        let next = now + pause
        guard fault.retryable, next < fetch.createdAt + Self.life else {
            Log.shared.warning(
                "media.given_up", ["media": .int(fetch.id.rawValue), "reason": .string(fault.title)])
            return try await database.media.fail(fetch)
        }
        try await database.media.delay(fetch, until: next)
    }
}
