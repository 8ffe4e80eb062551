import Crypto
import EventLoop
import Postgres
import Storage

/// `reads`: one lead and a page of twenty, against pgbench doing the key look-up and the same read on as many
/// connections, and against the Python peer. The peers read the page by plain joins; how pgbench does with the
/// server's own statement is told besides.
@Reactor
enum ReadsCommand {
    /// What the architecture asks for.
    private static let database = Gate.atLeast(1)
    private static let peer = Gate.atLeast(5)
    /// How many answers are held against the Python peer's before it is raced.
    private static let agreements = 20

    static func run(_ options: Options, _ workshop: Workshop) async throws -> [Row] {
        try await Database.lend(in: workshop) { database in
            let data = try await Dataset.load(
                into: database.connectionString, secretKey: database.secretKey, provider: "http://127.0.0.1:9",
                leads: options.leads ?? 100_000, accounts: 1000)
            let server = try await LeadwireServer.start(in: workshop, database)
            let python = try await PythonPeer.start(in: workshop, database, connections: database.readConnections)
            var rows: [Row] = []
            for read in Read.all(data) {
                rows += try await compare(read, options, workshop, database, data, server, python)
            }
            await python.program.stop()
            await server.program.stop()
            return rows
        }
    }

    private static func compare(
        _ read: Read, _ options: Options, _ workshop: Workshop, _ database: Database, _ data: Dataset,
        _ server: LeadwireServer, _ python: PythonPeer
    ) async throws -> [Row] {
        for path in read.paths.prefix(agreements) {
            try await Agreement.check(path, key: data.key, server.url(path), python.url(path))
        }
        let wrk = Wrk(workshop: workshop, seconds: options.seconds)
        let pgbench = Pgbench(
            workshop: workshop, database: database, clients: database.readConnections, seconds: options.seconds)
        let values = ["PATHS": read.paths.map { "\"\($0)\"" }.joined(separator: ", "), "KEY": data.key]
        var contestants = [
            Contestant(name: "leadwire", pid: server.program.pid) {
                try await wrk.run(server.url("/"), script: "leads.lua", values)
            },
            Contestant(name: "pgbench", pid: nil) { try await pgbench.run(read.script) },
            Contestant(name: "FastAPI", pid: nil) {
                try await wrk.run(python.url("/"), script: "leads.lua", values)
            },
        ]
        if let script = read.ownScript {
            contestants.append(Contestant(name: "pgbench, own statement", pid: nil) { try await pgbench.run(script) })
        }
        let samples = try await Rounds.run(contestants, rounds: options.rounds)
        var rows: [Row] = [
            .ratio("\(read.name), against pgbench", samples[0], samples[1], gate: self.database),
            .ratio("\(read.name), against FastAPI", samples[0], samples[2], gate: peer),
        ]
        if samples.count > 3 { rows.append(.ratio("the same, the server's own statement", samples[0], samples[3])) }
        return rows
    }
}

/// A read, as requests and as a pgbench script.
struct Read {
    let name: String
    let paths: [String]
    let script: String
    /// With the server's own statement, where that is another.
    var ownScript: String?

    static func all(_ data: Dataset) -> [Read] {
        let hash = "'\\x\(Hex.encode(SHA256.digest(Array(data.key.utf8))))'::bytea"
        let key = Pgbench.inline(BenchStatements.keyByHash, [hash])
        let draw = "\\set id random(1, \(data.leads - 50))\n" + key
        func page(_ statement: Statement) -> String {
            draw
                + Pgbench.inline(
                    statement, BenchStatements.pageArguments("\(Dataset.account)", "(50 + :id)", "21"))
        }
        return [
            Read(
                name: "GET /leads/{id}", paths: data.cursors.map { "/api/v1/leads/\($0)" },
                script: "\\set id random(1, \(data.leads))\n" + key
                    + Pgbench.inline(BenchStatements.lead, ["\(Dataset.account)", ":id"])),
            Read(
                name: "a page of 20",
                paths: data.cursors.map { "/api/v1/leads?limit=20&cursor=\(cursor($0))" },
                script: page(BenchStatements.pageByJoins), ownScript: page(BenchStatements.page)),
        ]
    }

    /// As the API writes it: opaque to clients, but made by this very package.
    private static func cursor(_ id: Int) -> String { Base64.encode(Array("1.\(id)".utf8), .urlSafe) }
}
