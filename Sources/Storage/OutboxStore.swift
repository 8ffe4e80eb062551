package import Domain
package import Postgres

/// What still has to be sent.
package struct OutboxStore: Sendable {
    private let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    /// A number with something that can go out now, if its limits let it.
    package struct Ready: Sendable {
        package let number: NumberPaceStore.Number
        package let provider: Instance.Provider
        /// Nil is as fast as may be.
        package let limits: NumberLimits?
        /// Nil is any number of contacts.
        package let tier: Tiered?

        package init(
            number: NumberPaceStore.Number, provider: Instance.Provider, limits: NumberLimits?, tier: Tiered? = nil
        ) {
            self.number = number
            self.provider = provider
            self.limits = limits
            self.tier = tier
        }
    }

    /// A business account that may write to so many contacts first.
    package struct Tiered: Sendable {
        package let business: TierStore.Business
        package let tier: MessagingTier
    }

    /// Of a number whose business account has a messaging limit: what takes no room of it, or what does.
    package enum Part: Sendable {
        case free
        case taking
    }

    /// The first of each account, then the second of each, so that every account is served in turn. The numbers that
    /// have something waiting are found by going from one to the next, however much each has, if anything is due at all.
    static let selectReadyNumbers = Statement(
        "outbox_ready_numbers",
        """
        WITH RECURSIVE waiting AS (
            (SELECT o.account_id, o.instance_id FROM outbox o
            WHERE o.lease_owner IS NULL
                AND (SELECT d.run_at FROM outbox d WHERE d.lease_owner IS NULL ORDER BY d.run_at LIMIT 1) <= $1
            ORDER BY o.account_id, o.instance_id
            LIMIT 1)
            UNION ALL
            SELECT n.account_id, n.instance_id
            FROM waiting w
            CROSS JOIN LATERAL (
                SELECT o.account_id, o.instance_id FROM outbox o
                WHERE o.lease_owner IS NULL AND (o.account_id, o.instance_id) > (w.account_id, w.instance_id)
                ORDER BY o.account_id, o.instance_id
                LIMIT 1
            ) n
        )
        SELECT r.account_id, r.instance_id, \(InstanceStore.limitColumns), i.business_account_id, i.messaging_limit
        FROM (
            SELECT w.account_id, w.instance_id, f.run_at AS first_at,
                row_number() OVER (PARTITION BY w.account_id ORDER BY f.run_at) AS turn
            FROM waiting w
            CROSS JOIN LATERAL (
                SELECT o.run_at FROM outbox o
                WHERE o.account_id = w.account_id AND o.instance_id = w.instance_id AND o.run_at <= $1
                    AND o.lease_owner IS NULL
                ORDER BY o.run_at
                LIMIT 1
            ) f
        ) r
        JOIN instances i ON i.account_id = r.account_id AND i.id = r.instance_id AND i.status = 'connected'
        JOIN accounts a ON a.id = r.account_id AND a.status = 'active'
        ORDER BY r.turn, r.first_at
        LIMIT $2
        """)

    package func readyNumbers(now: Timestamp, limit: Int) async throws -> [Ready] {
        try await pool.read(Self.selectReadyNumbers, [.time(now), .int(Int64(limit))]).map { row in
            var reader = RowReader(row)
            let number = NumberPaceStore.Number(account: try reader.id(), instance: try reader.id())
            var again = reader
            let (provider, limits): (Instance.Provider, NumberLimits?) = (
                try reader.word(), try InstanceStore.limits(&again)
            )
            let (business, word) = (try again.textOrNil(), try again.textOrNil())
            var tiered: Tiered?
            if let business, let tier = MessagingTier(word: word, of: provider, businessAccountID: business) {
                tiered = Tiered(
                    business: TierStore.Business(account: number.account, businessAccountID: business), tier: tier)
            }
            return Ready(number: number, provider: provider, limits: limits, tier: tiered)
        }
    }

    /// The head of each conversation of a number that can dispatch, unless its contact is written to too fast. A message
    /// whose own time has not come is no head. `$8` asks for those that take room of a messaging limit, or for the
    /// others; it is null where there is no limit.
    private static func claimDue(_ name: String, _ kind: StaticString) -> Statement {
        Statement(
            name,
            """
            WITH due AS (
                SELECT o.message_id, \(Tier.initiates("h", now: "$2")) AS initiates, v.tier_counted_at
                FROM outbox o
                JOIN instances i ON i.account_id = $1 AND i.id = o.instance_id AND i.status = 'connected'
                JOIN messages h ON h.account_id = $1 AND h.id = o.message_id
                JOIN conversations v ON v.account_id = $1 AND v.id = o.conversation_id
                WHERE o.account_id = $1 AND o.instance_id = $6 AND \(kind) AND o.run_at <= $2
                    AND o.lease_owner IS NULL
                    AND (v.paced_until IS NULL OR v.paced_until <= $2::timestamptz + \(ContactPace.tolerance))
                    AND ($8::boolean IS NULL OR \(Tier.needsRoom("h", now: "$2")) = $8)
                    AND NOT EXISTS (
                        SELECT 1 FROM outbox e
                        JOIN messages em ON em.account_id = $1 AND em.id = e.message_id
                        WHERE e.account_id = $1 AND e.conversation_id = o.conversation_id
                            AND e.message_id < o.message_id AND (em.send_at IS NULL OR em.send_at <= $2))
                ORDER BY o.run_at, o.message_id
                LIMIT $3
                FOR NO KEY UPDATE OF o, h, v SKIP LOCKED
            ), leased AS (
                UPDATE outbox o SET lease_owner = $4, lease_until = $5, tier_waits = false
                FROM due
                WHERE o.account_id = $1 AND o.message_id = due.message_id
                RETURNING o.message_id
            ), message AS (
                UPDATE messages m SET status = 'sending', status_rank = 10, attempts = m.attempts + 1, updated_at = $2
                FROM leased
                WHERE m.account_id = $1 AND m.id = leased.message_id AND m.status = 'queued'
                RETURNING m.id, m.attempts, m.conversation_id, m.instance_id, m.recipient_kind, m.recipient_value,
                    m.content, m.reply_to_provider_id, m.preset_provider_id, m.valid_until, m.contact_id,
                    m.template_category, m.earlier_attempts
            ), attempt AS (
                INSERT INTO attempts (account_id, message_id, number, started_at)
                SELECT $1, id, attempts, $2 FROM message
            ), paced AS (
                UPDATE conversations v SET
                    paced_until = GREATEST(v.paced_until, $2::timestamptz) + \(ContactPace.step),
                    paced_message_id = message.id,
                    tier_counted_at = CASE WHEN $8::boolean IS NOT NULL AND due.initiates THEN $2
                        ELSE v.tier_counted_at END
                FROM message
                JOIN due ON due.message_id = message.id
                WHERE $7::boolean AND v.account_id = $1 AND v.id = message.conversation_id
            )
            SELECT message.id, message.attempts, message.conversation_id, message.instance_id, message.recipient_kind,
                message.recipient_value, message.content, message.reply_to_provider_id, message.preset_provider_id,
                v.last_inbound_at, message.valid_until, v.recipient_kind = 'phone', message.template_category,
                c.opted_out_at IS NOT NULL, c.marketing_stopped_at IS NOT NULL,
                (SELECT min(a.started_at) FROM attempts a
                 WHERE a.account_id = $1 AND a.message_id = message.id AND a.number > message.earlier_attempts),
                message.earlier_attempts, CASE WHEN due.initiates THEN due.tier_counted_at END
            FROM message
            JOIN due ON due.message_id = message.id
            JOIN conversations v ON v.account_id = $1 AND v.id = message.conversation_id
            JOIN contacts c ON c.account_id = $1 AND c.id = message.contact_id
            """)
    }

    static let claimSingle = claimDue("outbox_claim", "o.batch_id IS NULL")
    static let claimOfBatches = claimDue("outbox_claim_of_batches", "o.batch_id IS NOT NULL")

    /// Whose the attempts are, and until when.
    package struct Lease: Sendable {
        package let owner: String
        package let until: Timestamp

        package init(owner: String, until: Timestamp) {
            self.owner = owner
            self.until = until
        }
    }

    /// What was sent singly goes ahead of what is sent to many.
    ///
    /// - Parameter part: where the number's business account has a messaging limit.
    package func claim(
        of ready: Ready, _ part: Part? = nil, for lease: Lease, limit: Int, now: Timestamp
    ) async throws -> [AttemptStore.Claimed] {
        let single = try await claim(Self.claimSingle, of: ready, part, lease, limit, now)
        guard single.count < limit else { return single }
        return single + (try await claim(Self.claimOfBatches, of: ready, part, lease, limit - single.count, now))
    }

    private func claim(
        _ statement: Statement, of ready: Ready, _ part: Part?, _ lease: Lease, _ limit: Int, _ now: Timestamp
    ) async throws -> [AttemptStore.Claimed] {
        let account = ready.number.account
        return try await pool.write(
            statement,
            [
                .id(account), .time(now), .int(Int64(limit)), .text(lease.owner), .time(lease.until),
                .id(ready.number.instance), .bool(ready.provider.contactPace != nil),
                .bool(part.map { $0 == .taking }),
            ]
        ).map { row in
            var r = RowReader(row)
            let id: Message.ID = try r.id()
            let number = Int(try r.int())
            let (conversation, instance) = (try r.id(Conversation.self), try r.id(Instance.self))
            let recipient = Recipient(kind: try r.word(), value: try r.text())
            guard let content = OutboundContent(json: try r.json()) else {
                throw StorageError.unknownWord("content", of: "message")
            }
            let (replyTo, preset) = (try r.textOrNil(), try r.textOrNil())
            let (lastInboundAt, validUntil) = (try r.timestampOrNil(), try r.timestampOrNil())
            let isFirstContact = try r.bool()
            let category = try r.textOrNil()
            let consent = SendContext.Consent(stopped: try r.bool(), marketingStopped: try r.bool())
            var claimed = AttemptStore.Claimed(
                account: account, messageID: id, number: number, startedAt: now, conversationID: conversation,
                instanceID: instance, recipient: recipient, content: content, replyToProviderID: replyTo,
                presetProviderID: preset, lastInboundAt: lastInboundAt,
                firstStartedAt: try r.timestampOrNil() ?? now, earlierAttempts: Int(try r.int()),
                validUntil: validUntil, isFirstContact: isFirstContact, templateCategory: category, consent: consent)
            claimed.countedBefore = try r.timestampOrNil()
            return claimed
        }
    }

    /// A window that opens meanwhile holds the conversation, so that it finds what was put off.
    static let postponeTaking = Statement(
        "outbox_postpone",
        """
        UPDATE outbox o SET run_at = $4, tier_waits = true
        FROM (
            SELECT o.message_id
            FROM outbox o
            JOIN messages h ON h.account_id = $1 AND h.id = o.message_id
            JOIN conversations v ON v.account_id = $1 AND v.id = o.conversation_id
            WHERE o.account_id = $1 AND o.instance_id = $2 AND o.run_at <= $3 AND o.lease_owner IS NULL
                AND \(Tier.needsRoom("h", now: "$3"))
            LIMIT $5
            FOR NO KEY UPDATE OF o, v SKIP LOCKED
        ) due
        WHERE o.account_id = $1 AND o.message_id = due.message_id
        """)

    /// What is due and takes room of the messaging limit waits until there is some.
    package func postpone(of ready: Ready, until: Timestamp, limit: Int, now: Timestamp) async throws {
        _ = try await pool.write(
            Self.postponeTaking,
            [
                .id(ready.number.account), .id(ready.number.instance), .time(now), .time(until), .int(Int64(limit)),
            ])
    }

    /// What nobody could send in its time, because its number is down or its turn did not come.
    static let expireOverdue = Statement(
        "outbox_expire",
        """
        WITH overdue AS (
            DELETE FROM outbox
            WHERE (account_id, message_id) IN (
                SELECT o.account_id, o.message_id
                FROM outbox o
                JOIN messages m ON m.account_id = o.account_id AND m.id = o.message_id
                WHERE o.lease_until IS NULL AND m.valid_until <= $1
                LIMIT $2
                FOR UPDATE OF o, m SKIP LOCKED)
            RETURNING account_id, message_id
        ), message AS (
            UPDATE messages m SET status = 'expired', status_rank = 100, updated_at = $1,
                error = jsonb_build_object(
                    'provider', i.provider, 'code', NULL, 'title', $3::text, 'details', NULL, 'retryable', false)
            FROM overdue, instances i
            WHERE m.account_id = overdue.account_id AND m.id = overdue.message_id AND m.status = 'queued'
                AND i.account_id = m.account_id AND i.id = m.instance_id
            RETURNING \(MessageStore.columns)
        ), event AS (
            INSERT INTO events (account_id, type, created_at, lead_id, message_id, data)
            SELECT m.account_id, 'message.failed', $1, m.lead_id, m.id, \(MessageStore.eventData)
            FROM message m
        )
        SELECT id FROM message
        """)

    /// How many messages expired, with `reason` as their error.
    package func expire(now: Timestamp, limit: Int, reason: String) async throws -> Int {
        try await pool.write(Self.expireOverdue, [.time(now), .int(Int64(limit)), .text(reason)]).count
    }

    /// An attempt whose lease ran out may have reached the provider: its message is unknown, never queued again.
    static let rescueExpired = Statement(
        "outbox_rescue",
        """
        WITH expired AS (
            DELETE FROM outbox
            WHERE (account_id, message_id) IN (
                SELECT o.account_id, o.message_id
                FROM outbox o
                JOIN messages h ON h.account_id = o.account_id AND h.id = o.message_id
                WHERE o.lease_until < $1
                LIMIT $2
                FOR UPDATE OF o, h SKIP LOCKED)
            RETURNING account_id, message_id
        ), message AS (
            UPDATE messages m SET status = 'unknown', status_rank = 15, updated_at = $1,
                error = jsonb_build_object(
                    'provider', i.provider, 'code', NULL, 'title', $3::text, 'details', NULL, 'retryable', false)
            FROM expired, instances i
            WHERE m.account_id = expired.account_id AND m.id = expired.message_id AND m.status = 'sending'
                AND i.account_id = m.account_id AND i.id = m.instance_id
            RETURNING \(MessageStore.columns)
        ), attempt AS (
            UPDATE attempts a SET finished_at = $1, outcome = 'unknown', error = message.error
            FROM message
            WHERE a.account_id = message.account_id AND a.message_id = message.id AND a.number = message.attempts
                AND a.finished_at IS NULL
        ), event AS (
            INSERT INTO events (account_id, type, created_at, lead_id, message_id, data)
            SELECT m.account_id, 'message.unknown', $1, m.lead_id, m.id, \(MessageStore.eventData)
            FROM message m
        )
        SELECT id FROM message
        """)

    /// How many messages became unknown, with `reason` as their error.
    package func rescue(now: Timestamp, limit: Int, reason: String) async throws -> Int {
        try await pool.write(Self.rescueExpired, [.time(now), .int(Int64(limit)), .text(reason)]).count
    }
}
