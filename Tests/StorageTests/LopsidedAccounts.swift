import Postgres

/// Account 1 with many leads, among 999 accounts with few: what share of a table an account has is nothing that the
/// planner can know of a parameter.
struct LopsidedAccounts {
    /// The leads of account 1.
    let large: Int
    /// Of each of the others.
    let small: Int

    private static let day = "timestamptz '2026-01-01T00:00:00Z'"

    private var rows: [String] {
        [
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
            SELECT CASE WHEN n > \(large) THEN 2 + n % 999 ELSE 1 END, n, 'c',
                '+5511' || lpad(((n::bigint * 7919) % 1000000007)::text, 10, '0'), now(),
                \(Self.day) + (n * 7919::bigint % 200000) * interval '1 second'
            FROM generate_series(1, \(large + small * 999)) AS n
            """,
            """
            INSERT INTO leads (
                account_id, id, contact_id, name, pipeline_id, stage_id, currency, created_at, updated_at, source, tags,
                assigned_to, value_minor, status, archived_at)
            SELECT account_id, id, id,
                CASE WHEN id % 10000 = 7 THEN 'Zuleica Rara ' ELSE 'Pessoa ' END || md5(id::text),
                account_id, account_id * 5 + id % 5, 'BRL', \(Self.day) + id * interval '1 second',
                \(Self.day) + (id * 7919 % 200000) * interval '1 second',
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
                account_id, id, provider, display_name, phone_number, base_url, provider_key, secrets, hook_id,
                created_at, updated_at)
            VALUES (1, 1, 'waha', '', '', '', '', '', 1, now(), now())
            """,
            """
            INSERT INTO conversations (account_id, contact_id, instance_id, last_inbound_at, last_message_at, created_at)
            SELECT 1, n * 10, 1, \(Self.day) + n * interval '30 seconds', now(), now()
            FROM generate_series(1, \(large / 20)) AS n
            """,
            "VACUUM (ANALYZE) leads, lead_tags, contacts, conversations, stages, pipelines, accounts",
        ]
    }

    private static let selectIndexes = Statement(
        "plan_indexes",
        """
        SELECT indexname::text, indexdef FROM pg_indexes
        WHERE tablename IN ('leads', 'contacts', 'lead_tags') AND indexdef NOT LIKE 'CREATE UNIQUE%'
        """)

    /// Rows that nobody checks, and indexes made when they are there: that takes a fifth of the time.
    func fill(_ session: PostgresSession) async throws {
        func run(_ sql: String) async throws { _ = try await session.query(Statement("fill", sql, isPrepared: false)) }
        let indexes = try await session.query(Self.selectIndexes).map { (name: try $0.text(0), sql: try $0.text(1)) }
        try await run("SET session_replication_role = replica")
        for index in indexes { try await run("DROP INDEX \(index.name)") }
        for sql in rows.dropLast() { try await run(sql) }
        for index in indexes { try await run(index.sql) }
        try await run(rows[rows.count - 1])
    }
}
