import EventLoop

/// Notices a connection that has answered nothing for too long: first it is asked whether the server is there at
/// all, then its statement is cancelled, then it is given up.
@Reactor
struct Watchdog {
    enum Verdict: Sendable, Hashable {
        case nothing
        case watchOn
        /// Is the server there at all?
        case wonder
        case cancel
        case giveUp
    }

    /// How long one statement may take.
    let patience: Duration
    /// After how long a silence of its server a connection that waits for an answer wonders.
    let silence: Duration
    /// How long the server may take to obey a cancel request.
    static let grace: Duration = .seconds(1)

    /// When the last answer came, or the first question went out after a silence.
    var progress = MonotonicTime.now
    private var wondered: MonotonicTime?
    private var hasCancelled = false
    private var timer: LoopTimer?

    init(patience: Duration, silence: Duration) {
        self.patience = patience
        self.silence = silence
    }

    /// Begins to watch, unless it does so already.
    ///
    /// - Parameter lastSign: when the server was last heard, by whichever connection.
    mutating func watch(lastSign: MonotonicTime?, _ alarm: @escaping @Reactor () -> Void) {
        guard timer?.isPending != true else { return }
        if timer == nil { progress = .now }
        timer = EventLoop.shared.schedule(at: next(lastSign), alarm)
    }

    mutating func stop() {
        timer?.cancel()
        timer = nil
    }

    private var deadline: MonotonicTime { progress + patience + (hasCancelled ? Self.grace : .zero) }

    private func next(_ lastSign: MonotonicTime?) -> MonotonicTime {
        hasCancelled ? deadline : min(deadline, silenceEnds(lastSign))
    }

    /// One that has just wondered does so again only after another such silence.
    private func silenceEnds(_ lastSign: MonotonicTime?) -> MonotonicTime {
        max(progress, lastSign ?? progress, wondered ?? progress) + silence
    }

    /// Called when the timer went off.
    mutating func judge(isWaiting: Bool, lastSign: MonotonicTime?, now: MonotonicTime = .now) -> Verdict {
        guard isWaiting else {
            stop()
            hasCancelled = false
            return .nothing
        }
        if now < progress + patience {
            hasCancelled = false
            guard now >= silenceEnds(lastSign) else { return .watchOn }
            wondered = now
            return .wonder
        }
        guard hasCancelled else {
            hasCancelled = true
            return .cancel
        }
        return now < deadline ? .watchOn : .giveUp
    }
}
