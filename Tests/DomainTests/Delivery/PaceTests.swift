import TestRandom
import Testing

@testable import Domain

@Suite struct PaceTests {
    private let start = Timestamp(seconds: 1_000)

    @Test func `one person gets 45 at once, and one every six seconds from then on`() {
        let pace = Pace.cloudRecipient
        var paidUntil: Timestamp?
        for _ in 1...45 {
            guard case .allowed(let next) = pace.admit(paidUntil, now: start) else {
                Issue.record("held within the burst")
                return
            }
            paidUntil = next
        }
        for later in 1...20 {
            let opens = start + .seconds(6 * later)
            #expect(pace.admit(paidUntil, now: opens + .microseconds(-1)) == .notBefore(opens))
            guard case .allowed(let next) = pace.admit(paidUntil, now: opens) else {
                Issue.record("held at the instant that was told")
                return
            }
            paidUntil = next
        }
        // Unused, the burst comes back whole, and no more than whole.
        #expect(pace.allowance(paidUntil, now: start + .seconds(10_000)) == 45)
        #expect(pace.allowance(nil, now: start) == 45)
    }

    @Test(arguments: [20, 80, 1000]) func `a number sends a second's worth at once, and its rate from then on`(
        _ perSecond: Int
    ) {
        let pace = Pace(perSecond: perSecond)
        let spent = pace.charged(nil, for: perSecond, now: start)
        #expect(spent == start + .seconds(1))
        #expect(pace.allowance(spent, now: start) == 0)
        for steps in 0...10 {
            let now = start + .milliseconds(100 * steps)
            #expect(pace.allowance(spent, now: now) == perSecond * steps / 10)
        }
    }

    @Test func `in no span go more than the burst and the span's worth`() {
        for seed in UInt64(1)...200 {
            var random = SeededGenerator(seed: seed)
            let pace = Pace(
                interval: .microseconds(Int64.random(in: 1...1_000_000, using: &random)),
                burst: .random(in: 1...60, using: &random))
            let admitted = run(pace, &random)
            for first in admitted.indices {
                for last in first..<admitted.count {
                    let span = (admitted[last] - admitted[first]).microseconds
                    #expect(
                        last - first + 1 <= pace.burst + Int(span / pace.interval.microseconds), "seed \(seed)")
                }
            }
        }
    }

    @Test func `whoever waits until the instant that they are told goes then`() {
        for seed in UInt64(1)...200 {
            var random = SeededGenerator(seed: seed)
            let pace = Pace(
                interval: .microseconds(Int64.random(in: 1...1_000_000, using: &random)),
                burst: .random(in: 1...60, using: &random))
            var (now, paidUntil) = (start, Timestamp?.none)
            for _ in 1...300 {
                switch pace.admit(paidUntil, now: now) {
                case .allowed(let next): paidUntil = next
                case .notBefore(let opens):
                    #expect(opens > now && opens <= now + pace.interval, "seed \(seed)")
                    #expect(pace.allowance(paidUntil, now: opens + .microseconds(-1)) == 0, "seed \(seed)")
                    #expect(pace.allowance(paidUntil, now: opens) == 1, "seed \(seed)")
                    now = opens
                }
            }
        }
    }

    @Test func `what is allowed at once is what goes one by one`() {
        for seed in UInt64(1)...500 {
            var random = SeededGenerator(seed: seed)
            let pace = Pace(
                interval: .microseconds(Int64.random(in: 1...1_000_000, using: &random)),
                burst: .random(in: 1...60, using: &random))
            var paidUntil: Timestamp? = start + .microseconds(Int64.random(in: -5_000_000...60_000_000, using: &random))
            let allowance = pace.allowance(paidUntil, now: start)
            let charged = pace.charged(paidUntil, for: allowance, now: start)
            var gone = 0
            while case .allowed(let next) = pace.admit(paidUntil, now: start) { (paidUntil, gone) = (next, gone + 1) }
            #expect(gone == allowance, "seed \(seed)")
            if allowance > 0 { #expect(paidUntil == charged, "seed \(seed)") }
        }
    }

    @Test func `a pace that is held opens at its instant with one, and goes on evenly`() {
        for pace in [Pace.cloudRecipient, Pace(perSecond: 80), Pace(interval: .seconds(30), burst: 1)] {
            let until = start + .seconds(4)
            let held = pace.paidUntil(opening: until)
            #expect(pace.admit(held, now: start) == .notBefore(until))
            #expect(pace.allowance(held, now: until) == 1)
            let next = pace.charged(held, for: 1, now: until)
            #expect(pace.admit(next, now: until) == .notBefore(until + pace.interval))
        }
    }

    /// When what came at random went.
    private func run(_ pace: Pace, _ random: inout SeededGenerator) -> [Timestamp] {
        var (now, paidUntil) = (start, Timestamp?.none)
        var admitted: [Timestamp] = []
        for _ in 1...150 {
            // In crowds, in a trickle, and after a rest.
            let most = random.one(of: [0, pace.interval.microseconds, pace.interval.microseconds * 6])
            now = now + .microseconds(Int64.random(in: 0...most, using: &random))
            guard case .allowed(let next) = pace.admit(paidUntil, now: now) else { continue }
            paidUntil = next
            admitted.append(now)
        }
        return admitted
    }
}
