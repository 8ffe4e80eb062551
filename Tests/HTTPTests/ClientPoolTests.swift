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
        _ = pool.lease(for: leaver)
        _ = pool.lease(for: stayer)
        pool.removeWaiter(leaver)
        let woken = pool.discard()
        #expect(woken === stayer)
    }
}
