import Delivery
import Domain
import EventLoop
import Foundation
import HTTP
import JSON
import Postgres
import Storage
import TestRandom
import TestSupport

@testable import Simulator
@testable import leadwire

/// Two `leadwire serve` processes on one database, each behind a wire that sees what it asks of it, with simulated
/// providers whose webhooks a careless postman brings.
@Reactor
final class KillSite {
    let simulator: Simulator
    let replicas: [Replica]
    let postman: Postman
    let key: String
    let pool: PostgresPool

    private init(
        _ simulator: Simulator, _ replicas: [Replica], _ postman: Postman, key: String, _ pool: PostgresPool
    ) {
        self.simulator = simulator
        self.replicas = replicas
        self.postman = postman
        self.key = key
        self.pool = pool
    }

    static func set(on server: TestServer, seed: UInt64) async throws -> KillSite {
        let configuration = PostgresConfiguration(connectionString: server.connectionString)
        _ = try await Migrator.migrate(configuration, migrations: Schema.migrations)
        let pool = PostgresPool(configuration)
        try await pool.start()
        let channels = PlantedDemo.channels
        var simulated = DemoSimulator.configuration(channels)
        simulated.pace.delay = .milliseconds(200)
        let simulator = Simulator(simulated)
        let simulatorURL = "http://127.0.0.1:\(try await simulator.start(host: "127.0.0.1", port: 0))"
        let (_, key) = try await PlantedDemo.plant(in: pool, simulatorURL: simulatorURL)
        var replicas: [Replica] = []
        for _ in 0..<2 { replicas.append(try await Replica(server)) }
        let postman = try Postman(to: replicas, seed: seed)
        for number in channels.numbers {
            simulator.setWebhookURL(
                "\(postman.url)/hooks/cloud-api/\(channels.cloudHookToken)", of: number.phoneNumberID)
        }
        simulator.setWebhookURL("\(postman.url)/hooks/waha/\(channels.wahaHookToken)", of: channels.session.name)
        return KillSite(simulator, replicas, postman, key: key, pool)
    }

    /// Each contact is written to some forty times in the whole run, which their pace lets through at once; up to 2,000
    /// sends the demo's own leads do.
    func enterLeads(for sends: Int) async throws {
        guard sends > 2000 else { return }
        let client = HTTPClient()
        defer { client.close() }
        for start in stride(from: 0, to: sends / 40, by: 500) {
            let leads = (start..<min(start + 500, sends / 40)).map { number -> JSONValue in
                // None of the last four digits by which the simulator plays a fault.
                [
                    "name": .string("L\(number)"),
                    "phone": .string("+55119\(7000 + number / 4000)\(5000 + number % 4000)"),
                ]
            }
            guard let url = HTTPURL(replicas[0].url + "/api/v1/leads/batch") else { return }
            let answer = try await client.send(
                HTTPClientRequest(
                    method: .post, url: url, fields: ["X-API-Key": .init(key), "Content-Type": "application/json"],
                    body: (["leads": .array(leads)] as JSONValue).serialized()))
            guard answer.status.code == 200 else { throw StageError(what: "no leads: \(answer.status.code)") }
        }
    }

    func end() async {
        await postman.stop()
        for replica in replicas { await replica.end() }
        await pool.stop()
        await simulator.stop()
    }
}

/// One of the processes: killed and started again on the same port.
@Reactor
final class Replica {
    let wire: FaultProxy
    private(set) var url: String
    private var run: CommandRun
    private let environment: [String: String]
    private(set) var kills = 0
    private(set) var isUp = true

    init(_ server: TestServer) async throws {
        wire = try FaultProxy(.port(server.port))
        environment = PlantedDemo.environment("\(wire.address) user=\(TestServer.user) dbname=postgres")
        run = try CommandRun(["serve", "--port", "0"], environment: environment)
        url = try await OutageSite.url(of: run)
    }

    /// At once, whatever it is doing.
    func kill() {
        guard isUp else { return }
        isUp = false
        kills += 1
        run.send(.kill)
    }

    func restart() async throws {
        _ = await run.ended()
        let port = url.split(separator: ":").last.map(String.init) ?? "0"
        run = try CommandRun(["serve", "--port", port], environment: environment)
        url = try await OutageSite.url(of: run)
        isUp = true
    }

    func end() async {
        if isUp { run.send(.terminate) }
        _ = await run.ended()
        wire.stop()
    }
}

/// Brings each webhook late, some twice, and none in its order; one that nobody takes is brought again.
@Reactor
final class Postman {
    private let server: HTTPServer
    private let client = HTTPClient()
    private let replicas: [Replica]
    private var random: SeededGenerator
    let url: String
    private(set) var underWay = 0
    private(set) var abandoned = 0

    init(to replicas: [Replica], seed: UInt64) throws {
        self.replicas = replicas
        random = SeededGenerator(seed: seed)
        let box = PostmanBox()
        server = HTTPServer(configuration: HTTPServerConfiguration()) { request in
            box.postman?.take(request)
            return HTTPResponse(status: .ok)
        }
        url = "http://127.0.0.1:\(try server.start(host: "127.0.0.1", port: 0))"
        box.postman = self
    }

    /// What the server reaches before there is a postman.
    @Reactor private final class PostmanBox { weak var postman: Postman? }

    private func take(_ request: HTTPRequest) {
        let copies = random.once(in: 8) ? 2 : 1
        for _ in 0..<copies {
            underWay += 1
            let (path, fields, body) = (request.path, request.fields, request.body)
            EventLoop.shared.schedule(after: .milliseconds(random.below(random.once(in: 5) ? 400 : 30))) {
                spawn { await self.bring(path, fields, body) }
            }
        }
    }

    private func bring(_ path: String, _ fields: HTTPFields, _ body: [UInt8]) async {
        defer { underWay -= 1 }
        var kept = HTTPFields()
        for name in ["Content-Type", "X-Hub-Signature-256", "X-Webhook-Hmac", "X-Webhook-Hmac-Algorithm"] {
            if let value = fields[name] { kept[name] = value }
        }
        for _ in 0..<300 {
            if let url = HTTPURL(random.one(of: replicas).url + path) {
                let request = HTTPClientRequest(method: .post, url: url, fields: kept, body: body)
                if let answer = try? await client.send(request), answer.status.code < 300 { return }
            }
            await pause(.milliseconds(50))
        }
        abandoned += 1
    }

    func stop() async {
        await server.stop(deadline: .seconds(1))
        client.close()
    }
}
