import EventLoop
import Foundation
import TestCertificates
import TestSupport
import Testing

@testable import Postgres

private let insert = Statement("insert_note", "INSERT INTO notes (id) VALUES ($1)")
private let count = Statement("count_notes", "SELECT count(*), count(DISTINCT id) FROM notes")
private let find = Statement("find_note", "SELECT count(*) FROM notes WHERE id = $1")
private let one = Statement("one", "SELECT 1")
private let table = [(name: "0001_notes", sql: "CREATE TABLE notes (id bigint NOT NULL)")]

/// Servers that are stopped, killed, promoted, filled up and locked.
@Suite(.serialized) struct ServerTests {
    @Test(arguments: [TestServer.Stop.fast, .immediate])
    func `a restart under load loses no write that was acknowledged, and serves again at once`(
        _ stop: TestServer.Stop
    ) async throws {
        try await withServer { server, pool async throws in
            let load = Load(pool, writers: 16)
            for _ in 1...3 {
                try await load.has(done: 50)
                await server.stop(stop)
                try await load.hasFailed()
                try await server.start()
                let returned = MonotonicTime.now
                try await load.has(done: 1)
                #expect(MonotonicTime.now - returned < .seconds(3))
            }
            try await load.check(pool)
            try await until { pool.writeFigures.connected == 4 && pool.readFigures.connected == 2 }
            let backends = Statement(
                "backends", "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'")
            try await until { try await pool.read(backends)[0].int(0) == 9 }
        }
    }

    @Test func `connections that are ended at random under load cost no acknowledged write`() async throws {
        try await withServer { server, pool async throws in
            var configuration = pool.configuration
            configuration.connectionString += " application_name=killer"
            configuration.readLanes = 1
            configuration.writeLanes = 1
            configuration.exclusive = 0
            let killer = PostgresPool(configuration)
            try await killer.start()
            let kill = Statement(
                "kill",
                """
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE backend_type = 'client backend' AND application_name <> 'killer' ORDER BY random() LIMIT 2
                """)
            let load = Load(pool, writers: 16)
            for _ in 1...40 {
                try await load.has(done: 5)
                try await killer.write(kill)
            }
            try await load.check(killer)
            await killer.stop()
        }
    }

    @Test func `a synchronous standby that is promoted takes over, with every acknowledged write`() async throws {
        try await withServer { primary, pool async throws in
            let standby = try await primary.standby(named: "second")
            do {
                try await pool.write(
                    Statement("sync", "ALTER SYSTEM SET synchronous_standby_names = 'second'"))
                _ = try await pool.read(Statement("reload", "SELECT pg_reload_conf()"))
                try await until {
                    try await pool.read(
                        Statement("is_sync", "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'")
                    )[0].int(0) == 1
                }
                var configuration = pool.configuration
                configuration.connectionString =
                    "host=127.0.0.1,127.0.0.1 port=\(primary.port),\(standby.port) user=\(TestServer.user)"
                    + " dbname=postgres sslmode=disable"
                let both = PostgresPool(configuration)
                try await both.start()
                let load = Load(both, writers: 16)
                try await load.has(done: 100)
                await primary.stop(.immediate)
                let died = MonotonicTime.now
                try await standby.promote()
                try await load.has(done: 1)
                let gap = MonotonicTime.now - died
                #expect(gap < .seconds(5), "\(gap)")
                try await load.check(both)
                await both.stop()
            } catch {
                await standby.remove()
                throw error
            }
            await standby.remove()
        }
    }

    @Test func `a standby takes no writes, so a list of servers passes it over and a pool on it alone says why`()
        async throws
    {
        try await withServer { primary, pool async throws in
            let standby = try await primary.standby(named: "second")
            do {
                var configuration = pool.configuration
                let rest = " user=\(TestServer.user) dbname=postgres sslmode=disable"
                configuration.connectionString =
                    "host=127.0.0.1,localhost port=\(standby.port),\(primary.port)" + rest
                let both = PostgresPool(configuration)
                try await both.start()
                try await both.write(insert, [1])
                await both.stop()
                configuration.connectionString = "host=127.0.0.1 port=\(standby.port)" + rest
                let alone = PostgresPool(configuration)
                try await alone.start()
                let error = await #expect(throws: PostgresError.self) { try await alone.write(insert, [2]) }
                #expect(error?.sqlState == "25006")
                #expect(error?.isUnavailable == true)
                await alone.stop()
            } catch {
                await standby.remove()
                throw error
            }
            await standby.remove()
        }
    }

    @Test func `a server that does not answer leaves time for the next in the list`() async throws {
        try await withServer { server, pool async throws in
            let silent = try FaultProxy(.port(server.port))
            silent.isStalled = true
            var configuration = pool.configuration
            // For both together: the first must not take all of it, and a busy machine may need much for the second.
            configuration.connectTimeout = .seconds(4)
            configuration.connectionString =
                "host=127.0.0.1,127.0.0.1 port=\(silent.port),\(server.port) user=\(TestServer.user) dbname=postgres"
                + " sslmode=disable"
            let both = PostgresPool(configuration)
            try await both.start()
            try await both.write(insert, [1])
            await both.stop()
            silent.stop()
        }
    }

