import EventLoop

/// The cancel requests that are on their way for one connection.
///
/// A cancel request names a connection, not a statement: by the time it arrives the server may be at the next one.
/// What it hits then was rolled back through no fault of its own, and is run again.
@Reactor
struct StopRequests {
    /// How long after its end a request may still show its effect among answers that were on their way.
    private static let echo: Duration = .seconds(1)

    private var underWay: [Cancellation] = []
    private weak var target: Request?
    private var hasTarget = false
    private var strayUntil: MonotonicTime?
    private var waiting: [CheckedContinuation<Void, Never>] = []

    var areUnderWay: Bool { !underWay.isEmpty }

    mutating func begin(_ cancellation: Cancellation, for request: Request?) {
        underWay.append(cancellation)
        expect(from: request)
    }

    mutating func expect(from request: Request?) {
        target = request
        hasTarget = request != nil
        strayUntil = .now + Self.echo
    }

    mutating func end(_ cancellation: Cancellation) {
        underWay.removeAll { $0 === cancellation }
        guard underWay.isEmpty else { return }
        strayUntil = .now + Self.echo
        giveUpWaiting()
    }

    mutating func giveUpWaiting() {
        let waiting = self.waiting
        self.waiting = []
        for continuation in waiting { continuation.resume() }
    }

    /// Keeps from being sent what has not been yet.
    func revoke() { for cancellation in underWay { cancellation.revoke() } }

    mutating func whenEnded(_ continuation: CheckedContinuation<Void, Never>) { waiting.append(continuation) }

    /// Whether the error is a cancel request that missed its target.
    func isStray(_ error: PostgresError, hitting request: Request?, now: MonotonicTime = .now) -> Bool {
        guard error.code == .timeout, hasTarget, target !== request || request == nil else { return false }
        if areUnderWay { return true }
        guard let strayUntil else { return false }
        return now < strayUntil
    }
}
