import Domain
import EventLoop
import JSON
import Storage

/// Who changed what.
enum AuditRoutes {
    @Reactor
    static func list(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let account = try exchange.admitted().account.id
        var query = QueryReader(exchange)
        var filter = AuditStore.Filter()
        filter.entity = query.word("entity", AuditEntry.Entity.self)?.rawValue
        filter.entityID = query.integer("entity_id", in: 1...Lead.ID.maximum)
        filter.apiKeyID = query.integer("api_key_id", in: 1...APIKey.ID.maximum)
        filter.from = query.instant("from")
        filter.to = query.instant("to")
        let paging = Paging.read(&query, pages: false)
        try query.finish(lenient: exchange.isLenient)
        let (after, limit) = paging.cursorOrFirst
        let entries = try await service.database.audit.list(filter, of: account, before: after, limit: limit + 1)
        return .page(exchange, entries, limit: limit, warnings: query.warnings, id: \.id) { $0.auditEntry($1) }
    }
}

extension JSONWriter {
    fileprivate mutating func auditEntry(_ entry: AuditEntry) {
        beginObject()
        member("id", entry.id)
        member("at", entry.at.text)
        member("api_key_id", entry.apiKeyID?.rawValue)
        member("request_id", entry.requestID)
        member("action", entry.action)
        member("entity", entry.entity)
        member("entity_id", entry.entityID)
        key("changes")
        if let changes = entry.changes { value(changes) } else { null() }
        endObject()
    }
}
