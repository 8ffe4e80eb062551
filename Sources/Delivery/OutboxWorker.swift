import Domain
import EventLoop
import Storage
import Telemetry

/// Takes what is due from the outbox, account by account, and gives up leases that ran out.
@Reactor
final class OutboxWorker {
    /// How often the outbox is looked at: the longest that a due message waits for its turn.
    private static let interval = Duration.milliseconds(200)
    private static let accountsPerTurn = 50
    private static let messagesPerAccount = 20
    /// Attempts at once: more would only wait for connections.
    private static let attemptLimit = 256
    private static let rescueBatch = 500

    private let database: Database
    private let dispatcher: Dispatcher
    private let clock: Clock
    private let owner: String
    private let leaseTime: Duration
    private let rescueInterval: Duration
    private let duty = RecurringDuty(every: interval)
    private var rescuedAt: MonotonicTime?

    init(
        _ database: Database, _ dispatcher: Dispatcher, clock: Clock, owner: String, leaseTime: Duration,
        rescueInterval: Duration
    ) {
        self.database = database
        self.dispatcher = dispatcher
        self.clock = clock
        self.owner = owner
        self.leaseTime = leaseTime
        self.rescueInterval = rescueInterval
    }

    private var now: Timestamp { Timestamp(microseconds: clock.microseconds) }

    func start() { duty.start { await self.turn() } }

    func stop() { duty.stop() }

    private func turn() async {
        do {
            try await rescue()
            try await dispatchDue()
        } catch {
            Log.shared.warning("outbox.turn_failed", ["error": .string("\(error)")])
        }
    }

    private func rescue() async throws {
        if let rescuedAt, MonotonicTime.now - rescuedAt < rescueInterval { return }
        rescuedAt = .now
        let count = try await database.outbox.rescue(
            now: now, limit: Self.rescueBatch,
            reason: "The server stopped during the attempt; whether the provider has the message is not known")
        if count > 0 { Log.shared.warning("outbox.rescued", ["messages": .int(count)]) }
        _ = try await database.outbox.expire(
            now: now, limit: Self.rescueBatch, reason: "valid_until passed before it could be sent")
    }

    private func dispatchDue() async throws {
        for account in try await database.outbox.readyAccounts(now: now, limit: Self.accountsPerTurn) {
            guard duty.isRunning, dispatcher.board.attemptsInFlight < Self.attemptLimit else { return }
            let now = self.now
            let claimed = try await database.outbox.claim(
                of: account, owner: owner, until: now + leaseTime, limit: Self.messagesPerAccount, now: now)
            for attempt in claimed { dispatcher.dispatch(attempt) }
        }
    }
}
