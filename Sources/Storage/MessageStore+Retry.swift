package import Domain
package import JSON
import Postgres

/// A new attempt at a message that has ended without arriving.
extension MessageStore {
    /// A judged retry, ready to be written.
    package struct Retry: Sendable {
        /// As it was judged: a message that has gone on since is left alone.
        package let judged: Message
        package let content: OutboundContent
        package let recipient: Recipient
        package let type: String
        package let text: String?
        package let details: JSONValue?
        package let mediaID: Medium.ID?
        package let template: Message.TemplateReference?
        package let usedFallback: Bool
        package let replyToProviderID: String?
        /// Kept in the outbox without an attempt.
        package let held: Bool
        /// Not taken out of it before; nil is at once.
        package let runAt: Timestamp?
        /// Whether it counts for how fast the contact is written to.
        package let isContactPaced: Bool
        /// Whether the contact counts for its business account's messaging limit when it goes at once.
        package let isTierCounted: Bool
        /// Whose the attempt is, and until when.
        package let leaseOwner: String
        package let leaseUntil: Timestamp

        package init(
            of judged: Message, content: OutboundContent, recipient: Recipient, type: String, text: String?,
            details: JSONValue?, mediaID: Medium.ID?, template: Message.TemplateReference?, usedFallback: Bool,
            replyToProviderID: String?, held: Bool, runAt: Timestamp?, isContactPaced: Bool, isTierCounted: Bool,
            leaseOwner: String, leaseUntil: Timestamp
        ) {
            self.judged = judged
            self.content = content
            self.recipient = recipient
            self.type = type
            self.text = text
            self.details = details
            self.mediaID = mediaID
            self.template = template
            self.usedFallback = usedFallback
            self.replyToProviderID = replyToProviderID
            self.held = held
            self.runAt = runAt
            self.isContactPaced = isContactPaced
            self.isTierCounted = isTierCounted
            self.leaseOwner = leaseOwner
            self.leaseUntil = leaseUntil
        }
    }

    /// A retry that is durable now.
    package struct Retried: Sendable {
        package let standing: Standing
        /// The attempt, if it is this process's to make; otherwise the message waits in the outbox.
        package let attempt: AttemptStore.Claimed?
    }

    /// Where an attempt is still under way, or the message is not as it was judged, nothing is written. What was heard
    /// of the attempts before goes with them; only the id that was chosen for an attempt whose end nobody knows stays:
    /// under the same id the phone shows the message once.
    ///
    /// It does not overtake an earlier one of its conversation that still waits, and goes no faster than its contact is
    /// written to.
    static let retryEnded = Statement(
        "message_retry",
        """
        WITH turn AS MATERIALIZED (
            SELECT q.id, v.paced_until - \(ContactPace.tolerance) AS opens_at,
                NOT ($17::boolean
                    OR COALESCE($24::boolean AND v.paced_until > $5::timestamptz + \(ContactPace.tolerance), false)
                    OR EXISTS (
                        SELECT 1 FROM outbox o
                        JOIN messages e ON e.account_id = $1 AND e.id = o.message_id
                        WHERE o.account_id = $1 AND o.conversation_id = q.conversation_id AND o.message_id < q.id
                            AND o.lease_until IS NULL AND (e.send_at IS NULL OR e.send_at <= $5)
                    )) AS dispatches
            FROM messages q
            JOIN conversations v ON v.account_id = $1 AND v.id = q.conversation_id
            WHERE q.account_id = $1 AND q.id = $2
            FOR NO KEY UPDATE OF v
        ), message AS (
            UPDATE messages m SET
                status = CASE WHEN turn.dispatches THEN 'sending' ELSE 'queued' END,
                status_rank = CASE WHEN turn.dispatches THEN 10 ELSE 0 END,
                attempts = m.attempts + CASE WHEN turn.dispatches THEN 1 ELSE 0 END, earlier_attempts = m.attempts,
                type = $6, text = $7, content = $8, details = $9, media_id = $10, template_id = $11,
                template_name = $12, template_language = $13, template_category = $14, recipient_kind = $15,
                recipient_value = $16, used_fallback = $18, reply_to_provider_id = $19,
                fallback = CASE WHEN $18 THEN NULL ELSE m.fallback END,
                preset_provider_id = CASE WHEN m.status = 'unknown' THEN m.preset_provider_id END,
                provider_message_id = NULL, error = NULL, accepted_at = NULL, sent_at = NULL, failed_at = NULL,
                send_at = NULL, valid_until = CASE WHEN m.valid_until > $5 THEN m.valid_until END, updated_at = $5
            FROM turn
            WHERE m.account_id = $1 AND m.id = turn.id AND m.status = $3 AND m.attempts = $4
                AND m.content IS NOT NULL AND NOT EXISTS (
                    SELECT 1 FROM outbox o WHERE o.account_id = $1 AND o.message_id = $2)
            RETURNING \(columns), m.preset_provider_id, m.valid_until, m.earlier_attempts
        ), attempt AS (
            INSERT INTO attempts (account_id, message_id, number, started_at)
            SELECT $1, m.id, m.attempts, $5 FROM message m WHERE m.status = 'sending'
        ), waiting AS (
            INSERT INTO outbox (
                account_id, message_id, conversation_id, instance_id, run_at, lease_owner, lease_until)
            SELECT $1, m.id, m.conversation_id, m.instance_id,
                CASE WHEN m.status = 'sending' THEN $5 ELSE GREATEST($5, $23::timestamptz, turn.opens_at) END,
                CASE WHEN m.status = 'sending' THEN $20::text END,
                CASE WHEN m.status = 'sending' THEN $21::timestamptz END
            FROM message m, turn
        ), paced AS (
            UPDATE conversations v SET
                paced_until = GREATEST(v.paced_until, $5::timestamptz) + \(ContactPace.step),
                paced_message_id = m.id,
                tier_counted_at = CASE WHEN $25::boolean THEN $5 ELSE v.tier_counted_at END
            FROM message m
            WHERE $24::boolean AND m.status = 'sending' AND v.account_id = $1 AND v.id = m.conversation_id
        ), event AS (
            INSERT INTO events (account_id, type, created_at, lead_id, message_id, data, previous, api_key_id)
            SELECT $1, 'message.queued', $5, m.lead_id, m.id,
                jsonb_set(\(eventData), '{message,status}', '"queued"'), jsonb_build_object('status', $3::text), $22::bigint
            FROM message m
        )
        SELECT \(columns), v.last_inbound_at, m.preset_provider_id, m.valid_until, m.earlier_attempts
        FROM message m
        JOIN conversations v ON v.account_id = $1 AND v.id = m.conversation_id
        """)

