import EventLoop
import Foundation

/// Counts a program's instructions in user space with valgrind: the same from run to run, whatever else the machine does.
@Reactor
struct Callgrind {
    let workshop: Workshop
    let name: String

    /// Requests that bring caches and pools to their state, and then N and 5 N of them: the difference leaves out what
    /// does not come of requests.
    private static let requests = 4_000

    static var isInstalled: Bool { (try? Workshop.tool("valgrind")) != nil }

    var wrapper: [String] {
        get throws {
            [
                try Workshop.tool("valgrind"), "--tool=callgrind",
                "--callgrind-out-file=\(workshop.path(name)).callgrind",
            ]
        }
    }

    /// Instructions of one request to `path`.
    func count(_ program: Program, port: UInt16, _ path: String) async throws -> Double {
        let crowd = try Crowd(port: port, path: path)
        defer { crowd.close() }
        try await crowd.connect(64)
        try await crowd.exchange(Self.requests)
        _ = try await dump(program, 1)
        try await crowd.exchange(Self.requests)
        let once = try await dump(program, 2)
        try await crowd.exchange(5 * Self.requests)
        let fiveTimes = try await dump(program, 3)
        return (fiveTimes - once) / Double(4 * Self.requests)
    }

    /// The instructions since the last dump.
    private func dump(_ program: Program, _ number: Int) async throws -> Double {
        _ = try await Program.run(
            try Workshop.tool("callgrind_control", package: "valgrind"), ["-d", "\(program.pid)"],
            log: workshop.path("callgrind_control.log"))
        let text = try ProcessFacts.text("\(workshop.path(name)).callgrind.\(number)")
        guard let total = text.firstMatch(of: /(?:summary|totals): (\d+)/).flatMap({ Double($0.1) }) else {
            throw BenchError("callgrind wrote no sum")
        }
        return total
    }
}
