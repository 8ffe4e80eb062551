import EventLoop
import TestSupport
import Testing

@testable import Postgres

private let schema = [(name: "0001_notes", sql: "CREATE TABLE notes (id int PRIMARY KEY)")]
private let insert = Statement("insert_id", "INSERT INTO notes (id) VALUES ($1)")
private let count = Statement("count_ids", "SELECT count(*) FROM notes")
private let backend = Statement("backend", "SELECT pg_backend_pid()")
private struct Change: Error {}

@Suite struct TransactionTests {
    @Test func `what the body did is there when it returns`() async throws {
        try await withTestDatabase(migrations: schema) { pool async throws in
            let seen = try await pool.withTransaction { transaction in
                try await transaction.query(insert, [1])
                #expect(try await pool.read(count)[0].int(0) == 0)
                return try await transaction.query(count)[0].int(0)
            }
            #expect(seen == 1)
            #expect(try await pool.read(count)[0].int(0) == 1)
        }
    }

    @Test func `what the body did is gone when it throws`() async throws {
        try await withTestDatabase(migrations: schema) { pool async throws in
            await #expect(throws: Change.self) {
                try await pool.withTransaction { transaction in
                    try await transaction.query([(insert, [1]), (insert, [2])])
                    throw Change()
                }
            }
            #expect(try await pool.read(count)[0].int(0) == 0)
        }
    }

    @Test func `an error that the body swallows still fails the transaction`() async throws {
        try await withTestDatabase(migrations: schema) { pool async throws in
            let error = await #expect(throws: PostgresError.self) {
                try await pool.withTransaction { transaction in
                    try await transaction.query(insert, [1])
                    _ = try? await transaction.query(insert, [1])
                }
            }
            #expect(error?.sqlState == "25P02")
            #expect(error?.certainty == .rejected)
            #expect(try await pool.read(count)[0].int(0) == 0)
        }
    }

    @Test func `a parameter that is refused before it is sent does not lose the transaction`() async throws {
        try await withTestDatabase(migrations: schema) { pool async throws in
            await #expect(throws: Change.self) {
                try await pool.withTransaction { transaction in
                    _ = try? await transaction.query(insert, [.text("\0")])
                    try await transaction.query(insert, [1])
                    throw Change()
                }
            }
            #expect(try await pool.read(count)[0].int(0) == 0)
        }
    }

    @Test func `a connection is used again, and one left in a transaction is not`() async throws {
        try await withTestDatabase { pool async throws in
            try await withPool(like: pool, { $0.exclusive = 1 }) { pool async throws in
                let first = try await pool.withTransaction { try await $0.query(backend)[0].int(0) }
                let second = try await pool.withConnection { session in
                    try await session.query(Statement("begin", "BEGIN"))
                    return try await session.query(backend)[0].int(0)
                }
                #expect(second == first)
                let third = try await pool.withConnection { try await $0.query(backend)[0].int(0) }
                #expect(third != first)
            }
        }
    }

    @Test func `a session that was given back is of no use`() async throws {
        try await withTestDatabase { pool async throws in
            let kept = try await pool.withConnection { $0 }
            let error = await #expect(throws: PostgresError.self) { try await kept.query(backend) }
            #expect(error?.certainty == .notSent)
        }
    }

    @Test func `a snapshot sees nothing of what others commit and writes nothing`() async throws {
        try await withTestDatabase(migrations: schema) { pool async throws in
            try await pool.withTransaction(.snapshot) { transaction in
                #expect(try await transaction.query(count)[0].int(0) == 0)
                try await pool.write(insert, [1])
                #expect(try await transaction.query(count)[0].int(0) == 0)
            }
            let error = await #expect(throws: PostgresError.self) {
                try await pool.withTransaction(.snapshot) { try await $0.query(insert, [2]) }
            }
            #expect(error?.sqlState == "25006")
        }
    }

    @Test func `a deadlock ends one of two and can be tried again`() async throws {
        try await withTestDatabase(migrations: schema) { pool async throws in
            try await pool.transaction([(insert, [1]), (insert, [2])])
            let lock = Statement("lock_id", "SELECT 1 FROM notes WHERE id = $1 FOR UPDATE")
            let met = Meeting(2)
            let outcomes = await together([(1, 2), (2, 1)]) { first, second in
                try await pool.withTransaction { transaction in
                    try await transaction.query(
                        Statement("quick", "SELECT set_config('deadlock_timeout', '10ms', true)"))
                    try await transaction.query(lock, [.int(first)])
                    await met.arrive()
                    try await transaction.query(lock, [.int(second)])
                }
            }
            let failures = outcomes.compactMap { outcome in
                if case .failure(let error as PostgresError) = outcome { error } else { nil }
            }
            #expect(failures.count == 1)
            #expect(failures.first?.sqlState == "40P01")
            #expect(failures.first?.isRetryable == true)
        }
    }
}

/// Lets its visitors go on when all have come.
@Reactor
private final class Meeting {
    private var missing: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ count: Int) { missing = count }

    func arrive() async {
        missing -= 1
        if missing > 0 { return await withCheckedContinuation { waiting.append($0) } }
        for one in waiting { one.resume() }
        waiting = []
    }
}
