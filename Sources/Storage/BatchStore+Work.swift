package import Domain
package import JSON
import Postgres

/// Works batches off, turn after turn. Each turn's messages, ledger and counts are one transaction; the lease shares the
/// batches among processes, and the fence keeps one whose lease ran out from writing anything.
@PostgresActor
extension BatchStore {
    /// The most messages of one batch that wait to be sent at once: what is sent singly never waits for more.
    package nonisolated static let queuedAtOnce = 100
    /// It is filled up again when so few are left, so that a turn is worth its price.
    nonisolated static let queuedAtLeast = 50

    /// A batch whose turn is this process's.
    package struct Claimed: Sendable {
        package let account: Account.ID
        package let id: SendBatch.ID
        package let key: APIKey.ID
        package let actor: Actor
        package let content: JSONObject
        package let variables: JSONValue?
        /// That its maker sees; nil is all.
        package let visible: Set<Instance.ID>?
        package let validUntil: Timestamp?
        package let language: String
        package let fence: Int64
        /// How many may be queued.
        package let room: Int
    }

    /// Whoever has waited longest is next, so that accounts and their batches take turns.
    nonisolated static let claim = Statement(
        "batch_claim",
        """
        WITH due AS (
            SELECT q.account_id, q.id, w.waiting
            FROM batches q
            JOIN accounts a ON a.id = q.account_id AND a.status = 'active'
            CROSS JOIN LATERAL (
                SELECT count(*) AS waiting FROM outbox o WHERE o.account_id = q.account_id AND o.batch_id = q.id
            ) w
            WHERE q.status IN ('queued', 'running') AND q.start_at <= $1
                AND (q.lease_until IS NULL OR q.lease_until < $1) AND w.waiting <= $4
            ORDER BY q.turn_at
            LIMIT 1
            FOR UPDATE OF q SKIP LOCKED
        ), claimed AS (
            UPDATE batches b SET status = 'running', lease_owner = $2, lease_until = $3, turn_at = $1,
                fence = b.fence + 1, started_at = COALESCE(b.started_at, $1)
            FROM due
            WHERE b.account_id = due.account_id AND b.id = due.id
            RETURNING b.account_id, b.id, b.api_key_id, b.request_id, b.content, b.variables, b.key_instance_ids,
                b.valid_until, b.language, b.fence, due.waiting
        )
        SELECT account_id, id, api_key_id, request_id, content, variables, key_instance_ids, valid_until, language, fence,
            waiting
        FROM claimed
        """)

    /// The next turn of somebody's batch; nil when nobody's waits, or all have enough in the queue.
    package func claim(owner: String, until lease: Timestamp, now: Timestamp) async throws -> Claimed? {
        try await pool.write(
            Self.claim, [.time(now), .text(owner), .time(lease), .int(Int64(Self.queuedAtLeast))]
        ).first.map(Self.claimed)
    }

    @inline(never)
    nonisolated private static func claimed(_ row: PostgresRow) throws -> Claimed {
        var r = RowReader(row)
        let (account, id): (Account.ID, SendBatch.ID) = (try r.id(), try r.id())
        let (key, request): (APIKey.ID, String?) = (try r.id(), try r.textOrNil())
        guard let content = try r.json().object else { throw StorageError.missing("a batch's content") }
        let variables = try r.jsonOrNil()
        let visible = try r.intArrayOrNil().map { Set($0.map { Instance.ID($0) }) }
        return Claimed(
            account: account, id: id, key: key, actor: Actor(account: account, apiKeyID: key, requestID: request),
            content: content, variables: variables, visible: visible, validUntil: try r.timestampOrNil(),
            language: try r.text(), fence: try r.int(), room: max(0, queuedAtOnce - Int(try r.int())))
    }

    /// A recipient whose turn it is.
    package struct Pending: Sendable {
        package let place: Int64
        package let leadID: Lead.ID
        package let variables: JSONValue?
        package let clientReference: String?
    }

    nonisolated static let selectPending = Statement(
        "batch_pending",
        """
        SELECT r.place, r.lead_id, r.variables, r.client_reference
        FROM batch_recipients r
        WHERE r.account_id = $1 AND r.batch_id = $2 AND r.state = 'pending'
        ORDER BY r.place
        LIMIT $3
        """)

    package func pending(of claimed: Claimed) async throws -> [Pending] {
        try await pool.read(
            Self.selectPending, [.id(claimed.account), .id(claimed.id), .int(Int64(claimed.room))]
        ).map(Self.pending)
    }

    @inline(never)
    nonisolated private static func pending(_ row: PostgresRow) throws -> Pending {
        var r = RowReader(row)
        return Pending(
            place: try r.int(), leadID: try r.id(), variables: try r.jsonOrNil(),
            clientReference: try r.textOrNil())
    }

    nonisolated static let hold = Statement(
        "batch_hold",
        """
        SELECT b.id
        FROM batches b
        WHERE b.account_id = $1 AND b.id = $2 AND b.status = 'running' AND b.fence = $3 AND b.lease_owner IS NOT NULL
        FOR NO KEY UPDATE
        """)

