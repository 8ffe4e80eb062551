import Postgres
import Testing

@testable import Storage

/// How PostgreSQL goes about a turn of the outbox when one number has much that waits, and much is under way.
@Suite struct OutboxPlanTests {
    private static let day = "timestamptz '2026-01-01T00:00:00Z'"

    /// Fifty numbers, each of an account of its own. The first has 6,000 messages waiting, the second a few that came
    /// later, the others what is under way.
    private static let rows = [
        "INSERT INTO accounts (id, name, created_at) SELECT n, 'a', now() FROM generate_series(1, 50) AS n",
        """
        INSERT INTO instances (
            account_id, id, provider, display_name, phone_number, base_url, provider_key, secrets, hook_id, status,
            created_at, updated_at)
        SELECT n, n, 'waha', '', '', '', n::text, '', 1, 'connected', now(), now() FROM generate_series(1, 50) AS n
        """,
        """
        INSERT INTO contacts (account_id, id, created_at, updated_at)
        SELECT CASE WHEN n > 12000 THEN 2 WHEN n > 6000 THEN 3 + n % 48 ELSE 1 END, n, now(), now()
        FROM generate_series(1, 12005) AS n
        """,
        """
        INSERT INTO conversations (account_id, id, contact_id, instance_id, last_message_at, created_at)
        SELECT c.account_id, c.id, c.id, c.account_id, now(), now() FROM contacts c
        """,
        """
        INSERT INTO messages (
            account_id, id, conversation_id, contact_id, instance_id, lead_id, direction, type, status, status_rank,
            text, content, recipient_kind, recipient_value, queued_at, updated_at)
        SELECT v.account_id, v.id, v.id, v.contact_id, v.instance_id, v.id, 'outbound', 'text', 'queued', 0, 'x', '{}',
            'phone', '1', now(), now()
        FROM conversations v
        """,
        """
        INSERT INTO outbox (account_id, message_id, conversation_id, instance_id, run_at, lease_owner, lease_until)
        SELECT v.account_id, v.id, v.id, v.instance_id, \(day) + v.id * interval '1 millisecond',
            CASE WHEN v.account_id > 2 THEN 'test' END, CASE WHEN v.account_id > 2 THEN \(day) + interval '1 hour' END
        FROM conversations v
        """,
        "ANALYZE outbox, messages, conversations, contacts, instances, accounts",
    ]

    private static let turns: [(statement: Statement, arguments: String, rows: Int, pages: Int)] = [
        (OutboxStore.selectReadyNumbers, "\(day) + interval '1 hour', 1000", 2, 60),
        (
            OutboxStore.claimSingle,
            "2, \(day) + interval '1 hour', 50, 'test', \(day) + interval '2 hours', 2, false, NULL", 5, 400
        ),
        (
            OutboxStore.claimSingle,
            "1, \(day) + interval '1 hour', 50, 'test', \(day) + interval '2 hours', 1, false, NULL", 50, 4000
        ),
    ]

    /// As `withSQLSession`, on a connection that asks for no keys of others.
    private static func run(
        _ mode: String, _ body: @escaping @Sendable (SQLSession) async throws -> Void
    ) async throws {
        try await withSQLSession { run, _ in
            _ = try await run("SET session_replication_role = replica")
            _ = try await run("SET plan_cache_mode = \(mode)")
            try await body(run)
        }
    }

    @Test(arguments: ["force_generic_plan", "force_custom_plan"])
    func `a turn looks at little more than what it takes, however much waits or is under way`(mode: String) async throws
    {
        try await Self.run(mode) { run in
            for sql in Self.rows { _ = try await run(sql) }
            for (index, turn) in Self.turns.enumerated() {
                _ = try await run("PREPARE turn_\(index) AS \(turn.statement.sql)")
                let plan = try await run("EXPLAIN (ANALYZE, BUFFERS) EXECUTE turn_\(index) (\(turn.arguments))")
                let words = plan.joined(separator: "\n")
                #expect(plan.first?.contains(" rows=\(turn.rows) loops") == true, "\(words)")
                #expect(try #require(PlanFigures.pages(plan)) <= turn.pages, "\(words)")
            }
        }
    }

    @Test func `a turn for which nothing is due looks at next to nothing, however many numbers wait`() async throws {
        try await Self.run("force_generic_plan") { run in
            _ = try await run("PREPARE turn AS \(OutboxStore.selectReadyNumbers.sql)")
            _ = try await run(
                """
                INSERT INTO outbox (account_id, message_id, conversation_id, instance_id, run_at)
                SELECT n, n, n, n, \(Self.day) + interval '1 day' FROM generate_series(1, 3000) AS n
                """)
            _ = try await run("ANALYZE outbox")
            let plan = try await run("EXPLAIN (ANALYZE, BUFFERS) EXECUTE turn (\(Self.day), 1000)")
            #expect(try #require(PlanFigures.pages(plan)) <= 10, "\(plan.joined(separator: "\n"))")
        }
    }
}
