import Foundation

/// What the kernel tells of a process.
enum ProcessFacts {
    /// Seconds of CPU, user and kernel, of all its threads.
    static func processorTime(_ pid: Int32) throws -> Double {
        let tasks = "/proc/\(pid)/task"
        let threads = try FileManager.default.contentsOfDirectory(atPath: tasks)
        let nanoseconds = threads.compactMap { thread in
            // A thread may have ended since.
            try? text("\(tasks)/\(thread)/schedstat").split(separator: " ").first.flatMap { Double($0) }
        }
        return nanoseconds.reduce(0, +) / 1e9
    }

    static var own: Int32 { getpid() }

    /// Seconds of CPU of this process's children that have ended.
    static var processorTimeOfChildren: Double { usage(__rusage_who_t(RUSAGE_CHILDREN.rawValue)) }

    static var ownProcessorTime: Double { usage(__rusage_who_t(RUSAGE_SELF.rawValue)) }

    private static func usage(_ who: __rusage_who_t) -> Double {
        var usage = rusage()
        getrusage(who, &usage)
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

    /// Bytes in memory.
    static func resident(_ pid: Int32) throws -> Double {
        let pages = try text("/proc/\(pid)/statm").split(separator: " ").dropFirst().first.flatMap { Double($0) }
        guard let pages else { throw BenchError("the memory of process \(pid) cannot be read") }
        return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// Its scheduling group, as the kernel shares CPU out: `/autogroup-12`, and its cgroup: `/` is the root.
    static func group(_ pid: Int32) -> String {
        let autogroup =
            (try? text("/proc/\(pid)/autogroup").split(separator: " ").first).flatMap { $0 } ?? "no autogroup"
        let cgroup = (try? text("/proc/\(pid)/cgroup"))?.split(separator: "\n").first { line in
            line.hasPrefix("0::")
                || line.split(separator: ":").dropFirst().first?.split(separator: ",").contains("cpu") == true
        }
        return "cpu cgroup \(cgroup?.split(separator: ":").last ?? "unknown"), \(autogroup)"
    }

    static func text(_ path: String) throws -> String {
        try String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
