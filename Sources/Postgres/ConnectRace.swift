import EventLoop

/// In what order, and when, the servers of a list are tried.
///
/// One after the other; but one that says nothing holds up the next only for its head start. Then both go on, and the
/// first to succeed wins. While one still says nothing, the others are asked again: a standby that refused may be
/// promoted meanwhile.
struct ConnectRace: Sendable {
    enum Move: Sendable, Hashable {
        case begin(Int)
        case wait(until: MonotonicTime)
        case end
    }

    private enum Attempt: Sendable {
        case untried
        /// With what the one before it failed by, if there was one.
        case underWay(PostgresError?)
        case failed(PostgresError, at: MonotonicTime)
    }

    /// Longer than a connection takes, also with TLS and over a long way, and no longer than a caller may wait.
    static let headStart: Duration = .milliseconds(500)

    static var late: PostgresError {
        PostgresError(.connectFailed, certainty: .notSent, message: "no connection within the time limit")
    }

    private let deadline: MonotonicTime
    private var attempts: [Attempt]
    /// When the newest attempt began, while it is under way.
    private var newest: (index: Int, began: MonotonicTime)?

    init(servers: Int, deadline: MonotonicTime) {
        self.deadline = deadline
        attempts = Array(repeating: .untried, count: servers)
    }

    /// Why each server that was tried could not be had, in the order of the list.
    var failures: [PostgresError] {
        attempts.compactMap { attempt in
            switch attempt {
            case .untried: nil
            case .underWay(let error): error ?? Self.late
            case .failed(let error, _): error
            }
        }
    }

    mutating func next(now: MonotonicTime) -> Move {
        guard now < deadline else { return .end }
        if let newest, now < newest.began + Self.headStart { return wait(until: newest.began + Self.headStart) }
        if let fresh = attempts.firstIndex(where: { if case .untried = $0 { true } else { false } }) {
            return begin(fresh, nil, now)
        }
        guard attempts.contains(where: { if case .underWay = $0 { true } else { false } }) else { return .end }
        guard let (index, error, again) = earliestToRepeat else { return wait(until: deadline) }
        return now < again ? wait(until: again) : begin(index, error, now)
    }

    private mutating func begin(_ index: Int, _ error: PostgresError?, _ now: MonotonicTime) -> Move {
        attempts[index] = .underWay(error)
        newest = (index, now)
        return .begin(index)
    }

    private func wait(until instant: MonotonicTime) -> Move { .wait(until: min(instant, deadline)) }

    /// Of those that failed by what may pass, the one whose turn comes first.
    private var earliestToRepeat: (index: Int, error: PostgresError, at: MonotonicTime)? {
        var earliest: (index: Int, error: PostgresError, at: MonotonicTime)?
        for (index, attempt) in attempts.enumerated() {
            guard case .failed(let error, let at) = attempt, error.code != .misconfigured else { continue }
            if at + Self.headStart < earliest?.at ?? deadline { earliest = (index, error, at + Self.headStart) }
        }
        return earliest
    }

    mutating func failed(_ index: Int, _ error: PostgresError, now: MonotonicTime) {
        attempts[index] = .failed(error, at: now)
        if newest?.index == index { newest = nil }
    }
}
