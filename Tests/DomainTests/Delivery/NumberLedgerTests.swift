import TestRandom
import Testing

@testable import Domain

@Suite struct NumberLedgerTests {
    private static let start = Timestamp(seconds: 1_800_000_000)
    private var start: Timestamp { Self.start }

    /// What the database does with a report.
    private struct Shared {
        var spending = NumberSpending()

        mutating func add(_ report: NumberLedger.Report, now: Timestamp) -> NumberSpending {
            spending.add(report.count, taking: report.time, since: report.since, now: now)
            if let known = report.paidUntil { spending.paidUntil = max(spending.paidUntil ?? known, known) }
            return spending
        }
    }

    @Test func `one process alone keeps to the limit exactly, however late it tells`() {
        for seed in UInt64(1)...100 {
            var random = SeededGenerator(seed: seed)
            let perSecond = random.one(of: [20, 80, 1000])
            let sent = run(.cloud(perSecond: perSecond), processes: 1, &random)
            expectWithin(sent, perSecond, over: 0, seed)
        }
    }

    @Test func `processes together exceed it by a block each at most`() {
        for seed in UInt64(1)...200 {
            var random = SeededGenerator(seed: seed)
            let perSecond = random.one(of: [20, 80])
            let limits = NumberLimits.cloud(perSecond: perSecond)
            let processes = 2 + random.below(4)
            let sent = run(limits, processes: processes, &random)
            // A quarter of a second's worth.
            expectWithin(sent, perSecond, over: processes * perSecond / 4, seed)
        }
    }

    private func expectWithin(_ sent: [Timestamp], _ perSecond: Int, over: Int, _ seed: UInt64) {
        let interval = 1_000_000 / Int64(perSecond)
        #expect(sent.count > perSecond, "seed \(seed)")
        for first in stride(from: 0, to: sent.count, by: 7) {
            for last in stride(from: first, to: sent.count, by: 5) {
                let most = perSecond + Int((sent[last] - sent[first]).microseconds / interval) + over
                #expect(last - first + 1 <= most, "seed \(seed)")
            }
        }
    }

    /// Everybody wants to send all the time, and tells when it must or now and then; answers come late.
    private func run(
        _ limits: NumberLimits, processes: Int, _ random: inout SeededGenerator
    ) -> [Timestamp] {
        var ledgers = [NumberLedger](repeating: NumberLedger(limits), count: processes)
        var answers = [NumberSpending?](repeating: nil, count: processes)
        var shared = Shared()
        var now = start
        var sent: [Timestamp] = []
        for _ in 1...3000 {
            now = now + .microseconds(Int64(random.below(5000)))
            let process = random.below(processes)
            if let answer = answers[process] {
                if random.once(in: 3) {
                    ledgers[process].told(answer, now: now)
                    answers[process] = nil
                }
            } else if ledgers[process].isPressing || random.once(in: 20), let report = ledgers[process].report() {
                answers[process] = shared.add(report, now: now)
            }
            if let charge = ledgers[process].allow(now: now, chance: 0) {
                if random.once(in: 10) {
                    ledgers[process].giveBack([charge], now: now)
                } else {
                    sent.append(now)
                }
            }
        }
        return sent
    }

