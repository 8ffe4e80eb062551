package import Domain
import Postgres

/// Trying again. Asking is one thing, durable with its audit line; doing it another, under a lease, by any process.
extension InboundFailureStore {
    static let askSome = Statement(
        "inbound_failures_ask",
        """
        UPDATE inbound_failures f SET state = 'pending', due_at = $5
        WHERE f.id = ANY ($4::bigint[]) AND f.state <> 'replayed' AND \(isReached)
        RETURNING f.id
        """)

    static let askRange = Statement(
        "inbound_failures_ask_range",
        """
        UPDATE inbound_failures f SET state = 'pending', due_at = $6
        WHERE f.state = 'failed' AND f.received_at >= $4 AND f.received_at < $5 AND \(isReached)
        RETURNING f.id
        """)

    /// Which are to be tried again.
    package enum Chosen: Sendable {
        case ids([Int64])
        /// All that failed of the bodies that came from an instant on, up to before another.
        case received(from: Timestamp, before: Timestamp)
    }

    /// Those that were applied since are left as they are.
    ///
    /// - Returns: how many will be tried.
    @PostgresActor
    package func ask(_ chosen: Chosen, _ reach: Reach, in write: WriteTransaction) async throws -> Int {
        let place = reach.parameters
        let rows =
            switch chosen {
            case .ids(let ids):
                try await write.transaction.query(Self.askSome, place + [.intArray(ids), .time(write.now)])
            case .received(let from, let before):
                try await write.transaction.query(
                    Self.askRange, place + [.time(from), .time(before), .time(write.now)])
            }
        for row in rows { write.audit(.replay, of: .inboundEvent, try row.int(0)) }
        return rows.count
    }

    static let claim = Statement(
        "inbound_failures_claim",
        """
        WITH next AS (
            SELECT f.hook_id, f.body_id, f.received_at
            FROM inbound_failures f
            WHERE f.state = 'pending' AND f.due_at <= $1
            ORDER BY f.due_at
            LIMIT 1
            FOR UPDATE SKIP LOCKED
        ), taken AS (
            UPDATE inbound_failures f SET due_at = $2
            FROM next n
            WHERE f.hook_id = n.hook_id AND f.body_id = n.body_id AND f.received_at = n.received_at
                AND f.state = 'pending' AND f.due_at <= $1
            RETURNING f.hook_id, f.body_id, f.received_at, f.item
        ), items AS (
            SELECT t.hook_id, t.body_id, t.received_at, array_agg(t.item) AS items
            FROM taken t
            GROUP BY t.hook_id, t.body_id, t.received_at
        )
        SELECT h.id, h.provider, h.secrets, i.body_id, i.received_at, b.body, i.items
        FROM items i
        JOIN hooks h ON h.id = i.hook_id
        LEFT JOIN hook_bodies b ON b.hook_id = i.hook_id AND b.id = i.body_id AND b.received_at = i.received_at
        """)

    package struct Claimed: Sendable {
        /// nil when it is kept no longer.
        package let body: HookStore.Pending?
        package let hook: Int64
        package let bodyID: Int64
        package let receivedAt: Timestamp
        package let items: Set<Int>
    }

    /// The items of one body that are due; they are this process's until the lease ends.
    package func claim(now: Timestamp, leaseUntil: Timestamp) async throws -> Claimed? {
        guard let row = try await pool.write(Self.claim, [.time(now), .time(leaseUntil)]).first else { return nil }
        var r = RowReader(row)
        let hook = HookStore.Hook(id: try r.int(), provider: try r.word(), sealedSecrets: try r.text())
        let (id, receivedAt) = (try r.int(), try r.timestamp())
        let bytes = try r.bytesOrNil()
        return Claimed(
            body: bytes.map { HookStore.Pending(hook: hook, id: id, receivedAt: receivedAt, body: $0) },
            hook: hook.id, bodyID: id, receivedAt: receivedAt, items: Set(try r.intArrayOrNil()?.map(Int.init) ?? []))
    }

    static let settle = Statement(
        "inbound_failures_settle",
        """
        UPDATE inbound_failures f SET state = CASE WHEN r.reason IS NULL THEN 'replayed' ELSE 'failed' END,
            reason = COALESCE(r.reason, f.reason), provider_key = COALESCE(r.provider_key, f.provider_key),
            due_at = NULL, tried_at = $7
        FROM unnest($4::bigint[], $5::text[], $6::text[]) AS r (item, reason, provider_key)
        WHERE f.hook_id = $1 AND f.body_id = $2 AND f.received_at = $3 AND f.item = r.item AND f.state = 'pending'
        """)

    static let settleBody = Statement(
        "inbound_failures_settle_body",
        """
        UPDATE hook_bodies b SET state = 'done'
        WHERE b.hook_id = $1 AND b.id = $2 AND b.received_at = $3 AND b.state = 'failed' AND NOT EXISTS (
            SELECT 1 FROM inbound_failures f
            WHERE f.hook_id = $1 AND f.body_id = $2 AND f.received_at = $3 AND f.state <> 'replayed')
        """)

    /// - Parameter failures: which of the items failed again; the others are applied.
    package func settle(_ claimed: Claimed, _ failures: [HookStore.Failure], now: Timestamp) async throws {
        let again = Dictionary(failures.map { ($0.item, $0) }, uniquingKeysWith: { first, _ in first })
        let items = claimed.items.sorted()
        let place: [PostgresValue] = [.int(claimed.hook), .int(claimed.bodyID), .time(claimed.receivedAt)]
        let results: [PostgresValue] = [
            .intArray(items.map { Int64($0) }), .textArray(items.map { again[$0]?.reason }),
            .textArray(items.map { again[$0]?.providerKey }), .time(now),
        ]
        try await pool.withTransaction { transaction in
            try await transaction.query([(Self.settle, place + results)])
            try await transaction.query([(Self.settleBody, place)])
        }
    }
}
