import EventLoop

/// Something that happens once, and that others wait for.
@Reactor
final class Signal {
    private(set) var isFired = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func fire() {
        isFired = true
        for continuation in waiting { continuation.resume() }
        waiting = []
    }

    func wait() async {
        guard !isFired else { return }
        await withCheckedContinuation { waiting.append($0) }
    }

    /// Lets time go by on the loop.
    static func after(_ duration: Duration) async {
        await withCheckedContinuation { continuation in
            EventLoop.shared.schedule(after: duration) { continuation.resume() }
        }
    }
}
