import Domain
import Postgres
import TestSupport
import Testing

@testable import Storage

/// Everybody who holds several rows of one send takes them in one order, so that no two wait for each other.
@Suite struct LockOrderTests {
    private static let rows = [
        "SET LOCAL session_replication_role = replica",
        """
        INSERT INTO contacts (account_id, id, name, created_at, updated_at) VALUES (1, 1, 'c', now(), now())
        """,
        """
        INSERT INTO conversations (
            account_id, id, contact_id, instance_id, recipient_kind, recipient_value, last_inbound_at, last_message_at,
            created_at)
        VALUES (1, 1, 1, 1, 'phone', '+5511987650001', now(), now(), now())
        """,
        """
        INSERT INTO messages (
            account_id, id, conversation_id, contact_id, instance_id, direction, type, status, status_rank, attempts,
            queued_at, updated_at)
        VALUES (1, 1, 1, 1, 1, 'outbound', 'text', 'sending', 10, 1, now(), now())
        """,
    ]

    private static let now = PostgresValue.time(Timestamp(rfc3339: "2026-01-01T00:00:00Z")!)
    private static let attempt: [PostgresValue] = [.id(Account.ID(1)), .int(1), .int(1)]

    /// Those that change a thread beside its message.
    private static let work: [(Statement, [PostgresValue])] = [
        (AttemptStore.updatePreset, attempt + [.text("true_1@c.us_A"), .text("wa_id"), .text("5511987650001")]),
        (
            AttemptStore.settleAccepted,
            attempt + [.text("wamid.1"), now, .text("5511987650001"), .text("5511987650001")]
        ),
        (
            AttemptStore.settleEnded,
            attempt + [
                .text("failed"), .int(18), .json(Array("{}".utf8)), now, .text("refused"), .bool(true), now,
            ]
        ),
    ]

    private static let holdThread = Statement(
        "hold_thread", "SELECT 1 FROM conversations WHERE account_id = 1 AND id = 1 FOR UPDATE")
    private static let holdMessage = Statement(
        "hold_message", "SELECT 1 FROM messages WHERE account_id = 1 AND id = 1 FOR UPDATE")
    private static let selectWaiting = Statement(
        "waiting", "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()")

    @Test func `whoever changes a thread takes it before its message`() async throws {
        for (statement, parameters) in Self.work {
            try await withTestDatabase(migrations: Schema.migrations) { pool in
                try await pool.withTransaction { transaction in
                    for sql in Self.rows { try await transaction.query(Statement("fill", sql, isPrepared: false)) }
                }
                let settling = try await pool.withTransaction { transaction in
                    try await transaction.query(Self.holdThread)
                    let settling = Task { try await pool.write(statement, parameters).count }
                    while try await pool.read(Self.selectWaiting)[0].int(0) == 0 { await Task.yield() }
                    // If it held the message, one of the two would be a deadlock's victim now.
                    try await transaction.query(Self.holdMessage)
                    return settling
                }
                #expect(try await settling.value == 1, "\(statement.name)")
            }
        }
    }
}
