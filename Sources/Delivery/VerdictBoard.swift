import Domain
import EventLoop

/// Who waits in this process for which message's attempt to end.
@Reactor
final class VerdictBoard {
    private var inFlight: [Message.ID: Int] = [:]
    private var waiters: [Message.ID: [Waiter]] = [:]
    private var idle: [CheckedContinuation<Void, Never>] = []

    @Reactor private final class Waiter {
        var continuation: CheckedContinuation<Void, Never>?
        var timer: LoopTimer?

        func resume() {
            timer?.cancel()
            timer = nil
            continuation?.resume()
            continuation = nil
        }
    }

    var attemptsInFlight: Int { inFlight.count }

    func isInFlight(_ id: Message.ID) -> Bool { inFlight[id] != nil }

    func begin(_ id: Message.ID) { inFlight[id, default: 0] += 1 }

    func end(_ id: Message.ID) {
        if let count = inFlight[id], count > 1 { inFlight[id] = count - 1 } else { inFlight[id] = nil }
        for waiter in waiters.removeValue(forKey: id) ?? [] { waiter.resume() }
        guard inFlight.isEmpty else { return }
        let idle = self.idle
        self.idle = []
        for continuation in idle { continuation.resume() }
    }

    /// Returns when the message's attempt ends here, or at the deadline.
    func wait(for id: Message.ID, until deadline: MonotonicTime) async {
        let waiter = Waiter()
        await withCheckedContinuation { continuation in
            waiter.continuation = continuation
            waiter.timer = EventLoop.shared.schedule(at: deadline) { waiter.resume() }
            waiters[id, default: []].append(waiter)
        }
        waiters[id]?.removeAll { $0 === waiter }
        if waiters[id]?.isEmpty ?? false { waiters[id] = nil }
    }

    /// Returns when no attempt is under way.
    func waitUntilIdle() async {
        guard !inFlight.isEmpty else { return }
        await withCheckedContinuation { idle.append($0) }
    }
}
