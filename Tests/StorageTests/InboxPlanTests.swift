import Domain
import Postgres
import TestSupport
import Testing

@testable import Storage

/// How PostgreSQL goes about the threads and messages of a large account, whatever they are narrowed by.
@Suite struct InboxPlanTests {
    private static let day = "timestamptz '2026-01-01T00:00:00Z'"
    private static let start = Timestamp(rfc3339: "2026-01-01T00:00:00Z")!

    /// Account 1 with many among accounts with few; of each thing that a list is narrowed by there is little, and that
    /// little is old.
    private static let rows = [
        "INSERT INTO accounts (id, name, created_at) SELECT n, 'a', now() FROM generate_series(1, 500) AS n",
        """
        INSERT INTO pipelines (account_id, id, name, position, created_at)
        SELECT n, n, 'p', 1, now() FROM generate_series(1, 500) AS n
        """,
        """
        INSERT INTO stages (account_id, id, pipeline_id, name, position, created_at)
        SELECT n, n, n, 's', 1, now() FROM generate_series(1, 500) AS n
        """,
        """
        INSERT INTO contacts (account_id, id, created_at, updated_at)
        SELECT CASE WHEN n > 40000 THEN 2 + n % 499 ELSE 1 END, n, now(), now() FROM generate_series(1, 42000) AS n
        """,
        """
        INSERT INTO leads (
            account_id, id, contact_id, name, pipeline_id, stage_id, currency, created_at, updated_at)
        SELECT account_id, id, id, 'l', account_id, account_id, 'BRL', now(), now() FROM contacts
        """,
        """
        INSERT INTO conversations (
            account_id, id, contact_id, instance_id, status, assigned_to, unread, last_message_at, created_at)
        SELECT account_id, id, id, CASE WHEN id % 7000 = 1 THEN 2 ELSE 1 END,
            CASE WHEN id % 7000 = 2 THEN 'closed' ELSE 'open' END, CASE WHEN id % 7000 = 3 THEN 5 END,
            CASE WHEN id % 7000 = 4 THEN 0 ELSE 1 END, \(day) + id * interval '1 minute', now()
        FROM contacts
        """,
        """
        INSERT INTO messages (
            account_id, id, conversation_id, contact_id, instance_id, lead_id, direction, type, status, status_rank,
            text, template_id, client_reference, queued_at, sent_at, updated_at)
        SELECT v.account_id, v.id + 42000 * k, v.id, v.contact_id, v.instance_id, v.id,
            CASE WHEN v.id % 7000 = 5 THEN 'inbound' ELSE 'outbound' END,
            CASE WHEN v.id % 7000 = 6 THEN 'location' ELSE 'text' END,
            CASE v.id % 7000 WHEN 5 THEN 'received' WHEN 7 THEN 'failed' ELSE 'delivered' END, 0, 'x',
            CASE WHEN v.id % 7000 = 8 THEN 1 END, CASE WHEN v.id % 7000 = 9 THEN 'r' END,
            \(day) + (v.id + 42000 * k) * interval '1 second', \(day) + (v.id + 42000 * k) * interval '1 second', now()
        FROM conversations v, generate_series(0, 2) AS k
        """,
        "VACUUM (ANALYZE) conversations, messages, contacts, leads",
    ]

    private static let threads: [@Sendable (inout ConversationStore.Filter) -> Void] = [
        { _ in }, { $0.status = .closed }, { $0.status = .open }, { $0.assignee = .user(5) },
        { $0.assignee = .nobody }, { $0.isUnread = false }, { $0.isUnread = true }, { $0.instanceID = 2 },
        { $0.instances = [Instance.ID(2), Instance.ID(3)] }, { $0.contactID = 77 }, { $0.leadID = 77 },
    ]

    private static let messages: [@Sendable (inout MessageStore.Filter) -> Void] = [
        { _ in }, { $0.direction = .inbound }, { $0.direction = .outbound }, { $0.type = "location" },
        { $0.status = .failed }, { $0.status = .played }, { $0.templateID = 1 }, { $0.clientReference = "r" },
        { $0.instanceID = 2 }, { $0.instances = [Instance.ID(2), Instance.ID(3)] }, { $0.leadID = 77 },
        { $0.contactID = 77 }, { $0.conversationID = 77 },
        { $0.created = .init(from: start + .seconds(500), before: start + .seconds(600)) },
        { $0.sent = .init(from: start + .seconds(500), before: start + .seconds(600)) },
    ]

    @Test func `a page of threads or messages looks at little more than what it answers`() async throws {
        try await withTestDatabase(migrations: Schema.migrations) { pool in
            try await pool.withConnection { session in
                func run(_ sql: String) async throws -> [String] {
                    try await session.query(Statement("inbox_plan", sql, isPrepared: false)).map { try $0.text(0) }
                }
                _ = try await run("SET session_replication_role = replica")
                for sql in Self.rows { _ = try await run(sql) }
                var steps: [(Statement, [PostgresValue])] = []
                for change in Self.threads {
                    var filter = ConversationStore.Filter()
                    change(&filter)
                    let middle = ListPosition(time: Self.start + .seconds(60 * 30_000), id: 30_000)
                    for position in [nil, middle] {
                        steps.append(
                            ConversationStore.listing(filter, of: Account.ID(1)).step(
                                after: position, rows: 51, passed: 0))
                    }
                }
                for change in Self.messages {
                    var filter = MessageStore.Filter()
                    change(&filter)
                    let time: Timestamp? = filter.order == .newest ? nil : Self.start + .seconds(550)
                    for position in [nil, ListPosition(time: time, id: 60_000)] {
                        steps.append(
                            MessageStore.listing(filter, of: Account.ID(1)).step(after: position, rows: 51, passed: 0))
                    }
                }
                for (statement, values) in steps {
                    let plan = try await session.query(
                        Statement("explain", "EXPLAIN (ANALYZE, BUFFERS) \(statement.sql)", isPrepared: false), values
                    ).map { try $0.text(0) }
                    let words = "\(statement.sql)\n\(plan.joined(separator: "\n"))"
                    #expect(!words.contains(/Seq Scan on (messages|conversations|contacts|leads)/), "\(words)")
                    let pages = PlanFigures.pages(plan)
                    // A thread has a contact, a lead and a message beside it: a few pages each.
                    #expect(try #require(pages) <= 1200, "\(words)")
                }
            }
        }
    }
}
