import Domain
import Postgres
import TestSupport
import Testing

@testable import Storage

/// What a statement looks at in an account of many leads, where most accounts have few and the plan was made for all.
@Suite struct LargestAccountTests {
    /// Of each contact one address, one thread, one message, one key, one task.
    private static let more = [
        """
        INSERT INTO contact_identifiers (account_id, kind, match_key, value, contact_id, evidence, created_at)
        SELECT c.account_id, k.kind, c.phone, c.phone, c.id, 'api', now()
        FROM contacts c, (VALUES ('phone'), ('wa_id')) AS k (kind)
        """,
        "DELETE FROM conversations",
        """
        INSERT INTO conversations (
            account_id, id, contact_id, instance_id, recipient_kind, recipient_value, last_inbound_at, last_message_at,
            created_at)
        SELECT account_id, id, id, 1, 'phone', phone, now(), now(), now() FROM contacts
        """,
        """
        INSERT INTO messages (
            account_id, id, conversation_id, contact_id, instance_id, lead_id, direction, type, status, status_rank,
            provider_message_id, queued_at, updated_at)
        SELECT account_id, id, id, id, 1, id, 'outbound', 'text', 'accepted', 20, 'wamid.' || id, now(), now()
        FROM contacts
        """,
        """
        INSERT INTO idempotency_keys (account_id, route, key, request_hash, message_id, created_at)
        SELECT account_id, 'POST /leads/{id}/send-whatsapp', 'key-' || id, '', id, now() FROM contacts
        """,
        """
        INSERT INTO outbox (account_id, message_id, conversation_id, instance_id, run_at)
        SELECT account_id, id, id, 1, now() + id * interval '1 millisecond' FROM contacts
        """,
        """
        INSERT INTO tasks (account_id, lead_id, subject, type, due_date, is_mandatory, created_at, updated_at)
        SELECT account_id, id, 's', 'call', now(), true, now(), now() FROM contacts
        """,
        """
        INSERT INTO events (account_id, type, created_at, lead_id, message_id, data)
        SELECT account_id, 'message.queued', now(), id, id, '{}' FROM contacts
        """,
        """
        INSERT INTO attempts (account_id, message_id, number, started_at)
        SELECT account_id, id, 1, now() FROM contacts
        """,
        """
        INSERT INTO audit_log (account_id, at, action, entity, entity_id)
        SELECT account_id, now(), 'message.retry', 'message', id FROM contacts
        """,
        "UPDATE instances SET status = 'connected'", "SELECT setval('messages_id_seq', 1000000)",
        "ANALYZE contact_identifiers, conversations, messages, idempotency_keys, outbox, tasks, events, attempts",
        "ANALYZE audit_log",
    ]

    private static let account = PostgresValue.id(Account.ID(1))
    private static let ids: [Int64] = [1000, 2000, 5000]
    private static let few = PostgresValue.intArray(ids)

    /// The key by which a contact of `LopsidedAccounts` is found.
    private static let keys = ids.map { id in
        let digits = String(id * 7919 % 1_000_000_007)
        return "+5511" + String(repeating: "0", count: 10 - digits.count) + digits
    }
    private static let search: [PostgresValue] = [
        account, .textArray(ids.map { _ in "phone" }), .textArray(ids.map { _ in "" }), .textArray(keys),
    ]

    private static let work: [(Statement, [PostgresValue])] = [
        (SendContextStore.selectLeads, [account, few]),
        (SendContextStore.selectAddresses, [account, few]),
        (SendContextStore.selectConversations, [account, few]),
        (
            SendContextStore.selectKeys,
            [
                account, .textArray(ids.map { _ in "POST /leads/{id}/send-whatsapp" }),
                .textArray(ids.map { "key-\($0)" }),
            ]
        ),
        (SendContextStore.selectReplyTargets, [account, few, few]),
        (LeadStore.findContacts, search),
        (LeadStore.lockForUpsert, search + [.textArray(["e1", "e2"]), few]),
        (LeadStore.selectForUpsert, [account, .textArray(["e1", "e2"]), few, few]),
        (LeadStore.lockContacts, [account, few]),
        (LeadStore.lock, [account, few]),
        (LeadStore.selectArchivedToo, [account, few]),
        (LeadStore.selectPending, [account, few]),
        (LeadStore.lockContact, [account, .int(2000)]),
        (
            LeadStore.deleteIdentifiers,
            [account, few, .textArray(ids.map { _ in "phone" }), .textArray(keys)]
        ),
        (
            LeadStore.insertEvents,
            [
                account, .time(Timestamp(rfc3339: "2026-01-01T00:00:00Z")!), few,
                .textArray(ids.map { _ in "lead.updated" }), .jsonArray(ids.map { _ in nil }), .null,
            ]
        ),
    ]

    private static let now = PostgresValue.time(Timestamp(rfc3339: "2026-01-01T00:00:00Z")!)
    private static let one: [PostgresValue] = [account, .int(2000)]