    @Test func `those that wait are told turns of their own, and whoever comes later stands behind them`() {
        var ledger = NumberLedger(.cloud(perSecond: 20))
        for _ in 1...4 { #expect(ledger.admit(now: start, chance: 0) == .goes(.init(time: .milliseconds(50)))) }
        #expect(ledger.admit(now: start, chance: 0) == .goes(.init(time: .milliseconds(50))))
        // A block has gone, and nobody knows of it.
        #expect(ledger.admit(now: start, chance: 0) == .tells)
        #expect(ledger.allow(now: start, chance: 0) == nil)
        var shared = Shared()
        for _ in 1...4 {
            guard let report = ledger.report() else { break }
            ledger.told(shared.add(report, now: start), now: start)
            while ledger.allow(now: start, chance: 0) != nil {}
        }
        #expect(ledger.admit(now: start, chance: 0) == .waits(until: start + .milliseconds(50)))
        #expect(ledger.admit(now: start, chance: 0) == .waits(until: start + .milliseconds(100)))
        let later = start + .milliseconds(60)
        #expect(ledger.admit(now: later, chance: 0) == .waits(until: start + .milliseconds(150)))
        if let report = ledger.report() { ledger.told(shared.add(report, now: later), now: later) }
        #expect(ledger.allow(now: later, chance: 0) != nil)
        #expect(ledger.allow(now: later, chance: 0) == nil)
    }

    @Test func `a hold stands though a report was on its way, and goes to the others with the next`() {
        var (one, two) = (NumberLedger(.cloud(perSecond: 80)), NumberLedger(.cloud(perSecond: 80)))
        var shared = Shared()
        #expect(one.allow(now: start, chance: 0) != nil)
        let report = one.report()
        let until = start + .seconds(4)
        one.hold(until: until, now: start)
        one.told(report.map { shared.add($0, now: start) }, now: start)
        #expect(one.admit(now: start, chance: 0) == .waits(until: until))
        guard let hold = one.report() else {
            Issue.record("the hold is not told")
            return
        }
        one.told(shared.add(hold, now: start), now: start)
        #expect(two.allow(now: start, chance: 0) != nil)
        if let report = two.report() { two.told(shared.add(report, now: start), now: start) }
        #expect(two.allow(now: start + .milliseconds(3999), chance: 0) == nil)
        #expect(two.allow(now: until + .milliseconds(13), chance: 0) != nil)
    }

    @Test func `what could not be told is told with the next report`() {
        var ledger = NumberLedger(.cloud(perSecond: 20))
        #expect(ledger.allow(now: start, chance: 0) != nil)
        #expect(ledger.report()?.count == 1)
        #expect(ledger.report() == nil)
        ledger.told(nil, now: start)
        #expect(ledger.allow(now: start, chance: 0) != nil)
        let report = ledger.report()
        #expect(report?.count == 2)
        #expect(report?.time == .milliseconds(100))
    }

    @Test func `a pause is drawn between its bounds`() throws {
        let limits = try #require(NumberLimits.waha(gap: .seconds(10) ... .seconds(20), hourly: nil, daily: nil))
        #expect(limits.cost(0) == .seconds(10))
        #expect(limits.cost(0.5) == .seconds(15))
        #expect(limits.cost(0.999_999) < .seconds(20))
        var ledger = NumberLedger(limits)
        #expect(ledger.allow(now: start, chance: 0.5) != nil)
        if let report = ledger.report() { ledger.told(NumberSpending(paidUntil: report.paidUntil), now: start) }
        #expect(ledger.allow(now: start + .milliseconds(14_999), chance: 0) == nil)
        #expect(ledger.allow(now: start + .seconds(15), chance: 0) != nil)
        #expect(NumberLimits.waha(gap: nil, hourly: nil, daily: nil) == nil)
    }

    @Test func `a budget is its hour's and its day's, of all processes`() throws {
        let limits = try #require(NumberLimits.waha(gap: nil, hourly: 2, daily: 3))
        // 2027-01-15 08:00.
        let hour = Timestamp(seconds: 1_800_000_000)
        var ledgers = [NumberLedger](repeating: NumberLedger(limits), count: 2)
        var shared = Shared()
        func take(_ process: Int, _ now: Timestamp) -> Bool {
            let goes = ledgers[process].allow(now: now, chance: 0) != nil
            if let report = ledgers[process].report() {
                ledgers[process].told(shared.add(report, now: now), now: now)
            }
            return goes
        }
        #expect(take(0, hour) && take(1, hour))
        #expect(!take(1, hour + .seconds(3599)))
        #expect(limits.opens(shared.spending, now: hour) == hour + .seconds(3600))
        #expect(take(0, hour + .seconds(3600)))
        #expect(limits.opens(shared.spending, now: hour + .seconds(3600)) == hour + .seconds(16 * 3600))
        #expect(take(1, hour + .seconds(16 * 3600)))
    }
}
