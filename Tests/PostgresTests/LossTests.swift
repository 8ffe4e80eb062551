import EventLoop
import TestSupport
import Testing

@testable import Postgres

private let one = Statement("one", "SELECT 1")
private let wait = Statement("wait", "SELECT 1 FROM pg_sleep($1)")
private let terminate = Statement(
    "terminate", "SELECT count(pg_terminate_backend(pid, 2000)) FROM pg_stat_activity WHERE application_name = $1")

@Suite struct LossTests {
    @Test func `idle connections that the server closes are replaced without anybody noticing`() async throws {
        try await withTestDatabase { pool async throws in
            try await withNamedPool("idle", like: pool) { victim async throws in
                let ended = try await pool.read(terminate, ["idle"])[0].int(0)
                #expect(ended >= 3)
                for _ in 1...5 {
                    #expect(try await victim.read(one).count == 1)
                    #expect(try await victim.write(one).count == 1)
                    #expect(try await victim.withTransaction { try await $0.query(one).count } == 1)
                }
            }
        }
    }

    @Test func `under load reads survive the loss of every connection, and writes tell what is unknown`() async throws {
        try await withTestDatabase { pool async throws in
            try await withNamedPool("load", like: pool) { victim async throws in
                async let killed = pool.read(terminate, ["load"])
                let outcomes = await together(Array(0..<200)) { number in
                    if number.isMultiple(of: 2) { return try await victim.read(wait, [0.002]).count }
                    // The first two, one on each lane, can only end with their connection.
                    return try await victim.write(wait, [number < 4 ? 60 : 0.002]).count
                }
                #expect(try await killed[0].int(0) >= 3)
                var lost = 0
                for (number, outcome) in outcomes.enumerated() {
                    switch outcome {
                    case .success(let count): #expect(count == 1)
                    case .failure(let error as PostgresError):
                        #expect(!number.isMultiple(of: 2), "a read failed: \(error)")
                        #expect(error.certainty != .rejected, "\(error)")
                        #expect(error.isUnavailable)
                        lost += 1
                    case .failure(let error): throw error
                    }
                }
                #expect(lost >= 2)
                #expect(try await victim.write(one).count == 1)
            }
        }
    }

    @Test func `a transaction whose connection is lost throws, and its connection is replaced`() async throws {
        try await withTestDatabase { pool async throws in
            try await withNamedPool("inside", like: pool) { victim async throws in
                let error = await #expect(throws: PostgresError.self) {
                    try await victim.withTransaction { transaction in
                        try await transaction.query(one)
                        _ = try await pool.read(terminate, ["inside"])
                        try await transaction.query(one)
                    }
                }
                #expect(error?.code == .connectionLost)
                #expect(try await victim.withTransaction { try await $0.query(one).count } == 1)
            }
        }
    }

    @Test func `a slow statement is stopped by its limit and holds up nobody for longer`() async throws {
        try await withTestDatabase { pool async throws in
            try await withPool(
                like: pool,
                {
                    $0.statementTimeout = .milliseconds(50)
                    $0.readLanes = 1
                }
            ) { pool async throws in
                let outcomes = await together([30.0, 0.0]) { seconds in
                    try await pool.read(wait, [.double(seconds)]).count
                }
                #expect {
                    try outcomes[0].get()
                } throws: {
                    ($0 as? PostgresError)?.code == .timeout
                }
                #expect(try outcomes[1].get() == 1)
            }
        }
    }

    @Test func `behind a pooler that takes no settings the client's own watch stops a slow statement`() async throws {
        try await withTestDatabase { pool async throws in
            try await withPool(
                like: pool,
                {
                    $0.statementTimeout = .milliseconds(50)
                    $0.isPooled = true
                }
            ) { pool async throws in
                #expect(try await pool.read(Statement("limit", "SHOW statement_timeout"))[0].text(0) == "0")
                let error = await #expect(throws: PostgresError.self) { try await pool.write(wait, [30]) }
                #expect(error?.code == .timeout)
                #expect(error?.certainty == .rejected)
                #expect(try await pool.write(one).count == 1)
            }
        }
    }

    @Test func `who waits too long for a connection is turned away, and a full line turns away at once`() async throws {
        try await withTestDatabase { pool async throws in
            try await withPool(
                like: pool,
                {
                    $0.writeLanes = 1
                    $0.writeDepth = 1
                    $0.exclusive = 1
                    $0.queueLimit = 1
                    $0.waitLimit = .milliseconds(20)
                }
            ) { pool async throws in
                let outcomes = await together([0, 1, 2]) { _ in try await pool.write(wait, [0.1]).count }
                #expect(try outcomes[0].get() == 1)
                for outcome in outcomes.dropFirst() {
                    #expect {
                        try outcome.get()
                    } throws: {
                        ($0 as? PostgresError)?.code == .poolExhausted
                            && ($0 as? PostgresError)?.certainty == .notSent
                    }
                }
                try await pool.withConnection { _ in
                    let error = await #expect(throws: PostgresError.self) { try await pool.withConnection { _ in } }
                    #expect(error?.code == .poolExhausted)
                }
                #expect(try await pool.withConnection { try await $0.query(one).count } == 1)
            }
        }
    }
}

@Reactor
private func withNamedPool<T>(
    _ name: String, like pool: PostgresPool, _ body: @Reactor (PostgresPool) async throws -> T
) async throws -> T {
    try await withPool(like: pool, { $0.connectionString += " application_name=\(name)" }, body)
}