    @Test func `a disk that is full refuses writes, loses none, and is written to again when there is room`()
        async throws
    {
        // Where nothing can be mounted, a limit on temporary files is the one full disk there is.
        guard await TestServer.canMount() else { return try await Self.fillTemporarySpace() }
        let settings = ["min_wal_size": "32MB", "max_wal_size": "32MB", "wal_recycle": "off", "wal_init_zero": "off"]
        try await withServer(settings, disk: 160 << 20) { server, pool async throws in
            let wide = Statement("wide", "INSERT INTO notes (id) SELECT $1 FROM generate_series(1, $2)")
            try await pool.write(wide, [1, 10])
            server.fillDisk()
            var kept: Int64 = 10
            var refused = 0
            // A table that cannot grow refuses with 53100; a log that cannot brings the server down, and up again.
            for _ in 1...60 {
                do {
                    try await pool.write(wide, [2, 20_000])
                    kept += 20_000
                } catch let error as PostgresError {
                    #expect(error.isUnavailable, "\(error)")
                    refused += 1
                    if error.certainty == .unknown { break }
                }
            }
            #expect(refused > 0)
            server.freeDisk()
            try await until {
                if !server.isRunning { try await server.start() }
                return (try? await pool.write(wide, [3, 1])) != nil
            }
            let there = Statement("there", "SELECT count(*) FROM notes WHERE id < 3")
            #expect(try await pool.read(there)[0].int(0) >= kept)
        }
    }

