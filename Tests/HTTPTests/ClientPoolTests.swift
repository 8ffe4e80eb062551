import EventLoop
import Testing

@testable import HTTP

@Suite struct ClientPoolTests {
    final class Token {}

    private func time(_ seconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: seconds * 1_000_000_000) }

    @Test func `places are given up to the limit, then callers wait in order`() {
        var pool = HTTPOriginPool<Token, Token>(limit: 2)
        let callers = (0..<4).map { _ in Token() }
        var leases: [String] = []
        for caller in callers {
            switch pool.lease(for: caller) {
            case .connect: leases.append("connect")
            case .wait: leases.append("wait")
            case .reuse: leases.append("reuse")
            }
        }
        #expect(leases == ["connect", "connect", "wait", "wait"])
        let woken = [pool.giveBack(Token(), at: time(0)), pool.discard()]
        #expect(woken[0] === callers[2])
        #expect(woken[1] === callers[3])
        #expect(pool.open == 2)
        let none = pool.discard()
        #expect(none == nil)
        #expect(pool.open == 1)
    }

    @Test func `the last connection given back is the first used again`() {
        var pool = HTTPOriginPool<Token, Token>(limit: 2)
        let (first, second) = (Token(), Token())
        _ = pool.lease(for: Token())
        _ = pool.lease(for: Token())
        _ = pool.giveBack(first, at: time(1))
        _ = pool.giveBack(second, at: time(2))
        guard case .reuse(let connection) = pool.lease(for: Token()) else {
            Issue.record("an idle connection was not used")
            return
        }
        #expect(connection === second)
    }

    @Test func `connections idle for too long leave with their places`() {
        var pool = HTTPOriginPool<Token, Token>(limit: 3)
        let connections = (0..<3).map { _ in Token() }
        for _ in connections { _ = pool.lease(for: Token()) }
        for (second, connection) in connections.enumerated() {
            _ = pool.giveBack(connection, at: time(Int64(second)))
        }
        let expired = pool.expire(idleSince: time(1))
        #expect(expired.count == 2)
        #expect(expired.first === connections[0])
        #expect(pool.open == 1)
        let removals = [pool.removeIdle(connections[2]), pool.removeIdle(connections[2])]
        #expect(removals == [true, false])
        #expect(pool.isUnused)
    }

    @Test func `a caller that leaves is not woken`() {
        var pool = HTTPOriginPool<Token, Token>(limit: 1)
        let (leaver, stayer) = (Token(), Token())
        _ = pool.lease(for: Token())
        guard case .wait(let ticket) = pool.lease(for: leaver) else {
            Issue.record("a place beyond the limit")
            return
        }
        _ = pool.lease(for: stayer)
        pool.leave(ticket)
        // The second time does nothing.
        pool.leave(ticket)
        let woken = pool.discard()
        #expect(woken === stayer)
        #expect(!pool.isAwaited)
    }

    @Test func `the list of those who wait is a queue that any may leave`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            var list = WaitingList<Int>()
            var model: [(ticket: Int, waiter: Int)] = []
            var gone: [Int] = []
            for waiter in 0..<400 {
                switch Int.random(in: 0..<5, using: &generator) {
                case 0, 1: model.append((list.join(waiter), waiter))
                case 2:
                    let next = list.next()
                    #expect(next == model.first?.waiter)
                    if !model.isEmpty { gone.append(model.removeFirst().ticket) }
                case 3 where !model.isEmpty:
                    let index = Int.random(in: 0..<model.count, using: &generator)
                    let ticket = model.remove(at: index).ticket
                    list.leave(ticket)
                    gone.append(ticket)
                default:
                    if let ticket = gone.randomElement(using: &generator) { list.leave(ticket) }
                }
                #expect(list.count == model.count && list.isEmpty == model.isEmpty)
            }
            while let next = list.next() { #expect(next == model.removeFirst().waiter) }
            #expect(model.isEmpty)
        }
    }
}
