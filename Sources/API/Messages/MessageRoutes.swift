import Domain
import EventLoop
import JSON
import Storage

/// Messages as they stand.
enum MessageRoutes {
    @Reactor
    static func list(_ exchange: Exchange, _ service: Service) throws -> Query<Reply> {
        let caller = try exchange.admitted()
        var query = QueryReader(exchange)
        let filter = filter(&query, caller.key)
        let order = filter.order
        let (paging, position) = Paging.read(&query, pages: true) { ListPosition(cursor: $0, in: order.rawValue) }
        try query.finish(lenient: exchange.isLenient)
        let (list, warnings) = (MessageStore.listing(filter, of: caller.account.id), query.warnings)
        switch paging {
        case .page(let page, let perPage):
            return list.page(page, perPage: perPage).map { found in
                .page(found.rows, total: found.total, page: page, perPage: perPage, warnings: warnings) {
                    $0.message($1)
                }
            }
        case .cursor(_, let limit):
            return list.rows(after: position, limit: limit + 1).map { found in
                .page(
                    exchange, found, limit: limit, warnings: warnings,
                    cursor: { $0.position(in: order).cursor(in: order.rawValue) }
                ) { $0.message($1) }
            }
        case .whole: throw Problem(.internalError)
        }
    }

    private static func filter(_ query: inout QueryReader, _ key: APIKey) -> MessageStore.Filter {
        var filter = MessageStore.Filter()
        filter.instances = key.instanceIDs
        filter.leadID = query.integer("lead_id", in: 1...Lead.ID.maximum)
        filter.conversationID = query.integer("conversation_id", in: 1...Conversation.ID.maximum)
        filter.contactID = query.integer("contact_id", in: 1...Contact.ID.maximum)
        filter.instanceID = query.integer("instance_id", in: 1...Instance.ID.maximum)
        filter.templateID = query.integer("template_id", in: 1...Template.ID.maximum)
        filter.direction = query.word("direction", Message.Direction.self)
        filter.status = query.word("status", MessageStatus.self)
        filter.type = query.text("type", maximum: 64)
        filter.clientReference = query.text("client_reference")
        filter.created = .init(from: query.instant("created_from"), before: query.end("created_to"))
        filter.sent = .init(from: query.instant("sent_from"), before: query.end("sent_to"))
        return filter
    }

    @Reactor
    static func show(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let caller = try exchange.admitted()
        var query = QueryReader(exchange)
        try query.finish(lenient: exchange.isLenient)
        guard let found = try await service.database.messages.get(try exchange.id("id"), of: caller.account.id),
            caller.key.sees(found.message.instanceID)
        else { throw Problem(.notFound) }
        return .resource(warnings: query.warnings) { $0.message(found.message) }
    }
}

extension Message {
    fileprivate func position(in order: MessageStore.Filter.Order) -> ListPosition {
        switch order {
        case .newest: ListPosition(time: nil, id: id.rawValue)
        case .created: ListPosition(time: queuedAt, id: id.rawValue)
        case .sent: ListPosition(time: sentAt, id: id.rawValue)
        }
    }
}
