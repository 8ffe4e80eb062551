/// So many in so long, with a burst after a rest (the generic cell rate algorithm). All that has to be kept of what went
/// before is one instant, `paidUntil`: when a caller at the even rate would have been through with it.
///
/// In any span no more go than `burst` and the span's worth of intervals, and whoever waits until the instant that they
/// are told goes then.
package struct Pace: Sendable, Hashable {
    /// Between two at the even rate.
    package let interval: Duration
    /// How many may go at one instant after a rest.
    package let burst: Int

    package init(interval: Duration, burst: Int) {
        precondition(interval > .zero && burst > 0)
        self.interval = interval
        self.burst = burst
    }

    /// - Parameter perSecond: also how many may go at one instant.
    package init(perSecond: Int) {
        self.init(interval: .microseconds(1_000_000 / Int64(perSecond)), burst: perSecond)
    }

    /// What Meta lets one number send one person: more than that is 131056.
    package static let cloudRecipient = Pace(interval: .seconds(6), burst: 45)

    package enum Admission: Sendable, Hashable {
        /// It goes, and this is what is to be kept.
        case allowed(paidUntil: Timestamp)
        /// Nothing is to be kept; it can go then.
        case notBefore(Timestamp)
    }

    /// How far `paidUntil` may lie ahead of an instant at which one more goes.
    package var tolerance: Duration { interval * (burst - 1) }

    /// The first instant at which one more goes.
    package func opens(_ paidUntil: Timestamp?) -> Timestamp {
        paidUntil.map { Timestamp(microseconds: $0.microseconds - tolerance.microseconds) } ?? .earliest
    }

    /// What is to be kept so that the next one goes at `instant`, and those after it at the even rate.
    package func paidUntil(opening instant: Timestamp) -> Timestamp { instant + tolerance }

    package func admit(_ paidUntil: Timestamp?, now: Timestamp) -> Admission {
        let opens = opens(paidUntil)
        return opens <= now ? .allowed(paidUntil: charged(paidUntil, for: 1, now: now)) : .notBefore(opens)
    }

    /// How many can go at `now`.
    package func allowance(_ paidUntil: Timestamp?, now: Timestamp) -> Int {
        let ahead = max(0, (paidUntil ?? now).microseconds - now.microseconds)
        return Int(max(0, interval.microseconds * Int64(burst) - ahead) / interval.microseconds)
    }

    /// What is to be kept once so many have gone, allowed or not.
    package func charged(_ paidUntil: Timestamp?, for count: Int, now: Timestamp) -> Timestamp {
        max(paidUntil ?? now, now) + interval * count
    }
}