    /// The same by a limit on temporary files.
    private static func fillTemporarySpace() async throws {
        try await withServer { server, pool async throws in
            let big = Statement(
                "big", "SELECT count(*) FROM (SELECT n FROM generate_series(1, 2000000) AS n ORDER BY n DESC) AS x")
            let limits = Statement(
                "limits", "SELECT set_config('temp_file_limit', '1MB', true), set_config('work_mem', '64kB', true)")
            let error = await #expect(throws: PostgresError.self) {
                try await pool.withTransaction { transaction in
                    try await transaction.query([(limits, []), (insert, [2])])
                    return try await transaction.query(big).count
                }
            }
            #expect(error?.sqlState == "53400")
            #expect(error?.isUnavailable == true)
            #expect(error?.certainty == .rejected)
            #expect(try await pool.read(count)[0].int(0) == 0)
        }
    }

    @Test func `too many connections are an outage for the newcomer alone`() async throws {
        try await withServer(["max_connections": "13", "superuser_reserved_connections": "0"]) {
            server, pool async throws in
            var configuration = pool.configuration
            configuration.waitLimit = .milliseconds(200)
            configuration.writeLanes = 30
            let crowd = PostgresPool(configuration)
            crowd.dial()
            try await until { crowd.writeFigures.connected > 0 }
            for _ in 1...20 { #expect(try await crowd.write(one).count == 1) }
            #expect(crowd.writeFigures.connected < 13)
            let late = PostgresPool(configuration)
            let error = await #expect(throws: PostgresError.self) { try await late.start() }
            #expect(error?.sqlState == "53300")
            #expect(error?.isUnavailable == true)
            // Time for an attempt to be refused, also on a machine with other work.
            configuration.waitLimit = .seconds(2)
            let patient = PostgresPool(configuration)
            patient.dial()
            let refused = await #expect(throws: PostgresError.self) { try await patient.write(one) }
            #expect(refused?.sqlState == "53300")
            #expect(refused?.isUnavailable == true)
            await crowd.stop()
            try await until { patient.writeFigures.connected > 0 }
            #expect(try await patient.write(one).count == 1)
            await patient.stop()
            #expect(try await pool.write(one).count == 1)
        }
    }

    @Test func `a pool may begin before its server does, and says plainly what waiting does not mend`() async throws {
        try await withServer { server, pool async throws in
            await server.stop(.fast)
            var configuration = pool.configuration
            configuration.waitLimit = .milliseconds(50)
            let early = PostgresPool(configuration)
            early.dial()
            let error = await #expect(throws: PostgresError.self) { try await early.read(one) }
            #expect(error?.code == .connectFailed)
            try await server.start()
            try await until { early.readFigures.connected > 0 }
            #expect(try await early.read(one).count == 1)
            await early.stop()
            for (wrong, state) in [("dbname=nowhere", "3D000"), ("user=nobody", "28000")] {
                configuration.connectionString = pool.configuration.connectionString + " " + wrong
                let refused = PostgresPool(configuration)
                let error = await #expect(throws: PostgresError.self) { try await refused.start() }
                #expect(error?.code == .misconfigured)
                #expect(error?.sqlState == state)
            }
        }
    }

    @Test func `TLS with the server's name checked carries pipelines, streams and large rows`() async throws {
        let authority = try TestAuthority()
        let certificate = try authority.issue(["DNS:localhost"])
        try await withServer { server, _ async throws in
            await server.stop(.fast)
            server.change("ssl", to: "on")
            server.change("ssl_cert_file", to: try server.place(read(certificate.chain), as: "server.pem"))
            server.change("ssl_key_file", to: try server.place(read(certificate.key), as: "server.key"))
            try await server.start()
            let rest = "port=\(server.port) user=\(TestServer.user) dbname=postgres sslmode=verify-full"
            var configuration = PostgresConfiguration(
                connectionString: "host=localhost \(rest) sslrootcert=\(authority.file)")
            configuration.connectTimeout = .seconds(30)
            configuration.statementTimeout = .seconds(30)
            let pool = PostgresPool(configuration)
            try await pool.start()
            let inUse = Statement("tls", "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
            #expect(try await pool.read(inUse)[0].bool(0))
            let wide = Statement("wide", "SELECT repeat('x', $1::int)")
            let outcomes = await together((0..<200).map { $0 * 401 }) { size in
                try await pool.read(wide, [.int(size)])[0].text(0).utf8.count
            }
            for (index, outcome) in outcomes.enumerated() { #expect(try outcome.get() == index * 401) }
            let rows = Statement("rows", "SELECT repeat('x', 9000) FROM generate_series(1, 1000)")
            let bytes = try await pool.stream(rows) { rows in
                var bytes = 0
                while let row = try await rows.next() { bytes += try row.text(0).utf8.count }
                return bytes
            }
            #expect(bytes == 9_000_000)
            await pool.stop()

            configuration.connectionString = "host=127.0.0.1 \(rest) sslrootcert=\(authority.file)"
            let elsewhere = PostgresPool(configuration)
            let error = await #expect(throws: PostgresError.self) { try await elsewhere.start() }
            #expect(error?.code == .misconfigured)
        }
    }
}

/// Lends a server of its own and a pool on it, with the table of notes.
@Reactor
private func withServer(
    _ settings: [String: String] = [:], disk: Int? = nil,
    _ body: @escaping @Reactor @Sendable (TestServer, PostgresPool) async throws -> Void
) async throws {
    let server = try await TestServer.start(settings, disk: disk)
    do {
        var configuration = PostgresConfiguration(connectionString: server.connectionString)
        configuration.readLanes = 2
        configuration.searchLanes = 1
        configuration.writeLanes = 4
        configuration.exclusive = 2
        configuration.waitLimit = .milliseconds(300)
        _ = try await Migrator.migrate(configuration, migrations: table)
        let pool = PostgresPool(configuration)
        try await pool.start()
        do {
            try await body(server, pool)
        } catch {
            await pool.stop()
            throw error
        }
        await pool.stop()
    } catch {
        await server.remove()
        throw error
    }
    await server.remove()
}

/// Callers that write one number after the other, and note what they were told.
@Reactor
private final class Load {
    private var next: Int64 = 0
    private var acknowledged: Set<Int64> = []
    private var unknown: Set<Int64> = []
    private var refused: Set<Int64> = []
    private var failures = 0
    private var strange: [String] = []
    private var isOver = false
    private var writers: [Task<Void, Never>] = []

    init(_ pool: PostgresPool, writers: Int) {
        self.writers = (0..<writers).map { number in
            spawn { await self.write(on: pool, inTransactions: number.isMultiple(of: 8)) }
        }
    }

    private func write(on pool: PostgresPool, inTransactions: Bool) async {
        while !isOver {
            next += 1
            let id = next
            do {
                if inTransactions {
                    _ = try await pool.withTransaction { try await $0.query(insert, [.int(id)]) }
                } else {
                    try await pool.write(insert, [.int(id)])
                }
                acknowledged.insert(id)
            } catch let error as PostgresError {
                failures += 1
                if error.certainty == .unknown { unknown.insert(id) } else { refused.insert(id) }
                if !error.isUnavailable { strange.append("\(error)") }
                await pause(.milliseconds(2))
            } catch {
                strange.append("\(error)")
            }
        }
    }

    func has(done more: Int) async throws {
        let goal = acknowledged.count + more
        try await until { acknowledged.count >= goal }
    }

    func hasFailed() async throws {
        let before = failures
        try await until { failures > before }
    }

    /// Ends it; each number that was acknowledged is there once, and none that was refused.
    func check(_ pool: PostgresPool) async throws {
        isOver = true
        for writer in writers { await writer.value }
        #expect(strange == [])
        try await until { pool.readFigures.connected > 0 }
        let stored = try await pool.read(Statement("stored", "SELECT id FROM notes ORDER BY id")).map { try $0.int(0) }
        #expect(Set(stored).count == stored.count, "written twice")
        #expect(acknowledged.subtracting(stored).isEmpty, "acknowledged and lost")
        #expect(refused.isDisjoint(with: stored), "refused and there")
        #expect(Set(stored).subtracting(acknowledged).isSubset(of: unknown))
    }
}

private func read(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
