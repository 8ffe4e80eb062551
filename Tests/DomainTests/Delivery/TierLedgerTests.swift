import TestRandom
import Testing

@testable import Domain

/// PRODUCT § 6 "Pacing", for what a business writes first.
@Suite struct TierLedgerTests {
    private static let day = Duration.seconds(86_400)
    /// The full hour.
    private static let start = Timestamp(seconds: 1_800_000_000)
    private var start: Timestamp { Self.start }

    @Test(arguments: [
        ("TIER_50", 50), ("TIER_250", 250), ("TIER_1K", 1000), ("TIER_2K", 2000), ("TIER_10K", 10_000),
        ("TIER_100K", 100_000),
    ]) func `a word is a limit`(_ word: String, _ contacts: Int) {
        #expect(MessagingTier(word: word)?.contacts == contacts)
        #expect(MessagingTier.word(of: Int64(contacts)) == word)
        #expect(MessagingTier(word: word, of: .cloudAPI, businessAccountID: "1")?.contacts == contacts)
        #expect(MessagingTier(word: word, of: .waha, businessAccountID: "1") == nil)
        #expect(MessagingTier(word: word, of: .cloudAPI, businessAccountID: nil) == nil)
    }

    @Test func `what is not known, not set or unlimited is no limit`() {
        for word in ["TIER_UNLIMITED", "TIER_NOT_SET", "TIER_0", "TIER_-5", "TIER_7K", "tier_50", "", nil] {
            #expect(MessagingTier(word: word) == nil, "\(word ?? "nil")")
        }
        #expect(MessagingTier.word(of: -1) == "TIER_UNLIMITED")
        #expect(MessagingTier.word(of: 51) == nil)
    }

    /// Somebody who is written to again and again, or once, and when.
    private struct Sent {
        var at: [Timestamp] = []
        /// As the conversation has it.
        var countedAt: Timestamp?
    }

    /// What the database does with a report.
    private struct Shared {
        var count = TierCount()

        mutating func add(_ report: TierCount) -> TierCount {
            count.add(report)
            return count
        }
    }

    @Test func `one process alone never writes to more contacts in any day, and uses what there is`() {
        for seed in UInt64(1)...10 {
            var random = SeededGenerator(seed: seed)
            let limit = random.one(of: [10, 50])
            let contacts = run(MessagingTier(contacts: limit), processes: 1, &random)
            expectWithin(contacts, limit, seed)
            #expect(contacts.count { !$0.at.isEmpty } > limit, "seed \(seed)")
        }
    }

    @Test func `processes together exceed it by a block each at most`() {
        for seed in UInt64(1)...30 {
            var random = SeededGenerator(seed: seed)
            let tier = MessagingTier(contacts: random.one(of: [10, 50, 100]))
            let processes = 2 + random.below(3)
            let contacts = run(tier, processes: processes, &random)
            expectWithin(contacts, tier.contacts + processes * tier.block, seed)
        }
    }

    /// In every day that begins or ends with a message.
    private func expectWithin(_ contacts: [Sent], _ most: Int, _ seed: UInt64) {
        var all: [(at: Timestamp, contact: Int)] = []
        for (index, contact) in contacts.enumerated() { all += contact.at.map { ($0, index) } }
        all.sort { $0.at < $1.at }
        var inDay: [Int: Int] = [:]
        var (first, highest) = (0, 0)
        for sent in all {
            inDay[sent.contact, default: 0] += 1
            while sent.at - all[first].at >= Self.day {
                inDay[all[first].contact, default: 0] -= 1
                if inDay[all[first].contact] == 0 { inDay[all[first].contact] = nil }
                first += 1
            }
            highest = max(highest, inDay.count)
        }
        #expect(highest <= most, "seed \(seed)")
    }

    /// For four days everybody is written to, some again and again; processes tell when they must or now and then, and
    /// answers come late. What was admitted may not go after all.
    private func run(
        _ tier: MessagingTier, processes: Int, _ random: inout SeededGenerator
    ) -> [Sent] {
        var ledgers = [TierLedger](repeating: TierLedger(tier), count: processes)
        var answers = [TierCount?](repeating: nil, count: processes)
        var shared = Shared()
        var now = start + .seconds(Int64(random.below(3600)))
        var contacts = [Sent](repeating: Sent(), count: 20 * tier.contacts)
        let step = 4 * 86_400 / (40 * tier.contacts)
        while now - start < .seconds(4 * 86_400) {
            now = now + .milliseconds(Int64(random.below(2000 * step)))
            let process = random.below(processes)
            if let answer = answers[process] {
                if random.once(in: 2) {
                    ledgers[process].told(random.once(in: 20) ? nil : answer)
                    answers[process] = nil
                }
            } else if ledgers[process].isPressing || random.once(in: 20),
                let report = ledgers[process].report(now: now)
            {
                // An answer that is lost makes it count twice: the strict side.
                answers[process] = shared.add(report)
            }
            let index = random.once(in: 3) ? random.below(tier.contacts) : random.below(contacts.count)
            let admission = ledgers[process].admit(contacts[index].countedAt, now: now)
            guard case .goes(let charge) = admission else { continue }
            if random.once(in: 10) {
                if let charge { ledgers[process].giveBack([charge]) }
            } else {
                contacts[index].at.append(now)
                contacts[index].countedAt = now
            }
        }
        return contacts
    }

