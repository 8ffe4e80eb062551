/// When a message that the provider turned away for now is tried again.
package struct RetryPolicy: Sendable, Hashable {
    /// Before the second attempt; doubles with each one after it.
    package var base: Duration
    package var ceiling: Duration
    /// From `queued`: after it the message is left as it is.
    package var deadline: Duration

    package init(
        base: Duration = .seconds(2), ceiling: Duration = .seconds(15 * 60), deadline: Duration = .seconds(24 * 60 * 60)
    ) {
        self.base = base
        self.ceiling = ceiling
        self.deadline = deadline
    }

    package static let standard = RetryPolicy()

    /// The wait after so many attempts. `jitter` in 0..<1 spreads it upwards by up to a half, so that messages turned
    /// away together do not come back together.
    ///
    /// For one contact too often (131056) Meta names the wait: 4^X seconds, X = 0, 1, 2, ….
    package func delay(after attempts: Int, code: CloudAPIErrorCode?, jitter: Double) -> Duration {
        let steps = max(0, attempts - 1)
        let bits = code == .pairRateLimit ? 2 * steps : steps
        let first: Duration = code == .pairRateLimit ? .seconds(1) : base
        // Past 2³⁰ the ceiling has long been reached.
        let wait = min(ceiling, bits > 30 ? ceiling : first * (1 << bits))
        let spread = Double(wait.microseconds) * 0.5 * min(max(jitter, 0), 1)
        return wait + .microseconds(Int64(spread))
    }

    /// Nil when the message is not to be tried again by itself: its code is none of those, or its time is over.
    ///
    /// - Parameter code: nil when not a byte reached the provider.
    package func nextAttempt(
        after attempts: Int, code: CloudAPIErrorCode?, now: Timestamp, queuedAt: Timestamp,
        validUntil: Timestamp? = nil, jitter: Double
    ) -> Timestamp? {
        if let code, !CloudAPIErrorCode.retriedAlone.contains(code) { return nil }
        let next = now + delay(after: attempts, code: code, jitter: jitter)
        let end = min(queuedAt + deadline, validUntil ?? .latest)
        return next < end ? next : nil
    }
}
