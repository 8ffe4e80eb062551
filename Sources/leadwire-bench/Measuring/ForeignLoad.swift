import Foundation

/// Watches how much of the machine others use while a contestant works: all but this process, what it has started, and
/// what that has started, the database's connections among it.
struct ForeignLoad {
    private let start = Self.now()

    private struct Instant {
        /// Seconds of CPU since the machine's start: all of it, and what was used.
        var capacity = 0.0
        var used = 0.0
        /// Of these, by this process and all that descend from it.
        var own = 0.0
    }

    /// Since the beginning, of all cores.
    func share() -> Double {
        let end = Self.now()
        let capacity = end.capacity - start.capacity
        guard capacity > 0 else { return 0 }
        return max(0, (end.used - start.used) - (end.own - start.own)) / capacity
    }

    private static func now() -> Instant {
        var instant = Instant()
        if let line = try? ProcessFacts.text("/proc/stat").split(separator: "\n").first {
            // user nice system idle iowait irq softirq steal, in ticks; guest time is counted in user time.
            let ticks = line.split(separator: " ").dropFirst().prefix(8).compactMap { Double($0) }
            let hertz = Double(sysconf(Int32(_SC_CLK_TCK)))
            instant.capacity = ticks.reduce(0, +) / hertz
            instant.used = instant.capacity - (ticks.count > 4 ? ticks[3] + ticks[4] : 0) / hertz
        }
        instant.own = ProcessFacts.processorTimeOfFamily
        return instant
    }
}
