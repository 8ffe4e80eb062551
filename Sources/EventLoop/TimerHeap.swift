/// Something that will happen at an instant, unless it is cancelled before.
@Reactor
package final class LoopTimer {
    fileprivate(set) package var deadline: MonotonicTime
    fileprivate let sequence: UInt64
    fileprivate var index = -1
    fileprivate var action: (@Reactor () -> Void)?

    fileprivate init(deadline: MonotonicTime, sequence: UInt64, action: @escaping @Reactor () -> Void) {
        self.deadline = deadline
        self.sequence = sequence
        self.action = action
    }

    package var isPending: Bool { index >= 0 }

    package func cancel() {
        EventLoop.shared.timers.remove(self)
        action = nil
    }
}

/// A binary heap of timers; each timer knows its place, so that cancelling costs O(log n) and leaves nothing behind.
@Reactor
struct TimerHeap {
    private var timers: [LoopTimer] = []
    private var nextSequence: UInt64 = 0

    var earliest: MonotonicTime? { timers.first?.deadline }

    mutating func add(at deadline: MonotonicTime, _ action: @escaping @Reactor () -> Void) -> LoopTimer {
        nextSequence += 1
        let timer = LoopTimer(deadline: deadline, sequence: nextSequence, action: action)
        timer.index = timers.count
        timers.append(timer)
        siftUp(timer.index)
        return timer
    }

    mutating func remove(_ timer: LoopTimer) {
        let index = timer.index
        guard index >= 0 else { return }
        timer.index = -1
        let last = timers.removeLast()
        guard last !== timer else { return }
        timers[index] = last
        last.index = index
        siftUp(index)
        siftDown(last.index)
    }

    /// The action of a timer that is due, taken off the heap.
    mutating func takeDue(_ now: MonotonicTime) -> (@Reactor () -> Void)? {
        guard let first = timers.first, first.deadline <= now else { return nil }
        remove(first)
        let action = first.action
        first.action = nil
        return action
    }

    private func precedes(_ left: LoopTimer, _ right: LoopTimer) -> Bool {
        left.deadline == right.deadline ? left.sequence < right.sequence : left.deadline < right.deadline
    }

    private mutating func swap(_ left: Int, _ right: Int) {
        timers.swapAt(left, right)
        timers[left].index = left
        timers[right].index = right
    }

    private mutating func siftUp(_ start: Int) {
        var index = start
        while index > 0 {
            let parent = (index - 1) / 2
            guard precedes(timers[index], timers[parent]) else { return }
            swap(index, parent)
            index = parent
        }
    }

    private mutating func siftDown(_ start: Int) {
        var index = start
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2]
            where child < timers.count && precedes(timers[child], timers[least]) {
                least = child
            }
            guard least != index else { return }
            swap(index, least)
            index = least
        }
    }
}
