import EventLoop
import TestSupport
import Testing

@testable import Postgres

private let schema = [
    (
        name: "0001_sums",
        sql: "CREATE TABLE sums (id bigint PRIMARY KEY, half bigint CONSTRAINT sums_positive CHECK (half > 0))"
    )
]
private let insert = Statement(
    "insert_sums",
    """
    INSERT INTO sums SELECT id, 100 / id FROM unnest($1::bigint[]) AS u (id) RETURNING id, half, pg_current_xact_id()::text
    """)
private let all = Statement("all_sums", "SELECT id FROM sums ORDER BY id")
private let holdUp = Statement("hold_up", "LOCK TABLE sums IN ACCESS EXCLUSIVE MODE")

/// What was written for one caller, and in which transaction.
private struct Written: Sendable, Hashable {
    let id: Int64
    let half: Int64
    let transaction: String
}

private typealias Sums = GroupedRequests<Int64, Written>

private func sums(_ pool: PostgresPool, size: Int = 16, width: Int = 4) -> Sums {
    Sums(
        pool,
        Sums.Form(

            .write, steps: { [(insert, [.intArray($0)])] },
            answers: { results, items in
                let written = try results[0].map {
                    Written(id: try $0.int(0), half: try $0.int(1), transaction: try $0.text(2))
                }
                return items.compactMap { item in written.first { $0.id == item } }
            }, mayShare: { $0 != $1 }, precedes: <), size: size, width: width)
}

/// Starts a write that others are to meet.
@Reactor
private func begin(_ id: Int64, in sums: Sums) -> Task<Result<Written, any Error>, Never> {
    spawn {
        do {
            return .success(try await sums.run(id))
        } catch {
            return .failure(error)
        }
    }
}

/// Why it was not written; nil if it was.
private func refusal(_ outcome: Result<Written, any Error>) -> PostgresError? {
    guard case .failure(let error) = outcome else { return nil }
    return error as? PostgresError
}

@Suite struct GroupedRequestsTests {
    @Test func `what is written in one turn is one statement and one commit, and each is told its own`() async throws {
        try await withTestDatabase(migrations: schema) { pool async throws in
            let sums = sums(pool, size: 4)
            var trips = 0
            pool.onTrip = { _ in trips += 1 }
            let ids: [Int64] = [7, 3, 5, 1, 9, 8]
            let written = try await together(ids) { try await sums.run($0) }.map { try $0.get() }
            #expect(written.map(\.id) == ids)
            #expect(written.map(\.half) == ids.map { 100 / $0 })
            #expect(Set(written.prefix(4).map(\.transaction)).count == 1)
            #expect(Set(written.map(\.transaction)).count == 2)
            #expect(trips == 2)
        }
    }

    @Test func `one that the server refuses harms nobody else`() async throws {
        try await withTestDatabase(migrations: schema) { pool async throws in
            let sums = sums(pool)
            // No number is divided by 0, and 200 breaks the table's rule.
            let ids: [Int64] = [1, 0, 2, 200, 3]
            let outcomes = await together(ids) { try await sums.run($0) }
            #expect([0, 2, 4].map { try? outcomes[$0].get().id } == [1, 2, 3])
            let errors = [1, 3].map { refusal(outcomes[$0]) }
            #expect(errors[0]?.code == .server("22012"))
            #expect(errors[1]?.constraint == "sums_positive")
            #expect(try await pool.read(all).map { try $0.int(0) } == [1, 2, 3])
        }
    }

    @Test func `those that may not share a statement have one each`() async throws {
        try await withTestDatabase(migrations: schema) { pool async throws in
            let sums = sums(pool)
            let outcomes = await together([4, 4, 5]) { try await sums.run($0) }
            // Whichever came second found the number taken, and took nobody down with it.
            #expect(outcomes.prefix(2).count { refusal($0)?.isUniqueViolation == true } == 1)
            #expect(outcomes.prefix(2).count { (try? $0.get().id) == 4 } == 1)
            #expect(try outcomes[2].get().id == 5)
        }
    }

    @Test func `while as many as may be are under way the others gather, and who goes away stops nobody`() async throws
    {
        try await withTestDatabase(migrations: schema) { pool async throws in
            let sums = sums(pool, width: 1)
            var trips = 0
            pool.onTrip = { names in if names == ["insert_sums"] { trips += 1 } }
            let (first, gathered, gone) = try await pool.withTransaction { transaction in
                try await transaction.query(holdUp)
                let first = begin(1, in: sums)
                try await until { trips == 1 }
                let gathered = (2...9).map { begin($0, in: sums) }
                let gone = begin(10, in: sums)
                await Task.yield()
                gone.cancel()
                return (first, gathered, gone)
            }
            let transaction = try await first.value.get().transaction
            var transactions: Set<String> = []
            for task in gathered { transactions.insert(try await task.value.get().transaction) }
            #expect(transactions.count == 1 && !transactions.contains(transaction))
            #expect(try await gone.value.get().id == 10)
            #expect(trips == 2)
        }
    }

    @Test func `who waits too long is told so, and nothing of it is written`() async throws {
        try await withTestDatabase(migrations: schema) { pool async throws in
            try await withPool(like: pool, { $0.waitLimit = .seconds(1) }) { hurried async throws in
                let sums = sums(hurried, width: 1)
                var trips = 0
                hurried.onTrip = { _ in trips += 1 }
                let first = try await pool.withTransaction { transaction in
                    try await transaction.query(holdUp)
                    let first = begin(1, in: sums)
                    try await until { trips == 1 }
                    let late = refusal(await begin(2, in: sums).value)
                    #expect(late?.code == .poolExhausted)
                    #expect(late?.certainty == .notSent)
                    return first
                }
                #expect(try await first.value.get().id == 1)
                #expect(try await pool.read(all).map { try $0.int(0) } == [1])
            }
        }
    }

    @Test func `when the answer is lost, nobody of the group is told that it was written or was not`() async throws {
        try await withTestDatabase(migrations: schema) { pool async throws in
            try await withPool(
                like: pool,
                {
                    $0.writeLanes = 1
                    $0.connectionString += " application_name=grouped"
                }
            ) { victim async throws in
                let sums = sums(victim, width: 1)
                var trips = 0
                victim.onTrip = { _ in trips += 1 }
                let errors = try await pool.withTransaction { transaction in
                    try await transaction.query(holdUp)
                    let tasks = (1...3).map { begin($0, in: sums) }
                    try await until { trips == 1 }
                    try await until {
                        try await pool.read(kill, ["grouped"])[0].int(0) > 0
                    }
                    var errors: [PostgresError?] = []
                    for task in tasks { errors.append(refusal(await task.value)) }
                    return errors
                }
                #expect(errors.map(\.?.certainty) == [.unknown, .unknown, .unknown])
            }
        }
    }
}

/// Ends those who wait for a lock.
private let kill = Statement(
    "kill_waiting",
    """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE application_name = $1 AND wait_event_type = 'Lock'
    """)
