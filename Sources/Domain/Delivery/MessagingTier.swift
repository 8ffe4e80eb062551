/// How many contacts a business may write to first: unique ones, outside an open window, in a moving day (Meta,
/// "Messaging limits").
///
/// Meta counts by business portfolio. Of that only the WhatsApp business account is known here, so it is counted by
/// account and business account: where a portfolio has several of them, Meta's count is reached before ours is. A
/// contact that two numbers of one business account write to counts twice, which is the strict side.
package struct MessagingTier: Sendable, Hashable {
    package let contacts: Int

    package init(contacts: Int) {
        precondition(contacts > 0)
        self.contacts = contacts
    }

    private static let words: KeyValuePairs = [
        "TIER_50": 50, "TIER_250": 250, "TIER_1K": 1000, "TIER_2K": 2000, "TIER_10K": 10_000, "TIER_100K": 100_000,
    ]

    /// Nil is any number: Meta says that there is no limit, or says nothing that is known here.
    ///
    /// - Parameter word: as `TIER_2K`.
    package init?(word: String?) {
        guard let contacts = Self.words.first(where: { $0.key == word })?.value else { return nil }
        self.init(contacts: contacts)
    }

    /// As it holds for a number: the Cloud API's alone, of a known business account.
    package init?(word: String?, of provider: Instance.Provider, businessAccountID: String?) {
        guard provider == .cloudAPI, businessAccountID != nil else { return nil }
        self.init(word: word)
    }

    /// Meta's word for so many contacts a day, as webhooks write the number too; nil where there is none.
    package static func word(of contacts: Int64) -> String? {
        contacts < 0 ? "TIER_UNLIMITED" : words.first { Int64($0.value) == contacts }?.key
    }

    /// How many contacts a process may count before it has told the others: by so many each, processes together can
    /// exceed the limit.
    package var block: Int { max(1, contacts / 50) }

    /// How many more contacts can be written to now; what was counted beyond the limit leaves no room.
    package func room(_ count: TierCount, now: Timestamp) -> Int { max(0, contacts - count.contacts(now: now)) }

    /// The first instant from `now` on at which one more contact can be written to.
    ///
    /// - Parameter ahead: so many wait before. Those that go count for a day themselves: what is more than the limit
    ///   goes in rounds.
    package func opens(_ count: TierCount, after ahead: Int = 0, now: Timestamp) -> Timestamp {
        let (rounds, place) = ahead.quotientAndRemainder(dividingBy: contacts)
        var free = contacts - count.contacts(now: now)
        var opens = now
        for (hour, count) in count.hours.sorted(by: { $0.key < $1.key }) where free <= place {
            guard TierCount.leaves(hour) > now else { continue }
            free += max(0, count)
            opens = TierCount.leaves(hour)
        }
        return opens + TierCount.length * rounds
    }
}

/// How many contacts were counted in each hour. A contact that is written to again moves into the hour of that.
package struct TierCount: Sendable, Hashable {
    /// How long an hour counts: until the last message of it is a day old at Meta. What goes in an hour's last second
    /// may be on its way for as long as an attempt lasts.
    package static let length = Duration.seconds(3600 + 86_400) + slack
    private static let slack = Duration.seconds(60)

    /// By the beginning of the hour.
    package private(set) var hours: [Timestamp: Int]

    package init(_ hours: [Timestamp: Int] = [:]) { self.hours = hours }

    /// The hour that an instant lies in.
    package static func hour(of instant: Timestamp) -> Timestamp {
        NumberSpending.Tally(of: .hour, at: instant).start
    }

    /// When what was counted in an hour counts no more.
    package static func leaves(_ hour: Timestamp) -> Timestamp { hour + length }

    /// Whether a contact that was counted at an instant is counted still.
    package static func isCounted(_ countedAt: Timestamp?, now: Timestamp) -> Bool {
        countedAt.map { leaves(hour(of: $0)) > now } ?? false
    }

    /// Whether an hour may have left between two instants.
    package static func mayLeave(between earlier: Timestamp, and later: Timestamp) -> Bool {
        func passed(_ instant: Timestamp) -> Timestamp {
            hour(of: Timestamp(microseconds: instant.microseconds - slack.microseconds))
        }
        return passed(earlier) != passed(later)
    }

    package mutating func add(_ count: Int, at hour: Timestamp) {
        hours[hour, default: 0] += count
        if hours[hour] == 0 { hours[hour] = nil }
    }

    package mutating func add(_ other: TierCount) {
        for (hour, count) in other.hours { add(count, at: hour) }
    }

    /// All that count now.
    package func contacts(now: Timestamp) -> Int {
        hours.reduce(0) { Self.leaves($1.key) > now ? $0 + max(0, $1.value) : $0 }
    }

    /// Of all hours, those below zero too.
    package var sum: Int { hours.values.reduce(0, +) }
}

/// What a message would take of its business account's limit.
package struct TierClaim: Sendable, Hashable {
    package let tier: MessagingTier
    package let account: Account.ID
    package let businessAccountID: String
    /// When the contact was last counted.
    package let countedAt: Timestamp?

    package init(tier: MessagingTier, account: Account.ID, businessAccountID: String, countedAt: Timestamp?) {
        self.tier = tier
        self.account = account
        self.businessAccountID = businessAccountID
        self.countedAt = countedAt
    }

    /// Nil where nothing is counted: the window is open, or there is no limit.
    package init?(_ verdict: SendVerdict, now: Timestamp) {
        guard let instance = verdict.instance, let tier = instance.tier, let business = instance.businessAccountID,
            !ServiceWindow(
                instanceID: instance.id, lastInboundAt: verdict.conversation?.lastInboundAt, now: now
            ).isOpen
        else { return nil }
        self.init(
            tier: tier, account: instance.accountID, businessAccountID: business,
            countedAt: verdict.conversation?.tierCountedAt)
    }
}
