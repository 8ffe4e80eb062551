package import Domain
package import JSON
package import Postgres

/// What happened with a lead, newest first.
///
/// Two things hold it. Messages are told from their own table, as they stand, for as long as they are kept. What became
/// of the lead and of its tasks is told from the events, each a fact that never changes; with the events' partitions
/// it goes when their time is over, and with the person's erasure it says nothing any more.
package struct TimelineStore: Sendable {
    private let pool: PostgresPool
    private static let statements = StatementShelf()

    package init(_ pool: PostgresPool) { self.pool = pool }

    package enum Kind: String, Sendable, CaseIterable {
        case message, move, task, change

        /// The types of the events that tell of it; a message is told by itself.
        fileprivate var events: [String] {
            switch self {
            case .message: []
            case .move: [LeadEvent.stageChanged, .won, .lost].map(\.rawValue)
            case .task: [EventType.taskCreated, .taskCompleted].map(\.rawValue)
            case .change: [LeadEvent.created, .updated, .deleted].map(\.rawValue)
            }
        }
    }

    /// Where a page ended. Nothing of an item that it names ever changes, so that no item comes twice and none that
    /// was there is passed over, whatever happens meanwhile.
    package struct Position: Sendable, Hashable {
        package let at: Timestamp
        /// Of two at the same instant a message comes before an event.
        package let isMessage: Bool
        package let id: Int64

        package init(at: Timestamp, isMessage: Bool, id: Int64) {
            self.at = at
            self.isMessage = isMessage
            self.id = id
        }
    }

    /// Something that happened, as the database told it.
    package struct Item: Sendable {
        fileprivate let row: PostgresRow
        package let kind: Kind
        package let position: Position
    }

    /// Each kind's own newest are picked by an index, then the newest of those: what a lead has much of costs no more
    /// than what it has little of.
    static func select(_ length: PageLength) -> Statement {
        statements.named("timeline_\(length)") {
            """
            SELECT p.kind, p.created_at, p.id, COALESCE(e.type, 'message.' || CASE m.direction
                    WHEN 'inbound' THEN 'received' ELSE 'queued' END), COALESCE(e.api_key_id, m.api_key_id),
                CASE p.kind WHEN 'message' THEN \(MessageStore.eventData) -> 'message'
                    WHEN 'task' THEN e.data -> 'task' ELSE \(content) END
            FROM (
                SELECT o.kind, o.created_at, o.id
                FROM (
                    \(([messages(length)] + events(length)).joined(separator: "\nUNION ALL\n"))
                ) AS o
                ORDER BY o.created_at DESC, o.kind = 'message' DESC, o.id DESC
                LIMIT \(length)
            ) AS p
            LEFT JOIN events e ON e.account_id = $1 AND p.kind <> 'message' AND e.id = p.id
                AND e.created_at = p.created_at
            LEFT JOIN messages m ON m.account_id = $1 AND p.kind = 'message' AND m.id = p.id
            LEFT JOIN stages s ON s.account_id = $1 AND s.id = (e.previous ->> 'stage_id')::bigint
            LEFT JOIN pipelines q ON q.account_id = $1 AND q.id = (e.previous ->> 'pipeline_id')::bigint
            ORDER BY p.created_at DESC, p.kind = 'message' DESC, p.id DESC
            LIMIT $8
            """
        }
    }

    /// Of the instances that the key sees, each thread's newest.
    private static func messages(_ length: PageLength) -> String {
        """
        (SELECT 'message' AS kind, t.queued_at AS created_at, t.id
        FROM instances i
        CROSS JOIN LATERAL (
            SELECT m.queued_at, m.id
            FROM messages m
            WHERE m.account_id = $1 AND m.lead_id = $2 AND m.instance_id = i.id
                AND (m.queued_at, m.id) < ($3, $4)
            ORDER BY m.queued_at DESC, m.id DESC
            LIMIT \(length)
        ) AS t
        WHERE i.account_id = $1 AND 'message' = ANY ($6::text[]) AND ($7::bigint[] IS NULL OR i.id = ANY ($7))
        ORDER BY t.queued_at DESC, t.id DESC
        LIMIT \(length))
        """
    }

    private static func events(_ length: PageLength) -> [String] {
        Kind.allCases.flatMap { kind in
            kind.events.map { type in
                """
                (SELECT '\(kind.rawValue)', e.created_at, e.id
                FROM events e
                WHERE e.account_id = $1 AND e.lead_id = $2 AND e.type = '\(type)'
                    AND (e.type LIKE 'lead.%' OR e.type LIKE 'task.%') AND '\(kind.rawValue)' = ANY ($6::text[])
                    AND (e.created_at, e.id) < ($3, $5)
                ORDER BY e.created_at DESC, e.id DESC
                LIMIT \(length))
                """
            }
        }
    }

    /// Of an event about the lead: what changed, and for a move where from and where to. A place is called there what it
    /// was called when the lead came into it, and the place that was left what it is called now; null once it is gone.
    private static let content = """
        CASE WHEN e.data ? 'lead' THEN jsonb_build_object('changes', (
            SELECT COALESCE(jsonb_object_agg(f.key, jsonb_build_array(f.value, e.data -> 'lead' -> f.key)), '{}')
            FROM jsonb_each(e.previous) AS f (key, value)))
            || CASE WHEN p.kind = 'move' THEN jsonb_build_object(
                'from', jsonb_build_object(
                    'status', COALESCE(e.previous -> 'status', e.data -> 'lead' -> 'status'),
                    'stage', CASE WHEN e.previous ? 'stage_id' THEN jsonb_build_object(
                        'id', e.previous -> 'stage_id', 'name', s.name) ELSE e.data -> 'lead' -> 'stage' END,
                    'pipeline', CASE WHEN e.previous ? 'pipeline_id' THEN jsonb_build_object(
                        'id', e.previous -> 'pipeline_id', 'name', q.name)
                        ELSE e.data -> 'lead' -> 'pipeline' END),
                'to', jsonb_build_object(
                    'status', e.data -> 'lead' -> 'status', 'stage', e.data -> 'lead' -> 'stage',
                    'pipeline', e.data -> 'lead' -> 'pipeline')) ELSE '{}' END END
        """

    /// What comes behind a position; nil when there is no such lead, or it is archived.
    ///
    /// - Parameter instances: whose messages are told; nil: all.
    package func items(
        of lead: Lead.ID, _ kinds: Set<Kind>, instances: Set<Instance.ID>?, in account: Account.ID,
        after position: Position?, limit: Int
    ) -> Query<[Item]?> {
        let bounds = position?.bounds ?? (messages: .max, events: .max)
        let steps: [(Statement, [PostgresValue])] = [
            (LeadStore.selectExisting, [.id(account), .id(lead)]),
            (
                Self.select(PageLength(atLeast: limit)),
                [
                    .id(account), .id(lead), .time(position?.at ?? Timestamp.latest),
                    .int(bounds.messages), .int(bounds.events), .textArray(kinds.map(\.rawValue)),
                    instances.map { .intArray($0.map(\.rawValue)) } ?? .null, .int(Int64(limit)),
                ]
            ),
        ]
        return Query(steps) { results in
            guard !results[0].isEmpty else { return nil }
            return try results[1].map { row in
                var r = RowReader(row)
                let kind: Kind = try r.word()
                let at = try r.timestamp()
                return Item(
                    row: row, kind: kind, position: Position(at: at, isMessage: kind == .message, id: try r.int()))
            }
        }
    }
}

extension TimelineStore.Position {
    /// Below which ids what happened at this same instant is still to come.
    fileprivate var bounds: (messages: Int64, events: Int64) {
        isMessage ? (messages: id, events: .max) : (messages: 0, events: id)
    }
}

extension TimelineStore.Item {
    /// Writes the item: what all have in common, and under the name of its kind what it tells.
    package func write(to json: inout JSONWriter) {
        json.beginObject()
        row.withFields { fields in
            json.key("id")
            if let id = fields[2] { json.raw(id) } else { json.null() }
            json.member("type", kind.rawValue)
            json.key("event")
            if let event = fields[3] { json.string(utf8: event) } else { json.null() }
            json.member("created_at", position.at.text)
            json.key("api_key_id")
            if let key = fields[4] { json.raw(key) } else { json.null() }
            json.key(kind.rawValue)
            if let content = fields[5] { json.raw(content) } else { json.null() }
        }
        json.endObject()
    }
}
