import EventLoop
import Foundation
import HTTP

/// The load generator `wrk`, on one thread.
@Reactor
struct Wrk {
    let workshop: Workshop
    var connections = 64
    let seconds: Int

    /// The requests that were answered, every one of them with success.
    /// - Parameter script: a file of Tests/Benchmarks that says what to send.
    func run(_ url: HTTPURL, script: String? = nil) async throws -> Int {
        var arguments = ["-t1", "-c\(connections)", "-d\(seconds)s"]
        if let script {
            let file = workshop.path(script)
            try Workshop.template(script, [:]).write(toFile: file, atomically: true, encoding: .utf8)
            arguments += ["-s", file]
        }
        let text = try await Program.run(
            try Workshop.tool("wrk"), arguments + ["\(url.origin)\(url.target)"], log: workshop.path("wrk.log"))
        guard !text.contains("Socket errors"), !text.contains("Non-2xx"),
            let count = text.firstMatch(of: /(\d+) requests in/).flatMap({ Int($0.1) })
        else { throw BenchError("wrk met with errors:\n\(text)") }
        return count
    }
}
