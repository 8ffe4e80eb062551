import Postgres

/// Looks for what can only be half of something: rows that one transaction writes together and that are not together.
enum Wholeness {
    private static let halves = Statement(
        "test_halves",
        """
        SELECT 'a message without its event: ' || m.id FROM messages m
        WHERE NOT EXISTS (
            SELECT 1 FROM events e WHERE e.account_id = m.account_id AND e.message_id = m.id
                AND e.type = CASE m.direction WHEN 'outbound' THEN 'message.queued' ELSE 'message.received' END)
        UNION ALL
        SELECT 'a message that nothing moves: ' || m.id FROM messages m
        WHERE m.direction = 'outbound' AND m.status IN ('queued', 'sending')
            AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.account_id = m.account_id AND o.message_id = m.id)
        UNION ALL
        SELECT 'an ended message in the outbox: ' || m.id FROM outbox o
        JOIN messages m ON m.account_id = o.account_id AND m.id = o.message_id
        WHERE m.status NOT IN ('queued', 'sending')
        UNION ALL
        SELECT 'a message in the outbox that is none: ' || o.message_id FROM outbox o
        WHERE NOT EXISTS (SELECT 1 FROM messages m WHERE m.account_id = o.account_id AND m.id = o.message_id)
        UNION ALL
        SELECT 'attempts that are not counted: ' || m.id FROM messages m
        WHERE m.direction = 'outbound' AND m.attempts <> (
            SELECT count(*) FROM attempts a WHERE a.account_id = m.account_id AND a.message_id = m.id)
        UNION ALL
        SELECT 'a key whose message is none: ' || k.key FROM idempotency_keys k
        WHERE k.message_id IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.account_id = k.account_id AND m.id = k.message_id)
        UNION ALL
        SELECT 'a key without an answer: ' || k.key FROM idempotency_keys k
        WHERE k.message_id IS NULL AND (k.status IS NULL OR k.body IS NULL)
        UNION ALL
        SELECT 'a lead without its event: ' || l.id FROM leads l
        WHERE NOT EXISTS (
            SELECT 1 FROM events e WHERE e.account_id = l.account_id AND e.lead_id = l.id AND e.type = 'lead.created')
        UNION ALL
        SELECT 'a contact without a lead: ' || c.id FROM contacts c
        WHERE NOT EXISTS (SELECT 1 FROM leads l WHERE l.account_id = c.account_id AND l.contact_id = c.id)
        """)

    /// In words; empty when everything is whole.
    static func faults(in pool: PostgresPool) async throws -> [String] {
        try await pool.read(halves).map { try $0.text(0) }
    }

    private static let open = Statement(
        "test_open",
        """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND state LIKE 'idle in transaction%'
        """)

    /// Transactions that somebody began and left.
    static func openTransactions(in pool: PostgresPool) async throws -> Int64 {
        try await pool.read(open).first?.int(0) ?? -1
    }
}
