import EventLoop
import Testing

@Suite struct EventLoopTests {
    @Test func `code on the reactor runs on the loop's thread, before and after a suspension`() async throws {
        let seen = try await onReactor {
            let before = EventLoop.shared.isInLoop
            await Task.yield()
            let value = await Task { @Sendable in 7 }.value
            return (before, EventLoop.shared.isInLoop, value)
        }
        #expect(seen.0)
        #expect(seen.1)
        #expect(seen.2 == 7)
        #expect(!EventLoop.shared.isInLoop)
    }

    @Test func `timers fire in the order of their deadlines, and a cancelled one never`() async throws {
        let fired = try await onReactor {
            await withCheckedContinuation { (continuation: CheckedContinuation<[Int], Never>) in
                var fired: [Int] = []
                let loop = EventLoop.shared
                // One moment for all: between two calls a busy machine may take its time.
                let now = MonotonicTime.now
                loop.schedule(at: now + .milliseconds(12)) { continuation.resume(returning: fired) }
                loop.schedule(at: now + .milliseconds(8)) { fired.append(3) }
                loop.schedule(at: now + .milliseconds(2)) { fired.append(1) }
                loop.schedule(at: now + .milliseconds(5)) { fired.append(9) }.cancel()
                loop.schedule(at: now + .milliseconds(4)) { fired.append(2) }
            }
        }
        #expect(fired == [1, 2, 3])
    }

    @Test func `an end-of-turn hook runs after the jobs of its turn`() async throws {
        let order = try await onReactor { () -> [Int] in
            let log = Log()
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                EventLoop.shared.atEndOfTurn {
                    log.entries.append(3)
                    continuation.resume()
                }
                spawn {
                    log.entries.append(1)
                    await Task.yield()
                    log.entries.append(2)
                }
            }
            return log.entries
        }
        #expect(order == [1, 2, 3])
    }

    @Test func `work of the thread pool runs elsewhere and its result comes back to the loop`() async throws {
        let (elsewhere, back) = try await onReactor {
            let elsewhere = try await ThreadPool.compute.run { !EventLoop.shared.isInLoop }
            return (elsewhere, EventLoop.shared.isInLoop)
        }
        #expect(elsewhere)
        #expect(back)
    }

    @Test func `many tasks from many threads all run`() async throws {
        let total = await withTaskGroup(of: Int.self) { group in
            for number in 0..<500 { group.addTask { (try? await onReactor { number }) ?? -1 } }
            return await group.reduce(0, +)
        }
        #expect(total == 499 * 500 / 2)
    }

    @Test func `a child's exit is seen, and its death can be asked for`() async throws {
        let exits = try await onReactor {
            let failing = try ChildProcess("/bin/sh", ["-c", "exit 3"], environment: [:])
            let sleeping = try ChildProcess("/bin/sleep", ["60"], environment: [:], deathSignal: .kill)
            sleeping.send(.terminate)
            return [await failing.waitForExit(), await sleeping.waitForExit()]
        }
        #expect(exits == [.status(3), .signal(15)])
    }

    @Test func `a listener hands over connections until it is closed`() async throws {
        let port = try await onReactor { () -> UInt16 in
            try await withCheckedThrowingContinuation { continuation in
                do {
                    let any = try #require(SocketAddress(ip: "127.0.0.1", port: 0))
                    let box = Box<ListeningSocket>()
                    let listener = try ListeningSocket(on: any) { fd, peer in
                        Socket.close(fd)
                        box.value?.close()
                        continuation.resume(returning: peer.port)
                    }
                    box.value = listener
                    Socket.close(try Socket.connect(to: listener.address))
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
        #expect(port > 0)
    }

    @Test func `a closed listener is held by nothing, not even by its own handler`() async throws {
        let isGone = try await onReactor { () -> Bool in
            weak var closed: ListeningSocket?
            do {
                let any = try #require(SocketAddress(ip: "127.0.0.1", port: 0))
                let box = Box<ListeningSocket>()
                let listener = try ListeningSocket(on: any) { fd, _ in
                    Socket.close(fd)
                    box.value?.close()
                }
                box.value = listener
                closed = listener
                listener.close()
            }
            return closed == nil
        }
        #expect(isGone)
    }
}

@Reactor private final class Log {
    var entries: [Int] = []
}

@Reactor private final class Box<Value> {
    var value: Value?
}
