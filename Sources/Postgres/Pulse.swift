import EventLoop

/// Whether one server is there, as far as a pool can tell: when it last showed itself to any of the pool's connections,
/// and what a probe of it means.
struct Pulse: Sendable {
    /// What came of asking the server for a sign of life.
    enum Answer: Sendable, Hashable {
        /// Somebody is there, if only to turn us away: a pooler that is being replaced listens no more, and still
        /// serves the clients it has.
        case sign
        /// The network knows no way to it.
        case noRoute
        /// Nothing yet, and the time is up.
        case nothing
        /// It could not be asked, for want of something on our side: that tells nothing of the server.
        case unasked
    }

    enum Verdict: Sendable, Hashable {
        case waitOn
        /// The probe is given more time.
        case probeOn(until: MonotonicTime)
        case silent
    }

    /// How long a probe waits for its answer.
    let limit: Duration
    /// When the server was last heard, by whichever connection.
    private(set) var lastSign: MonotonicTime
    private var probe: (began: MonotonicTime, deadline: MonotonicTime)?

    /// A timer that fires later than this was held up, and with it whatever may have arrived.
    private static let punctuality: Duration = .milliseconds(250)

    init(limit: Duration, now: MonotonicTime) {
        self.limit = limit
        lastSign = now
    }

    mutating func heard(at now: MonotonicTime) { lastSign = now }

    /// A connection wonders whether its server is there. Until when a probe that is to begin may wait; nil while one
    /// is under way already.
    mutating func wonder(now: MonotonicTime) -> MonotonicTime? {
        guard probe == nil else { return nil }
        probe = (began: now, deadline: now + limit)
        return now + limit
    }

    mutating func judge(_ answer: Answer, now: MonotonicTime) -> Verdict {
        guard let current = probe else { return .waitOn }
        if answer == .sign { lastSign = max(lastSign, now) }
        let isHeard = lastSign > current.began
        // We ourselves were held up: the time that passed was not the server's.
        if answer == .nothing, !isHeard, now > current.deadline + Self.punctuality {
            probe?.deadline = now + limit
            return .probeOn(until: now + limit)
        }
        probe = nil
        return isHeard || answer == .unasked ? .waitOn : .silent
    }
}
