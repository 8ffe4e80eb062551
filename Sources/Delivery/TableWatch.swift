import EventLoop
import Storage
import Telemetry

/// Has the planner look at tables that grow quickly, as those of a new installation do, before autovacuum comes by.
@Reactor
final class TableWatch {
    /// After a look that failed, so that one which takes too long is not all that the database does.
    private static let rest = Duration.seconds(60)

    private let database: Database
    private let duty: RecurringDuty
    private var restsUntil: MonotonicTime?

    init(_ database: Database, interval: Duration) {
        self.database = database
        duty = RecurringDuty(every: interval)
    }

    func start() { duty.start { await self.turn() } }

    func stop() { duty.stop() }

    private func turn() async {
        if let restsUntil, MonotonicTime.now < restsUntil { return }
        do {
            try await database.statistics.refresh()
        } catch {
            restsUntil = .now + Self.rest
            Log.shared.warning("tables.watch_failed", ["error": .string("\(error)")])
        }
    }
}
