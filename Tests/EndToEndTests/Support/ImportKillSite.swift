import Domain
import EventLoop
import Foundation
import HTTP
import JSON
import Postgres
import Storage
import TestSupport
import Testing

@testable import leadwire

/// Two `leadwire serve` processes over one database, which are killed and started again.
@Reactor
final class ImportKillSite {
    let key: String
    let account: Account.ID
    let pool: PostgresPool
    private let environment: [String: String]
    private var processes: [(run: CommandRun, url: String)] = []
    private(set) var kills = 0

    private init(_ pool: PostgresPool, key: String, account: Account.ID) {
        self.pool = pool
        self.key = key
        self.account = account
        environment = PlantedDemo.environment(pool.configuration.connectionString)
    }

    static func set(on pool: PostgresPool, processes count: Int = 2) async throws -> ImportKillSite {
        let (demo, key) = try await PlantedDemo.plant(in: pool, simulatorURL: "http://127.0.0.1:9")
        let site = ImportKillSite(pool, key: key, account: demo)
        for _ in 0..<count { site.processes.append(try await site.start()) }
        return site
    }

    private func start() async throws -> (run: CommandRun, url: String) {
        let run = try CommandRun(["serve", "--port", "0"], environment: environment)
        return (run, try await OutageSite.url(of: run))
    }

    /// Which of them was last asked to import.
    private var importing = 0
    private var watcher: CheckedContinuation<Void, Never>?

    /// Of any of them, alive or not.
    var url: String { processes[Int.random(in: 0..<processes.count)].url }

    /// Where somebody is about to import.
    func urlToImport() -> String {
        importing = Int.random(in: 0..<processes.count)
        watcher?.resume()
        watcher = nil
        return processes[importing].url
    }

    var pid: Int32 { processes[0].run.pid }

    /// Kills one of them while it is asked to import, or shortly after, and starts it again.
    func kill() async throws {
        await withCheckedContinuation { watcher = $0 }
        let index = importing
        await pause(.milliseconds(Int.random(in: 0...80)))
        processes[index].run.send(.kill)
        _ = await processes[index].run.ended()
        kills += 1
        processes[index] = try await start()
    }

    func end() async {
        for process in processes { process.run.send(.terminate) }
        for process in processes { #expect(await process.run.ended() == 0, "\(process.run.output.suffix(1000))") }
    }

    func rows(_ sql: String, _ values: [PostgresValue] = []) async throws -> PostgresRows {
        try await pool.read(Statement("kill_test", sql, isPrepared: false), values)
    }
}

/// One client that writes leads of its own and of everybody's, and repeats under its key what was not acknowledged.
@Reactor
final class ImportKillClient {
    /// What each of its leads was last acknowledged to be worth, and how often it was changed for it.
    private(set) var acknowledged: [String: (value: Int, writes: Int)] = [:]
    private(set) var imports: [Int64: Int] = [:]
    private(set) var strange: [String] = []
    private(set) var repetitions = 0
    private let site: ImportKillSite
    private let number: Int
    private let client = HTTPClient()
    private var round = 0

    static let shared = 40

    init(_ site: ImportKillSite, _ number: Int) {
        self.site = site
        self.number = number
    }

    func work(until isOver: @Reactor () -> Bool) async {
        while !isOver() {
            round += 1
            switch number % 4 {
            case 0: await write("/api/v1/leads/upsert", [lead(0)], "application/json") { $0[0].serialized() }
            case 1:
                await write("/api/v1/leads/batch", (0..<20).map(lead) + [stranger], "application/json") {
                    JSONValue.object(JSONObject([("leads", .array($0))])).serialized()
                }
            default:
                // Some are longer than what is kept at a time.
                let leads = (0..<(round.isMultiple(of: 4) ? 520 : 40)).map(lead) + [stranger, stranger]
                await write("/api/v1/leads/import", leads, "application/x-ndjson") { leads in
                    Array(leads.map { $0.serialized() }.joined(separator: [UInt8(ascii: "\n")]))
                }
                await watch(until: isOver)
            }
        }
        client.close()
    }

    private func lead(_ index: Int) -> JSONValue {
        ["external_id": .string("c\(number)-\(index)"), "name": "Cliente", "value": JSONValue(round)]
    }

    /// One that all clients write, by its phone in one of its forms.
    private var stranger: JSONValue {
        let person = Int.random(in: 0..<Self.shared)
        let digits = "119876\(52_000 + person)"
        let phone = [digits, "+55\(digits)", "55\(digits)", "11\(digits.dropFirst(3))"].randomElement() ?? digits
        return ["name": "Todos", "phone": .string(phone)]
    }

    private func write(
        _ path: String, _ leads: [JSONValue], _ type: String, _ body: ([JSONValue]) -> [UInt8]
    ) async {
        let body = body(leads)
        while true {
            do {
                let response = try await ask(path, type, body)
                let json = try JSONParser.parse(response.body)
                switch response.status.code {
                case 200, 201, 202:
                    if let id = json["data"]?["import"]?["id"]?.int64 { imports[id] = leads.count }
                    for lead in leads {
                        guard let id = lead["external_id"]?.string else { continue }
                        acknowledged[id] = (round, (acknowledged[id]?.writes ?? 0) + 1)
                    }
                    return
                // What a killed process had leased of the key's rate is lost with it.
                case 409 where json["code"] == "idempotency_key_processing", 429, 503: break
                default: return strange.append("\(path): \(response.status.code) \(json["code"]?.string ?? "")")
                }
            } catch {
                // Killed before it answered, or not there: nobody knows.
            }
            repetitions += 1
            await pause(.milliseconds(30))
        }
    }

    /// Until the last import has ended: as fast as they can be sent they cannot be worked.
    private func watch(until isOver: @Reactor () -> Bool) async {
        guard let id = imports.keys.max() else { return }
        while !isOver() {
            let response = try? await send(.get, "/api/v1/imports/\(id)", [:], [])
            let json = response.flatMap { try? JSONParser.parse($0.body) }
            if json?["data"]?["status"] == "completed" { return }
            if let json, json["success"] != true, json["code"] != "unavailable", json["code"] != "rate_limited" {
                strange.append("\(id): \(json["code"]?.string ?? "")")
            }
            await pause(.milliseconds(50))
        }
    }

    private func ask(_ path: String, _ type: String, _ body: [UInt8]) async throws -> HTTPClientResponse {
        try await send(
            .post, path, ["Content-Type": .init(type), "Idempotency-Key": .init("\(number)-\(round)")], body)
    }

    private func send(
        _ method: HTTPMethod, _ path: String, _ fields: HTTPFields, _ body: [UInt8]
    ) async throws -> HTTPClientResponse {
        let base = path.hasSuffix("/import") ? site.urlToImport() : site.url
        guard let url = HTTPURL(base + path) else { throw StageError(what: path) }
        var request = HTTPClientRequest(method: method, url: url, fields: fields, body: body)
        request.fields["X-API-Key"] = site.key
        request.deadlines.total = .seconds(60)
        request.deadlines.firstByte = .seconds(60)
        return try await client.send(request)
    }
}
