package import Domain
package import JSON
package import Postgres

/// The steps of one attempt after it was claimed. Each is guarded by the attempt's number, so that a late worker whose
/// lease ran out changes nothing that is not his; each that settles answers with the message as it then stands, or nil
/// when it changed nothing.
package struct AttemptStore: Sendable {
    private let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    /// One attempt at one message, leased to this process.
    package struct Claimed: Sendable {
        package let account: Account.ID
        package let messageID: Message.ID
        package let number: Int
        package let startedAt: Timestamp
        package let conversationID: Conversation.ID
        package let instanceID: Instance.ID
        package let recipient: Recipient
        package let content: OutboundContent
        package let replyToProviderID: String?
        package let presetProviderID: String?
        package var lastInboundAt: Timestamp?
        /// When the first attempt began since somebody last asked for one: what is tried again by itself counts from
        /// there.
        package let firstStartedAt: Timestamp
        /// How many there were before.
        package let earlierAttempts: Int
        package let validUntil: Timestamp?
        /// Whether the contact has been written to or heard on this instance before.
        package let isFirstContact: Bool
        package let templateCategory: String?
        package let consent: SendContext.Consent
        /// When the contact was last counted for the messaging limit, where this attempt counts too.
        package var countedBefore: Timestamp?

        package init(
            account: Account.ID, messageID: Message.ID, number: Int, startedAt: Timestamp,
            conversationID: Conversation.ID, instanceID: Instance.ID, recipient: Recipient, content: OutboundContent,
            replyToProviderID: String?, presetProviderID: String?, lastInboundAt: Timestamp?,
            firstStartedAt: Timestamp, earlierAttempts: Int = 0, validUntil: Timestamp?, isFirstContact: Bool,
            templateCategory: String?, consent: SendContext.Consent
        ) {
            self.account = account
            self.messageID = messageID
            self.number = number
            self.startedAt = startedAt
            self.conversationID = conversationID
            self.instanceID = instanceID
            self.recipient = recipient
            self.content = content
            self.replyToProviderID = replyToProviderID
            self.presetProviderID = presetProviderID
            self.lastInboundAt = lastInboundAt
            self.firstStartedAt = firstStartedAt
            self.earlierAttempts = earlierAttempts
            self.validUntil = validUntil
            self.isFirstContact = isFirstContact
            self.templateCategory = templateCategory
            self.consent = consent
        }
    }

    /// Whoever holds several rows takes them in one order: contact, conversation, lead, message, outbox. `thread` is
    /// what of the first two a statement changes; counting it makes that happen before the message is taken.
    static let updatePreset = Statement(
        "attempt_preset",
        """
        WITH thread AS MATERIALIZED (
            SELECT v.id
            FROM messages m
            JOIN conversations v ON v.account_id = $1 AND v.id = m.conversation_id
            WHERE m.account_id = $1 AND m.id = $2 AND $5::text IS NOT NULL AND v.recipient_kind = 'phone'
            FOR NO KEY UPDATE OF v
        ), message AS (
            UPDATE messages m SET preset_provider_id = COALESCE($4, m.preset_provider_id),
                recipient_kind = COALESCE($5, m.recipient_kind), recipient_value = COALESCE($6, m.recipient_value)
            WHERE m.account_id = $1 AND m.id = $2 AND m.attempts = $3 AND m.status = 'sending'
                AND (SELECT count(*) FROM thread) >= 0
            RETURNING m.id
        ), resolved AS (
            UPDATE conversations v SET recipient_kind = $5, recipient_value = $6
            FROM thread
            WHERE v.account_id = $1 AND v.id = thread.id
        )
        SELECT id FROM message
        """)

    /// Commits the id that the message will have at the provider, and the address it resolved to, before it is sent;
    /// false when the attempt is no longer this worker's.
    package func prepare(
        _ attempt: Claimed, presetProviderID: String?, recipient: Recipient?
    ) async throws -> Bool {
        try await !pool.write(
            Self.updatePreset,
            [
                .id(attempt.account), .id(attempt.messageID), .int(Int64(attempt.number)), .word(presetProviderID),
                .word(recipient?.kind.rawValue), .word(recipient?.value),
            ]
        ).isEmpty
    }

    static let updateMedium = Statement(
        "attempt_medium",
        """
        UPDATE messages m SET content = $4, media_id = $5,
            details = COALESCE(m.details, '{}') || jsonb_build_object('media', $6::jsonb)
        WHERE m.account_id = $1 AND m.id = $2 AND m.attempts = $3 AND m.status = 'sending'
        RETURNING m.id
        """)

    /// The file that the message brings is here now; false when the attempt is no longer this worker's.
    package func keep(
        _ medium: Medium, as details: JSONValue, content: OutboundContent, for attempt: Claimed
    ) async throws -> Bool {
        try await !pool.write(
            Self.updateMedium,
            [
                .id(attempt.account), .id(attempt.messageID), .int(Int64(attempt.number)), .tree(content.json),
                .id(medium.id), .tree(details),
            ]
        ).isEmpty
    }

    static let updateFallback = Statement(
        "attempt_fallback",
        """
        UPDATE messages m SET type = $4, text = $5, content = $6, details = $7, media_id = $8, template_id = $9,
            template_name = $10, template_language = $11, template_category = $12, recipient_kind = $13,
            recipient_value = $14, used_fallback = true, fallback = NULL
        WHERE m.account_id = $1 AND m.id = $2 AND m.attempts = $3 AND m.status = 'sending'
        RETURNING m.id
        """)

    /// What goes out in place of what the message was to say: its window has closed.
    package struct Substitute: Sendable {
        package let content: OutboundContent
        package let recipient: Recipient
        package let type: String
        package let text: String?
        package let details: JSONValue?
        package let mediaID: Medium.ID?
        package let template: Message.TemplateReference

        package init(
            content: OutboundContent, recipient: Recipient, type: String, text: String?, details: JSONValue?,
            mediaID: Medium.ID?, template: Message.TemplateReference
        ) {
            self.content = content
            self.recipient = recipient
            self.type = type
            self.text = text
            self.details = details
            self.mediaID = mediaID
            self.template = template
        }
    }

    /// The attempt with the substitute in it, once that is committed; nil when it is no longer this worker's.
    package func replace(_ attempt: Claimed, by substitute: Substitute) async throws -> Claimed? {
        let template = substitute.template
        let rows = try await pool.write(
            Self.updateFallback,
            [
                .id(attempt.account), .id(attempt.messageID), .int(Int64(attempt.number)), .text(substitute.type),
                .word(substitute.text), .tree(substitute.content.json), .tree(substitute.details),
                .id(substitute.mediaID), .id(template.id), .text(template.name), .text(template.language),
                .text(template.category), .text(substitute.recipient.kind.rawValue),
                .text(substitute.recipient.value),
            ])
        guard !rows.isEmpty else { return nil }
        return Claimed(
            account: attempt.account, messageID: attempt.messageID, number: attempt.number,
            startedAt: attempt.startedAt, conversationID: attempt.conversationID, instanceID: attempt.instanceID,
            recipient: substitute.recipient, content: substitute.content,
            replyToProviderID: attempt.replyToProviderID, presetProviderID: attempt.presetProviderID,
            lastInboundAt: attempt.lastInboundAt, firstStartedAt: attempt.firstStartedAt,
            earlierAttempts: attempt.earlierAttempts, validUntil: attempt.validUntil,
            isFirstContact: attempt.isFirstContact, templateCategory: template.category, consent: attempt.consent)
    }

    static let updateLease = Statement(
        "attempt_lease",
        """
        UPDATE outbox o SET lease_until = $4
        FROM messages m
        WHERE o.account_id = $1 AND o.message_id = $2 AND o.lease_until IS NOT NULL
            AND m.account_id = $1 AND m.id = $2 AND m.attempts = $3 AND m.status = 'sending'
        RETURNING o.message_id
        """)

    /// An attempt that carries much takes long; false when it is no longer this worker's.
    package func extend(_ attempt: Claimed, until lease: Timestamp) async throws -> Bool {
        try await !pool.write(
            Self.updateLease,
            [.id(attempt.account), .id(attempt.messageID), .int(Int64(attempt.number)), .time(lease)]
        ).isEmpty
    }

    /// A status that came meanwhile may stand higher already: then only the id is added.
    static let settleAccepted = Statement(
        "attempt_accepted",
        """
        WITH thread AS MATERIALIZED (
            SELECT v.id
            FROM messages m
            JOIN conversations v ON v.account_id = $1 AND v.id = m.conversation_id
            JOIN contacts c ON c.account_id = $1 AND c.id = v.contact_id
            WHERE m.account_id = $1 AND m.id = $2 AND $6::text IS NOT NULL
                AND (v.recipient_kind IS NULL OR v.recipient_kind = 'phone')
            FOR KEY SHARE OF c
            FOR NO KEY UPDATE OF v
        ), message AS (
            UPDATE messages m SET
                status = CASE WHEN status_rank < 20 THEN 'accepted' ELSE status END,
                status_rank = GREATEST(status_rank, 20),
                provider_message_id = COALESCE(provider_message_id, $4), accepted_at = COALESCE(accepted_at, $5),
                error = CASE WHEN status = 'failed' THEN error END, updated_at = $5
            WHERE m.account_id = $1 AND m.id = $2 AND m.attempts = $3 AND m.earlier_attempts < $3
                AND m.status_rank < 100 AND (SELECT count(*) FROM thread) >= 0
            RETURNING \(MessageStore.columns), m.contact_id
        ), attempt AS (
            UPDATE attempts SET finished_at = $5, outcome = 'accepted', provider_message_id = $4
            WHERE account_id = $1 AND message_id = $2 AND number = $3 AND finished_at IS NULL
        ), done AS (
            DELETE FROM outbox o USING messages m
            WHERE o.account_id = $1 AND o.message_id = $2 AND m.account_id = $1 AND m.id = $2 AND m.attempts = $3
                AND m.earlier_attempts < $3
        ), address AS (
            UPDATE conversations v SET recipient_kind = 'wa_id', recipient_value = $6
            FROM message, thread
            WHERE v.account_id = $1 AND v.id = message.conversation_id AND v.id = thread.id
        ), identifier AS (
            INSERT INTO contact_identifiers (
                account_id, kind, scope, match_key, value, contact_id, evidence, created_at)
            SELECT $1, 'wa_id', '', $7, $6, contact_id, 'provider', $5 FROM message WHERE $6::text IS NOT NULL
            ON CONFLICT (account_id, kind, scope, match_key) DO NOTHING
        ), event AS (
            INSERT INTO events (account_id, type, created_at, lead_id, message_id, data)
            SELECT $1, 'message.accepted', $5, m.lead_id, m.id, \(MessageStore.eventData)
            FROM message m WHERE m.status = 'accepted'
        )
        SELECT \(MessageStore.columns), v.last_inbound_at
        FROM message m
        JOIN conversations v ON v.account_id = $1 AND v.id = m.conversation_id
        """)

    package func settleAccepted(
        _ attempt: Claimed, providerMessageID: String, waID: String?, waMatchKey: String?, now: Timestamp
    ) async throws -> MessageStore.Standing? {
        try await pool.write(
            Self.settleAccepted,
            [
                .id(attempt.account), .id(attempt.messageID), .int(Int64(attempt.number)), .text(providerMessageID),
                .time(now), .word(waID), .word(waMatchKey),
            ]
        ).first.map(MessageStore.standing)
    }

    /// `failed` and `unknown` alike: final for the engine, and the row leaves the outbox, also when a status that came
    /// meanwhile stands higher.
    static let settleEnded = Statement(
        "attempt_ended",
        """
        WITH thread AS MATERIALIZED (
            SELECT v.id
            FROM messages m
            JOIN conversations v ON v.account_id = $1 AND v.id = m.conversation_id
            WHERE m.account_id = $1 AND m.id = $2 AND $9::boolean
            FOR NO KEY UPDATE OF v
        ), message AS (
            UPDATE messages m SET status = $4, status_rank = $5, error = $6, updated_at = $7,
                failed_at = CASE WHEN $4 = 'failed' THEN $7 ELSE failed_at END
            WHERE m.account_id = $1 AND m.id = $2 AND m.attempts = $3 AND m.earlier_attempts < $3
                AND m.status_rank < 20 AND m.status_rank < $5 AND (SELECT count(*) FROM thread) >= 0
            RETURNING \(MessageStore.columns)
        ), attempt AS (
            UPDATE attempts SET finished_at = $7, outcome = $8, error = $6
            WHERE account_id = $1 AND message_id = $2 AND number = $3 AND finished_at IS NULL
        ), done AS (
            DELETE FROM outbox o USING messages m
            WHERE o.account_id = $1 AND o.message_id = $2 AND m.account_id = $1 AND m.id = $2 AND m.attempts = $3
                AND m.earlier_attempts < $3
        ), closed AS (
            UPDATE conversations v SET last_inbound_at = LEAST(v.last_inbound_at, $10::timestamptz - interval '24 hours')
            FROM message, thread
            WHERE v.account_id = $1 AND v.id = message.conversation_id AND v.id = thread.id
                AND v.last_inbound_at <= $10
        ), event AS (
            INSERT INTO events (account_id, type, created_at, lead_id, message_id, data)
            SELECT $1, 'message.' || m.status, $7, m.lead_id, m.id, \(MessageStore.eventData)
            FROM message m
        )
        SELECT \(MessageStore.columns),
            CASE WHEN $9::boolean AND v.last_inbound_at <= $10
                THEN LEAST(v.last_inbound_at, $10::timestamptz - interval '24 hours') ELSE v.last_inbound_at END
        FROM message m
        JOIN conversations v ON v.account_id = $1 AND v.id = m.conversation_id
        """)

    /// - Parameter windowClosed: the provider counts the window as closed, so our row is corrected.
    package func settleFailed(
        _ attempt: Claimed, _ fault: ProviderFault, windowClosed: Bool, now: Timestamp
    ) async throws -> MessageStore.Standing? {
        try await settle(attempt, .failed, fault, outcome: "refused", windowClosed: windowClosed, now: now)
    }

    package func settleUnknown(
        _ attempt: Claimed, _ fault: ProviderFault, now: Timestamp
    ) async throws -> MessageStore.Standing? {
        try await settle(attempt, .unknown, fault, outcome: "unknown", windowClosed: false, now: now)
    }

    package func settleExpired(
        _ attempt: Claimed, _ fault: ProviderFault, now: Timestamp
    ) async throws -> MessageStore.Standing? {
        try await settle(attempt, .expired, fault, outcome: "not_sent", windowClosed: false, now: now)
    }

    private func settle(
        _ attempt: Claimed, _ status: MessageStatus, _ fault: ProviderFault, outcome: String, windowClosed: Bool,
        now: Timestamp
    ) async throws -> MessageStore.Standing? {
        try await pool.write(
            Self.settleEnded,
            [
                .id(attempt.account), .id(attempt.messageID), .int(Int64(attempt.number)), .text(status.rawValue),
                .int(Int64(status.rank)), .tree(fault.json), .time(now), .text(outcome), .bool(windowClosed),
                .time(attempt.startedAt),
            ]
        ).first.map(MessageStore.standing)
    }

    /// The one step down that the ladder knows: the provider cannot have seen the message.
    static let settleRequeued = Statement(
        "attempt_requeued",
        """
        WITH thread AS MATERIALIZED (
            SELECT v.id
            FROM messages m
            JOIN conversations v ON v.account_id = $1 AND v.id = m.conversation_id
            WHERE m.account_id = $1 AND m.id = $2 AND $8::timestamptz IS NOT NULL
            FOR NO KEY UPDATE OF v
        ), message AS (
            UPDATE messages m SET status = 'queued', status_rank = 0, error = $4, updated_at = $5
            WHERE m.account_id = $1 AND m.id = $2 AND m.attempts = $3 AND m.status = 'sending'
                AND (SELECT count(*) FROM thread) >= 0
            RETURNING \(MessageStore.columns)
        ), attempt AS (
            UPDATE attempts SET finished_at = $5, outcome = $7, error = $4
            WHERE account_id = $1 AND message_id = $2 AND number = $3 AND finished_at IS NULL
        ), waiting AS (
            UPDATE outbox o SET run_at = $6, lease_owner = NULL, lease_until = NULL
            FROM message
            WHERE o.account_id = $1 AND o.message_id = message.id
        ), paced AS (
            UPDATE conversations v SET paced_until = GREATEST(v.paced_until, $8)
            FROM message, thread
            WHERE v.account_id = $1 AND v.id = message.conversation_id AND v.id = thread.id
        )
        SELECT \(MessageStore.columns), v.last_inbound_at
        FROM message m
        JOIN conversations v ON v.account_id = $1 AND v.id = m.conversation_id
        """)

    /// - Parameter holdsContact: nothing else goes to them before `runAt` either.
    package func settleRequeued(
        _ attempt: Claimed, _ fault: ProviderFault, outcome: String, runAt: Timestamp, holdsContact: Bool = false,
        now: Timestamp
    ) async throws -> MessageStore.Standing? {
        try await pool.write(
            Self.settleRequeued,
            [
                .id(attempt.account), .id(attempt.messageID), .int(Int64(attempt.number)), .tree(fault.json),
                .time(now), .time(runAt), .text(outcome),
                .time(holdsContact ? Pace.cloudRecipient.paidUntil(opening: runAt) : nil),
            ]
        ).first.map(MessageStore.standing)
    }
}
