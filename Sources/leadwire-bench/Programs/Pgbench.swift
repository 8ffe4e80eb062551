import EventLoop
import Foundation
import Postgres

/// PostgreSQL's own load generator, on one thread, with prepared statements.
@Reactor
struct Pgbench {
    let workshop: Workshop
    let database: Database
    let clients: Int
    let seconds: Int

    /// The transactions that were carried out, every one of them with success.
    func run(_ script: String) async throws -> Int {
        let text = try await Program.run(
            try Workshop.tool("pgbench", package: "postgresql"), arguments(script), log: workshop.path("pgbench.log"))
        guard let count = text.firstMatch(of: /actually processed: (\d+)/).flatMap({ Int($0.1) }),
            text.firstMatch(of: /failed transactions: (\d+)/).map({ $0.1 == "0" }) ?? true, count > 0
        else { throw BenchError("pgbench met with errors:\n\(text)") }
        return count
    }

    /// How long each transaction took, in seconds.
    func latencies(_ script: String) async throws -> [Double] {
        let prefix = workshop.path("pgbench-times")
        _ = try await Program.run(
            try Workshop.tool("pgbench", package: "postgresql"),
            ["--log", "--log-prefix", prefix] + arguments(script), log: workshop.path("pgbench.log"))
        var times: [Double] = []
        for name in try FileManager.default.contentsOfDirectory(atPath: workshop.folder)
        where name.hasPrefix("pgbench-times") {
            let path = workshop.path(name)
            for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") {
                // client, transaction, microseconds, …
                let fields = line.split(separator: " ")
                if fields.count > 2, let time = Double(fields[2]) { times.append(time / 1e6) }
            }
            try FileManager.default.removeItem(atPath: path)
        }
        guard !times.isEmpty else { throw BenchError("pgbench told no times") }
        return times
    }

    private func arguments(_ script: String) throws -> [String] {
        let file = workshop.path("script.sql")
        // A colon before a letter is a variable to pgbench, also within quotes.
        try script.replacing("HH24:MI:SS", with: #"HH24":"MI":"SS"#).write(
            toFile: file, atomically: true, encoding: .utf8)
        return [
            "-n", "-M", "prepared", "-c", "\(clients)", "-j", "1", "-T", "\(seconds)", "-f", file,
            database.connectionString,
        ]
    }

    /// The server's own statement, with each parameter's place taken by an expression.
    nonisolated static func inline(_ statement: Statement, _ expressions: [String]) -> String {
        var sql = statement.sql
        for index in expressions.indices.reversed() {
            sql = sql.replacing("$\(index + 1)", with: expressions[index])
        }
        precondition(!sql.contains(/\$\d/), "\(statement.name) takes more than it is given")
        return sql + ";\n"
    }
}