    @Test func `an hour counts until its last message is a day old, and the next one is told when`() {
        var (ledger, known) = (informed(MessagingTier(contacts: 3)), TierCount())
        func admit(_ now: Timestamp) -> TierLedger.Admission {
            var admission = ledger.admit(nil, now: now)
            if admission == .tells {
                tell(&ledger, &known, now)
                admission = ledger.admit(nil, now: now)
            }
            return admission
        }
        let late = start + .seconds(3599)
        for instant in [start, late, late + .seconds(1)] {
            #expect(admit(instant) == .goes(.init(from: nil, hour: TierCount.hour(of: instant))))
        }
        let opens = start + .seconds(3600) + Self.day + .seconds(60)
        #expect(admit(late + .seconds(1)) == .waits(until: opens))
        #expect(admit(opens + .microseconds(-1)) == .waits(until: opens))
        #expect(admit(opens) == .goes(.init(from: nil, hour: TierCount.hour(of: opens))))
        #expect(admit(opens) == .goes(.init(from: nil, hour: TierCount.hour(of: opens))))
        #expect(admit(opens) == .waits(until: opens + .seconds(3600)))
    }

    @Test func `those that wait are told a time of their own, in rounds of a day`() {
        let tier = MessagingTier(contacts: 2)
        var count = TierCount()
        count.add(1, at: start)
        count.add(1, at: start + .seconds(7200))
        let (first, second) = (start + TierCount.length, start + .seconds(7200) + TierCount.length)
        let now = start + .seconds(8000)
        let told = (0..<5).map { tier.opens(count, after: $0, now: now) }
        #expect(
            told == [
                first, second, first + TierCount.length, second + TierCount.length,
                first + TierCount.length + TierCount.length,
            ])
        #expect(tier.opens(TierCount(), now: now) == now)
    }

    @Test func `a contact that counts takes nothing, and counts for a day from its last message on`() {
        var (ledger, known) = (informed(MessagingTier(contacts: 1)), TierCount())
        #expect(ledger.admit(nil, now: start) == .goes(.init(from: nil, hour: start)))
        #expect(ledger.admit(start, now: start) == .goes(nil))
        let later = start + .seconds(20 * 3600)
        #expect(ledger.admit(start, now: later) == .goes(.init(from: start, hour: later)))
        let (past, opens) = (start + TierCount.length, later + TierCount.length)
        #expect(ledger.admit(nil, now: past) == .tells)
        tell(&ledger, &known, past)
        #expect(ledger.admit(nil, now: past) == .waits(until: opens))
        #expect(ledger.admit(later, now: opens) == .tells)
        tell(&ledger, &known, opens)
        #expect(ledger.admit(later, now: opens) == .goes(.init(from: nil, hour: TierCount.hour(of: opens))))
    }

    @Test func `before it has heard of the others it lets nobody go, but who counts already`() {
        var ledger = TierLedger(MessagingTier(contacts: 50))
        #expect(ledger.admit(nil, now: start) == .tells)
        #expect(ledger.admit(start, now: start) == .goes(nil))
        #expect(ledger.report(now: start) == TierCount())
        ledger.told(nil)
        #expect(ledger.admit(nil, now: start) == .tells)
        #expect(ledger.report(now: start) == TierCount())
        var others = TierCount()
        others.add(50, at: start)
        ledger.told(others)
        #expect(ledger.admit(nil, now: start) == .waits(until: start + TierCount.length))
        ledger.set(MessagingTier(contacts: 250))
        #expect(ledger.admit(nil, now: start) == .goes(.init(from: nil, hour: start)))
    }

    private func informed(_ tier: MessagingTier) -> TierLedger {
        var ledger = TierLedger(tier)
        var known = TierCount()
        _ = ledger.admit(nil, now: start)
        tell(&ledger, &known, start)
        return ledger
    }

    /// To nobody but itself.
    private func tell(_ ledger: inout TierLedger, _ known: inout TierCount, _ now: Timestamp) {
        guard let report = ledger.report(now: now) else { return }
        known.add(report)
        ledger.told(known)
    }
}
