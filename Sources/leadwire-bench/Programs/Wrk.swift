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
    func run(_ url: HTTPURL, script: String? = nil, _ values: [String: String] = [:]) async throws -> Int {
        let text = try await say(url, script: script, values)
        guard let count = text.firstMatch(of: /(\d+) requests in/).flatMap({ Int($0.1) }) else {
            throw BenchError("wrk told no count:\n\(text)")
        }
        return count
    }

    /// How long the answers took.
    func latencies(_ url: HTTPURL, script: String, _ values: [String: String]) async throws -> Latencies {
        let text = try await say(url, script: script, values, more: ["--latency"])
        guard let half = Self.seconds(text, "50%"), let high = Self.seconds(text, "99%") else {
            throw BenchError("wrk told no times:\n\(text)")
        }
        return Latencies(median: half, high: high)
    }

    /// As `99%    2.55ms`.
    private static func seconds(_ text: String, _ share: String) -> Double? {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 2, words[0] == share, let match = words[1].wholeMatch(of: /([\d.]+)(us|ms|s)/),
                let number = Double(match.1)
            else { continue }
            return number * (match.2 == "us" ? 1e-6 : match.2 == "ms" ? 1e-3 : 1)
        }
        return nil
    }

    private func say(
        _ url: HTTPURL, script: String?, _ values: [String: String], more: [String] = []
    ) async throws -> String {
        var arguments = ["-t1", "-c\(connections)", "-d\(seconds)s"] + more
        if let script {
            let file = workshop.path(script)
            try Workshop.template(script, values).write(toFile: file, atomically: true, encoding: .utf8)
            arguments += ["-s", file]
        }
        let text = try await Program.run(
            try Workshop.tool("wrk"), arguments + ["\(url.origin)\(url.target)"], log: workshop.path("wrk.log"))
        guard !text.contains("Socket errors"), !text.contains("Non-2xx") else {
            throw BenchError("wrk met with errors:\n\(text)")
        }
        return text
    }
}
