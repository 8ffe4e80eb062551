import Foundation

/// Where the figures come from.
enum Machine {
    static var cores: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    static var description: String {
        let model =
            (try? ProcessFacts.text("/proc/cpuinfo"))?.split(separator: "\n").first { $0.hasPrefix("model name") }
            .flatMap { $0.split(separator: ":").last }.map { $0.drop { $0 == " " } } ?? "unknown model"
        let kernel = (try? ProcessFacts.text("/proc/sys/kernel/osrelease")) ?? "unknown"
        return "\(cores) cores, \(model), Linux \(kernel)"
    }

    /// Whether the kernel gives each session an equal share of the CPU, however many processes it has.
    static var sharing: String {
        switch try? ProcessFacts.text("/proc/sys/kernel/sched_autogroup_enabled") {
        case "1": "sched_autogroup is on: each program below is a session and so a scheduling group of its own"
        case "0": "sched_autogroup is off: all programs share the CPU as single processes"
        default: "the kernel knows no sched_autogroup"
        }
    }
}