    /// What is done with one message, and told of it.
    private static let life: [(Statement, [PostgresValue])] = [
        (MessageStore.selectKept, one), (MessageStore.cancelQueued, one + [now, .null]),
        (MessageStore.settleUnknown, one + [.text("failed"), .int(35), now, .null]),
        (
            MessageStore.retryEnded,
            one + [
                .text("accepted"), .int(0), now, .text("text"), .null, .json(Array("{}".utf8)), .null, .null, .null,
                .null,
            ]
                + [.null, .null, .text("phone"), .text("+5511"), .bool(false), .bool(false), .null, .text("o"), now]
                + [.null, .null, .bool(true), .bool(true)]
        ),
        (AttemptStore.settleAccepted, one + [.int(1), .text("x"), now, .null, .null]),
        (
            AttemptStore.settleEnded,
            one + [
                .int(1), .text("failed"), .int(35), .json(Array("{}".utf8)), now, .text("refused"), .bool(true), now,
            ]
        ),
        (TraceStore.selectMessage, one + [now]), (TraceStore.selectAttempts, one), (TraceStore.selectNews, one),
        (TraceStore.selectRequests, one),
    ]

    /// A send to a contact who has been written to, and what is due of it and of all others.
    private static let sending: [(Statement, [PostgresValue])] = [
        (
            AcceptStore.insert,
            AcceptStore.parameters([
                AcceptStore.Submission(
                    account: Account.ID(1), leadID: Lead.ID(2000), contactID: Contact.ID(2000),
                    instanceID: Instance.ID(1), recipient: Recipient(kind: .phone, value: "+5511"),
                    content: .text("a"), text: "a", template: nil, usedFallback: false, replyTo: nil,
                    replyToProviderID: nil, clientReference: nil, sentBy: nil, apiKeyID: APIKey.ID(1), sendAt: nil,
                    validUntil: nil, held: false, claim: nil, now: late, leaseOwner: "o", leaseUntil: late,
                    isContactPaced: true)
            ])
        ),
        (OutboxStore.claimSingle, due + [.null]), (OutboxStore.claimOfBatches, due + [.null]),
        // None of these messages takes room of a messaging limit.
        (OutboxStore.claimSingle, due + [.bool(false)]), (OutboxStore.claimOfBatches, due + [.bool(false)]),
        (InstanceStore.updateMessagingLimit, [account, .text("waba"), .text("TIER_50"), .time(late), .null]),
        (InstanceStore.updatePacing, [account, .int(1), .int(5), .null, .null, .null, .time(late)]),
        (TierStore.addCounts, [account, .text("waba"), .timestampArray([0]), .intArray([1])]),
        (TierStore.deletePast, [account, .text("waba"), now]), (TierStore.selectCounts, [account, .text("waba")]),
        (
            AttemptStore.settleRequeued,
            one + [
                .int(1), .json(Array("{}".utf8)), now, now, .text("refused"), now,
            ]
        ),
        (
            NumberPaceStore.addReports,
            [
                .intArray([1]), .intArray([1]), .intArray([1]), .intArray([50_000]), .timestampArray([0]),
                .timestampArray([0]), now, now,
            ]
        ),
    ]

    /// When all of the outbox is due.
    private static let late = Timestamp(rfc3339: "2100-01-01T00:00:00Z")!
    private static let due: [PostgresValue] = [
        account, .time(late), .int(3), .text("o"), .time(late), .int(1), .bool(true),
    ]

    private static let selectTouched = Statement(
        "touched_rows",
        """
        SELECT relname::text, seq_tup_read + COALESCE(idx_tup_fetch, 0)
        FROM pg_stat_xact_user_tables
        """)

    /// By table; more than the session's other work only by what is done in between.
    private static func touched(_ session: PostgresSession) async throws -> [String: Int64] {
        Dictionary(
            uniqueKeysWithValues: try await session.query(selectTouched).map { (try $0.text(0), try $0.int(1)) })
    }

    @Test func `what is asked of few leads looks at few rows, however many the account has`() async throws {
        try await withTestDatabase(migrations: Schema.migrations) { pool in
            try await pool.withConnection { session in
                try await LopsidedAccounts(large: 6000, small: 6).fill(session)
                for sql in Self.more {
                    _ = try await session.query(Statement("fill", sql, isPrepared: false))
                }
                _ = try await session.query(Statement("generic", "SET plan_cache_mode = force_generic_plan"))
                for (statement, parameters) in Self.work + Self.life + Self.sending {
                    _ = try await session.query(Statement("begin", "BEGIN"))
                    let before = try await Self.touched(session)
                    _ = try await session.query(statement, parameters)
                    let after = try await Self.touched(session)
                    _ = try await session.query(Statement("rollback", "ROLLBACK"))
                    for (table, count) in after {
                        #expect(count - before[table, default: 0] <= 100, "\(table) by \(statement.name)")
                    }
                }
            }
        }
    }
}
