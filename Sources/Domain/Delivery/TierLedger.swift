/// What one process knows of a business account's contacts: what all processes together had counted when it last told
/// them, and what it has counted since. It decides by that, and by at most `MessagingTier.block` contacts that nobody
/// else knows of. Before it has heard of the others it decides nothing, nor when an hour has left since then: contacts of
/// it may have moved to a later one.
package struct TierLedger: Sendable {
    /// What one message took: its contact counts in an hour, and no more in another.
    package struct Charge: Sendable, Hashable {
        package let from: Timestamp?
        package let hour: Timestamp
    }

    package enum Admission: Sendable, Hashable {
        /// Nil where the contact counts in this hour already.
        case goes(Charge?)
        /// There is room then, if nobody else takes it.
        case waits(until: Timestamp)
        /// The others must be told, or heard, before.
        case tells
    }

    package private(set) var tier: MessagingTier
    private var count = TierCount()
    private var untold = TierCount()
    private var onItsWay: TierCount?
    /// What it knows of the others is from then.
    private var heardAt: Timestamp?
    private var reportedAt: Timestamp?
    private var wantsToHear = false

    package init(_ tier: MessagingTier) { self.tier = tier }

    /// Another limit holds from now on.
    package mutating func set(_ tier: MessagingTier) { self.tier = tier }

    package var isUntold: Bool { !untold.hours.isEmpty }

    /// Whether the others should be told now rather than soon.
    package var isPressing: Bool { wantsToHear || untoldCount >= max(1, tier.block / 2) }

    /// Whether nothing would be lost with it.
    package var isAtRest: Bool { !isUntold && onItsWay == nil }

    /// Contacts that nobody else knows of; those that moved are known already.
    private var untoldCount: Int { untold.sum + (onItsWay?.sum ?? 0) }

    /// When there is room.
    package func opens(now: Timestamp) -> Timestamp { tier.opens(count, now: now) }

    /// - Parameter countedAt: when the contact was last counted; one that still is takes nothing.
    package mutating func admit(_ countedAt: Timestamp?, now: Timestamp) -> Admission {
        if let countedAt, TierCount.isCounted(countedAt, now: now) { return .goes(move(from: countedAt, now: now)) }
        guard let heardAt, !TierCount.mayLeave(between: heardAt, and: now) else {
            wantsToHear = true
            return .tells
        }
        guard tier.room(count, now: now) > 0 else { return .waits(until: opens(now: now)) }
        guard untoldCount < tier.block else { return .tells }
        let charge = Charge(from: nil, hour: TierCount.hour(of: now))
        note(charge, 1)
        return .goes(charge)
    }

    /// A contact that is counted is written to again, so that it counts for a day from now on.
    package mutating func move(from countedAt: Timestamp, now: Timestamp) -> Charge? {
        let charge = Charge(from: TierCount.hour(of: countedAt), hour: TierCount.hour(of: now))
        guard let from = charge.from, from < charge.hour else { return nil }
        note(charge, 1)
        return charge
    }

    /// What was admitted did not go.
    package mutating func giveBack(_ charges: some Collection<Charge>) {
        for charge in charges { note(charge, -1) }
    }

    private mutating func note(_ charge: Charge, _ sign: Int) {
        for (hour, change) in [(charge.hour, sign), (charge.from ?? charge.hour, charge.from == nil ? 0 : -sign)]
        where change != 0 {
            count.add(change, at: hour)
            untold.add(change, at: hour)
        }
    }

    /// What the others have to be told, be it nothing where they are to be heard; nil while there is no need, or they are
    /// being told.
    package mutating func report(now: Timestamp) -> TierCount? {
        guard onItsWay == nil, isUntold || wantsToHear else { return nil }
        (onItsWay, untold, reportedAt) = (untold, TierCount(), now)
        return onItsWay
    }

    /// - Parameter all: what all have counted, this process's report included; nil when the others could not be told.
    package mutating func told(_ all: TierCount?) {
        guard let report = onItsWay else { return }
        onItsWay = nil
        guard let all else {
            untold.add(report)
            return
        }
        (heardAt, wantsToHear) = (reportedAt, false)
        count = all
        count.add(untold)
    }
}

/// Whether a message can go now.
package enum SendAdmission: Sendable, Hashable {
    /// What was counted for it.
    package struct Charges: Sendable, Hashable {
        package let number: NumberLedger.Charge?
        package let tier: TierLedger.Charge?

        package init(number: NumberLedger.Charge? = nil, tier: TierLedger.Charge? = nil) {
            self.number = number
            self.tier = tier
        }
    }

    case goes(Charges)
    /// Nil is a time that the outbox finds.
    case waits(until: Timestamp?)
}
