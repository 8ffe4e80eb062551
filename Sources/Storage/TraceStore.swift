package import Domain
import JSON
package import Postgres

/// What is known of one message's way: its row, its attempts, what was told of it, and what was asked of it.
package struct TraceStore: Sendable {
    private let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    package struct Facts: Sendable {
        package let standing: MessageStore.Standing
        package let trace: MessageTrace
        /// Where it stands in the outbox; nil when it is not there.
        package let place: MessageWait.Place?
    }

    /// With the one before it in the conversation that has not gone out, if there is one.
    static let selectMessage = Statement(
        "trace_message",
        """
        SELECT \(MessageStore.columns), v.last_inbound_at, m.api_key_id, i.status, o.run_at, o.lease_until, m.send_at,
            CASE WHEN o.lease_until IS NULL THEN (
                SELECT e.message_id
                FROM outbox e
                JOIN messages em ON em.account_id = $1 AND em.id = e.message_id
                WHERE e.account_id = $1 AND e.conversation_id = o.conversation_id AND e.message_id < $2
                    AND (em.send_at IS NULL OR em.send_at <= $3)
                ORDER BY e.message_id DESC
                LIMIT 1) END,
            v.paced_until, \(InstanceStore.limitColumns), n.paid_until, n.hour_start, n.hour_count, n.day_start,
            n.day_count, i.business_account_id, i.messaging_limit,
            CASE WHEN o.lease_until IS NULL THEN \(Tier.initiates("m", now: "$3")) ELSE FALSE END, v.tier_counted_at,
            ARRAY(
                SELECT extract(epoch FROM t.hour)::bigint FROM tier_counts t
                WHERE t.account_id = $1 AND t.business_account_id = i.business_account_id ORDER BY t.hour),
            ARRAY(
                SELECT t.count::bigint FROM tier_counts t
                WHERE t.account_id = $1 AND t.business_account_id = i.business_account_id ORDER BY t.hour),
            CASE WHEN o.lease_until IS NULL THEN (
                SELECT count(*) FROM instances b
                JOIN outbox w ON w.account_id = $1 AND w.instance_id = b.id AND w.tier_waits AND w.message_id < $2
                WHERE b.account_id = $1 AND b.business_account_id = i.business_account_id) END
        FROM messages m
        JOIN conversations v ON v.account_id = $1 AND v.id = m.conversation_id
        JOIN instances i ON i.account_id = $1 AND i.id = m.instance_id
        LEFT JOIN outbox o ON o.account_id = $1 AND o.message_id = m.id
        LEFT JOIN number_paces n ON n.account_id = $1 AND n.instance_id = m.instance_id
        WHERE m.account_id = $1 AND m.id = $2
        """)

    static let selectAttempts = Statement(
        "trace_attempts",
        """
        SELECT a.number, a.started_at, a.finished_at, a.outcome, a.error
        FROM attempts a
        WHERE a.account_id = $1 AND a.message_id = $2
        ORDER BY a.number
        LIMIT \(limit)
        """)

    /// Found by the lead, whose events have an index; an event is no older than its message.
    static let selectNews = Statement(
        "trace_news",
        """
        SELECT e.created_at, COALESCE(e.data -> 'message' ->> 'status', substr(e.type, 9)),
            e.data -> 'message' -> 'error',
            (e.data -> 'message' ->> (COALESCE(e.data -> 'message' ->> 'status', '') || '_at'))::timestamptz
        FROM messages m
        CROSS JOIN LATERAL (
            SELECT t.id, t.type, t.created_at, t.data
            FROM events t
            WHERE t.account_id = $1 AND t.lead_id = m.lead_id AND t.message_id = $2 AND t.created_at >= m.queued_at
                AND t.type LIKE 'message.%'
            ORDER BY t.id
            LIMIT \(limit)
        ) AS e
        WHERE m.account_id = $1 AND m.id = $2
        ORDER BY e.id
        """)

    static let selectRequests = Statement(
        "trace_requests",
        """
        SELECT a.at, substr(a.action, 9), a.api_key_id, a.request_id
        FROM audit_log a
        WHERE a.account_id = $1 AND a.entity = 'message' AND a.entity_id = $2
        ORDER BY a.id
        LIMIT \(limit)
        """)

    /// More than a message ever comes to, and as much as a person looks through.
    private static let limit = 200

    /// Nil when there is no such message.
    package func facts(_ id: Message.ID, of account: Account.ID, now: Timestamp) -> Query<Facts?> {
        let place: [PostgresValue] = [.id(account), .id(id)]
        let steps: [(Statement, [PostgresValue])] = [
            (Self.selectMessage, place + [.time(now)]), (Self.selectAttempts, place), (Self.selectNews, place),
            (Self.selectRequests, place),
        ]
        return Query(steps) { results in
            guard let row = results[0].first else { return nil }
            var reader = RowReader(row)
            let message = try MessageStore.message(&reader)
            let standing = MessageStore.Standing(message: message, lastInboundAt: try reader.timestampOrNil())
            let key: APIKey.ID? = try reader.idOrNil()
            let trace = MessageTrace(
                message, by: key, attempts: try results[1].map(Self.attempt),
                news: try results[2].compactMap(Self.news),
                requests: try results[3].compactMap(Self.request))
            return Facts(standing: standing, trace: trace, place: try Self.place(of: message, &reader, now))
        }
    }

    private static func place(
        of message: Message, _ r: inout RowReader, _ now: Timestamp
    ) throws -> MessageWait.Place? {
        let instance: Instance.Status = try r.word()
        let (runAt, leaseUntil) = (try r.timestampOrNil(), try r.timestampOrNil())
        let sendAt = try r.timestampOrNil()
        let behind: Message.ID? = try r.idOrNil()
        let pacedUntil = try r.timestampOrNil()
        var again = r
        let provider: Instance.Provider = try again.word()
        let limits = try InstanceStore.limits(&r)
        let spending = try NumberPaceStore.spending(&r)
        let (business, word) = (try r.textOrNil(), try r.textOrNil())
        let (initiates, countedAt) = (try r.bool(), try r.timestampOrNil())
        let (hours, counts) = (try r.intArrayOrNil() ?? [], try r.intArrayOrNil() ?? [])
        let ahead = Int(try r.intOrNil() ?? 0)
        guard let runAt else { return nil }
        var tierOpens: Timestamp?
        if initiates, !TierCount.isCounted(countedAt, now: now),
            let tier = MessagingTier(word: word, of: provider, businessAccountID: business)
        {
            var count = TierCount()
            for (hour, contacts) in zip(hours, counts) { count.add(Int(contacts), at: Timestamp(seconds: hour)) }
            tierOpens = tier.opens(count, after: ahead, now: now)
        }
        return MessageWait.Place(
            runAt: runAt, leaseUntil: leaseUntil, sendAt: sendAt, instance: instance, behind: behind,
            isTurnedAway: message.error != nil,
            contactOpens: pacedUntil.map { Pace.cloudRecipient.opens($0) },
            numberOpens: limits?.opens(spending, now: now), tierOpens: tierOpens)
    }

    private static func attempt(_ row: PostgresRow) throws -> MessageTrace.Attempt {
        var r = RowReader(row)
        return MessageTrace.Attempt(
            number: Int(try r.int()), startedAt: try r.timestamp(), finishedAt: try r.timestampOrNil(),
            outcome: try r.textOrNil().flatMap(MessageTrace.Kind.init(rawValue:)),
            fault: try r.jsonOrNil().flatMap(ProviderFault.init(json:)))
    }

    /// Of what says nothing that this version knows there is nothing to tell.
    private static func news(_ row: PostgresRow) throws -> MessageTrace.News? {
        var r = RowReader(row)
        let at = try r.timestamp()
        guard let status = MessageStatus(rawValue: try r.text()) else { return nil }
        let fault = try r.jsonOrNil().flatMap(ProviderFault.init(told:))
        return MessageTrace.News(at: at, status: status, providerAt: try r.timestampOrNil(), fault: fault)
    }

    private static func request(_ row: PostgresRow) throws -> MessageTrace.Request? {
        var r = RowReader(row)
        let at = try r.timestamp()
        guard let act = MessageLife.Act(rawValue: try r.text()) else { return nil }
        return MessageTrace.Request(at: at, act: act, apiKeyID: try r.idOrNil(), requestID: try r.textOrNil())
    }
}

extension ProviderFault {
    /// As an event tells it.
    fileprivate init?(told json: JSONValue) {
        guard let object = json.object else { return nil }
        self.init(
            json: .object(JSONObject(object.members.map { ($0.key == "name" ? "provider" : $0.key, $0.value) })))
    }
}
