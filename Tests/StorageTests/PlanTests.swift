import EventLoop
import Postgres
import TestSupport
import Testing

@testable import Storage

/// How PostgreSQL goes about the reads of a large account when it knows nothing of the parameters, as it does after a
/// statement's first few uses.
@Suite struct PlanTests {
    private static let leads = 200_000

    /// Account 1 with many leads, among many accounts with few: what share of a table an account has is nothing that
    /// the planner can know.
    private static let rows = [
        "INSERT INTO accounts (id, name, created_at) SELECT n, 'a', now() FROM generate_series(1, 1000) AS n",
        """
        INSERT INTO pipelines (account_id, id, name, position, created_at)
        SELECT n, n, 'p', 1, now() FROM generate_series(1, 1000) AS n
        """,
        """
        INSERT INTO stages (account_id, id, pipeline_id, name, position, created_at)
        SELECT n, n * 5 + s, n, 's', s, now() FROM generate_series(1, 1000) AS n, generate_series(0, 4) AS s
        """,
        """
        INSERT INTO contacts (account_id, id, name, phone, created_at, updated_at)
        SELECT CASE WHEN n > \(leads) THEN 2 + n % 999 ELSE 1 END, n, 'c', '+5511' || n, now(), now()
        FROM generate_series(1, \(leads + 5000)) AS n
        """,
        """
        INSERT INTO leads (
            account_id, id, contact_id, name, pipeline_id, stage_id, currency, created_at, updated_at)
        SELECT account_id, id, id, 'l', account_id, account_id * 5 + id % 5, 'BRL', now(), now() FROM contacts
        """,
        "VACUUM (ANALYZE) leads, contacts, stages, pipelines, accounts",
    ]

    private struct Read {
        let statement: Statement
        let arguments: String
        /// Of eight kilobytes: a few for each row and its contact, stage and pipeline.
        let pages: Int
    }

    private static let reads: [Read] =
        [Read(statement: LeadStore.selectOne, arguments: "1, 1000", pages: 40)]
        + [(LeadStore.Filter(), "NULL"), (LeadStore.Filter(stageID: 7), "7")].flatMap { filter, stage in
            PageLength.allCases.flatMap { length in
                [
                    Read(
                        statement: LeadStore.selectAfter(filter, length),
                        arguments: "1, \(stage), NULL, NULL, 100000, \(length)", pages: 100 + 20 * length.rawValue),
                    Read(
                        statement: LeadStore.selectPage(filter, length, isFirst: true),
                        arguments: "1, \(stage), NULL, NULL, \(length)", pages: 100 + 20 * length.rawValue),
                ]
            }
        }

    @Test func `a read of one lead or of a page looks at little more than what it answers`() async throws {
        try await withTestDatabase(migrations: Schema.migrations) { pool in
            try await pool.withConnection { session in
                for (index, sql) in Self.rows.enumerated() {
                    _ = try await session.query(Statement("plan_rows_\(index)", sql))
                }
                for mode in ["force_generic_plan", "force_custom_plan"] {
                    _ = try await session.query(Statement("set_\(mode)", "SET plan_cache_mode = \(mode)"))
                    for read in Self.reads {
                        let plan = try await Self.plan(of: read, mode, session)
                        #expect(
                            !plan.contains { $0.contains("Seq Scan on leads") || $0.contains("Seq Scan on contacts") })
                        let pages = try #require(Self.pages(plan), "\(read.statement.name)")
                        #expect(
                            pages <= read.pages, "\(read.statement.name), \(mode):\n\(plan.joined(separator: "\n"))")
                    }
                }
            }
        }
    }

    private static func plan(of read: Read, _ mode: String, _ session: PostgresSession) async throws -> [String] {
        let name = "plan_of_\(read.statement.name)_\(mode)"
        _ = try await session.query(Statement("make_\(name)", "PREPARE \(name) AS \(read.statement.sql)"))
        return try await session.query(
            Statement("show_\(name)", "EXPLAIN (ANALYZE, BUFFERS) EXECUTE \(name) (\(read.arguments))")
        ).map { try $0.text(0) }
    }

    /// What the whole plan touched: `Buffers: shared hit=3 read=1`.
    private static func pages(_ plan: [String]) -> Int? {
        plan.first { $0.contains("Buffers:") }?.matches(of: /(?:hit|read)=(\d+)/).compactMap { Int($0.1) }.reduce(0, +)
    }
}
