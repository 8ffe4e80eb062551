import Domain
import EventLoop
import Storage
import Telemetry

/// Applies reports that came before the answer of the attempt that they are about.
///
/// Whoever parks a report and whoever stores an answer cannot see each other's uncommitted rows, so that neither could
/// be the one to apply it: it is looked for afterwards.
@Reactor
final class ParkedStatuses {
    private static let interval = Duration.seconds(1)
    private static let batch = 200
    /// Longer than an attempt can be under way. What is parked longer is of messages that others sent by the number.
    private static let patience = Duration.seconds(10 * 60)

    private let database: Database
    private let clock: Clock
    private let duty = RecurringDuty(every: interval)

    init(_ database: Database, clock: Clock) {
        self.database = database
        self.clock = clock
    }

    func start() { duty.start { await self.turn() } }

    func stop() { duty.stop() }

    private func turn() async {
        let now = Timestamp(microseconds: clock.microseconds)
        do {
            for parked in try await database.parkedStatuses.found(limit: Self.batch) {
                _ = try await database.inbound.apply(
                    parked.report, of: parked.account, parked.instance, now: now)
                try await database.parkedStatuses.remove(parked)
            }
            try await database.parkedStatuses.forget(
                before: Timestamp(microseconds: now.microseconds - Self.patience.microseconds))
        } catch {
            Log.shared.warning("inbound.parked_failed", ["error": .string("\(error)")])
        }
    }
}
