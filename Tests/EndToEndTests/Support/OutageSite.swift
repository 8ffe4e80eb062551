import Crypto
import Delivery
import Domain
import EventLoop
import Foundation
import HTTP
import JSON
import Postgres
import Simulator
import Storage
import TestSupport
import Testing

@testable import leadwire

/// `leadwire serve` as a process, on a server of its own, with the demo's accounts and the simulated providers.
@Reactor
final class OutageSite {
    let url: String
    let key: String
    private let run: CommandRun
    private let simulator: Simulator
    private let simulatorURL: String
    private let connectionString: String

    private init(
        _ run: CommandRun, url: String, key: String, _ simulator: Simulator, simulatorURL: String,
        _ connectionString: String
    ) {
        self.run = run
        self.url = url
        self.key = key
        self.simulator = simulator
        self.simulatorURL = simulatorURL
        self.connectionString = connectionString
    }

    /// - Parameter connectionString: of one server, or of several of which one takes writes.
    static func set(on connectionString: String) async throws -> OutageSite {
        let configuration = PostgresConfiguration(connectionString: connectionString)
        _ = try await Migrator.migrate(configuration, migrations: Schema.migrations)
        let pool = PostgresPool(configuration)
        try await pool.start()
        let simulator = Simulator(DemoSimulator.configuration(PlantedDemo.channels))
        let simulatorURL = "http://127.0.0.1:\(try await simulator.start(host: "127.0.0.1", port: 0))"
        let (_, key) = try await PlantedDemo.plant(in: pool, simulatorURL: simulatorURL)
        await pool.stop()
        let run = try CommandRun(["serve", "--port", "0"], environment: PlantedDemo.environment(connectionString))
        return OutageSite(
            run, url: try await url(of: run), key: key, simulator, simulatorURL: simulatorURL,
            connectionString)
    }

    /// Where it says that it listens.
    static func url(of run: CommandRun) async throws -> String {
        guard await run.says("server.started"),
            let line = run.output.split(separator: "\n").first(where: { $0.contains("server.started") }),
            let port = (try? JSONParser.parse(Array(line.utf8)))?["port"]?.int64
        else { throw StageError(what: "serve did not start: \(run.output)") }
        return "http://127.0.0.1:\(port)"
    }

    /// How many descriptors the process has open.
    func descriptors() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(run.pid)/fd").count
    }

    /// What was acknowledged is there once, under the id that was answered; nothing is half done.
    func check(_ load: OutageLoad) async throws {
        let pool = PostgresPool(PostgresConfiguration(connectionString: connectionString))
        try await pool.start()
        let unended = Statement("test_unended", "SELECT count(*) FROM outbox")
        let deadline = MonotonicTime.now + .seconds(60)
        while try await pool.read(unended)[0].int(0) > 0, MonotonicTime.now < deadline {
            await pause(.milliseconds(20))
        }
        let stored = Statement(
            "test_stored",
            """
            SELECT name, id FROM leads WHERE name LIKE 'load %'
            UNION ALL SELECT text, id FROM messages WHERE text LIKE 'load %'
            """)
        var ids: [String: [Int64]] = [:]
        for row in try await pool.read(stored) { ids[try row.text(0), default: []].append(try row.int(1)) }
        for (tag, id) in load.acknowledged { #expect(ids[tag] == [id], "\(tag) was acknowledged as \(id)") }
        #expect(ids.values.allSatisfy { $0.count == 1 }, "written twice")
        #expect(try await Wholeness.faults(in: pool) == [])
        #expect(try await Wholeness.openTransactions(in: pool) == 0)
        let received = try await messages().compactMap { $0["text"]?.string }
        #expect(Set(received).count == received.count, "sent twice")
        await pool.stop()
    }

    private func messages() async throws -> [JSONValue] {
        guard let url = HTTPURL("\(simulatorURL)/_simulator/messages?to=%2B5511987651001") else { return [] }
        let client = HTTPClient()
        defer { client.close() }
        let response = try await client.send(HTTPClientRequest(method: .get, url: url, fields: [:], body: []))
        return try JSONParser.parse(response.body)["messages"]?.array ?? []
    }

    func end() async throws {
        run.send(.terminate)
        #expect(await run.ended() == 0, "\(run.output.suffix(2000))")
        await simulator.stop()
    }
}

/// Clients that make leads and send messages, each under a key, and repeat what was not acknowledged.
@Reactor
final class OutageLoad {
    /// The id that was answered for each request.
    private(set) var acknowledged: [String: Int64] = [:]
    private(set) var refusals = 0
    private(set) var strange: [String] = []
    private let site: OutageSite
    private let client = HTTPClient()
    private var next = 0
    private var isOver = false
    private var clients: [Task<Void, Never>] = []

    init(_ site: OutageSite, clients: Int) {
        self.site = site
        self.clients = (0..<clients).map { number in spawn { await self.work(sends: number.isMultiple(of: 4)) } }
    }

    private func work(sends: Bool) async {
        while !isOver {
            next += 1
            let tag = "load \(next)"
            let path = sends ? "/api/v1/leads/1/send-whatsapp" : "/api/v1/leads"
            let body: JSONValue =
                sends ? ["message": .string(tag), "instance_id": 1] : ["name": .string(tag)]
            // Told or not, it is asked until it is.
            while await !ask(tag, path, body.serialized()) { await pause(.milliseconds(20)) }
        }
    }

    /// Whether it was acknowledged, or is not to be asked again.
    private func ask(_ tag: String, _ path: String, _ body: [UInt8]) async -> Bool {
        guard let url = HTTPURL(site.url + path) else { return true }
        var request = HTTPClientRequest(
            method: .post, url: url,
            fields: [
                "X-API-Key": .init(site.key), "Content-Type": "application/json", "Idempotency-Key": .init(tag),
                "Prefer": "respond-async",
            ], body: body)
        request.deadlines.total = .seconds(30)
        request.deadlines.firstByte = .seconds(30)
        do {
            let response = try await client.send(request)
            let json = try JSONParser.parse(response.body)
            switch response.status.code {
            case 201, 202:
                let data = json["data"]
                acknowledged[tag] = data?["id"]?.int64 ?? data?["message"]?["id"]?.int64 ?? -1
                return true
            case 503:
                refusals += 1
                if response.fields["Retry-After"] == nil { strange.append("\(tag): 503 without Retry-After") }
            case 409: break
            default:
                strange.append("\(tag): \(response.status.code) \(json["code"]?.string ?? "")")
                return true
            }
        } catch {
            strange.append("\(tag): \(error)")
        }
        return false
    }

    func acknowledges(_ more: Int) async throws {
        let goal = acknowledged.count + more
        try await until("\(more) more are acknowledged") { acknowledged.count >= goal }
    }

    func isRefused() async throws {
        let before = refusals
        try await until("somebody is told 503") { refusals > before }
    }

    private func until(_ what: String, _ holds: @Reactor () -> Bool) async throws {
        let deadline = MonotonicTime.now + .seconds(60)
        while !holds() {
            guard MonotonicTime.now < deadline else { throw StageError(what: "not in time: \(what); \(strange)") }
            await pause(.milliseconds(5))
        }
    }

    func stop() async {
        isOver = true
        for client in clients { await client.value }
        client.close()
    }
}
