import EventLoop

/// Notices a connection that has answered nothing for too long: first its statement is cancelled, then it is given up.
@Reactor
struct Watchdog {
    enum Verdict: Sendable, Hashable {
        case nothing
        case watchOn
        case cancel
        case giveUp
    }

    /// How long one statement may take.
    let patience: Duration
    /// How long the server may take to obey a cancel request.
    static let grace: Duration = .seconds(1)

    /// When the last answer came, or the first question went out after a silence.
    var progress = MonotonicTime.now
    private var hasCancelled = false
    private var timer: LoopTimer?

    init(patience: Duration) { self.patience = patience }

    /// Begins to watch, unless it does so already.
    mutating func watch(_ alarm: @escaping @Reactor () -> Void) {
        guard timer?.isPending != true else { return }
        if timer == nil { progress = .now }
        timer = EventLoop.shared.schedule(at: deadline, alarm)
    }

    mutating func stop() {
        timer?.cancel()
        timer = nil
    }

    private var deadline: MonotonicTime { progress + patience + (hasCancelled ? Self.grace : .zero) }

    /// Called when the timer went off.
    mutating func judge(isWaiting: Bool, now: MonotonicTime = .now) -> Verdict {
        guard isWaiting else {
            stop()
            hasCancelled = false
            return .nothing
        }
        if now < progress + patience {
            hasCancelled = false
            return .watchOn
        }
        guard hasCancelled else {
            hasCancelled = true
            return .cancel
        }
        return now < deadline ? .watchOn : .giveUp
    }
}
