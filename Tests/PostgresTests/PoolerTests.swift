import EventLoop
import TestSupport
import Testing

@testable import Postgres

private let schema = [(name: "0001_notes", sql: "CREATE TABLE notes (id int PRIMARY KEY, at timestamptz)")]
private let insert = Statement("insert_note", "INSERT INTO notes (id, at) VALUES ($1, $2)")
private let count = Statement("count_notes", "SELECT count(*) FROM notes")
private let wait = Statement("wait", "SELECT 1 FROM pg_sleep($1)")

@Suite(.serialized, .enabled(if: TestPooler.program != nil, "PgBouncer is not installed"))
struct PoolerTests {
    @Test func `many clients share few server connections, and every transaction is its own`() async throws {
        try await withPooler { direct, pooled async throws in
            let outcomes = await together(Array(0..<300)) { id in
                switch id % 3 {
                case 0: try await pooled.write(insert, [.int(id), .timestamp(0)]).affectedRows
                case 1:
                    try await pooled.transaction([(insert, [.int(id), nil]), (count, [])])[0].affectedRows
                default:
                    try await pooled.withTransaction { transaction in
                        try await transaction.query(count)
                        return try await transaction.query(insert, [.int(id), nil]).affectedRows
                    }
                }
            }
            for outcome in outcomes { #expect(try outcome.get() == 1) }
            let reads = await together(Array(0..<300)) { _ in try await pooled.read(count)[0].int(0) }
            for read in reads { #expect(try read.get() == 300) }
            let backends = Statement(
                "backends",
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'pooled'"
            )
            #expect(try await direct.read(backends)[0].int(0) <= 3)
        }
    }

    @Test func `one's error is nobody else's, and constraint errors are told`() async throws {
        try await withPooler { _, pooled async throws in
            let outcomes = await together([1, 2, 1, 3]) { id in
                try await pooled.write(insert, [.int(Int64(id)), nil]).affectedRows
            }
            let failures = outcomes.compactMap { outcome in
                if case .failure(let error as PostgresError) = outcome { error } else { nil }
            }
            #expect(failures.map(\.isUniqueViolation) == [true])
        }
    }

    @Test func `the time zone is UTC, and time limits are kept`() async throws {
        try await withPooler { _, pooled async throws in
            #expect(try await pooled.read(Statement("zone", "SHOW timezone"))[0].text(0) == "UTC")
            let zone = Statement("offset", "SELECT to_json('2026-01-01T00:00:00Z'::timestamptz)::text")
            for _ in 1...20 {
                #expect(try await pooled.read(zone)[0].text(0) == "\"2026-01-01T00:00:00+00:00\"")
            }
            let began = MonotonicTime.now
            let error = await #expect(throws: PostgresError.self) { try await pooled.write(wait, [60]) }
            #expect(error?.code == .timeout)
            let inside = await #expect(throws: PostgresError.self) {
                try await pooled.withTransaction { try await $0.query(wait, [60]) }
            }
            #expect(inside?.code == .timeout)
            #expect(MonotonicTime.now - began < .seconds(30))
            #expect(try await pooled.write(count).count == 1)
        }
    }

    @Test func `a cancelled caller's statement is stopped through the pooler`() async throws {
        try await withPooler { direct, pooled async throws in
            let busy = Statement(
                "busy",
                "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%' AND state = 'active'"
                    + " AND application_name = 'pooled'")
            let task = spawn { () -> PostgresError? in
                do { _ = try await pooled.withTransaction { try await $0.query(wait, [60]) } } catch {
                    return error as? PostgresError
                }
                return nil
            }
            try await until { try await direct.read(busy)[0].int(0) == 1 }
            task.cancel()
            #expect(await task.value?.code == .cancelled)
            #expect(try await direct.read(busy)[0].int(0) == 0)
        }
    }

    @Test func `rows are streamed, and migrations applied`() async throws {
        try await withPooler { _, pooled async throws in
            let series = Statement("series", "SELECT n FROM generate_series(1, 50000) AS n")
            let sum = try await pooled.stream(series) { rows in
                var sum: Int64 = 0
                while let row = try await rows.next() { sum += try row.int(0) }
                return sum
            }
            #expect(sum == 1_250_025_000)
            let more = schema + [(name: "0002_more", sql: "CREATE TABLE more (id int); CREATE INDEX ON more (id);")]
            #expect(try await Migrator.migrate(pooled, migrations: more) == ["0002_more"])
            #expect(try await Migrator.pending(pooled.configuration, migrations: more) == [])
        }
    }
}

/// Lends a pool past the pooler and one through it.
@Reactor
private func withPooler(
    _ body: @escaping @Reactor @Sendable (PostgresPool, PostgresPool) async throws -> Void
) async throws {
    try await withTestDatabase(migrations: schema) { direct async throws in
        let pooler = try await TestPooler.start()
        do {
            try await withPool(
                like: direct,
                {
                    $0.connectionString += " application_name=pooled " + pooler.address
                    $0.isPooled = true
                    $0.writeLanes = 6
                    $0.readLanes = 3
                    $0.exclusive = 4
                    $0.statementTimeout = .seconds(2)
                    $0.exclusiveStatementTimeout = .seconds(2)
                }
            ) { try await body(direct, $0) }
        } catch {
            await pooler.stop()
            throw error
        }
        await pooler.stop()
    }
}
