import Domain
import EventLoop
import JSON
import Postgres
import Storage

@testable import leadwire_bench

/// The queue twice, as the model and as the tables, and what is done to both.
@Reactor
struct QueueTwins {
    static let account = Queue.account
    static let lease = Duration.seconds(60)
    static let fault = ProviderFault(
        provider: .cloudAPI, code: nil, title: "t", details: nil, retryable: true)
    static let template = OutboundContent.template(
        OutboundContent.TemplateSend(name: "t", language: "pt_BR", components: []))

    let database: Storage.Database
    var dice: Dice
    var queue: Queue
    var now = Timestamp(seconds: 1_800_000_000)
    /// The table's id of each of the model's messages.
    var ids: [Message.ID] = []
    /// An attempt in somebody's hands, by the model and by the tables; it may long be another's.
    var hands: [(model: AttemptStore.Claimed, real: AttemptStore.Claimed)] = []
    var nextName = 0

    init(seed: UInt64, _ database: Storage.Database, flaw: Flaw? = nil) {
        self.database = database
        dice = Dice(seed: seed)
        let numbers = [
            NumberRow(id: Instance.ID(1), provider: .cloudAPI), NumberRow(id: Instance.ID(2), provider: .waha),
        ]
        let threads = (0..<4).map { index in
            ThreadRow(
                id: Conversation.ID(Int64(index + 1)), number: index % 2, contact: Contact.ID(Int64(index + 1)),
                lastInboundAt: index == 0 ? nil : Timestamp(seconds: 1_800_000_000 - Int64(index) * 1000),
                pace: index % 2 == 0 ? .cloudRecipient : nil,
                // Little is left of the burst.
                pacedUntil: index == 0 ? Timestamp(seconds: 1_800_000_262) : nil)
        }
        queue = Queue(threads: threads, numbers: numbers, flaw: flaw)
    }

    func fill() async throws {
        let rows = [
            "INSERT INTO accounts (id, name, created_at) VALUES (1, 'a', now())",
            "INSERT INTO hooks (id, provider, token_hash, secrets, created_at) VALUES (1, 'waha', '', '', now())",
            """
            INSERT INTO instances (
                account_id, id, provider, display_name, phone_number, base_url, provider_key, secrets, hook_id, status,
                created_at, updated_at)
            SELECT 1, n, CASE n WHEN 1 THEN 'cloud_api' ELSE 'waha' END, '', '', '', 'k' || n, '', 1, 'connected',
                now(), now()
            FROM generate_series(1, 2) AS n
            """,
            """
            INSERT INTO contacts (account_id, id, name, created_at, updated_at)
            SELECT 1, n, 'c', now(), now() FROM generate_series(1, 4) AS n
            """,
            """
            INSERT INTO conversations (
                account_id, id, contact_id, instance_id, recipient_kind, recipient_value, last_inbound_at,
                last_message_at, created_at, paced_until)
            SELECT 1, n, n, 1 + (n - 1) % 2, 'wa_id', '55119',
                CASE WHEN n > 1 THEN to_timestamp(1800000000 - (n - 1) * 1000) END, now(), now(),
                CASE WHEN n = 1 THEN to_timestamp(1800000262) END
            FROM generate_series(1, 4) AS n
            """,
        ]
        for sql in rows { try await database.pool.write(Statement("fill", sql, isPrepared: false)) }
    }

    // MARK: What stands in both

    var model: [String] {
        var lines: [String] = []
        for row in queue.messages {
            lines.append(
                "message \(ids[Queue.index(row.id)]) \(row.status) \(row.status.rank) \(row.attempts) "
                    + "\(row.earlierAttempts) \(row.presetID ?? "-") \(row.providerMessageID ?? "-") "
                    + "\(row.error != nil) \(Self.told(row.sendAt)) \(Self.told(row.validUntil)) \(row.usedFallback) "
                    + "\(row.isTemplate)")
        }
        for row in queue.outbox {
            lines.append(
                "outbox \(ids[Queue.index(row.id)]) \(Self.told(row.runAt)) \(row.leaseOwner ?? "-") "
                    + "\(Self.told(row.leaseUntil))")
        }
        for row in queue.messages {
            for attempt in row.tries {
                lines.append(
                    "attempt \(ids[Queue.index(row.id)]) \(attempt.number) \(Self.told(attempt.startedAt)) "
                        + "\(Self.told(attempt.finishedAt)) \(attempt.outcome ?? "-")")
            }
        }
        for row in queue.threads {
            lines.append("thread \(row.id) \(Self.told(row.lastInboundAt)) \(Self.told(row.pacedUntil))")
        }
        lines.append("parked \(queue.parked.count)")
        return lines
    }

    static func told(_ time: Timestamp?) -> String { time.map { "\($0.microseconds)" } ?? "-" }
    static func told(_ time: Int64?) -> String { time.map { "\($0)" } ?? "-" }

    func tables() async throws -> [String] {
        func rows(_ sql: String) async throws -> PostgresRows {
            try await database.pool.read(Statement("twins", sql, isPrepared: false))
        }
        var lines: [String] = []
        for row in try await rows(
            """
            SELECT id, status, status_rank, attempts, earlier_attempts, preset_provider_id, provider_message_id,
                error IS NOT NULL, send_at, valid_until, used_fallback, content ? 'n'
            FROM messages ORDER BY id
            """)
        {
            lines.append(
                "message \(try row.int(0)) \(try row.text(1)) \(try row.int(2)) \(try row.int(3)) \(try row.int(4)) "
                    + "\(try row.textOrNil(5) ?? "-") \(try row.textOrNil(6) ?? "-") \(try row.bool(7)) "
                    + "\(Self.told(try row.timestampOrNil(8))) \(Self.told(try row.timestampOrNil(9))) "
                    + "\(try row.bool(10)) \(try row.bool(11))")
        }
        for row in try await rows("SELECT message_id, run_at, lease_owner, lease_until FROM outbox ORDER BY message_id")
        {
            lines.append(
                "outbox \(try row.int(0)) \(Self.told(try row.timestamp(1))) \(try row.textOrNil(2) ?? "-") "
                    + "\(Self.told(try row.timestampOrNil(3)))")
        }
        for row in try await rows(
            "SELECT message_id, number, started_at, finished_at, outcome FROM attempts ORDER BY message_id, number")
        {
            lines.append(
                "attempt \(try row.int(0)) \(try row.int(1)) \(Self.told(try row.timestamp(2))) "
                    + "\(Self.told(try row.timestampOrNil(3))) \(try row.textOrNil(4) ?? "-")")
        }
        for row in try await rows("SELECT id, last_inbound_at, paced_until FROM conversations ORDER BY id") {
            lines.append(
                "thread \(try row.int(0)) \(Self.told(try row.timestampOrNil(1))) "
                    + "\(Self.told(try row.timestampOrNil(2)))")
        }
        lines.append("parked \(try await rows("SELECT count(*) FROM parked_statuses")[0].int(0))")
        return lines
    }

    // MARK: What is done to both

    /// What was done, in words.
    mutating func act() async throws -> String {
        now = now + dice.duration(0...40_000)
        switch dice.below(28) {
        case ..<6: return try await accept()
        case ..<11: return try await claim()
        case ..<17: return try await settle()
        case 17: return try await prepare()
        case 18: return try await rescueAndExpire()
        case 19: return try await cancel()
        case 20: return try await resolve()
        case 21, 22: return try await retry()
        case ..<26: return try await report()
        case 26: return try await applyParked()
        default: return try await change()
        }
    }
}
