import Crypto
import Delivery
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

/// The built server while its database comes, goes and comes back.
///
/// `LEADWIRE_OUTAGES=50 swift test --filter OutageTests` is the long run.
@Suite(.serialized, .enabled(if: CommandRun.binary != nil, "leadwire is not built beside the tests"))
struct OutageTests {
    private static let rounds = ProcessInfo.processInfo.environment["LEADWIRE_OUTAGES"].flatMap { Int($0) } ?? 2

    @Test func `killed and restarted under load, the database keeps every answer that was given`() async throws {
        try await onReactor {
            let server = try await TestServer.start()
            do {
                try await Self.run(on: server)
            } catch {
                await server.remove()
                throw error
            }
            await server.remove()
        }
    }

    @Reactor private static func run(on server: TestServer) async throws {
        let site = try await OutageSite.set(on: server.connectionString)
        let load = OutageLoad(site, clients: 12)
        var descriptors: [Int] = []
        var worst = Duration.zero
        for _ in 1...rounds {
            try await load.acknowledges(60)
            await server.stop(.immediate)
            try await load.isRefused()
            try await server.start()
            let returned = MonotonicTime.now
            try await load.acknowledges(1)
            worst = max(worst, MonotonicTime.now - returned)
            try await load.acknowledges(60)
            descriptors.append(try site.descriptors())
        }
        #expect(worst < .seconds(3), "served again after \(worst)")
        #expect((descriptors.last ?? 0) <= (descriptors.first ?? 0) + 20, "\(descriptors)")
        await load.stop()
        #expect(load.strange == [])
        try await site.check(load)
        let (acknowledged, refused) = (load.acknowledged.count, load.refusals)
        print("outages: \(rounds); acknowledged \(acknowledged), 503 \(refused); served again within \(worst)")
        try await site.end()
    }

    enum Fall: CaseIterable, Sendable {
        /// Its processes end, its sockets are closed.
        case killed
        /// Its processes stand still, its sockets stay open.
        case frozen
    }

    /// `.ci/kill` runs this with the machine to itself; the promise of five seconds from the death is judged there.
    /// Beside all other tests PostgreSQL's own promotion may take some of them, and what comes after it is judged.
    private static let isAlone = ProcessInfo.processInfo.environment["LEADWIRE_OUTAGES"] != nil

    @Test(arguments: Fall.allCases)
    func `a standby promoted under load takes over, and keeps every answer that was given`(
        _ fall: Fall
    ) async throws {
        try await onReactor {
            let primary = try await TestServer.start()
            let standby = try await primary.standby(named: "second")
            do {
                try await Self.failOver(from: primary, to: standby, fall)
            } catch {
                await standby.remove()
                await primary.remove()
                throw error
            }
            await standby.remove()
            await primary.remove()
        }
    }

    @Reactor private static func failOver(
        from primary: TestServer, to standby: TestServer, _ fall: Fall
    ) async throws {
        let pool = PostgresPool(PostgresConfiguration(connectionString: primary.connectionString))
        try await pool.start()
        try await pool.write(Statement("sync", "ALTER SYSTEM SET synchronous_standby_names = 'second'"))
        _ = try await pool.read(Statement("reload", "SELECT pg_reload_conf()"))
        let replication = Statement(
            "is_sync", "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'")
        let deadline = MonotonicTime.now + .seconds(20)
        while try await pool.read(replication)[0].int(0) == 0, MonotonicTime.now < deadline {
            await pause(.milliseconds(20))
        }
        await pool.stop()
        let site = try await OutageSite.set(
            on: "host=127.0.0.1,127.0.0.1 port=\(primary.port),\(standby.port) user=\(TestServer.user)"
                + " dbname=postgres sslmode=disable")
        let load = OutageLoad(site, clients: 12)
        try await load.acknowledges(100)
        switch fall {
        case .killed: await primary.stop(.immediate)
        case .frozen: try primary.freeze()
        }
        let died = MonotonicTime.now
        try await standby.promote()
        let promoted = MonotonicTime.now
        try await load.acknowledges(1)
        let gap = MonotonicTime.now - (isAlone ? died : promoted)
        // A silence takes three seconds to be noticed; a connection that waited for its statement's own limit would take
        // seven.
        #expect(gap < (fall == .killed ? .seconds(5) : .seconds(7)), "\(gap)")
        try await load.acknowledges(100)
        await load.stop()
        #expect(load.strange == [])
        try await site.check(load)
        let (acknowledged, refused) = (load.acknowledged.count, load.refusals)
        let promise = gap <= .seconds(5) ? "within" : "beyond"
        print(
            "failover, primary \(fall): acknowledged \(acknowledged), 503 \(refused); written after \(gap),"
                + " \(promise) the promised 5 s")
        try await site.end()
    }

    @Test func `a server that is started before its database answers 503 until that is there`() async throws {
        try await onReactor {
            let server = try await TestServer.start()
            do {
                let configuration = PostgresConfiguration(connectionString: server.connectionString)
                _ = try await Migrator.migrate(configuration, migrations: Schema.migrations)
                await server.stop(.fast)
                let environment = PlantedDemo.environment(server.connectionString)
                let run = try CommandRun(["serve", "--port", "0"], environment: environment)
                let url = try await OutageSite.url(of: run)
                let client = HTTPClient()
                #expect(try await client.status(url + "/healthz") == 200)
                #expect(try await client.status(url + "/readyz") == 503)
                #expect(try await client.status(url + "/hooks/waha/nobody", .post) == 503)
                try await server.start()
                let deadline = MonotonicTime.now + .seconds(20)
                while try await client.status(url + "/readyz") != 200, MonotonicTime.now < deadline {
                    await pause(.milliseconds(20))
                }
                #expect(try await client.status(url + "/readyz") == 200)
                client.close()
                run.send(.terminate)
                #expect(await run.ended() == 0, "\(run.output)")

                var wrong = environment
                wrong["DATABASE_URL"] = server.connectionString + " dbname=nowhere"
                let (status, words) = try await CommandRun.run(["serve", "--port", "0"], environment: wrong)
                #expect(status == 1)
                #expect(words.contains("\"nowhere\" does not exist"), "\(words)")
            } catch {
                await server.remove()
                throw error
            }
            await server.remove()
        }
    }
}

extension HTTPClient {
    @Reactor fileprivate func status(_ url: String, _ method: HTTPMethod = .get) async throws -> Int {
        guard let url = HTTPURL(url) else { throw StageError(what: url) }
        return try await send(HTTPClientRequest(method: method, url: url, fields: [:], body: [])).status.code
    }
}
