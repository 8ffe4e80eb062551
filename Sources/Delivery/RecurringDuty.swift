import EventLoop

/// Does its work again and again, each turn so long after the end of the one before.
@Reactor
final class RecurringDuty {
    private let interval: Duration
    private var work: (@Reactor @Sendable () async -> Void)?
    private var timer: LoopTimer?

    init(every interval: Duration) { self.interval = interval }

    /// False once `stop` was called: a turn under way may end early.
    var isRunning: Bool { work != nil }

    func start(after delay: Duration? = nil, _ work: @escaping @Reactor @Sendable () async -> Void) {
        self.work = work
        schedule(after: delay ?? interval)
    }

    func stop() {
        work = nil
        timer?.cancel()
        timer = nil
    }

    private func schedule(after delay: Duration) {
        guard let work else { return }
        timer = EventLoop.shared.schedule(after: delay) {
            spawn {
                await work()
                self.schedule(after: self.interval)
            }
        }
    }
}
