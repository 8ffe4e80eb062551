import EventLoop
import Testing

@testable import Postgres

@Suite struct WaitingTests {
    private func at(_ seconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: seconds * 1_000_000_000) }

    @Test func `callers are served in their order and give up in their order`() {
        var line = WaitingLine<String>(limit: 10, patience: .seconds(2))
        for (second, caller) in ["a", "b", "c"].enumerated() {
            let isIn = line.join(caller, now: at(Int64(second)))
            #expect(isIn)
        }
        #expect(line.earliestDeadline == at(2))
        let expired = [1, 2, 2].map { line.nextExpired(now: at($0)) }
        #expect(expired == [nil, "a", nil])
        let rest = [line.next(), line.nextExpired(now: at(9)), line.next()]
        #expect(rest == ["b", "c", nil])
        #expect(line.earliestDeadline == nil)
    }

    @Test func `a full line turns callers away`() {
        var line = WaitingLine<Int>(limit: 2, patience: .seconds(1))
        var isIn = [1, 2, 3].map { line.join($0, now: at(0)) }
        #expect(isIn == [true, true, false])
        _ = line.next()
        isIn = [line.join(4, now: at(0))]
        #expect(isIn == [true])
    }

    @Test func `a queue keeps its order while it is cut`() {
        var queue = FIFO<Int>()
        var taken: [Int] = []
        for number in 0..<1000 {
            queue.append(number)
            if number % 3 != 0, let first = queue.popFirst() { taken.append(first) }
        }
        #expect(queue.count == 1000 - taken.count)
        while let first = queue.popFirst() { taken.append(first) }
        #expect(taken == Array(0..<1000))
    }

    @Test func `the wait between attempts doubles to two seconds, less up to a half`() {
        var longest = Backoff()
        let waits = (0..<8).map { _ in longest.next(random: 0) }
        #expect(waits == [50, 100, 200, 400, 800, 1600, 2000, 2000].map { .milliseconds($0) })
        var shortest = Backoff()
        let first = shortest.next(random: 1)
        #expect(first == .milliseconds(25))
        longest.reset()
        let again = longest.next(random: 0)
        #expect(again == .milliseconds(50))
    }

    @Test func `a silent server is asked to cancel, then given up`() async throws {
        try await onReactor {
            var watchdog = Watchdog(patience: .seconds(5), silence: .seconds(60))
            watchdog.progress = at(0)
            let judge = { (seconds: Int64, isWaiting: Bool) in
                watchdog.judge(isWaiting: isWaiting, lastSign: nil, now: at(seconds))
            }
            #expect(judge(4, true) == .watchOn)
            #expect(judge(5, true) == .cancel)
            #expect(judge(5, true) == .watchOn)
            #expect(judge(6, true) == .giveUp)
            #expect(judge(7, false) == .nothing)
            // The cancel request of an earlier silence does not count against the next.
            #expect(judge(8, true) == .cancel)
        }
    }

    @Test func `a silence sets wondering, and only another one does so again`() async throws {
        try await onReactor {
            var watchdog = Watchdog(patience: .seconds(30), silence: .seconds(2))
            watchdog.progress = at(0)
            let judge = { (seconds: Int64, lastSign: Int64?, isWaiting: Bool) in
                watchdog.judge(isWaiting: isWaiting, lastSign: lastSign.map(at), now: at(seconds))
            }
            #expect(judge(1, nil, true) == .watchOn)
            #expect(judge(2, nil, true) == .wonder)
            #expect(judge(3, nil, true) == .watchOn)
            #expect(judge(4, nil, true) == .wonder)
            // What others hear of the server counts, whatever becomes of this one's statement.
            #expect(judge(6, 5, true) == .watchOn)
            #expect(judge(7, 5, true) == .wonder)
            #expect(judge(10, 5, false) == .nothing)
            // The statement's own limit stands.
            #expect(judge(30, 29, true) == .cancel)
            #expect(judge(31, 29, true) == .giveUp)
        }
    }
}
