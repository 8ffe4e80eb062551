package import Domain
package import JSON
package import Postgres

/// Threads as people read and settle them; what comes in and goes out writes them by itself.
package struct ConversationStore: Sendable {
    let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    /// What every read of a thread selects, in the order that `record(_:)` reads; of `conversations` as `v`. With the
    /// lead that an answer would go to, by the rule that an inbound message finds its own by.
    static let columns = """
        v.id, v.contact_id, v.instance_id, v.status, v.assigned_to, v.unread, v.last_inbound_at, v.last_message_at,
        v.read_at, v.created_at, c.name, c.phone,
        (SELECT l.id FROM leads l
            WHERE l.account_id = $1 AND l.contact_id = v.contact_id AND l.archived_at IS NULL
            ORDER BY (l.status = 'open') DESC, l.updated_at DESC
            LIMIT 1),
        (SELECT \(MessageStore.eventData) -> 'message'
            FROM messages m
            WHERE m.account_id = $1 AND m.conversation_id = v.id
            ORDER BY m.id DESC
            LIMIT 1)
        """

    static let joins = "JOIN contacts c ON c.account_id = $1 AND c.id = v.contact_id"

    static let selectOne = Statement(
        "conversation_get",
        """
        SELECT \(columns)
        FROM conversations v
        \(joins)
        WHERE v.account_id = $1 AND v.id = $2
        """)

    package func one(_ id: Conversation.ID, of account: Account.ID) -> Query<ConversationRecord?> {
        Query([(Self.selectOne, [.id(account), .id(id)])]) { try $0[0].first.map(Self.record) }
    }

    static let selectInstance = Statement(
        "conversation_instance", "SELECT v.instance_id FROM conversations v WHERE v.account_id = $1 AND v.id = $2")

    /// The instance that it is on; nil when there is no such thread.
    package func instance(of id: Conversation.ID, in account: Account.ID) -> Query<Instance.ID?> {
        Query([(Self.selectInstance, [.id(account), .id(id)])]) { try $0[0].first.map { Instance.ID(try $0.int(0)) } }
    }

    /// What a list is narrowed by.
    package struct Filter: Sendable {
        package var status: Conversation.Status?
        package var assignee: Assignee?
        package var instanceID: Int64?
        package var contactID: Int64?
        package var leadID: Int64?
        package var isUnread: Bool?
        /// Those that the key sees; nil: all.
        package var instances: Set<Instance.ID>?

        package init() {}

        package enum Assignee: Sendable, Hashable {
            case nobody
            case user(Int64)
        }

        func selection(_ account: Account.ID) -> NewestFirst {
            var list = NewestFirst(account, of: "conversations v", as: "v", by: "v.last_message_at")
            if let contactID { list.add("v.contact_id = \(list.bind(.int(contactID)))") }
            if let leadID {
                let lead = list.bind(.int(leadID))
                list.add(
                    "v.contact_id = (SELECT l.contact_id FROM leads l WHERE l.account_id = $1 AND l.id = \(lead))")
            }
            if let status { list.add("v.status = \(list.bind(.text(status.rawValue)))") }
            switch assignee {
            case .nobody: list.add("v.assigned_to IS NULL")
            case .user(let id): list.add("v.assigned_to = \(list.bind(.int(id)))")
            case nil: break
            }
            if let isUnread { list.add(isUnread ? "v.unread > 0" : "v.unread = 0") }
            list.add(
                "v.instance_id", of: instanceID, seen: instances, spread: contactID == nil && leadID == nil)
            return list
        }
    }

    /// Latest activity first. One that is written in meanwhile goes to the front, and by position none comes twice.
    package static func listing(_ filter: Filter, of account: Account.ID) -> Listing<ConversationRecord> {
        Listing("conversation", filter.selection(account), columns, joins: joins) { try record($0) }
    }

    static func record(_ row: PostgresRow) throws -> ConversationRecord {
        var r = RowReader(row)
        return ConversationRecord(
            id: try r.id(), contactID: try r.id(), instanceID: try r.id(),
            state: .init(status: try r.word(), assignedTo: try r.idOrNil(), unread: try r.int()),
            lastInboundAt: try r.timestampOrNil(), lastMessageAt: try r.timestamp(), readAt: try r.timestampOrNil(),
            createdAt: try r.timestamp(), contactName: try r.textOrNil(), contactPhone: try r.textOrNil(),
            leadID: try r.idOrNil(), lastMessage: try r.jsonOrNil())
    }
}

/// A thread as the inbox shows it.
package struct ConversationRecord: Sendable {
    package let id: Conversation.ID
    package let contactID: Contact.ID
    package let instanceID: Instance.ID
    package let state: Conversation.State
    package let lastInboundAt: Timestamp?
    package let lastMessageAt: Timestamp
    package let readAt: Timestamp?
    package let createdAt: Timestamp
    package let contactName: String?
    package let contactPhone: String?
    /// The lead that an answer would go to.
    package let leadID: Lead.ID?
    /// As `GET /messages/{id}` tells it.
    package let lastMessage: JSONValue?

    package var position: ListPosition { ListPosition(time: lastMessageAt, id: id.rawValue) }
}
