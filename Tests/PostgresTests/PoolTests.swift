import EventLoop
import TestSupport
import Testing

@testable import Postgres

private let schema = [
    (
        name: "0001_notes",
        sql: """
        CREATE TABLE notes (id int CONSTRAINT notes_pk PRIMARY KEY, text text);
        CREATE TABLE replies (
            note int CONSTRAINT replies_note REFERENCES notes DEFERRABLE INITIALLY DEFERRED
        );
        """
    )
]
private let insert = Statement("insert_note", "INSERT INTO notes (id, text) VALUES ($1, $2)")
private let all = Statement("all_notes", "SELECT id FROM notes ORDER BY id")
private let divide = Statement("divide", "SELECT 100 / $1::int, now()::text")

@Suite struct PoolTests {
    @Test func `reads of one turn share a transaction, and one's error is nobody else's`() async throws {
        try await withTestDatabase { pool async throws in
            try await withPool(like: pool, { $0.readLanes = 1 }) { pool async throws in
                let outcomes = await together([1, 2, 0, 4, 0, 5]) { divisor in
                    try await pool.read(divide, [.int(Int64(divisor))])[0]
                }
                var began: [String] = []
                for (divisor, outcome) in zip([1, 2, 0, 4, 0, 5], outcomes) {
                    switch outcome {
                    case .success(let row):
                        #expect(try row.int(0) == Int64(100 / divisor))
                        began.append(try row.text(1))
                    case .failure(let error as PostgresError):
                        #expect(divisor == 0)
                        #expect(error.code == .server("22012"))
                        #expect(error.certainty == .rejected)
                    case .failure(let error): throw error
                    }
                }
                #expect(began.count == 4)
                // now() is the start of the transaction: shared before the error, own ones when run again.
                #expect(began[0] == began[1])
                #expect(began[2] != began[0])
            }
        }
    }

    @Test func `what is prepared is planned once, and what is not for the values it comes with`() async throws {
        try await withTestDatabase { pool async throws in
            let sql = "SELECT current_setting('plan_cache_mode')"
            #expect(try await pool.read(Statement("mode", sql))[0].text(0) == "force_generic_plan")
            #expect(try await pool.read(Statement("mode_anew", sql, isPrepared: false))[0].text(0) == "auto")
        }
    }

    @Test func `a batch of reads is one round trip and fails as one`() async throws {
        try await withTestDatabase { pool async throws in
            let rows = try await pool.read([(divide, [1]), (divide, [2])])
            #expect(try rows[0][0].text(1) == rows[1][0].text(1))
            #expect(try rows[1][0].int(0) == 50)
            await #expect(throws: PostgresError.self) { try await pool.read([(divide, [1]), (divide, [0])]) }
            #expect(try await pool.read([]).isEmpty)
        }
    }

