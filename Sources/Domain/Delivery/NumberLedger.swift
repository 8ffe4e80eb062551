/// What one process knows of a number's sending: what all processes together had sent when it last told them, and what
/// it has sent since. It decides by that, and by at most `NumberLimits.block` sends that nobody else knows of.
package struct NumberLedger: Sendable {
    /// What one send took.
    package struct Charge: Sendable, Hashable {
        package let time: Duration
    }

    package enum Admission: Sendable, Hashable {
        case goes(Charge)
        /// When its turn is likely to come, those before it considered.
        case waits(until: Timestamp)
        /// So much is untold that the others must be told before.
        case tells
    }

    /// What the others are told: an addition, not a state.
    package struct Report: Sendable, Hashable {
        package var count = 0
        package var time = Duration.zero
        /// When the first of it was sent.
        package var since: Timestamp
        /// The least that is known of the number; also how a hold is told.
        package var paidUntil: Timestamp?
    }

    package private(set) var limits: NumberLimits
    private var spending = NumberSpending()
    private var untold: Report?
    private var onItsWay: Report?
    /// Those that were told an instant are through by then.
    private var promisedUntil = Timestamp.earliest

    package init(_ limits: NumberLimits) { self.limits = limits }

    /// Another limit holds from now on.
    package mutating func set(_ limits: NumberLimits) { self.limits = limits }

    package var isUntold: Bool { untold != nil }

    /// Whether the others should be told now rather than soon.
    package var isPressing: Bool { untoldCount >= max(1, limits.block / 2) }

    /// Whether nothing would be lost with it.
    package func isAtRest(now: Timestamp) -> Bool {
        untold == nil && onItsWay == nil && promisedUntil <= now && limits.opens(spending, now: now) <= now
            && (spending.paidUntil ?? now) <= now
    }

    private var untoldCount: Int { (untold?.count ?? 0) + (onItsWay?.count ?? 0) }

    /// For one that has just come: it does not overtake those that were told to wait.
    ///
    /// - Parameter chance: 0..<1.
    package mutating func admit(now: Timestamp, chance: Double) -> Admission {
        promisedUntil <= now ? take(now: now, chance: chance) : .waits(until: promise(now))
    }

    /// For one that waits already; nil while none can go.
    ///
    /// - Parameter chance: 0..<1.
    package mutating func allow(now: Timestamp, chance: Double) -> Charge? {
        guard limits.opens(spending, now: now) <= now, untoldCount < limits.block else { return nil }
        return charge(now, chance)
    }

    private mutating func take(now: Timestamp, chance: Double) -> Admission {
        guard limits.opens(spending, now: now) <= now else { return .waits(until: promise(now)) }
        return untoldCount < limits.block ? .goes(charge(now, chance)) : .tells
    }

    private mutating func charge(_ now: Timestamp, _ chance: Double) -> Charge {
        let charge = Charge(time: limits.cost(chance))
        note(1, charge.time, now)
        return charge
    }

    private mutating func promise(_ now: Timestamp) -> Timestamp {
        let opens = max(limits.opens(spending, now: now), promisedUntil)
        promisedUntil = opens + limits.cost(0.5)
        return opens
    }

    /// What was admitted did not go.
    package mutating func giveBack(_ charges: some Collection<Charge>, now: Timestamp) {
        for charge in charges { note(-1, .zero - charge.time, now) }
    }

    private mutating func note(_ count: Int, _ time: Duration, _ now: Timestamp) {
        spending.add(count, taking: time, since: now, now: now)
        var report = untold ?? Report(since: now)
        report.count += count
        report.time += time
        untold = report
    }

    /// Nothing goes before `instant`; from then on it goes at the even rate, without a burst.
    package mutating func hold(until instant: Timestamp, now: Timestamp) {
        spending.paidUntil = max(spending.paidUntil ?? instant, instant + limits.tolerance)
        if untold == nil { untold = Report(since: now) }
    }

    /// What the others have to be told; nil while there is nothing, or they are being told.
    package mutating func report() -> Report? {
        guard onItsWay == nil, var report = untold else { return nil }
        report.paidUntil = spending.paidUntil
        (untold, onItsWay) = (nil, report)
        return report
    }

    /// - Parameter all: what all have sent, this process's report included; nil when the others could not be told.
    package mutating func told(_ all: NumberSpending?, now: Timestamp) {
        guard let report = onItsWay else { return }
        onItsWay = nil
        guard let all else {
            var again = untold ?? Report(since: report.since)
            again.count += report.count
            again.time += report.time
            again.since = min(again.since, report.since)
            untold = again
            return
        }
        let known = spending.paidUntil
        spending = all
        if let untold { spending.add(untold.count, taking: untold.time, since: untold.since, now: now) }
        // What was sent one after the other, or held meanwhile, is known better here.
        if let known { spending.paidUntil = max(spending.paidUntil ?? known, known) }
    }
}

/// Whether a number can send now.
package enum NumberAdmission: Sendable, Hashable {
    /// It is counted already; nil where nothing is counted.
    case goes(NumberLedger.Charge?)
    case waits(until: Timestamp)
}
