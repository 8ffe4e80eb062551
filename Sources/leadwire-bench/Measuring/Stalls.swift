import EventLoop
import Foundation

/// How often the machine stops a program that wants nothing but a core: what its host takes, a p99 has to bear.
struct Stalls: Sendable {
    /// Shorter ones are the kernel's own.
    private static let shortest = Duration.milliseconds(1)

    private(set) var count = 0
    private(set) var longest = Duration.zero

    /// Keeps every core busy for `time`, with nothing else under way.
    static func measured(for time: Duration = .seconds(2)) async -> String {
        let watches = (0..<Machine.cores).map { _ in
            // Detached, for a child would run where its parent runs: on the loop, one after the other.
            Task.detached { Stalls.watch(for: time) }
        }
        var all = Stalls()
        for watch in watches { all.add(await watch.value) }
        let seconds = time / .seconds(1) * Double(watches.count)
        let rate = String(format: "%.1f", Double(all.count) / seconds)
        let longest = Figures.milliseconds(all.longest / .seconds(1))
        return "a busy core of this machine is stopped for over 1 ms \(rate) times a second (\(longest) at most)"
    }

    mutating func note(gap: Duration) {
        if gap >= Self.shortest { count += 1 }
        longest = max(longest, gap)
    }

    mutating func add(_ other: Stalls) {
        count += other.count
        longest = max(longest, other.longest)
    }

    private static func watch(for time: Duration) -> Stalls {
        var stalls = Stalls()
        var last = MonotonicTime.now
        let end = last + time
        while last < end {
            let now = MonotonicTime.now
            stalls.note(gap: now - last)
            last = now
        }
        return stalls
    }
}
