import EventLoop

/// Has work done that comes in turns, turn after turn while there are any; what a turn is, the API knows.
@Reactor
final class TurnsDuty {
    /// The longest that a turn waits when nothing else is to do.
    private static let interval = Duration.milliseconds(200)

    private let duty = RecurringDuty(every: interval)

    /// - Parameter turn: takes the next turn; whether there was one.
    func start(_ turn: @escaping DeliveryEngine.Turn) {
        duty.start { while self.duty.isRunning, await turn() {} }
    }

    func stop() { duty.stop() }
}
