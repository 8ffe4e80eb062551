import Domain
import JSON
package import Postgres

/// Makes a send durable: message, attempt, outbox, idempotency claim, event and conversation in one statement.
package struct AcceptStore: Sendable {
    private let pool: PostgresPool
    private let group: Group

    package init(_ pool: PostgresPool) {
        self.pool = pool
        group = Group(pool, Self.form)
    }

    /// One statement, one commit, for one send or several of an account. The claim goes first: where the key is taken
    /// nothing else is written, and no row comes back; a twin's claim that is not yet committed is waited for by the
    /// unique key itself.
    ///
    /// A message does not overtake an earlier one of its conversation that still waits, unless that one waits for a
    /// time of its own. One that goes at once moves its contact's pace, if there is one and it is within it: whether it
    /// goes is seen by its id in the thread. One that is not within it waits until it will be.
    static let insert = Statement(
        "send_accept",
        """
        WITH input AS MATERIALIZED (
            SELECT i.*, nextval('messages_id_seq') AS message_id
            FROM unnest(
                $3::timestamptz[], $4::timestamptz[], $5::text[], $6::text[], $7::bytea[], $8::bigint[], $9::bigint[],
                $10::bigint[], $11::text[], $12::text[], $13::boolean[], $14::text[], $15::text[], $16::jsonb[],
                $17::bigint[], $18::text[], $19::text[], $20::text[], $21::bigint[], $22::text[], $23::text[],
                $24::text[], $25::bigint[], $26::boolean[], $27::timestamptz[], $28::timestamptz[], $29::jsonb[],
                $30::bigint[], $31::jsonb[], $32::timestamptz[], $33::boolean[], $34::boolean[]
            ) WITH ORDINALITY AS i (
                now, lease_until, route, key, request_hash, lead_id, contact_id, instance_id, kind, value, held, type,
                text, content, template_id, template_name, template_language, template_category, reply_to,
                reply_to_provider_id, client_reference, sent_by, api_key_id, used_fallback, send_at, valid_until,
                details, media_id, fallback, run_at, paced, counted, place)
        ), claim AS (
            INSERT INTO idempotency_keys (account_id, route, key, request_hash, message_id, created_at)
            SELECT $1, i.route, i.key, i.request_hash, i.message_id, i.now FROM input i WHERE i.key IS NOT NULL
            ON CONFLICT (account_id, route, key) DO NOTHING
            RETURNING message_id
        ), go AS (
            SELECT i.* FROM input i
            LEFT JOIN claim c ON c.message_id = i.message_id
            WHERE i.key IS NULL OR c.message_id IS NOT NULL
        ), conversation AS (
            INSERT INTO conversations AS v (
                account_id, contact_id, instance_id, recipient_kind, recipient_value, last_message_at, created_at,
                paced_until, paced_message_id, tier_counted_at)
            SELECT $1, g.contact_id, g.instance_id, g.kind, g.value, g.now, g.now,
                CASE WHEN g.paced AND NOT g.held THEN g.now + \(step) END,
                CASE WHEN NOT g.held THEN g.message_id END, CASE WHEN g.counted AND NOT g.held THEN g.now END
            FROM go g ORDER BY g.place
            ON CONFLICT (account_id, contact_id, instance_id) DO UPDATE SET
                last_message_at = GREATEST(v.last_message_at, EXCLUDED.last_message_at),
                recipient_kind = COALESCE(v.recipient_kind, EXCLUDED.recipient_kind),
                recipient_value = COALESCE(v.recipient_value, EXCLUDED.recipient_value),
                (paced_until, paced_message_id, tier_counted_at) = (
                    SELECT
                        CASE WHEN turn.has_come AND EXCLUDED.paced_until IS NOT NULL
                            THEN GREATEST(v.paced_until + \(step), EXCLUDED.paced_until) ELSE v.paced_until END,
                        CASE WHEN turn.has_come THEN EXCLUDED.paced_message_id ELSE v.paced_message_id END,
                        CASE WHEN turn.has_come THEN GREATEST(v.tier_counted_at, EXCLUDED.tier_counted_at)
                            ELSE v.tier_counted_at END
                    FROM (
                        SELECT EXCLUDED.paced_message_id IS NOT NULL
                            AND COALESCE(v.paced_until <= EXCLUDED.paced_until + \(slack), TRUE)
                            AND (
                                SELECT o.message_id FROM outbox o
                                CROSS JOIN LATERAL (
                                    SELECT e.send_at FROM messages e
                                    WHERE e.account_id = $1 AND e.id = o.message_id LIMIT 1
                                ) e
                                WHERE o.account_id = $1 AND o.conversation_id = v.id AND o.lease_until IS NULL
                                    AND (e.send_at IS NULL OR e.send_at <= EXCLUDED.last_message_at)
                                LIMIT 1
                            ) IS NULL AS has_come
                    ) turn)
            RETURNING v.id, v.contact_id, v.instance_id, v.last_inbound_at, v.created_at, v.paced_until,
                v.paced_message_id
        ), turn AS MATERIALIZED (
            SELECT g.*, v.id AS conversation_id, v.last_inbound_at, v.created_at = g.now AS is_new,
                v.paced_until, v.paced_message_id IS NOT DISTINCT FROM g.message_id AS dispatches
            FROM go g
            JOIN conversation v ON v.contact_id = g.contact_id AND v.instance_id = g.instance_id
        ), message AS (
            INSERT INTO messages AS m (
                account_id, id, conversation_id, contact_id, instance_id, lead_id, direction, type, status,
                status_rank, text, content, template_id, template_name, template_language, template_category,
                recipient_kind, recipient_value, reply_to, reply_to_provider_id, client_reference, sent_by,
                api_key_id, used_fallback, attempts, send_at, valid_until, details, media_id, fallback, queued_at,
                updated_at)
            SELECT $1, t.message_id, t.conversation_id, t.contact_id, t.instance_id, t.lead_id, 'outbound', t.type,
                CASE WHEN t.dispatches THEN 'sending' ELSE 'queued' END,
                CASE WHEN t.dispatches THEN 10 ELSE 0 END,
                t.text, t.content, t.template_id, t.template_name, t.template_language, t.template_category, t.kind,
                t.value, t.reply_to, t.reply_to_provider_id, t.client_reference, t.sent_by, t.api_key_id,
                t.used_fallback, CASE WHEN t.dispatches THEN 1 ELSE 0 END, t.send_at, t.valid_until, t.details,
                t.media_id, t.fallback, t.now, t.now
            FROM turn t
            RETURNING \(MessageStore.columns)
        ), attempt AS (
            INSERT INTO attempts (account_id, message_id, number, started_at)
            SELECT $1, t.message_id, 1, t.now FROM turn t WHERE t.dispatches
        ), waiting AS (
            INSERT INTO outbox (
                account_id, message_id, conversation_id, instance_id, run_at, lease_owner, lease_until)
            SELECT $1, t.message_id, t.conversation_id, t.instance_id,
                CASE WHEN t.dispatches THEN t.now
                    ELSE GREATEST(COALESCE(t.send_at, t.now), t.run_at,
                        CASE WHEN t.paced THEN t.paced_until - \(tolerance) END) END,
                CASE WHEN t.dispatches THEN $2::text END, CASE WHEN t.dispatches THEN t.lease_until END
            FROM turn t
        ), told AS (
            INSERT INTO events (account_id, type, created_at, lead_id, message_id, data)
            SELECT $1, 'message.queued', m.queued_at, m.lead_id, m.id,
                jsonb_set(\(MessageStore.eventData), '{message,status}', '"queued"')
            FROM message m
            UNION ALL
            SELECT $1, 'conversation.created', t.now, t.lead_id, NULL,
                jsonb_build_object('conversation', jsonb_build_object(
                    'id', t.conversation_id, 'contact_id', t.contact_id, 'instance_id', t.instance_id))
            FROM turn t WHERE t.is_new
        )
        SELECT t.place, t.message_id, t.conversation_id, t.last_inbound_at, t.dispatches FROM turn t
        """)

    /// What one message moves its contact's pace by, how far that may lie ahead when the next one goes, and the
    /// difference.
    private static let step = ContactPace.step
    private static let tolerance = ContactPace.tolerance
    private static let slack = "(\(tolerance) - \(step))"

    /// Sends of an account that are accepted at the same moment are written together.
    typealias Group = GroupedRequests<Submission, Accepted?>

    private static let form = Group.Form(
        .write, steps: { [(insert, parameters($0))] }, answers: accepted,
        // One statement touches a conversation once, and one key; another's account is never beside it.
        mayShare: { one, other in
            one.account == other.account && one.leaseOwner == other.leaseOwner
                && (one.contactID != other.contactID || one.instanceID != other.instanceID)
                && (one.claim == nil || one.claim?.key != other.claim?.key)
        },
        precedes: { ($0.contactID, $0.instanceID) < ($1.contactID, $1.instanceID) })

    static func parameters(_ sends: [Submission]) -> [PostgresValue] {
        [
            sends.first.map { .id($0.account) } ?? .null, .text(sends.first?.leaseOwner),
            .times(sends.map(\.now)), .times(sends.map(\.leaseUntil)),
            .textArray(sends.map { $0.claim?.route }), .textArray(sends.map { $0.claim?.key }),
            .bytesArray(sends.map { $0.claim?.requestHash }), .ids(sends.map(\.leadID)),
            .ids(sends.map(\.contactID)), .ids(sends.map(\.instanceID)),
            .textArray(sends.map { $0.recipient.kind.rawValue }), .textArray(sends.map(\.recipient.value)),
            .boolArray(sends.map(\.held)), .textArray(sends.map(\.type)),
            .textArray(sends.map(\.text)), .jsonArray(sends.map { $0.content.json.serialized() }),
            .ids(sends.map(\.template?.id)), .textArray(sends.map(\.template?.name)),
            .textArray(sends.map(\.template?.language)), .textArray(sends.map(\.template?.category)),
            .ids(sends.map(\.replyTo)), .textArray(sends.map(\.replyToProviderID)),
            .textArray(sends.map(\.clientReference)), .textArray(sends.map(\.sentBy)),
            .ids(sends.map(\.apiKeyID)), .boolArray(sends.map(\.usedFallback)),
            .times(sends.map(\.sendAt)), .times(sends.map(\.validUntil)),
            .jsonArray(sends.map { $0.details?.serialized() }), .ids(sends.map(\.mediaID)),
            .jsonArray(sends.map { $0.fallback?.json.serialized() }), .times(sends.map(\.runAt)),
            .boolArray(sends.map(\.isContactPaced)), .boolArray(sends.map(\.isTierCounted)),
        ]
    }

    static func accepted(_ results: [PostgresRows], _ sends: [Submission]) throws -> [Accepted?] {
        var answers = [Accepted?](repeating: nil, count: sends.count)
        for row in results[0] {
            var reader = RowReader(row)
            let place = Int(try reader.int()) - 1
            guard sends.indices.contains(place) else { throw StorageError.missing("a send's place") }
            let (id, conversation): (Message.ID, Conversation.ID) = (try reader.id(), try reader.id())
            let lastInboundAt = try reader.timestampOrNil()
            let dispatches = try reader.bool()
            answers[place] = Accepted(
                standing: MessageStore.Standing(
                    message: sends[place].message(id, in: conversation, dispatches: dispatches),
                    lastInboundAt: lastInboundAt),
                dispatches: dispatches)
        }
        return answers
    }

    /// nil when the idempotency key is taken: whoever took it has committed.
    ///
    /// - Throws: `StorageError.Outdated` when the contact has gone into another, or is no more.
    ///
    /// A commit whose answer was lost is not guessed at. Under a key it is tried again: if it was carried out, the key
    /// is taken, and what stands under it tells whose it is.
    package func accept(_ send: Submission) async throws -> Accepted? {
        var retry = TransactionRetry()
        var isInDoubt = false
        while true {
            do {
                if let accepted = try await group.run(send) { return accepted }
                return isInDoubt ? try await findOwn(send) : nil
            } catch {
                if let failed = error as? PostgresError {
                    if failed.certainty == .unknown { isInDoubt = true }
                    if failed.isForeignKeyViolation { throw StorageError.Outdated() }
                }
                try await retry.again(after: error, isRepeatable: send.claim != nil)
            }
        }
    }

    /// What this very submission wrote: the request, the instant and the lease are its own.
    static let selectOwn = Statement(
        "send_accepted",
        """
        SELECT \(MessageStore.columns), v.last_inbound_at
        FROM idempotency_keys k
        JOIN messages m ON m.account_id = $1 AND m.id = k.message_id
        JOIN conversations v ON v.account_id = $1 AND v.id = m.conversation_id
        JOIN outbox o ON o.account_id = $1 AND o.message_id = k.message_id
        WHERE k.account_id = $1 AND k.route = $2 AND k.key = $3 AND k.request_hash = $4 AND k.created_at = $5
            AND o.lease_owner = $6 AND m.status = 'sending' AND m.attempts = 1
        """)

    private func findOwn(_ send: Submission) async throws -> Accepted? {
        guard let claim = send.claim else { return nil }
        let rows = try await pool.read(
            Self.selectOwn,
            [
                .id(send.account), .text(claim.route), .text(claim.key), .bytes(claim.requestHash), .time(send.now),
                .text(send.leaseOwner),
            ])
        return try rows.first.map { Accepted(standing: try MessageStore.standing($0), dispatches: true) }
    }
}
