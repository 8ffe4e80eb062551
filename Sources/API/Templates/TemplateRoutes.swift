import Domain
import EventLoop
import JSON
import Storage

/// The templates of the business accounts that the key may see.
enum TemplateRoutes {
    @Reactor
    static func list(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let caller = try exchange.admitted()
        var query = QueryReader(exchange)
        let instanceID = query.integer("instance_id", in: 1...Instance.ID.maximum).map { Instance.ID($0) }
        var filter = TemplateStore.Filter()
        filter.status = query.word("status", Template.Status.self)
        filter.language = query.text("language", maximum: 20)
        filter.category = query.text("category", maximum: 64)
        filter.name = query.text("name", maximum: 512)
        let paging = Paging.read(&query, pages: false)
        try query.finish(lenient: exchange.isLenient)

        var after: Int64 = 0
        var limit: Int?
        if case .cursor(let start, let size) = paging {
            after = start ?? 0
            limit = size
        }
        filter.businessAccountIDs = try await businessAccounts(instanceID, caller, service)
        let templates = try await service.database.templates.list(
            filter, of: caller.account.id, after: after, limit: limit.map { $0 + 1 })
        guard let limit else { return .list(templates, warnings: query.warnings) { $0.template($1) } }
        return .page(exchange, templates, limit: limit, warnings: query.warnings, id: \.id.rawValue) {
            $0.template($1)
        }
    }

    @Reactor
    static func show(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let caller = try exchange.admitted()
        var query = QueryReader(exchange)
        try query.finish(lenient: exchange.isLenient)
        let id = try exchange.id("id", Template.self)
        guard let template = try await service.database.templates.get(id, of: caller.account.id) else {
            throw Problem(.notFound)
        }
        if let visible = try await businessAccounts(nil, caller, service),
            !visible.contains(template.businessAccountID)
        {
            throw Problem(.notFound)
        }
        return .resource(warnings: query.warnings) { $0.template(template) }
    }

    /// nil is no restriction; an instance that the key does not see has no templates.
    @Reactor
    private static func businessAccounts(
        _ instance: Instance.ID?, _ caller: Exchange.Caller, _ service: Service
    ) async throws -> [String]? {
        guard instance != nil || caller.key.instanceIDs != nil else { return nil }
        return try await service.database.instances.all(of: caller.account.id)
            .filter { caller.key.sees($0.id) && (instance == nil || $0.id == instance) }
            .compactMap(\.businessAccountID)
    }
}

extension JSONWriter {
    mutating func template(_ template: Template) {
        let content = TemplateContent(template)
        beginObject()
        member("id", template.id.rawValue)
        member("name", template.name)
        member("language", template.language)
        member("category", template.category)
        member("status", template.status.rawValue)
        member("provider_status", template.providerStatus)
        member("whatsapp_instance_id", template.instanceID?.rawValue)
        member("parameter_format", template.parameterFormat.rawValue)
        member("variables", content.slots.map(\.label))
        key("variable_schema")
        beginArray()
        for slot in content.slots {
            beginObject()
            member("key", slot.key)
            member("component", slot.component.name)
            member("type", slot.kind.rawValue)
            member("label", slot.label)
            member("example", slot.example)
            member("max_length", slot.maxLength)
            endObject()
        }
        endArray()
        member("components", template.components)
        member("quality_rating", template.qualityRating)
        member("synced_at", template.syncedAt?.text)
        endObject()
    }
}
