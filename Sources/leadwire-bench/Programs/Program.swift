import Crypto
import EventLoop
import Foundation
import HTTP

/// A program that this one starts and ends; what it says goes to a file.
@Reactor
final class Program {
    let process: ChildProcess
    private let log: String

    /// How long a program may take to end in good order.
    private static let patience = Duration.seconds(20)

    init(_ path: String, _ arguments: [String], environment: [String: String] = [:], log: String) throws {
        self.log = log
        let output = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard output >= 0 else { throw BenchError("\(log) cannot be written") }
        defer { close(output) }
        process = try ChildProcess(
            path, arguments, environment: Self.inherited.merging(environment) { $1 }, output: output,
            deathSignal: .kill)
    }

    var pid: Int32 { process.pid }

    /// What is set for a Leadwire of the user's own is none of the benchmark's.
    private static let inherited = ProcessInfo.processInfo.environment.filter {
        !$0.key.hasPrefix("LEADWIRE_") && !$0.key.hasPrefix("DATABASE_URL") && !$0.key.hasPrefix("PG")
    }

    /// Runs a program to its end, and gives back what it said.
    static func run(
        _ path: String, _ arguments: [String], environment: [String: String] = [:], log: String
    ) async throws -> String {
        try? FileManager.default.removeItem(atPath: log)
        let program = try Program(path, arguments, environment: environment, log: log)
        guard case .status(0) = await program.process.waitForExit() else {
            throw BenchError("\(path) \(arguments.joined(separator: " ")) failed:\n\(program.said)")
        }
        return program.said
    }

    /// Suspends until a GET of `url` is answered with 200, and tells when that was.
    @discardableResult
    func answers(_ url: HTTPURL, trust: String? = nil, within limit: Duration = .seconds(120)) async throws
        -> MonotonicTime
    {
        let client = HTTPClient(configuration: .init(trust: trust.map { .file($0) } ?? .system))
        defer { client.close() }
        let deadline = MonotonicTime.now + limit
        while MonotonicTime.now < deadline {
            guard process.exit == nil else { throw BenchError("a program ended before it answered:\n\(said)") }
            if let answer = try? await client.send(HTTPClientRequest(url: url)), answer.status == .ok { return .now }
            try await Task.sleep(for: .milliseconds(1))
        }
        throw BenchError("\(url) was not answered in time:\n\(said)")
    }

    func stop() async {
        process.send(.terminate)
        let end = EventLoop.shared.schedule(after: Self.patience) { self.process.send(.kill) }
        _ = await process.waitForExit()
        end.cancel()
    }

    private var said: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }
}