    /// Whether the turn is still this process's, and stays so to the end of the transaction.
    package func hold(_ claimed: Claimed, in write: WriteTransaction) async throws -> Bool {
        try await !write.transaction.query(
            Self.hold, [.id(claimed.account), .id(claimed.id), .int(claimed.fence)]
        ).isEmpty
    }

    /// What became of a recipient when their turn came.
    package enum Outcome: Sendable {
        case send(AcceptStore.Submission)
        case skip(Refusal)
    }

    nonisolated static let settle = Statement(
        "batch_settle",
        """
        UPDATE batch_recipients r SET state = CASE WHEN q.message_id IS NULL THEN 'skipped' ELSE 'queued' END,
            code = q.code, report = q.report, message_id = q.message_id, variables = NULL, decided_at = $3
        FROM unnest($4::integer[], $5::bigint[], $6::text[], $7::jsonb[]) AS q (place, message_id, code, report)
        WHERE r.account_id = $1 AND r.batch_id = $2 AND r.state = 'pending' AND r.place = ANY ($4::integer[])
            AND r.place = q.place
        """)

    nonisolated static let markQueued = Statement(
        "batch_mark_queued",
        """
        UPDATE outbox o SET batch_id = $2 WHERE o.account_id = $1 AND o.message_id = ANY ($3::bigint[])
        """)

    /// The lease ends with the turn: the next one is whosever it is.
    nonisolated static let advance = Statement(
        "batch_advance",
        """
        UPDATE batches b SET pending = b.pending - $3::integer - $4::integer, queued = b.queued + $3::integer,
            skipped = b.skipped + $4::integer, lease_owner = NULL, lease_until = NULL,
            status = CASE WHEN b.pending = $3::integer + $4::integer THEN 'completed' ELSE b.status END,
            variables = CASE WHEN b.pending > $3::integer + $4::integer THEN b.variables END,
            finished_at = CASE WHEN b.pending = $3::integer + $4::integer THEN $5::timestamptz END
        WHERE b.account_id = $1 AND b.id = $2
        """)

    /// Gives each recipient their message, or the reason why they get none. The turn is held.
    ///
    /// - Throws: `StorageError.Outdated` when somebody has become another contact since they were judged.
    package func settle(
        _ outcomes: [(place: Int64, Outcome)], of claimed: Claimed, in write: WriteTransaction
    ) async throws {
        var (sends, places) = ([AcceptStore.Submission](), [Int64]())
        var skipped: [(Int64, Refusal)] = []
        for (place, outcome) in outcomes {
            switch outcome {
            case .send(let send):
                sends.append(send)
                places.append(place)
            case .skip(let refusal): skipped.append((place, refusal))
            }
        }
        let messages = sends.isEmpty ? [] : try await AcceptStore.accept(sends, in: write)
        guard messages.allSatisfy({ $0 != nil }) else { throw StorageError.missing("a message of a batch") }
        let own: [PostgresValue] = [.id(claimed.account), .id(claimed.id)]
        let none = skipped.map { _ in Message.ID?.none }
        var steps: [(Statement, [PostgresValue])] = []
        if !sends.isEmpty { steps.append((Self.markQueued, own + [.ids(messages)])) }
        steps.append(
            (
                Self.settle,
                own + [
                    .time(write.now), .intArray(places + skipped.map(\.0)), .ids(messages + none),
                    .textArray(sends.map { _ in nil } + skipped.map(\.1.code)),
                    .jsonArray(sends.map { _ in nil } + skipped.map { Optional($0.1.report.serialized()) }),
                ]
            ))
        steps.append(
            (
                Self.advance,
                own + [.int(Int64(sends.count)), .int(Int64(skipped.count)), .time(write.now)]
            ))
        try await write.transaction.query(steps)
    }

    /// Lets nobody's turn come until it is resumed. The turn is held.
    package func pause(_ claimed: Claimed, for reason: SendBatch.PauseReason, in write: WriteTransaction) async throws {
        try await write.transaction.query(
            Self.updateStatus,
            [
                .id(claimed.account), .id(claimed.id), .text(SendBatch.Status.paused.rawValue),
                .text(reason.rawValue),
            ])
        write.audit(
            .update, of: .batch, claimed.id.rawValue,
            changes: .changes([
                (
                    "status", .string(SendBatch.Status.running.rawValue),
                    .string(SendBatch.Status.paused.rawValue)
                )
            ]))
    }

    nonisolated static let release = Statement(
        "batch_release",
        """
        UPDATE batches b SET lease_owner = NULL, lease_until = NULL
        WHERE b.account_id = $1 AND b.id = $2 AND b.fence = $3
        """)

    /// Gives the turn back untouched.
    package func release(_ claimed: Claimed) async throws {
        try await pool.write(Self.release, [.id(claimed.account), .id(claimed.id), .int(claimed.fence)])
    }
}
