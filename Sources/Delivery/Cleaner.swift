import Domain
import EventLoop
import Storage
import Telemetry

/// Makes partitions ahead of time and drops what has outlived its promise.
@Reactor
final class Cleaner {
    private static let interval = Duration.seconds(10 * 60)
    /// Promised are 24 hours; three days also survive a mistake made on a Friday.
    private static let idempotencyLife = Duration.seconds(72 * 60 * 60)
    /// A minute's count is of no use once the minute is over.
    private static let rateLife = Duration.seconds(5 * 60)

    /// The longest that an upload may take, and more.
    private static let uploadLife = Duration.seconds(60 * 60)
    /// Of a file that no message has.
    private static let mediaLife = Duration.seconds(30 * 24 * 60 * 60)
    private static let mediaBatch = 500
    /// A month to look into what became of each line.
    private static let importLife = Duration.seconds(30 * 24 * 60 * 60)

    private let database: Database
    private let clock: Clock
    private let duty = RecurringDuty(every: interval)

    init(_ database: Database, clock: Clock) {
        self.database = database
        self.clock = clock
    }

    func start() { duty.start(after: .milliseconds(100)) { await self.turn() } }

    func stop() { duty.stop() }

    private func turn() async {
        let now = Timestamp(microseconds: clock.microseconds)
        do {
            try await database.partitions.ensure(now: now)
            try await database.idempotency.forget(
                before: Timestamp(microseconds: now.microseconds - Self.idempotencyLife.microseconds))
            try await database.rates.forget(
                before: Timestamp(microseconds: now.microseconds - Self.rateLife.microseconds))
            try await database.media.forget(
                partial: Timestamp(microseconds: now.microseconds - Self.uploadLife.microseconds),
                unused: Timestamp(microseconds: now.microseconds - Self.mediaLife.microseconds),
                limit: Self.mediaBatch)
            try await database.imports.forget(
                before: Timestamp(microseconds: now.microseconds - Self.importLife.microseconds))
        } catch {
            Log.shared.warning("cleaner.turn_failed", ["error": .string("\(error)")])
        }
    }
}
