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

    /// Seconds of CPU of this process and all that descend from it, those that have ended and were waited for included.
    static var processorTimeOfFamily: Double {
        // A process that is waited for while /proc is read may have been seen neither by itself nor in its parent's sum.
        let first = sumOfFamily
        usleep(20_000)
        return max(first, sumOfFamily)
    }

    private static var sumOfFamily: Double {
        var members: [Int32: [(pid: Int32, seconds: Double)]] = [:]
        for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let pid = Int32(name), let facts = facts(of: pid) else { continue }
            members[facts.parent, default: []].append((pid, facts.seconds))
        }
        var sum = facts(of: own)?.seconds ?? 0
        var parents = [own]
        while let parent = parents.popLast() {
            for member in members[parent] ?? [] {
                sum += member.seconds
                parents.append(member.pid)
            }
        }
        return sum
    }

    /// proc(5): the parent, and the ticks of the process and of its ended children.
    private static func facts(of pid: Int32) -> (parent: Int32, seconds: Double)? {
        // The name in front may hold anything but the last parenthesis.
        guard let text = try? text("/proc/\(pid)/stat"), let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[end...].split(separator: " ").dropFirst()
        guard fields.count > 14, let parent = fields.dropFirst().first.flatMap({ Int32($0) }) else { return nil }
        let ticks = fields.dropFirst(11).prefix(4).compactMap { Double($0) }.reduce(0, +)
        return (parent, ticks / Double(sysconf(Int32(_SC_CLK_TCK))))
    }

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
