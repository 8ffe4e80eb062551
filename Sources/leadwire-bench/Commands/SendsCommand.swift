import Crypto
import EventLoop
import HTTP
import Postgres
import Storage

/// `sends`: a template accepted under an Idempotency-Key (`Prefer: respond-async`), against the same rows written by
/// pgbench, statement by statement and as the server's own statement, and against the Python peer.
///
/// The provider takes the calls and never answers, so that what is measured ends with the commit, as it does for the
/// peers; each round has a process of its own, which is killed at its end.
@Reactor
enum SendsCommand {
    /// What the architecture asks for.
    private static let byStatements = Gate.atLeast(1.3)
    private static let byOwnStatement = Gate.atLeast(0.8)
    private static let peer = Gate.atLeast(4)

    static func run(_ options: Options, _ workshop: Workshop) async throws -> [Row] {
        try await Database.lend(in: workshop) { database in
            let provider = try SilentProvider()
            let data = try await Dataset.load(
                into: database.connectionString, secretKey: database.secretKey, provider: provider.url,
                leads: options.leads ?? 100_000, accounts: 1000)
            let own = SendContestant(workshop, database, data, seconds: options.seconds)
            let python = try await PythonPeer.start(in: workshop, database, connections: database.writeConnections)
            let load = SendLoad(workshop: workshop, data: data, seconds: options.seconds)
            let pgbench = Pgbench(
                workshop: workshop, database: database, clients: database.writeConnections, seconds: options.seconds)
            let scripts = SendScripts(data)
            let samples = try await Rounds.run(
                [
                    own.contestant,
                    Contestant(name: "pgbench, BEGIN … COMMIT", pid: nil) {
                        try await pgbench.run(scripts.byStatements)
                    },
                    Contestant(name: "pgbench, own statement", pid: nil) { try await pgbench.run(scripts.own) },
                    Contestant(name: "FastAPI", pid: nil) { try await load.run(python.url("/")) },
                ], rounds: options.rounds)
            await python.program.stop()
            provider.stop()
            return [
                .ratio("accept a template send, against BEGIN … COMMIT", samples[0], samples[1], gate: byStatements),
                .ratio("the same, against the server's own statement", samples[0], samples[2], gate: byOwnStatement),
                .ratio("the same, against FastAPI", samples[0], samples[3], gate: peer),
            ]
        }
    }
}

/// `leadwire serve`, anew for each round.
@Reactor
final class SendContestant {
    private let workshop: Workshop
    private let database: Database
    private let load: SendLoad
    private var server: LeadwireServer?

    init(_ workshop: Workshop, _ database: Database, _ data: Dataset, seconds: Int, connections: Int = 64) {
        self.workshop = workshop
        self.database = database
        load = SendLoad(workshop: workshop, data: data, connections: connections, seconds: seconds)
    }

    var contestant: Contestant {
        Contestant(
            name: "leadwire", pid: { self.server?.program.pid }, prepare: { try await self.start() },
            finish: { try await self.end() }
        ) {
            try await self.run()
        }
    }

    func start() async throws { server = try await LeadwireServer.start(in: workshop, database) }

    func run() async throws -> Int {
        guard let server else { return 0 }
        return try await load.run(server.url("/"))
    }

    func latencies() async throws -> Latencies {
        guard let server else { throw BenchError("the server is not running") }
        return try await load.latencies(server.url("/"))
    }

    /// What the killed process was still sending is of no interest to the next round.
    func end() async throws {
        guard let server else { return }
        server.program.process.send(.kill)
        _ = await server.program.process.waitForExit()
        self.server = nil
        try await database.clearOutboxAndAnalyse(in: workshop)
    }
}

/// wrk with a send to one lead after the other.
@Reactor
struct SendLoad {
    let workshop: Workshop
    let data: Dataset
    var connections = 64
    let seconds: Int

    func run(_ url: HTTPURL) async throws -> Int {
        try await wrk.run(url, script: "sends.lua", values())
    }

    func latencies(_ url: HTTPURL) async throws -> Latencies {
        try await wrk.latencies(url, script: "sends.lua", values())
    }

    private var wrk: Wrk { Wrk(workshop: workshop, connections: connections, seconds: seconds) }

    private func values() -> [String: String] {
        [
            "KEY": data.key, "LEADS": "\(data.leads)", "RUN": Hex.encode(SecureRandom.bytes(6)),
            "OFFSET": "\(Int.random(in: 0..<data.leads))",
        ]
    }
}

/// A provider that takes every call and answers none.
@Reactor
final class SilentProvider {
    private let server: HTTPServer
    private let gate = Gate()
    let url: String

    @Reactor private final class Gate {
        var waiting: [CheckedContinuation<Void, Never>] = []

        func wait() async { await withCheckedContinuation { waiting.append($0) } }

        func open() {
            for continuation in waiting { continuation.resume() }
            waiting = []
        }
    }

    init() throws {
        let gate = self.gate
        server = HTTPServer(configuration: HTTPServerConfiguration()) { _ in
            await gate.wait()
            return HTTPResponse(status: .ok)
        }
        url = "http://127.0.0.1:\(try server.start(host: "127.0.0.1", port: 0))"
    }

    func stop() { gate.open() }
}
