package import Domain
package import JSON
package import Postgres

/// Applies what providers report: messages that contacts wrote, statuses of messages that we sent.
package struct InboundStore: Sendable {
    private let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    static let selectInstance = Statement(
        "inbound_instance",
        """
        SELECT i.account_id, i.id, a.default_country, a.currency, i.business_account_id
        FROM instances i
        JOIN accounts a ON a.id = i.account_id
        WHERE i.hook_id = $1 AND i.provider_key = $2
        """)

    /// The instance that an item names, if it is attached under the hook that the item came to.
    package struct Target: Sendable {
        package let account: Account.ID
        package let instance: Instance.ID
        package let defaultCountry: String
        package let currency: String
        /// What scopes Meta's user ids here.
        package let businessAccountID: String?
    }

    package func target(hook: Int64, providerKey: String) async throws -> Target? {
        try await pool.read(Self.selectInstance, [.int(hook), .text(providerKey)]).first.map { row in
            var reader = RowReader(row)
            return Target(
                account: try reader.id(), instance: try reader.id(), defaultCountry: try reader.text(),
                currency: try reader.text(), businessAccountID: try reader.textOrNil())
        }
    }

    /// A message that a contact wrote.
    package struct Received: Sendable {
        package var providerMessageID: String
        package var identifiers: [ContactIdentifier]
        /// The address that an answer goes to.
        package var recipient: Recipient
        package var phone: String?
        package var profileName: String?
        package var at: Timestamp
        package var type: String
        package var text: String?
        package var content: JSONValue
        package var opensWindow: Bool
        /// The whole message is a STOP word.
        package var isStop: Bool
        /// The file that it brings, to be fetched.
        package var media: InboundMedia?

        package init(
            providerMessageID: String, identifiers: [ContactIdentifier], recipient: Recipient, phone: String?,
            profileName: String?, at: Timestamp, type: String, text: String?, content: JSONValue, opensWindow: Bool,
            isStop: Bool, media: InboundMedia? = nil
        ) {
            self.providerMessageID = providerMessageID
            self.identifiers = identifiers
            self.recipient = recipient
            self.phone = phone
            self.profileName = profileName
            self.at = at
            self.type = type
            self.text = text
            self.content = content
            self.opensWindow = opensWindow
            self.isStop = isStop
            self.media = media
        }
    }

    static let findLead = Statement(
        "inbound_lead",
        """
        SELECT id FROM leads
        WHERE account_id = $1 AND contact_id = $2 AND archived_at IS NULL
        ORDER BY (status = 'open') DESC, updated_at DESC
        LIMIT 1
        """)

    /// Applied before: then nothing of it is done again, for contact, lead and thread may be others by now.
    static let selectKnown = Statement(
        "inbound_known",
        """
        SELECT m.id FROM messages m
        WHERE m.account_id = $1 AND m.instance_id = $2 AND m.provider_message_id = $3
        """)

    static let upsertConversation = Statement(
        "inbound_conversation",
        """
        INSERT INTO conversations AS v (
            account_id, contact_id, instance_id, recipient_kind, recipient_value, unread, last_inbound_at,
            last_message_at, created_at)
        VALUES ($1, $2, $3, $4, $5, 0, $6, $7, $7)
        ON CONFLICT (account_id, contact_id, instance_id) DO UPDATE SET
            recipient_kind = CASE WHEN v.recipient_kind IS NULL OR v.recipient_kind = 'phone'
                THEN EXCLUDED.recipient_kind ELSE v.recipient_kind END,
            recipient_value = CASE WHEN v.recipient_kind IS NULL OR v.recipient_kind = 'phone'
                THEN EXCLUDED.recipient_value ELSE v.recipient_value END,
            last_inbound_at = GREATEST(v.last_inbound_at, EXCLUDED.last_inbound_at),
            last_message_at = GREATEST(v.last_message_at, EXCLUDED.last_message_at)
        RETURNING id, xmax = 0
        """)

    /// A message that comes twice is one: the second finds the unique provider id taken, and nothing is told again. A new
    /// one is unread, and opens its thread if that was closed. What waited in it for room to write first is an answer now.
    static let insertMessage = Statement(
        "inbound_message",
        """
        WITH message AS (
            INSERT INTO messages AS m (
                account_id, conversation_id, contact_id, instance_id, lead_id, direction, type, status, status_rank,
                text, content, recipient_kind, recipient_value, provider_message_id, queued_at, updated_at, media_id,
                details)
            VALUES ($1, $2, $3, $4, $5, 'inbound', $6, 'received', 100, $7, $8, $9, $10, $11, $12, $13, $15, $16)
            ON CONFLICT (account_id, instance_id, provider_message_id) WHERE provider_message_id IS NOT NULL
            DO NOTHING
            RETURNING \(MessageStore.columns), m.contact_id
        ), unread AS (
            UPDATE conversations v SET unread = v.unread + 1, status = 'open'
            FROM message WHERE v.account_id = $1 AND v.id = message.conversation_id
        ), received AS (
            INSERT INTO events (account_id, type, created_at, lead_id, message_id, data)
            SELECT $1, 'message.received', $13, m.lead_id, m.id, \(MessageStore.eventData)
            FROM message m
        ), created AS (
            INSERT INTO events (account_id, type, created_at, lead_id, data)
            SELECT $1, 'conversation.created', $13, lead_id, jsonb_build_object('conversation', jsonb_build_object(
                'id', conversation_id, 'contact_id', contact_id, 'instance_id', instance_id))
            FROM message WHERE $17::boolean
        ), opened AS (
            INSERT INTO events (account_id, type, created_at, lead_id, data)
            SELECT $1, 'window.opened', $13, lead_id, jsonb_build_object(
                'window', jsonb_build_object('contact_id', contact_id, 'instance_id', instance_id,
                    'last_inbound_at', $12::timestamptz))
            FROM message WHERE $14::boolean
        ), woken AS (
            UPDATE outbox o SET run_at = $13, tier_waits = false
            FROM message
            WHERE $14::boolean AND o.account_id = $1 AND o.conversation_id = message.conversation_id AND o.tier_waits
                AND o.lease_until IS NULL
        )
        SELECT id FROM message
        """)

    /// Whether the message was new.
    package func apply(_ received: Received, to target: Target, now: Timestamp) async throws -> Bool {
        // The message's own id makes it happen once, also when it cannot be known whether it has.
        try await repeatedly { try await Self.apply(received, to: target, now: now, in: $0) }
    }

    /// A transaction that has the effect of one however often it is carried out.
    ///
    /// - Throws: `LeadStore.LostRace` when it lost to others too often: that passes.
    func repeatedly<Result: Sendable>(
        _ body: @PostgresActor (PostgresTransaction) async throws -> Result
    ) async throws -> Result {
        var retry = TransactionRetry(.ofWorker)
        while true {
            do {
                return try await pool.withTransaction { try await body($0) }
            } catch {
                // The contact that was found may have gone into another meanwhile: the next look finds that.
                let lostRace =
                    error is LeadStore.LostRace || (error as? PostgresError)?.isForeignKeyViolation == true
                try await retry.again(
                    after: lostRace ? LeadStore.LostRace() : error, lostRace: lostRace, isRepeatable: true)
            }
        }
    }

    private static func apply(
        _ received: Received, to target: Target, now: Timestamp, in transaction: PostgresTransaction
    ) async throws -> Bool {
        let account = target.account
        let found = try await transaction.query([
            (selectKnown, [.id(account), .id(target.instance), .text(received.providerMessageID)]),
            (LeadStore.findContacts, LeadStore.search(received.identifiers, account)),
        ])
        guard found[0].isEmpty else { return false }
        let contact = try await self.contact(of: received, found[1], target, now: now, in: transaction)
        // It will be written; who writes a contact and its threads takes the contact first.
        if received.isStop { try await lock(contact, of: account, in: transaction) }
        let lead = try await self.lead(of: contact, received, target, now: now, in: transaction)
        // A provider's clock that is ahead must not lengthen the window.
        let at = min(received.at, now)
        let conversation = try await transaction.query(
            upsertConversation,
            [
                .id(account), .id(contact), .id(target.instance), .text(received.recipient.kind.rawValue),
                .text(received.recipient.value), received.opensWindow ? .time(at) : .null, .time(at),
            ])
        guard let thread = conversation.first else { throw StorageError.missing("the conversation") }
        let file = try await MediaStore.expect(
            received.media, by: target.instance, of: account, now: now, in: transaction)
        let inserted = try await transaction.query(
            insertMessage,
            [
                .id(account), .int(try thread.int(0)), .id(contact), .id(target.instance), .id(lead),
                .text(received.type), .word(received.text), .tree(received.content),
                .text(received.recipient.kind.rawValue), .text(received.recipient.value),
                .text(received.providerMessageID), .time(at), .time(now), .bool(received.opensWindow),
                .id(file?.id), .tree(file.map { ["media": MessageDetails.Media(stored: $0).json] }),
                .bool(try thread.bool(1)),
            ])
        if let file {
            try await MediaStore.settle(
                file, received.media, for: inserted.first, of: account, now: now, in: transaction)
        }
        guard let message = inserted.first else { return false }
        if received.isStop {
            let stop = Stop(contact: contact, message: Message.ID(try message.int(0)), at: at)
            try await apply(stop, of: account, now: now, in: transaction)
        }
        return true
    }

    /// - Parameter found: whom the identifiers are of.
    private static func contact(
        of received: Received, _ found: PostgresRows, _ target: Target, now: Timestamp,
        in transaction: PostgresTransaction
    ) async throws -> Contact.ID {
        let account = target.account
        var known: Set<String> = []
        for row in found { known.insert(try row.text(0)) }
        let contact: Contact.ID
        if let row = found.first {
            contact = Contact.ID(try row.int(1))
        } else {
            contact = try await make(received, account, now: now, in: transaction)
        }
        var missing = received.identifiers.filter { !known.contains($0.kind.rawValue) }
        // Under the phone too, as one that the API makes at this moment is: the two meet at the key.
        if found.isEmpty { missing += Contact(id: contact, phone: received.phone).identifiers }
        try await LeadStore.add(missing, to: contact, of: account, evidence: "inbound", now: now, in: transaction)
        return contact
    }

    private static func make(
        _ received: Received, _ account: Account.ID, now: Timestamp, in transaction: PostgresTransaction
    ) async throws -> Contact.ID {
        try await LeadStore.insert(
            Contact(id: Contact.ID(0), name: received.profileName, phone: received.phone), of: account, now: now,
            in: transaction)
    }

    /// The contact's most recent lead, or a new one in the first stage; nil in an account without pipelines.
    private static func lead(
        of contact: Contact.ID, _ received: Received, _ target: Target, now: Timestamp,
        in transaction: PostgresTransaction
    ) async throws -> Lead.ID? {
        let account = target.account
        if let row = try await transaction.query(findLead, [.id(account), .id(contact)]).first {
            return Lead.ID(try row.int(0))
        }
        let stage = try await transaction.query(LeadStore.findStage, [.id(account), .null, .null])
        guard let row = stage.first, let pipeline = try row.intOrNil(0), let stage = try row.intOrNil(1) else {
            return nil
        }
        var lead = Lead.blank(of: account, currency: target.currency, now: now)
        lead.contactID = contact
        lead.name = received.profileName ?? received.phone ?? "WhatsApp"
        lead.pipeline = Lead.Reference(id: pipeline, name: "")
        lead.stage = Lead.Reference(id: stage, name: "")
        lead.source = "whatsapp"
        let rows = LeadStore.rows([LeadStore.row(lead, status: .open, archivedAt: nil)])
        let made = try await transaction.query(LeadStore.insertLeads, [.id(account), rows, .time(now), .null])
        return try made.first.map { try LeadRecord($0).id }
    }

    /// Upwards only; `failed` gives way to proof of delivery by its rung. Of an attempt before the last retry only that
    /// proof counts. An event is told when the status changed. News
    /// that comes before the answer of the attempt was stored clears the error of the attempt before it.
    static let applyStatus = Statement(
        "inbound_status",
        """
        WITH found AS (
            SELECT id, status AS previous
            FROM messages
            WHERE account_id = $1 AND instance_id = $2 AND direction = 'outbound' AND status_rank < 100
                AND (id = $3 OR ($3::bigint IS NULL AND (provider_message_id = $4 OR preset_provider_id = $4)))
                AND ($10::integer IS NULL OR earlier_attempts < $10 OR $6 >= 40)
            FOR UPDATE
        ), message AS (
            UPDATE messages m SET
                status = CASE WHEN m.status_rank < $6 THEN $5 ELSE m.status END,
                status_rank = GREATEST(m.status_rank, $6),
                provider_message_id = COALESCE(m.provider_message_id, $4),
                accepted_at = CASE WHEN $5 <> 'failed' THEN COALESCE(m.accepted_at, $7) ELSE m.accepted_at END,
                sent_at = CASE WHEN $5 = 'sent' THEN LEAST(m.sent_at, $7) ELSE m.sent_at END,
                delivered_at = CASE WHEN $5 = 'delivered' THEN LEAST(m.delivered_at, $7) ELSE m.delivered_at END,
                read_at = CASE WHEN $5 IN ('read', 'played') THEN LEAST(m.read_at, $7) ELSE m.read_at END,
                failed_at = CASE WHEN $5 = 'failed' AND m.status_rank < $6 THEN $7 WHEN $6 >= 40 THEN NULL
                    ELSE m.failed_at END,
                error = CASE WHEN $5 = 'failed' AND m.status_rank < $6 THEN $8
                    WHEN $6 >= 40 THEN NULL WHEN m.status <> 'failed' THEN NULL ELSE m.error END,
                updated_at = $9
            FROM found
            WHERE m.account_id = $1 AND m.id = found.id
            RETURNING \(MessageStore.columns), found.previous
        ), event AS (
            INSERT INTO events (account_id, type, created_at, lead_id, message_id, data, previous)
            SELECT $1, 'message.' || m.status, $9, m.lead_id, m.id, \(MessageStore.eventData),
                jsonb_build_object('status', m.previous)
            FROM message m
            WHERE m.status <> m.previous AND m.status IN ('sent', 'delivered', 'read', 'failed', 'accepted')
        )
        SELECT id FROM message
        """)

    /// What a provider says of a message of ours.
    package struct Report: Sendable {
        /// From our own callback data; nil when the provider did not echo it.
        package var messageID: Message.ID?
        /// The attempt's number, from the same.
        package var attempt: Int?
        package var providerMessageID: String
        package var status: MessageStatus
        package var at: Timestamp
        package var fault: ProviderFault?

        package init(
            messageID: Message.ID?, attempt: Int? = nil, providerMessageID: String, status: MessageStatus,
            at: Timestamp, fault: ProviderFault?
        ) {
            self.messageID = messageID
            self.attempt = attempt
            self.providerMessageID = providerMessageID
            self.status = status
            self.at = at
            self.fault = fault
        }
    }

    /// Whether a message is known that it is about; it is parked when none is.
    package func apply(_ report: Report, to target: Target, now: Timestamp) async throws -> Bool {
        guard try await apply(report, of: target.account, target.instance, now: now) == nil else { return true }
        try await ParkedStatusStore(pool).park(report, of: target.account, target.instance, now: now)
        return false
    }

    /// The message it was about, if there is one.
    package func apply(
        _ report: Report, of account: Account.ID, _ instance: Instance.ID, now: Timestamp
    ) async throws -> Message.ID? {
        let rows = try await pool.write(
            Self.applyStatus,
            [
                .id(account), .id(instance), .id(report.messageID), .text(report.providerMessageID),
                .text(report.status.rawValue), .int(Int64(report.status.rank)), .time(min(report.at, now)),
                .tree(report.fault?.json), .time(now), .integer(report.attempt.map(Int64.init)),
            ])
        return try rows.first.map { Message.ID(try $0.int(0)) }
    }
}