    @Test func `writes of one turn have a transaction each, also on one lane`() async throws {
        try await withTestDatabase(migrations: schema) { pool async throws in
            try await withPool(like: pool, { $0.writeLanes = 1 }) { pool async throws in
                let outcomes = await together([1, 2, 1, 3]) { id in
                    try await pool.write(insert, [.int(Int64(id)), "x"]).affectedRows
                }
                #expect(
                    try outcomes.filter { if case .success = $0 { true } else { false } }.map { try $0.get() } == [
                        1, 1, 1,
                    ])
                #expect(throws: PostgresError.self) { try outcomes[2].get() }
                #expect(try await pool.read(all).map { try $0.int(0) } == [1, 2, 3])
            }
        }
    }

    @Test func `a transaction is kept as a whole or not at all, and leaves its lane clean`() async throws {
        try await withTestDatabase(migrations: schema) { pool async throws in
            try await withPool(like: pool, { $0.writeLanes = 1 }) { pool async throws in
                let results = try await pool.transaction([(insert, [1, "a"]), (insert, [2, "b"])])
                #expect(results.map(\.affectedRows) == [1, 1])
                let error = await #expect(throws: PostgresError.self) {
                    try await pool.transaction([(insert, [3, "c"]), (insert, [1, "again"]), (insert, [4, "d"])])
                }
                #expect(error?.isUniqueViolation == true)
                #expect(error?.constraint == "notes_pk")
                #expect(error?.certainty == .rejected)
                try await pool.write(insert, [5, "e"])
                #expect(try await pool.read(all).map { try $0.int(0) } == [1, 2, 5])
            }
        }
    }

    @Test func `an error that only the commit finds fails the write`() async throws {
        try await withTestDatabase(migrations: schema) { pool async throws in
            let reply = Statement("reply", "INSERT INTO replies (note) VALUES ($1)")
            let error = await #expect(throws: PostgresError.self) { try await pool.write(reply, [99]) }
            #expect(error?.constraint == "replies_note")
            #expect(error?.isForeignKeyViolation == true)
            try await pool.transaction([(reply, [1]), (insert, [1, "late but in time"])])
            #expect(try await pool.read(Statement("replies", "SELECT count(*) FROM replies"))[0].int(0) == 1)
        }
    }

    @Test func `a statement that opens a transaction on a shared lane costs the lane, not its neighbours`() async throws
    {
        try await withTestDatabase(migrations: schema) { pool async throws in
            try await withPool(like: pool, { $0.writeLanes = 1 }) { pool async throws in
                _ = try await pool.write(Statement("stray_begin", "BEGIN"))
                try await pool.write(insert, [1, "kept"])
                #expect(try await pool.read(all).count == 1)
            }
        }
    }

    @Test func `a mistake in the SQL is told, and the lane goes on`() async throws {
        try await withTestDatabase(migrations: schema) { pool async throws in
            for _ in 1...2 {
                let error = await #expect(throws: PostgresError.self) {
                    try await pool.write(Statement("mistake", "INSERT INTO nowhere VALUES (1)"))
                }
                #expect(error?.code == .server("42P01"))
            }
            try await pool.write(insert, [1, "x"])
        }
    }

    @Test func `a column that changes its type under a prepared statement is met by a fresh connection`() async throws {
        try await withTestDatabase(migrations: schema) { pool async throws in
            try await withPool(like: pool, { $0.readLanes = 1 }) { pool async throws in
                let text = Statement("text", "SELECT text FROM notes")
                try await pool.write(insert, [1, "7"])
                #expect(try await pool.read(text)[0].text(0) == "7")
                try await pool.write(
                    Statement("alter", "ALTER TABLE notes ALTER COLUMN text TYPE int USING text::int"))
                #expect(try await pool.read(text)[0].int(0) == 7)
            }
        }
    }

    @Test func `a stopped pool finishes what is in flight and takes nothing new`() async throws {
        try await withTestDatabase(migrations: schema) { pool async throws in
            let other = PostgresPool(pool.configuration)
            try await other.start()
            let last = spawn { () -> Result<PostgresRows, PostgresError> in
                do throws(PostgresError) {
                    return .success(try await other.write(Statement("slow", "SELECT 1 FROM pg_sleep(0.05)")))
                } catch {
                    return .failure(error)
                }
            }
            await other.stop()
            #expect(try await last.value.get().count == 1)
            let error = await #expect(throws: PostgresError.self) { try await other.read(all) }
            #expect(error?.code == .closed)
            #expect(error?.certainty == .notSent)
            await #expect(throws: PostgresError.self) { try await other.withTransaction { _ in } }
            #expect(other.readFigures.connected == 0)
        }
    }

    @Test func `a server that is not there is an error at start`() async throws {
        try await onReactor {
            let pool = PostgresPool(PostgresConfiguration(connectionString: "host=/nowhere/at/all dbname=x"))
            let error = await #expect(throws: PostgresError.self) { try await pool.start() }
            #expect(error?.code == .connectFailed)
            #expect(error?.isUnavailable == true)
        }
    }

    @Test func `a connection string that is none is an error that does not quote it`() async throws {
        try await onReactor {
            let pool = PostgresPool(PostgresConfiguration(connectionString: "postgresql://u:hidden@h:port:port/x=y"))
            let error = await #expect(throws: PostgresError.self) { try await pool.start() }
            #expect(error?.debugDescription.contains("hidden") == false)
        }
    }
}
