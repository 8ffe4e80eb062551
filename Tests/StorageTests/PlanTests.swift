import Domain
import EventLoop
import Postgres
import TestSupport
import Testing

@testable import Storage

/// How PostgreSQL goes about the reads of a large account when it knows nothing of the parameters, as it does after a
/// statement's first few uses.
@Suite struct PlanTests {
    private static let leads = 200_000
    private static let day = "timestamptz '2026-01-01T00:00:00Z'"
    private static let start = Timestamp(rfc3339: "2026-01-01T00:00:00Z")!

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
        SELECT CASE WHEN n > \(leads) THEN 2 + n % 999 ELSE 1 END, n, 'c',
            '+5511' || lpad(((n::bigint * 7919) % 1000000007)::text, 10, '0'), now(),
            \(day) + (n * 7919::bigint % 200000) * interval '1 second'
        FROM generate_series(1, \(leads + 5000)) AS n
        """,
        """
        INSERT INTO leads (
            account_id, id, contact_id, name, pipeline_id, stage_id, currency, created_at, updated_at, source, tags,
            assigned_to, value_minor, status, archived_at)
        SELECT account_id, id, id, CASE WHEN id % 10000 = 7 THEN 'Zuleica Rara ' ELSE 'Pessoa ' END || md5(id::text),
            account_id, account_id * 5 + id % 5, 'BRL', \(day) + id * interval '1 second',
            \(day) + (id * 7919 % 200000) * interval '1 second',
            CASE id % 20 WHEN 0 THEN 'feira' ELSE 'site' END,
            CASE WHEN id % 10 = 0 THEN ARRAY['vip', 'novo'] WHEN id % 50000 = 9 THEN ARRAY['raro'] ELSE '{}' END,
            CASE WHEN id % 7 = 0 THEN 5 END, id % 1000, CASE id % 9 WHEN 0 THEN 'won' ELSE 'open' END,
            CASE WHEN id % 11 = 0 THEN now() END
        FROM contacts
        """,
        """
        INSERT INTO lead_tags (account_id, tag, lead_id)
        SELECT l.account_id, t.tag, l.id FROM leads l, unnest(l.tags) AS t (tag)
        """,
        "INSERT INTO hooks (id, provider, token_hash, secrets, created_at) VALUES (1, 'waha', '', '', now())",
        """
        INSERT INTO instances (
            account_id, id, provider, display_name, phone_number, base_url, provider_key, secrets, hook_id, created_at,
            updated_at)
        VALUES (1, 1, 'waha', '', '', '', '', '', 1, now(), now())
        """,
        """
        INSERT INTO conversations (account_id, contact_id, instance_id, last_inbound_at, last_message_at, created_at)
        SELECT 1, n * 10, 1, \(day) + n * interval '30 seconds', now(), now() FROM generate_series(1, 10000) AS n
        """,
        "VACUUM (ANALYZE) leads, lead_tags, contacts, conversations, stages, pipelines, accounts",
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
                        arguments: "1, \(stage), 100000, \(length)", pages: 100 + 20 * length.rawValue),
                    Read(
                        statement: LeadStore.selectPage(filter, length, isFirst: true),
                        arguments: "1, \(stage), \(length)", pages: 100 + 20 * length.rawValue),
                ]
            }
        }

    @Test func `what reads leads looks at little more than what it answers`() async throws {
        try await withTestDatabase(migrations: Schema.migrations) { pool in
            try await pool.withConnection { session in
                try await Self.fill(session)
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
                for filter in Self.filters { try await Self.judge(filter, session) }
                try await Self.judgeContacts(session)
            }
        }
    }

    private static let selectIndexes = Statement(
        "plan_indexes",
        """
        SELECT indexname::text, indexdef FROM pg_indexes
        WHERE tablename IN ('leads', 'contacts', 'lead_tags') AND indexdef NOT LIKE 'CREATE UNIQUE%'
        """)

    /// Rows that nobody checks, and indexes made when they are there: that takes a fifth of the time.
    private static func fill(_ session: PostgresSession) async throws {
        func run(_ sql: String) async throws { _ = try await session.query(Statement("fill", sql, isPrepared: false)) }
        let indexes = try await session.query(selectIndexes).map { (name: try $0.text(0), sql: try $0.text(1)) }
        try await run("SET session_replication_role = replica")
        for index in indexes { try await run("DROP INDEX \(index.name)") }
        for sql in rows.dropLast() { try await run(sql) }
        for index in indexes { try await run(index.sql) }
        try await run(rows[rows.count - 1])
    }

    /// A page's worth of rows, each with what is joined to it; what else narrows comes on top.
    private static let filteredPages = 1500

    /// Of the first page, and of one in the middle.
    private static func judge(
        _ named: (String, @Sendable (inout LeadFilter) -> Void), _ session: PostgresSession
    ) async throws {
        var filter = LeadFilter()
        named.1(&filter)
        let key =
            switch filter.order {
            case .name: "Pessoa 8"
            case .valueLast: "500"
            case .window: String((start + .seconds(230_000)).microseconds)
            default: String((start + .seconds(100_000)).microseconds)
            }
        let middle = LeadFilter.Position(
            id: 150_000, key: key, until: filter.order == .updated ? start + .seconds(300_000) : nil,
            snapshot: ReadSnapshot("9999:9990,9995"))
        for position in [nil, middle] {
            let step = LeadStore.step(
                filter, [], of: Account.ID(1), after: position, rows: 51, offset: 0, now: start)
            try await expectFew(step, "\(named.0), \(position == nil ? "first" : "in the middle")", session)
        }
    }

    /// Those that changed since, in the order of their changes.
    private static func judgeContacts(_ session: PostgresSession) async throws {
        var filter = ContactStore.Filter()
        filter.updatedSince = start + .seconds(1000)
        let until = start + .seconds(300_000)
        let middle = LeadFilter.Position(
            id: 150_000, key: String((start + .seconds(100_000)).microseconds), until: until,
            snapshot: ReadSnapshot("9999:9990,9995"))
        for position in [nil, middle] {
            let step = ContactStore.step(filter, of: Account.ID(1), until: until, after: position, limit: 51)
            try await expectFew(step, "contacts, \(position == nil ? "first" : "in the middle")", session)
        }
    }

    private static func expectFew(
        _ step: (Statement, [PostgresValue]), _ title: String, _ session: PostgresSession
    ) async throws {
        let plan = try await session.query(
            Statement("explain", "EXPLAIN (ANALYZE, BUFFERS) \(step.0.sql)", isPrepared: false), step.1
        ).map { try $0.text(0) }
        let text = "\(title):\n\(plan.joined(separator: "\n"))"
        #expect(!text.contains(/Seq Scan on (leads|contacts|lead_tags|conversations)/), "\(text)")
        #expect(try #require(pages(plan)) <= filteredPages, "\(text)")
    }

    /// What each filter alone asks for, with the place where its second page begins.
    private static let filters: [(String, @Sendable (inout LeadFilter) -> Void)] = [
        ("pipeline_id", { $0.pipelineID = 1 }), ("stage_id", { $0.stageID = 7 }),
        ("assigned_to", { $0.assignedTo = 5 }), ("source", { $0.source = "feira" }),
        ("status", { $0.status = .won }), ("archived", { $0.status = .archived }), ("tags", { $0.tags = ["vip"] }),
        ("two tags", { $0.tags = ["vip", "raro"] }), ("a rare tag", { $0.tags = ["raro"] }),
        ("q by name", { $0.q = "zuleica" }), ("q by phone", { $0.q = "1100000791" }),
        ("q of two letters", { $0.q = "oa" }),
        ("updated_since", { ($0.updatedSince, $0.order) = (start + .seconds(1000), .updated) }),
        ("created_from", { ($0.createdFrom, $0.order) = (start + .seconds(1000), .createdLast) }),
        ("created_to", { ($0.createdBefore, $0.order) = (start + .seconds(1000), .createdLast) }),
        ("sort by name", { $0.order = .name }), ("sort by value", { $0.order = .valueLast }),
        ("sort by change", { $0.order = .updatedLast }),
        ("window closed", { $0.window = .init(.closed, within: .seconds(3600), now: start + .seconds(300_000)) }),
        (
            "window open in order",
            { ($0.window, $0.order) = (.init(.open, within: .seconds(3600), now: start + .seconds(300_000)), .window) }
        ),
        (
            "window closing",
            {
                ($0.window, $0.order) = (
                    .init(.closing, within: .seconds(36000), now: start + .seconds(300_000)), .window
                )
            }
        ),
    ]

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
