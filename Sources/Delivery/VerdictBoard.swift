import Domain
import EventLoop
import Storage

/// Which attempts are under way in this process, who waits for them to end, and what they ended with.
@Reactor
final class VerdictBoard {
    typealias Number = NumberPaceStore.Number

    private var inFlight: [Message.ID: Int] = [:]
    private var byNumber: [Number: Int] = [:]
    private var waiters: [Message.ID: [Waiter]] = [:]
    private var idle: [CheckedContinuation<Void, Never>] = []

    @Reactor private final class Waiter {
        var continuation: CheckedContinuation<MessageStore.Standing?, Never>?
        var timer: LoopTimer?

        func resume(_ verdict: MessageStore.Standing?) {
            timer?.cancel()
            timer = nil
            continuation?.resume(returning: verdict)
            continuation = nil
        }
    }

    var attemptsInFlight: Int { inFlight.count }

    func isInFlight(_ id: Message.ID) -> Bool { inFlight[id] != nil }

    func attemptsInFlight(by number: Number) -> Int { byNumber[number] ?? 0 }

    func begin(_ id: Message.ID, by number: Number) {
        inFlight[id, default: 0] += 1
        byNumber[number, default: 0] += 1
    }

    /// - Parameter verdict: the message as the attempt left it; nil when somebody else's word stood above it.
    func end(_ id: Message.ID, by number: Number, _ verdict: MessageStore.Standing?) {
        Self.takeOne(of: id, from: &inFlight)
        Self.takeOne(of: number, from: &byNumber)
        for waiter in waiters.removeValue(forKey: id) ?? [] { waiter.resume(verdict) }
        guard inFlight.isEmpty else { return }
        let idle = self.idle
        self.idle = []
        for continuation in idle { continuation.resume() }
    }

    private static func takeOne<Key>(of key: Key, from counts: inout [Key: Int]) {
        if let count = counts[key], count > 1 { counts[key] = count - 1 } else { counts[key] = nil }
    }

    /// Returns when the message's attempt ends here, with what it ended with, or at the deadline.
    func wait(for id: Message.ID, until deadline: MonotonicTime) async -> MessageStore.Standing? {
        let waiter = Waiter()
        let verdict = await withCheckedContinuation { continuation in
            waiter.continuation = continuation
            waiter.timer = EventLoop.shared.schedule(at: deadline) { waiter.resume(nil) }
            waiters[id, default: []].append(waiter)
        }
        waiters[id]?.removeAll { $0 === waiter }
        if waiters[id]?.isEmpty ?? false { waiters[id] = nil }
        return verdict
    }

    /// Returns when no attempt is under way.
    func waitUntilIdle() async {
        guard !inFlight.isEmpty else { return }
        await withCheckedContinuation { idle.append($0) }
    }
}
