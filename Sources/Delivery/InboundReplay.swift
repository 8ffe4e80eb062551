import Domain
import EventLoop
import Storage
import Telemetry

/// Tries items again that could not be applied, once somebody has asked for it.
@Reactor
final class InboundReplay {
    private static let interval = Duration.seconds(5)
    /// Longer than the items of one body take; what a stopped process has begun is begun again after that.
    private static let leaseTime = Duration.seconds(60)

    private let database: Database
    private let processor: InboundProcessor
    private let clock: Clock
    private let duty = RecurringDuty(every: interval)
    private var isAtWork = false
    /// Whether something was asked for since the work began.
    private var isAsked = false

    init(_ database: Database, _ processor: InboundProcessor, clock: Clock) {
        self.database = database
        self.processor = processor
        self.clock = clock
    }

    private var now: Timestamp { Timestamp(microseconds: clock.microseconds) }

    func start() { duty.start { await self.work() } }

    func stop() { duty.stop() }

    /// Something is asked for, which need not wait for the next turn.
    func wake() {
        isAsked = true
        spawn { await self.work() }
    }

    private func work() async {
        guard !isAtWork else { return }
        isAtWork = true
        defer { isAtWork = false }
        repeat {
            isAsked = false
            do {
                while duty.isRunning, try await tryNext() {}
            } catch {
                // What was begun comes again when its lease ends.
                Log.shared.warning("inbound.replay_failed", ["error": .string("\(error)")])
                return
            }
        } while isAsked
    }

    /// Whether there was a body with items to try.
    private func tryNext() async throws -> Bool {
        guard
            let claimed = try await database.inboundFailures.claim(now: now, leaseUntil: now + Self.leaseTime)
        else { return false }
        let failures =
            if let body = claimed.body {
                try await processor.apply(body, only: claimed.items).failures
            } else {
                claimed.items.map {
                    HookStore.Failure(item: $0, providerKey: nil, reason: "the body is no longer kept")
                }
            }
        try await database.inboundFailures.settle(claimed, failures, now: now)
        return true
    }
}
