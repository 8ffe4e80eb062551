package import Domain
import JSON
import Postgres

/// What is done with messages after they were taken. Each step is guarded by the status that it was decided on: of two
/// at the same moment one is made.
extension MessageStore {
    /// A message with all that it takes to send it again.
    package struct Kept: Sendable {
        package let standing: Standing
        /// Nil once the person was erased.
        package let content: OutboundContent?
        /// The template for a window that has closed.
        package let fallback: SendRequest.TemplateContent?
        package let replyTo: Message.ID?

        package var message: Message { standing.message }

        /// What was asked for, as far as it matters to a judgement; nil where it cannot be sent again.
        package var request: SendRequest? {
            guard let content,
                let asked = SendRequest.Content(
                    kept: content, template: message.template?.id, text: message.text, details: message.details)
            else { return nil }
            return SendRequest(
                content: asked, instanceID: message.instanceID, fallback: fallback, replyTo: replyTo,
                clientReference: message.clientReference)
        }
    }

    static let selectKept = Statement(
        "message_kept",
        """
        SELECT \(columns), v.last_inbound_at, CASE WHEN m.direction = 'outbound' THEN m.content END, m.fallback,
            m.reply_to
        FROM messages m
        JOIN conversations v ON v.account_id = $1 AND v.id = m.conversation_id
        WHERE m.account_id = $1 AND m.id = $2
        """)

    package func kept(_ id: Message.ID, of account: Account.ID) async throws -> Kept? {
        try await pool.read(Self.selectKept, [.id(account), .id(id)]).first.map { row in
            var reader = RowReader(row)
            let message = try Self.message(&reader)
            let standing = Standing(message: message, lastInboundAt: try reader.timestampOrNil())
            return Kept(
                standing: standing, content: try reader.jsonOrNil().flatMap(OutboundContent.init(json:)),
                fallback: try reader.jsonOrNil().flatMap(SendRequest.TemplateContent.init(json:)),
                replyTo: try reader.idOrNil())
        }
    }

    /// While the message waits and no worker has taken it: a worker takes message and outbox row at once, and whoever
    /// comes second finds it sending, or gone.
    static let cancelQueued = Statement(
        "message_cancel",
        """
        WITH held AS MATERIALIZED (
            SELECT m.id FROM messages m WHERE m.account_id = $1 AND m.id = $2 AND m.status = 'queued'
            FOR NO KEY UPDATE
        ), waiting AS (
            DELETE FROM outbox o USING held
            WHERE o.account_id = $1 AND o.message_id = held.id AND o.lease_until IS NULL
            RETURNING o.message_id
        ), message AS (
            UPDATE messages m SET status = 'canceled', status_rank = 100, updated_at = $3,
                error = jsonb_build_object(
                    'provider', i.provider, 'code', NULL, 'title', 'Canceled before it was sent', 'details', NULL,
                    'retryable', false)
            FROM waiting, instances i
            WHERE m.account_id = $1 AND m.id = waiting.message_id AND m.status = 'queued' AND i.account_id = $1
                AND i.id = m.instance_id
            RETURNING \(columns)
        ), event AS (
            INSERT INTO events (account_id, type, created_at, lead_id, message_id, data, previous, api_key_id)
            SELECT $1, 'message.failed', $3, m.lead_id, m.id, \(eventData), '{"status": "queued"}', $4::bigint
            FROM message m
        )
        SELECT \(columns), v.last_inbound_at
        FROM message m
        JOIN conversations v ON v.account_id = $1 AND v.id = m.conversation_id
        """)

    /// Nil when it no longer waits.
    @PostgresActor
    package func cancel(_ id: Message.ID, in write: WriteTransaction) async throws -> Standing? {
        let rows = try await write.transaction.query(
            Self.cancelQueued,
            [.id(write.account), .id(id), .time(write.now), .id(write.actor.apiKeyID)])
        guard let row = rows.first else { return nil }
        write.audit(.cancel, of: .message, id.rawValue, changes: Self.step(from: .queued, to: .canceled))
        return try Self.standing(row)
    }

    static let settleUnknown = Statement(
        "message_resolve",
        """
        WITH message AS (
            UPDATE messages m SET status = $3, status_rank = $4, updated_at = $5::timestamptz,
                error = CASE WHEN $3 = 'failed' THEN m.error END,
                failed_at = CASE WHEN $3 = 'failed' THEN $5 END,
                accepted_at = CASE WHEN $3 = 'failed' THEN m.accepted_at ELSE COALESCE(m.accepted_at, $5) END,
                sent_at = CASE WHEN $3 = 'failed' THEN m.sent_at ELSE COALESCE(m.sent_at, $5) END
            WHERE m.account_id = $1 AND m.id = $2 AND m.status = 'unknown' AND m.status_rank < $4
            RETURNING \(columns)
        ), event AS (
            INSERT INTO events (account_id, type, created_at, lead_id, message_id, data, previous, api_key_id)
            SELECT $1, 'message.' || m.status, $5, m.lead_id, m.id, \(eventData), '{"status": "unknown"}', $6::bigint
            FROM message m
        )
        SELECT \(columns), v.last_inbound_at
        FROM message m
        JOIN conversations v ON v.account_id = $1 AND v.id = m.conversation_id
        """)

    /// The operator's word on what nobody could tell; nil when it is known by now.
    ///
    /// - Parameter status: `failed` or `sent`.
    @PostgresActor
    package func resolve(
        _ id: Message.ID, as status: MessageStatus, in write: WriteTransaction
    ) async throws -> Standing? {
        let rows = try await write.transaction.query(
            Self.settleUnknown,
            [
                .id(write.account), .id(id), .text(status.rawValue), .int(Int64(status.rank)), .time(write.now),
                .id(write.actor.apiKeyID),
            ])
        guard let row = rows.first else { return nil }
        write.audit(.resolve, of: .message, id.rawValue, changes: Self.step(from: .unknown, to: status))
        return try Self.standing(row)
    }

    static func step(from before: MessageStatus, to after: MessageStatus) -> JSONValue? {
        .changes([("status", .string(before.rawValue), .string(after.rawValue))])
    }
}
