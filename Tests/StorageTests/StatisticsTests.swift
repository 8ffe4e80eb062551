import Postgres
import Testing

@testable import Storage

/// What the planner knows of tables that were empty a moment ago. The tests' cluster has no autovacuum.
@Suite struct StatisticsTests {
    private static func keys(_ range: ClosedRange<Int>) -> String {
        """
        INSERT INTO idempotency_keys (account_id, route, key, request_hash, created_at)
        SELECT 1, 'POST /leads/{id}/send-whatsapp-template', 'key ' || n, decode(repeat('ab', 32), 'hex'), now()
        FROM generate_series(\(range.lowerBound), \(range.upperBound)) AS n
        """
    }

    @Test func `a table that has outgrown what the planner knows is looked at, once`() async throws {
        try await withSQLSession { run, pool in
            let statistics = StatisticsStore(pool)
            #expect(try await statistics.refresh() == [])
            _ = try await run(Self.keys(1...100))
            #expect(try await statistics.refresh() == [])
            _ = try await run(Self.keys(101...5000))
            #expect(try await statistics.refresh() == ["idempotency_keys"])
            #expect(try await statistics.refresh() == [])
            _ = try await run(Self.keys(5001...15000))
            #expect(try await statistics.refresh() == [])
            _ = try await run(Self.keys(15001...25000))
            #expect(try await statistics.refresh() == ["idempotency_keys"])
            #expect(
                try await run("SELECT reltuples::bigint::text FROM pg_class WHERE oid = 'idempotency_keys'::regclass")
                    == ["25000"])
        }
    }

    @Test func `a table that was looked at while it was empty is looked at when it has rows again`() async throws {
        try await withSQLSession { run, pool in
            let statistics = StatisticsStore(pool)
            _ = try await run(Self.keys(1...5000))
            _ = try await run("DELETE FROM idempotency_keys")
            _ = try await run("ANALYZE idempotency_keys")
            #expect(try await statistics.refresh() == [])
            // Into the blocks that it has: it becomes no larger.
            _ = try await run("VACUUM (TRUNCATE FALSE) idempotency_keys")
            _ = try await run(Self.keys(5001...9000))
            // What a session counted is known to others by then.
            _ = try await run("SELECT pg_stat_force_next_flush()::text")
            #expect(try await statistics.refresh() == ["idempotency_keys"])
            #expect(try await statistics.refresh() == [])
        }
    }

    @Test func `a table that somebody else is looking at is left alone`() async throws {
        try await withSQLSession { run, pool in
            let statistics = StatisticsStore(pool)
            _ = try await run(Self.keys(1...5000))
            _ = try await run("BEGIN")
            _ = try await run("LOCK TABLE idempotency_keys IN SHARE UPDATE EXCLUSIVE MODE")
            // Who waited for the lock would wait forever.
            #expect(try await statistics.refresh() == ["idempotency_keys"])
            #expect(try await statistics.refresh() == ["idempotency_keys"])
            _ = try await run("ROLLBACK")
            #expect(try await statistics.refresh() == ["idempotency_keys"])
            #expect(try await statistics.refresh() == [])
        }
    }

    private static let rows = [
        """
        INSERT INTO conversations (account_id, id, contact_id, instance_id, last_message_at, created_at)
        SELECT 1, n, n, 1, now(), now() FROM generate_series(1, 10000) AS n
        """,
        """
        INSERT INTO messages (
            account_id, id, conversation_id, contact_id, instance_id, lead_id, direction, type, status, status_rank,
            text, content, recipient_kind, recipient_value, queued_at, updated_at)
        SELECT 1, n, n, n, 1, n, 'outbound', 'text', 'queued', 0, 'x', '{}', 'phone', '1', now(), now()
        FROM generate_series(1, 10000) AS n
        """,
    ]

    @Test func `what was planned while nothing was there is planned anew`() async throws {
        try await withSQLSession { run, pool in
            let statistics = StatisticsStore(pool)
            _ = try await run("SET session_replication_role = replica")
            _ = try await run("SET plan_cache_mode = force_generic_plan")
            _ = try await run("PREPARE message AS \(MessageStore.selectOne.sql)")
            func plan() async throws -> String {
                try await run("EXPLAIN (COSTS OFF) EXECUTE message (1, 2500)").joined(separator: "\n")
            }
            let early = try await plan()
            for sql in Self.rows { _ = try await run(sql) }
            #expect(try await statistics.refresh() == ["conversations", "messages"])
            let late = try await plan()
            #expect(early.contains("Seq Scan on messages") && !late.contains("Seq Scan"), "\(early)\n\(late)")
            #expect(late.contains("(id = m.conversation_id)"), "\(late)")
        }
    }
}
