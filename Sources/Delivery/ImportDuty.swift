import EventLoop

/// Has leads that came in bulk applied, batch after batch while there are any; what a batch is, the API knows.
@Reactor
final class ImportDuty {
    /// The longest that an import waits when nothing else is to do.
    private static let interval = Duration.milliseconds(200)

    private let duty = RecurringDuty(every: interval)

    func start(_ work: @escaping @Reactor @Sendable () async -> Bool) {
        duty.start { while self.duty.isRunning, await work() {} }
    }

    func stop() { duty.stop() }
}
