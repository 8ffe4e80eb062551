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

private let isAsked =
    ProcessInfo.processInfo.environment["LEADWIRE_BATCH_KILLS"] != nil && CommandRun.binary != nil

/// A batch of thousands that two server processes work off while they are killed and started again.
///
/// `.ci/kill` runs it.
@Suite(.serialized, .enabled(if: isAsked, "LEADWIRE_BATCH_KILLS says how often"))
struct BatchKillTests {
    private static let rounds = number("LEADWIRE_BATCH_KILLS") ?? 5
    private static let recipients = number("LEADWIRE_BATCH_RECIPIENTS") ?? 10_000

    private static func number(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
    }

    @Test func `everybody of a batch is written to at most once, and each is explained`() async throws {
        try await withTestDatabase(migrations: Schema.migrations) { pool in
            let site = try await BatchKillSite.set(on: pool)
            let leads = try await site.crowd(Self.recipients)
            let start = MonotonicTime.now
            let batch = try await site.make(leads)
            print("made: \(leads.count) recipients in \(MonotonicTime.now - start)")
            while site.kills < Self.rounds {
                await pause(.milliseconds(Int.random(in: 200...1500)))
                try await site.kill()
            }
            try await Self.settle(batch, site)
            print("kills: \(site.kills); worked off in \(MonotonicTime.now - start)")
            try await Self.check(batch, leads.count, site)
            await site.end()
        }
    }

    @Reactor private static func settle(_ batch: Int64, _ site: BatchKillSite) async throws {
        let deadline = MonotonicTime.now + .seconds(500)
        while try await !site.rows(
            """
            SELECT 1 FROM batches WHERE id = $1 AND status <> 'completed'
            UNION ALL SELECT 1 FROM outbox WHERE batch_id = $1
            """, [.int(batch)]
        ).isEmpty {
            guard MonotonicTime.now < deadline else { throw StageError(what: "the batch is never worked off") }
            await pause(.milliseconds(100))
        }
    }

    @Reactor private static func check(_ batch: Int64, _ count: Int, _ site: BatchKillSite) async throws {
        let row = try await site.rows(
            """
            SELECT b.queued, b.pending,
                (SELECT count(*) FROM batch_recipients r WHERE r.batch_id = b.id AND r.state = 'queued'),
                (SELECT count(DISTINCT r.message_id) FROM batch_recipients r WHERE r.batch_id = b.id),
                (SELECT count(*) FROM messages m WHERE m.direction = 'outbound'),
                (SELECT count(*) FROM messages m WHERE m.status IN ('queued', 'sending'))
            FROM batches b WHERE b.id = $1
            """, [.int(batch)])[0]
        let all = Int64(count)
        #expect(try (0...5).map { try row.int($0) } == [all, 0, all, all, all, 0])
        let statuses = try await site.rows(
            "SELECT status, count(*) FROM messages WHERE direction = 'outbound' GROUP BY status")
        var counts: [String: Int64] = [:]
        for row in statuses { counts[try row.text(0)] = try row.int(1) }
        // What was at the provider when its process died is unknown, and never sent again.
        let sends = try await site.sends()
        print("messages: \(counts); at the phones: \(sends.values.reduce(0, +))")
        #expect(sends.values.allSatisfy { $0 == 1 })
        #expect(sends.count >= count - Int(counts["unknown"] ?? 0))
    }
}

/// Two `leadwire serve` processes and a provider, over one database.
@Reactor
private final class BatchKillSite {
    let key: String
    private let account: Account.ID
    private let pool: PostgresPool
    private let simulator: Simulator
    private let simulatorURL: String
    private let environment: [String: String]
    private var processes: [(run: CommandRun, url: String)] = []
    private let client = HTTPClient()
    private(set) var kills = 0

    private init(
        _ pool: PostgresPool, _ simulator: Simulator, at simulatorURL: String, key: String, account: Account.ID
    ) {
        self.simulatorURL = simulatorURL
        self.pool = pool
        self.simulator = simulator
        self.key = key
        self.account = account
        environment = PlantedDemo.environment(pool.configuration.connectionString)
    }

    static func set(on pool: PostgresPool) async throws -> BatchKillSite {
        let simulator = Simulator(DemoSimulator.configuration(PlantedDemo.channels))
        let url = "http://127.0.0.1:\(try await simulator.start(host: "127.0.0.1", port: 0))"
        let (demo, key) = try await PlantedDemo.plant(in: pool, simulatorURL: url)
        let site = BatchKillSite(pool, simulator, at: url, key: key, account: demo)
        for _ in 0..<2 { site.processes.append(try await site.start()) }
        return site
    }

    private func start() async throws -> (run: CommandRun, url: String) {
        let run = try CommandRun(["serve", "--port", "0"], environment: environment)
        return (run, try await OutageSite.url(of: run))
    }

    func kill() async throws {
        let index = Int.random(in: 0..<processes.count)
        processes[index].run.send(.kill)
        _ = await processes[index].run.ended()
        kills += 1
        processes[index] = try await start()
    }

    func crowd(_ count: Int) async throws -> [Int64] {
        try await pool.write(
            Statement("kill_crowd", Stage.crowdSQL, isPrepared: false), [.int(account.rawValue), .int(Int64(count))]
        ).map { try $0.int(0) }
    }

    func make(_ leads: [Int64]) async throws -> Int64 {
        let recipients = leads.map { Stage.recipient($0, "Lead \($0)") }
        let body: JSONValue = ["template_id": 1, "recipients": .array(recipients)]
        guard let url = HTTPURL(processes[0].url + "/api/v1/whatsapp/batches") else {
            throw StageError(what: "no address")
        }
        var request = HTTPClientRequest(
            method: .post, url: url, fields: ["X-API-Key": key, "Content-Type": "application/json"],
            body: body.serialized())
        request.deadlines.total = .seconds(60)
        request.deadlines.firstByte = .seconds(60)
        let answer = try await client.send(request)
        guard answer.status.code == 201, let id = try JSONParser.parse(answer.body)["data"]?["id"]?.int64 else {
            throw StageError(what: String(decoding: answer.body.prefix(500), as: UTF8.self))
        }
        return id
    }

    /// How often each phone has it.
    func sends() async throws -> [String: Int] {
        guard let url = HTTPURL("\(simulatorURL)/_simulator/messages") else { return [:] }
        var request = HTTPClientRequest(method: .get, url: url, fields: [:], body: [])
        request.maximumResponseBody = 256 * 1024 * 1024
        request.deadlines.total = .seconds(60)
        let answer = try await client.send(request)
        var counts: [String: Int] = [:]
        for message in try JSONParser.parse(answer.body)["messages"]?.array ?? [] {
            counts[message["to"]?.string ?? "?", default: 0] += 1
        }
        return counts
    }

    func rows(_ sql: String, _ values: [PostgresValue] = []) async throws -> PostgresRows {
        try await pool.read(Statement("kill_test", sql, isPrepared: false), values)
    }

    func end() async {
        for process in processes { process.run.send(.terminate) }
        for process in processes { #expect(await process.run.ended() == 0, "\(process.run.output.suffix(1000))") }
        client.close()
        await simulator.stop()
    }
}
