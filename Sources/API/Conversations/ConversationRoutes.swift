import Domain
import EventLoop
import HTTP
import JSON
import Storage

/// The inbox: what contacts wrote on which number, who looks after it, and whether it is settled.
enum ConversationRoutes {
    /// The order of the list, as its cursors name it.
    private static let order = "activity"

    @Reactor
    static func list(_ exchange: Exchange, _ service: Service) throws -> Query<Reply> {
        let caller = try exchange.admitted()
        var query = QueryReader(exchange)
        let filter = filter(&query, caller.key)
        let (paging, position) = Paging.read(&query, pages: true) { ListPosition(cursor: $0, in: order) }
        try query.finish(lenient: exchange.isLenient)
        let (list, warnings) = (ConversationStore.listing(filter, of: caller.account.id), query.warnings)
        switch paging {
        case .page(let page, let perPage):
            return list.page(page, perPage: perPage).map { found in
                .page(found.rows, total: found.total, page: page, perPage: perPage, warnings: warnings) {
                    $0.conversation($1)
                }
            }
        case .cursor(_, let limit):
            return list.rows(after: position, limit: limit + 1).map { found in
                .page(
                    exchange, found, limit: limit, warnings: warnings, cursor: { $0.position.cursor(in: order) }
                ) { $0.conversation($1) }
            }
        case .whole: throw Problem(.internalError)
        }
    }

    private static func filter(_ query: inout QueryReader, _ key: APIKey) -> ConversationStore.Filter {
        var filter = ConversationStore.Filter()
        filter.instances = key.instanceIDs
        filter.status = query.word("status", Conversation.Status.self)
        filter.assignee = query.assignee("assigned_to")
        filter.instanceID = query.integer("instance_id", in: 1...Instance.ID.maximum)
        filter.leadID = query.integer("lead_id", in: 1...Lead.ID.maximum)
        filter.contactID = query.integer("contact_id", in: 1...Contact.ID.maximum)
        filter.isUnread = query.boolean("unread")
        return filter
    }

    @Reactor
    static func show(_ exchange: Exchange, _ service: Service) throws -> Query<Reply> {
        let caller = try exchange.admitted()
        var query = QueryReader(exchange)
        try query.finish(lenient: exchange.isLenient)
        let warnings = query.warnings
        return service.database.conversations.one(try exchange.id("id"), of: caller.account.id).map { found in
            guard let found, caller.key.sees(found.instanceID) else { throw Problem(.notFound) }
            return .resource(warnings: warnings) { $0.conversation(found) }
        }
    }

    /// What was said, newest first.
    @Reactor
    static func messages(_ exchange: Exchange, _ service: Service) throws -> Query<Reply> {
        let caller = try exchange.admitted()
        let id: Conversation.ID = try exchange.id("id")
        var query = QueryReader(exchange)
        let (after, limit) = Paging.read(&query, pages: false).cursorOrFirst
        try query.finish(lenient: exchange.isLenient)
        let (account, warnings) = (caller.account.id, query.warnings)
        var filter = MessageStore.Filter()
        filter.conversationID = id.rawValue
        let thread = service.database.conversations.instance(of: id, in: account)
        let messages = MessageStore.listing(filter, of: account).rows(
            after: after.map { ListPosition(time: nil, id: $0) }, limit: limit + 1)
        return thread.with(messages).map { instance, messages in
            guard let instance, caller.key.sees(instance) else { throw Problem(.notFound) }
            return .page(exchange, messages, limit: limit, warnings: warnings, id: \.id.rawValue) { $0.message($1) }
        }
    }

    @Reactor
    static func update(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let id: Conversation.ID = try exchange.id("id")
        let key = try exchange.admitted().key
        var body = try BodyReader(exchange, after: QueryReader(exchange))
        let status = body.change("status") { $0.word("status", Conversation.Status.self) }
        let assignee = body.clearable("assigned_to") { $0.id("assigned_to", User.self) }
        let isRead = body.boolean("read")
        // What was read cannot be unread again: nobody counts what it would come to.
        if isRead == false { body.fail("read", "not_allowed", Faults.notOneOf, ["values": "true"]) }
        body.refuseUnknown(lenient: exchange.isLenient)
        try body.throwIfFaulty()
        return try await Writing.perform(exchange, service) { write in
            let store = service.database.conversations
            let old = try exchange.found(try await store.lock(id, in: write))
            guard key.sees(old.instanceID) else { throw Problem(.notFound) }
            try exchange.requireMatch { $0.conversation(old) }
            let state = Conversation.State(
                status: status.applied(to: old.state.status), assignedTo: assignee.applied(to: old.state.assignedTo),
                unread: isRead == true ? 0 : old.state.unread)
            // Whom it is assigned to already may have gone since, and stays.
            if let user = state.assignedTo, user != old.state.assignedTo,
                try await !store.canAssign(to: user, in: write)
            {
                throw Problem.validation([.init("/assigned_to", "not_found", Faults.notFound)])
            }
            let new = try await store.update(old, to: state, in: write)
            write.tell(new, after: old.state)
            return .resource(warnings: body.warnings) { $0.conversation(new) }
        }
    }
}

extension QueryReader {
    /// A user's id, or `none`.
    fileprivate mutating func assignee(_ name: String) -> ConversationStore.Filter.Assignee? {
        guard let text = text(name) else { return nil }
        if text == "none" { return .nobody }
        return integer(name, in: 1...User.ID.maximum).map { .user($0) }
    }
}

extension WriteTransaction {
    /// What others want to know of the change; that it was read is nobody else's matter.
    @Reactor
    fileprivate func tell(_ new: ConversationRecord, after old: Conversation.State) {
        if new.state.assignedTo != old.assignedTo {
            tell(.conversationAssigned, new) { $0.member("assigned_to", old.assignedTo?.rawValue) }
        }
        if new.state.status != old.status, new.state.status == .closed {
            tell(.conversationClosed, new) { $0.member("status", old.status.rawValue) }
        }
    }

    @Reactor
    private func tell(_ type: EventType, _ conversation: ConversationRecord, previous: (inout JSONWriter) -> Void) {
        var data = JSONWriter()
        data.beginObject()
        data.key("conversation")
        data.beginObject()
        data.thread(conversation)
        data.endObject()
        data.endObject()
        var before = JSONWriter()
        before.beginObject()
        previous(&before)
        before.endObject()
        tell(type, of: nil, data: data.finish(), previous: before.finish())
    }
}