    /// Nil when the message is no longer as it was judged.
    ///
    /// - Parameter act: what the operator asked for.
    @PostgresActor
    package func retry(
        _ retry: Retry, as act: AuditEntry.Action, in write: WriteTransaction
    ) async throws -> Retried? {
        let rows = try await write.transaction.query(Self.retryEnded, Self.parameters(retry, write))
        guard let row = rows.first else { return nil }
        var reader = RowReader(row)
        let message = try Self.message(&reader)
        let standing = Standing(message: message, lastInboundAt: try reader.timestampOrNil())
        let (preset, validUntil) = (try reader.textOrNil(), try reader.timestampOrNil())
        let earlier = Int(try reader.int())
        write.audit(
            act, of: .message, message.id.rawValue, changes: Self.step(from: retry.judged.status, to: .queued))
        guard message.status == .sending else { return Retried(standing: standing, attempt: nil) }
        return Retried(
            standing: standing,
            attempt: AttemptStore.Claimed(
                account: write.account, messageID: message.id, number: message.attempts, startedAt: write.now,
                conversationID: message.conversationID, instanceID: message.instanceID, recipient: retry.recipient,
                content: retry.content, replyToProviderID: retry.replyToProviderID, presetProviderID: preset,
                lastInboundAt: standing.lastInboundAt, firstStartedAt: write.now, earlierAttempts: earlier,
                validUntil: validUntil, isFirstContact: false, templateCategory: retry.template?.category,
                consent: .init()))
    }

    private static func parameters(_ retry: Retry, _ write: WriteTransaction) -> [PostgresValue] {
        [
            .id(write.account), .id(retry.judged.id), .text(retry.judged.status.rawValue),
            .int(Int64(retry.judged.attempts)), .time(write.now), .text(retry.type), .word(retry.text),
            .tree(retry.content.json), .tree(retry.details), .id(retry.mediaID), .id(retry.template?.id),
            .word(retry.template?.name), .word(retry.template?.language), .word(retry.template?.category),
            .text(retry.recipient.kind.rawValue), .text(retry.recipient.value), .bool(retry.held),
            .bool(retry.usedFallback), .word(retry.replyToProviderID), .text(retry.leaseOwner),
            .time(retry.leaseUntil), .id(write.actor.apiKeyID), .time(retry.runAt), .bool(retry.isContactPaced),
            .bool(retry.isTierCounted),
        ]
    }
}
