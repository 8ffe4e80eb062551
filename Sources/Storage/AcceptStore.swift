package import Domain
package import Postgres

/// Makes a send durable: message, attempt, outbox, idempotency claim, event and conversation in one statement.
package struct AcceptStore: Sendable {
    private let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    /// A judged send, ready to be written.
    package struct Submission: Sendable {
        package var account: Account.ID
        package var leadID: Lead.ID
        package var contactID: Contact.ID
        package var instanceID: Instance.ID
        package var recipient: Recipient
        package var content: OutboundContent
        package var text: String
        package var template: Message.TemplateReference?
        package var usedFallback: Bool
        package var replyTo: Message.ID?
        package var replyToProviderID: String?
        package var clientReference: String?
        package var sentBy: String?
        package var apiKeyID: APIKey.ID
        package var sendAt: Timestamp?
        package var validUntil: Timestamp?
        /// Kept in the outbox without a first attempt.
        package var held: Bool
        package var claim: IdempotencyStore.Claim?
        /// Whose the first attempt is, and until when.
        package var leaseOwner: String
        package var leaseUntil: Timestamp

        package init(
            account: Account.ID, leadID: Lead.ID, contactID: Contact.ID, instanceID: Instance.ID,
            recipient: Recipient, content: OutboundContent, text: String,
            template: Message.TemplateReference?, usedFallback: Bool, replyTo: Message.ID?,
            replyToProviderID: String?, clientReference: String?, sentBy: String?, apiKeyID: APIKey.ID,
            sendAt: Timestamp?, validUntil: Timestamp?, held: Bool, claim: IdempotencyStore.Claim?,
            leaseOwner: String, leaseUntil: Timestamp
        ) {
            self.account = account
            self.leadID = leadID
            self.contactID = contactID
            self.instanceID = instanceID
            self.recipient = recipient
            self.content = content
            self.text = text
            self.template = template
            self.usedFallback = usedFallback
            self.replyTo = replyTo
            self.replyToProviderID = replyToProviderID
            self.clientReference = clientReference
            self.sentBy = sentBy
            self.apiKeyID = apiKeyID
            self.sendAt = sendAt
            self.validUntil = validUntil
            self.held = held
            self.claim = claim
            self.leaseOwner = leaseOwner
            self.leaseUntil = leaseUntil
        }
    }

    /// A send that is durable now.
    package struct Accepted: Sendable {
        package let standing: MessageStore.Standing
        /// Its first attempt is this process's to make; otherwise it waits in the outbox.
        package let dispatches: Bool
    }

    /// One statement, one commit. The claim goes first: when the key is taken nothing else is written, and no row
    /// comes back; a twin's claim that is not yet committed is waited for by the unique key itself.
    ///
    /// The message does not overtake an earlier one of its conversation that still waits, unless that one waits for a
    /// time of its own.
    static let insert = Statement(
        "send_accept",
        """
        WITH number AS (
            SELECT nextval('messages_id_seq') AS message_id
        ), claim AS (
            INSERT INTO idempotency_keys (account_id, route, key, request_hash, message_id, created_at)
            SELECT $1, $2, $3, $4, message_id, $5 FROM number WHERE $3::text IS NOT NULL
            ON CONFLICT (account_id, route, key) DO NOTHING
            RETURNING message_id
        ), go AS (
            SELECT message_id FROM claim
            UNION ALL
            SELECT message_id FROM number WHERE $3::text IS NULL
        ), conversation AS (
            INSERT INTO conversations AS v (
                account_id, contact_id, instance_id, recipient_kind, recipient_value, last_message_at, created_at)
            SELECT $1, $6, $7, $8, $9, $5, $5 FROM go
            ON CONFLICT (account_id, contact_id, instance_id) DO UPDATE SET
                last_message_at = GREATEST(v.last_message_at, EXCLUDED.last_message_at),
                recipient_kind = COALESCE(v.recipient_kind, EXCLUDED.recipient_kind),
                recipient_value = COALESCE(v.recipient_value, EXCLUDED.recipient_value)
            RETURNING v.id, v.last_inbound_at, v.created_at = $5 AS is_new
        ), turn AS (
            SELECT NOT ($10::boolean OR EXISTS (
                SELECT 1 FROM outbox o
                JOIN conversation v ON v.id = o.conversation_id
                JOIN messages e ON e.account_id = $1 AND e.id = o.message_id
                WHERE o.account_id = $1 AND o.lease_until IS NULL
                    AND (e.send_at IS NULL OR e.send_at <= $5)
            )) AS dispatches
        ), message AS (
            INSERT INTO messages AS m (
                account_id, id, conversation_id, contact_id, instance_id, lead_id, direction, type, status,
                status_rank, text, content, template_id, template_name, template_language, template_category,
                recipient_kind, recipient_value, reply_to, reply_to_provider_id, client_reference, sent_by,
                api_key_id, used_fallback, attempts, send_at, valid_until, queued_at, updated_at)
            SELECT $1, go.message_id, conversation.id, $6, $7, $12, 'outbound', $13,
                CASE WHEN turn.dispatches THEN 'sending' ELSE 'queued' END,
                CASE WHEN turn.dispatches THEN 10 ELSE 0 END,
                $14, $15, $16, $17, $18, $19, $8, $9, $20, $21, $22, $23, $24, $25,
                CASE WHEN turn.dispatches THEN 1 ELSE 0 END, $26, $27, $5, $5
            FROM go, conversation, turn
            RETURNING \(MessageStore.columns)
        ), attempt AS (
            INSERT INTO attempts (account_id, message_id, number, started_at)
            SELECT $1, message.id, 1, $5 FROM message, turn WHERE turn.dispatches
        ), waiting AS (
            INSERT INTO outbox (
                account_id, message_id, conversation_id, instance_id, run_at, lease_owner, lease_until)
            SELECT $1, message.id, message.conversation_id, $7, COALESCE($26, $5),
                CASE WHEN turn.dispatches THEN $28::text END,
                CASE WHEN turn.dispatches THEN $11::timestamptz END
            FROM message, turn
        ), queued AS (
            INSERT INTO events (account_id, type, created_at, lead_id, message_id, data)
            SELECT $1, 'message.queued', $5, m.lead_id, m.id,
                jsonb_set(\(MessageStore.eventData), '{message,status}', '"queued"')
            FROM message m
        ), opened AS (
            INSERT INTO events (account_id, type, created_at, lead_id, data)
            SELECT $1, 'conversation.created', $5, $12,
                jsonb_build_object('conversation', jsonb_build_object(
                    'id', conversation.id, 'contact_id', $6::bigint, 'instance_id', $7::bigint))
            FROM conversation WHERE is_new
        )
        SELECT \(MessageStore.columns), conversation.last_inbound_at, turn.dispatches
        FROM message m, conversation, turn
        """)

    /// nil when the idempotency key is taken: whoever took it has committed.
    ///
    /// - Throws: `StorageError.Outdated` when the contact has gone into another, or is no more.
    ///
    /// A commit whose answer was lost is not guessed at. Under a key it is tried again: if it was carried out, the key
    /// is taken, and what stands under it tells whose it is.
    package func accept(_ send: Submission, now: Timestamp) async throws -> Accepted? {
        var retry = TransactionRetry()
        var isInDoubt = false
        while true {
            do {
                if let accepted = try await write(send, now: now) { return accepted }
                return isInDoubt ? try await findOwn(send, now: now) : nil
            } catch {
                if let failed = error as? PostgresError {
                    if failed.certainty == .unknown { isInDoubt = true }
                    if failed.isForeignKeyViolation { throw StorageError.Outdated() }
                }
                try await retry.again(after: error, isRepeatable: send.claim != nil)
            }
        }
    }

    private func write(_ send: Submission, now: Timestamp) async throws -> Accepted? {
        let rows = try await pool.write(
            Self.insert,
            [
                .id(send.account), .word(send.claim?.route), .word(send.claim?.key),
                send.claim.map { .bytes($0.requestHash) } ?? .null, .time(now), .id(send.contactID),
                .id(send.instanceID), .text(send.recipient.kind.rawValue), .text(send.recipient.value),
                .bool(send.held), .time(send.leaseUntil), .id(send.leadID),
                .text(send.template == nil ? "text" : "template"), .text(send.text), .tree(send.content.json),
                .id(send.template?.id), .word(send.template?.name), .word(send.template?.language),
                .word(send.template?.category), .id(send.replyTo), .word(send.replyToProviderID),
                .word(send.clientReference), .word(send.sentBy), .id(send.apiKeyID), .bool(send.usedFallback),
                .time(send.sendAt), .time(send.validUntil), .text(send.leaseOwner),
            ])
        guard let row = rows.first else { return nil }
        var reader = RowReader(row)
        return Accepted(
            standing: MessageStore.Standing(
                message: try MessageStore.message(&reader), lastInboundAt: try reader.timestampOrNil()),
            dispatches: try reader.bool())
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

    private func findOwn(_ send: Submission, now: Timestamp) async throws -> Accepted? {
        guard let claim = send.claim else { return nil }
        let rows = try await pool.read(
            Self.selectOwn,
            [
                .id(send.account), .text(claim.route), .text(claim.key), .bytes(claim.requestHash), .time(now),
                .text(send.leaseOwner),
            ])
        return try rows.first.map { Accepted(standing: try MessageStore.standing($0), dispatches: true) }
    }
}
