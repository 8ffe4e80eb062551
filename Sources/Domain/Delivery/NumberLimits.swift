/// How fast one number may send: what its provider takes (Cloud API), or what its owner holds to be inconspicuous
/// (WAHA).
package struct NumberLimits: Sendable, Hashable {
    /// Between two sends at least and at most; where they differ it is drawn anew for each.
    package let gap: ClosedRange<Duration>
    /// How many may go at one instant after a rest.
    package let burst: Int
    /// How many may go within an hour of the clock, and within a day of UTC; nil is any number.
    package let hourly: Int?
    package let daily: Int?

    private init(gap: ClosedRange<Duration>, burst: Int, hourly: Int? = nil, daily: Int? = nil) {
        self.gap = gap
        self.burst = burst
        self.hourly = hourly
        self.daily = daily
    }

    /// As Meta counts a number's throughput; the burst is a second's worth.
    package static func cloud(perSecond: Int) -> NumberLimits {
        let pace = Pace(perSecond: perSecond)
        return NumberLimits(gap: pace.interval...pace.interval, burst: pace.burst)
    }

    /// Nil where nothing limits the number.
    package static func waha(gap: ClosedRange<Duration>?, hourly: Int?, daily: Int?) -> NumberLimits? {
        guard gap != nil || hourly != nil || daily != nil else { return nil }
        return NumberLimits(gap: gap ?? .zero ... .zero, burst: 1, hourly: hourly, daily: daily)
    }

    /// How many a process may send before it has told the others: by so many each, processes together can exceed the
    /// limits.
    package var block: Int { max(1, burst / 4) }

    /// How many of its sends may be under way: what goes in three seconds. A provider that answers sooner never has as
    /// many.
    package var attemptsAtOnce: Int { 3 * burst }

    package var tolerance: Duration { gap.lowerBound * (burst - 1) }

    /// What a send costs of the number's time.
    ///
    /// - Parameter chance: 0..<1.
    package func cost(_ chance: Double) -> Duration {
        let width = (gap.upperBound - gap.lowerBound).microseconds
        return gap.lowerBound + .microseconds(Int64(Double(width) * min(max(chance, 0), 1)))
    }

    /// The first instant from `now` on at which one more may go.
    package func opens(_ spending: NumberSpending, now: Timestamp) -> Timestamp {
        var opens = now
        if let paidUntil = spending.paidUntil {
            opens = max(opens, Timestamp(microseconds: paidUntil.microseconds - tolerance.microseconds))
        }
        for (limit, tally) in [(hourly, spending.hour), (daily, spending.day)] {
            guard let limit, let tally, tally.count >= limit else { continue }
            opens = max(opens, tally.end)
        }
        return opens
    }
}

/// What a number has sent, as far as its limits ask for it.
package struct NumberSpending: Sendable, Hashable {
    package enum Span: Int64, Sendable, CaseIterable {
        /// In seconds.
        case hour = 3600
        case day = 86400

        fileprivate var duration: Duration { .seconds(rawValue) }
    }

    /// How many went within a span of the clock.
    package struct Tally: Sendable, Hashable {
        package let start: Timestamp
        package let span: Span
        package var count: Int

        package init(start: Timestamp, span: Span, count: Int) {
            self.start = start
            self.span = span
            self.count = count
        }

        /// The span that `now` lies in, with nothing in it.
        package init(of span: Span, at now: Timestamp) {
            let length = span.duration.microseconds
            let places = now.microseconds / length - (now.microseconds % length < 0 ? 1 : 0)
            self.init(start: Timestamp(microseconds: places * length), span: span, count: 0)
        }

        package var end: Timestamp { start + span.duration }

        /// Of a span that is over nothing counts any more.
        fileprivate mutating func add(_ more: Int, now: Timestamp) {
            let current = Tally(of: span, at: now)
            if current.start > start { self = current }
            count = max(0, count + more)
        }
    }

    /// When a number at its even rate would be through with all of it.
    package var paidUntil: Timestamp?
    package var hour: Tally?
    package var day: Tally?

    package init(paidUntil: Timestamp? = nil, hour: Tally? = nil, day: Tally? = nil) {
        self.paidUntil = paidUntil
        self.hour = hour
        self.day = day
    }

    /// - Parameters:
    ///   - count: negative when sends are taken back.
    ///   - since: what they began at.
    package mutating func add(_ count: Int, taking time: Duration, since: Timestamp, now: Timestamp) {
        if time > .zero { paidUntil = max(paidUntil ?? since, since) + time }
        if time < .zero { paidUntil = paidUntil.map { $0 + time } }
        var (hour, day) = (hour ?? Tally(of: .hour, at: now), day ?? Tally(of: .day, at: now))
        hour.add(count, now: now)
        day.add(count, now: now)
        (self.hour, self.day) = (hour, day)
    }
}
