import EventLoop
import Storage
import Telemetry

/// Has the planner look at tables that grow quickly, as those of a new installation do, before autovacuum comes by.
@Reactor
final class TableWatch {
    private let database: Database
    private let duty: RecurringDuty

    init(_ database: Database, interval: Duration) {
        self.database = database
        duty = RecurringDuty(every: interval)
    }

    func start() { duty.start { await self.turn() } }

    func stop() { duty.stop() }

    private func turn() async {
        do {
            try await database.statistics.refresh()
        } catch {
            Log.shared.warning("tables.watch_failed", ["error": .string("\(error)")])
        }
    }
}
