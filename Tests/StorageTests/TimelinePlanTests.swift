import Domain
import Postgres
import TestSupport
import Testing

@testable import Storage

/// How PostgreSQL goes about the story of a lead that a hundred thousand things happened with.
@Suite struct TimelinePlanTests {
    /// Lead 1 with as many messages, most of them on one instance, and as many changes, of which few are moves, over
    /// several months' partitions; other leads beside it.
    private static let rows = [
        "INSERT INTO accounts (id, name, created_at) SELECT n, 'a', now() FROM generate_series(1, 100) AS n",
        """
        INSERT INTO pipelines (account_id, id, name, position, created_at)
        SELECT n, n, 'p', 1, now() FROM generate_series(1, 100) AS n
        """,
        """
        INSERT INTO stages (account_id, id, pipeline_id, name, position, created_at)
        SELECT n, n, n, 's', 1, now() FROM generate_series(1, 100) AS n
        """,
        """
        INSERT INTO contacts (account_id, id, created_at, updated_at)
        SELECT 1 + n % 100, n, now(), now() FROM generate_series(0, 999) AS n
        """,
        """
        INSERT INTO leads (
            account_id, id, contact_id, name, pipeline_id, stage_id, currency, created_at, updated_at)
        SELECT account_id, id + 1, id, 'l', account_id, account_id, 'BRL', now(), now() FROM contacts
        """,
        "INSERT INTO hooks (id, provider, token_hash, secrets, created_at) VALUES (1, 'waha', '', '', now())",
        """
        INSERT INTO instances (
            account_id, id, provider, display_name, phone_number, base_url, provider_key, secrets, hook_id, created_at,
            updated_at)
        SELECT 1, n, 'waha', '', '', '', n::text, '', 1, now(), now() FROM generate_series(1, 20) AS n
        """,
        """
        INSERT INTO conversations (account_id, id, contact_id, instance_id, last_message_at, created_at)
        SELECT 1, n, 0, n, now(), now() FROM generate_series(1, 20) AS n
        """,
        """
        INSERT INTO messages (
            account_id, id, conversation_id, contact_id, instance_id, lead_id, direction, type, status, status_rank,
            text, queued_at, updated_at)
        SELECT 1, n, CASE WHEN n % 1000 = 0 THEN 2 ELSE 1 END, 0, CASE WHEN n % 1000 = 0 THEN 2 ELSE 1 END,
            CASE WHEN n > 100000 THEN 101 ELSE 1 END, 'inbound', 'text', 'received', 100, md5(n::text),
            timestamptz '2026-01-01' + n * interval '2 minutes', now()
        FROM generate_series(1, 120000) AS n
        """,
        """
        CREATE TABLE events_plan_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')
        """,
        "CREATE TABLE events_plan_2 PARTITION OF events FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')",
        "CREATE TABLE events_plan_3 PARTITION OF events FOR VALUES FROM ('2026-03-01') TO ('2026-04-01')",
        """
        INSERT INTO events (account_id, id, type, created_at, lead_id, message_id, data, previous)
        SELECT 1, n, CASE WHEN n % 3 = 0 THEN 'message.delivered' WHEN n % 20000 = 1 THEN 'lead.stage_changed'
                WHEN n % 5000 = 1 THEN 'task.created' ELSE 'lead.updated' END,
            timestamptz '2026-01-01' + n * interval '30 seconds', CASE WHEN n > 250000 THEN 101 ELSE 1 END, NULL,
            '{"lead": {"id": 1, "notes": "x"}}', '{"notes": null}'
        FROM generate_series(1, 300000) AS n
        """,
        "VACUUM (ANALYZE) messages, events, leads, contacts, conversations, instances, stages, pipelines",
    ]

    /// The place in the middle, every kind or one alone, all instances or one with little.
    private static let arguments = [
        "1, 1, '9999-01-01', 9223372036854775807, 9223372036854775807, '{message,move,task,change}', NULL",
        "1, 1, '2026-02-20', 50000, 9223372036854775807, '{message,move,task,change}', NULL",
        "1, 1, '9999-01-01', 9223372036854775807, 9223372036854775807, '{move}', NULL",
        "1, 1, '9999-01-01', 9223372036854775807, 9223372036854775807, '{task}', NULL",
        "1, 1, '9999-01-01', 9223372036854775807, 9223372036854775807, '{message}', '{2}'",
        "1, 1, '9999-01-01', 9223372036854775807, 9223372036854775807, '{message}', '{7}'",
        "1, 101, '9999-01-01', 9223372036854775807, 9223372036854775807, '{message,move,task,change}', '{1,2,3}'",
    ]

    @Test func `a page of a story looks at little more than what it answers, however long the story is`() async throws {
        try await withTestDatabase(migrations: Schema.migrations) { pool in
            try await pool.withConnection { session in
                func run(_ sql: String) async throws -> [String] {
                    try await session.query(Statement("story", sql, isPrepared: false)).map { try $0.text(0) }
                }
                _ = try await run("SET session_replication_role = replica")
                for sql in Self.rows { _ = try await run(sql) }
                for mode in ["force_generic_plan", "force_custom_plan"] {
                    _ = try await run("SET plan_cache_mode = \(mode)")
                    for length in [PageLength.short, .usual] {
                        let statement = TimelineStore.select(length)
                        _ = try await run("PREPARE story_\(mode)_\(length) AS \(statement.sql)")
                        for arguments in Self.arguments {
                            let plan = try await run(
                                """
                                EXPLAIN (ANALYZE, BUFFERS)
                                EXECUTE story_\(mode)_\(length) (\(arguments), \(length))
                                """)
                            let words = "\(mode) \(length) \(arguments):\n\(plan.joined(separator: "\n"))"
                            #expect(!words.contains(/Seq Scan on (events|messages|leads)/), "\(words)")
                            let pages = PlanFigures.pages(plan)
                            // Twenty instances and eight types in four partitions, a few pages down each; then a few
                            // for each row of every stream, and for what is shown.
                            #expect(try #require(pages) <= 400 + 40 * length.rawValue, "\(words)")
                        }
                    }
                }
            }
        }
    }
}
