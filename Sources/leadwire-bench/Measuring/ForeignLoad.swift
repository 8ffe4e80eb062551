import Foundation

/// Watches how much of the machine others use while a contestant works.
struct ForeignLoad {
    private let pid: Int32?
    private let start: Instant

    private struct Instant {
        /// Seconds of CPU since the machine's start: all of it, and what was used.
        var capacity = 0.0
        var used = 0.0
        /// Of these, by the contestant, this process and its children that have ended.
        var own = 0.0
    }

    init(watching pid: Int32?) {
        self.pid = pid
        start = Self.now(pid)
    }

    /// Since the beginning, of all cores.
    func share() -> Double {
        let end = Self.now(pid)
        let capacity = end.capacity - start.capacity
        guard capacity > 0 else { return 0 }
        return max(0, (end.used - start.used) - (end.own - start.own)) / capacity
    }

    private static func now(_ pid: Int32?) -> Instant {
        var instant = Instant()
        if let line = try? ProcessFacts.text("/proc/stat").split(separator: "\n").first {
            // user nice system idle iowait irq softirq steal, in ticks; guest time is counted in user time.
            let ticks = line.split(separator: " ").dropFirst().prefix(8).compactMap { Double($0) }
            let hertz = Double(sysconf(Int32(_SC_CLK_TCK)))
            instant.capacity = ticks.reduce(0, +) / hertz
            instant.used = instant.capacity - (ticks.count > 4 ? ticks[3] + ticks[4] : 0) / hertz
        }
        instant.own = ProcessFacts.ownProcessorTime + ProcessFacts.processorTimeOfChildren
        if let pid, pid != ProcessFacts.own { instant.own += (try? ProcessFacts.processorTime(pid)) ?? 0 }
        return instant
    }
}
