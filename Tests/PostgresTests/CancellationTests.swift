import EventLoop
import TestSupport
import Testing

@testable import Postgres

private let one = Statement("one", "SELECT 1")
private let wait = Statement("wait", "SELECT 1 FROM pg_sleep($1)")
private let busy = Statement(
    "busy", "SELECT count(*) FROM pg_stat_activity WHERE state <> 'idle' AND application_name = $1")
private let open = Statement(
    "open_transactions",
    "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%' AND application_name = $1")

@Suite struct CancellationTests {
    @Test func `a cancelled caller gives up its place in the line`() async throws {
        try await withTestDatabase { pool async throws in
            try await withPool(
                like: pool,
                {
                    $0.writeLanes = 1
                    $0.writeDepth = 1
                    $0.exclusive = 1
                    $0.queueLimit = 1
                }
            ) { pool async throws in
                let first = outcome { try await pool.write(wait, [0.1]).count }
                let second = outcome { try await pool.write(one).count }
                try await until { pool.writeFigures.waiting == 1 }
                second.cancel()
                #expect(await second.value.error?.code == .cancelled)
                #expect(await second.value.error?.certainty == .notSent)
                // Its place is free: without that the line would be full.
                let third = outcome { try await pool.write(one).count }
                #expect(try await third.value.get() == 1)
                #expect(try await first.value.get() == 1)

                try await pool.withConnection { _ in
                    let waiting = outcome { try await pool.withConnection { _ in 0 } }
                    try await until { pool.exclusiveFigures.waiting == 1 }
                    waiting.cancel()
                    #expect(await waiting.value.error?.code == .cancelled)
                    #expect(pool.exclusiveFigures.waiting == 0)
                }
                #expect(try await pool.withConnection { try await $0.query(one).count } == 1)
            }
        }
    }

    @Test func `a cancelled caller's statement is stopped at the server, and its neighbours do not notice`()
        async throws
    {
        try await withTestDatabase { pool async throws in
            try await withPool(
                like: pool,
                {
                    $0.writeLanes = 1
                    $0.readLanes = 1
                    $0.connectionString += " application_name=cancelled"
                }
            ) { victim async throws in
                for isWrite in [true, false] {
                    let slow = outcome {
                        try await isWrite ? victim.write(wait, [60]).count : victim.read(wait, [60]).count
                    }
                    let behind = (1...5).map { _ in
                        outcome { try await isWrite ? victim.write(one).count : victim.read(one).count }
                    }
                    try await until { try await pool.read(busy, ["cancelled"])[0].int(0) == 1 }
                    slow.cancel()
                    #expect(await slow.value.error?.code == .cancelled)
                    for caller in behind { #expect(try await caller.value.get() == 1) }
                    #expect(try await pool.read(busy, ["cancelled"])[0].int(0) == 0)
                }
            }
        }
    }

    @Test func `a cancelled transaction is rolled back, its statement stopped and its connection used again`()
        async throws
    {
        let schema = [(name: "0001_notes", sql: "CREATE TABLE notes (id int PRIMARY KEY)")]
        try await withTestDatabase(migrations: schema) { pool async throws in
            try await withPool(
                like: pool,
                {
                    $0.exclusive = 1
                    $0.connectionString += " application_name=transaction"
                }
            ) { victim async throws in
                let insert = Statement("insert_note", "INSERT INTO notes (id) VALUES ($1)")
                let backend = Statement("backend", "SELECT pg_backend_pid()")
                let first = try await victim.withConnection { try await $0.query(backend)[0].int(0) }
                for round in 1...10 {
                    let task = outcome {
                        try await victim.withTransaction { transaction in
                            try await transaction.query(insert, [.int(round)])
                            return try await transaction.query(wait, [60]).count
                        }
                    }
                    try await until { try await pool.read(busy, ["transaction"])[0].int(0) == 1 }
                    task.cancel()
                    #expect(await task.value.error?.code == .cancelled)
                }
                // Cancelled before its first statement, and before its commit.
                let early = outcome { try await victim.withTransaction { try await $0.query(insert, [98]).count } }
                early.cancel()
                _ = await early.value
                let late = outcome {
                    try await victim.withTransaction { transaction in
                        try await transaction.query(insert, [99])
                        withUnsafeCurrentTask { $0?.cancel() }
                        return 0
                    }
                }
                #expect(await late.value.error?.code == .cancelled)
                #expect(try await pool.read(open, ["transaction"])[0].int(0) == 0)
                let count = Statement("count", "SELECT count(*) FROM notes WHERE id <> 98")
                #expect(try await pool.read(count)[0].int(0) == 0)
                #expect(try await victim.withConnection { try await $0.query(backend)[0].int(0) } == first)
            }
        }
    }

    @Test func `a task that was cancelled before it asked is not served`() async throws {
        try await withTestDatabase { pool async throws in
            let task = outcome {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await pool.read(one).count
            }
            #expect(await task.value.error?.certainty == .notSent)
        }
    }

    @Test func `callers of exclusive connections are served in their order`() async throws {
        try await withTestDatabase { pool async throws in
            try await withPool(like: pool, { $0.exclusive = 2 }) { pool async throws in
                let order = Order()
                let outcomes = await together(Array(0..<40)) { number in
                    try await pool.withConnection { session in
                        order.numbers.append(number)
                        return try await session.query(one).count
                    }
                }
                for outcome in outcomes { #expect(try outcome.get() == 1) }
                #expect(order.numbers == Array(0..<40))
            }
        }
    }

    @Test func `a stop request that misses its target hits nobody`() async throws {
        try await onReactor {
            let target = Request([(one, [])], .write)
            let other = Request([(one, [])], .write)
            let stopped = PostgresError(serverState: "57014", constraint: nil, message: "")
            var stops = StopRequests()
            #expect(!stops.isStray(stopped, hitting: other))
            // Nothing is sent of what no connection could be made for.
            guard let handle = ConnectionHandle([("host", "/nowhere")]) else { return }
            #expect(handle.cancellation == nil)
            stops.expect(from: target)
            #expect(stops.isStray(stopped, hitting: other))
            #expect(!stops.isStray(stopped, hitting: target))
            #expect(!stops.isStray(PostgresError(serverState: "23505", constraint: nil, message: ""), hitting: other))
            #expect(!stops.isStray(stopped, hitting: other, now: .now + .seconds(2)))
        }
    }
}

@Reactor
private final class Order { var numbers: [Int] = [] }

@Reactor
private func outcome<Value: Sendable>(
    _ body: @escaping @Reactor @Sendable () async throws -> Value
) -> Task<Result<Value, any Error>, Never> {
    spawn {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}

extension Result {
    fileprivate var error: PostgresError? {
        if case .failure(let error) = self { error as? PostgresError } else { nil }
    }
}
