import Domain
import EventLoop
import HTTP
import JSON
import Storage

/// What an account keeps of its leads beside the fixed fields.
enum CustomFieldRoutes {
    @Reactor
    static func list(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let account = try exchange.admitted().account.id
        var query = QueryReader(exchange)
        let activeOnly = query.boolean("active_only") ?? false
        let paging = Paging.read(&query, pages: false)
        try query.finish(lenient: exchange.isLenient)
        var fields = try await service.database.customFields.all(of: account)
        if activeOnly { fields.removeAll { !$0.isActive } }
        // Whole they come as people see them; a cursor needs an order that does not change.
        if case .cursor = paging { fields.sort { $0.id < $1.id } }
        return .few(exchange, fields, paging, warnings: query.warnings, id: \.id.rawValue) { $0.customField($1) }
    }

    @Reactor
    static func show(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let account = try exchange.admitted().account.id
        var query = QueryReader(exchange)
        try query.finish(lenient: exchange.isLenient)
        let field = try exchange.found(
            try await service.database.customFields.get(try exchange.id("id"), of: account))
        return .resource(warnings: query.warnings) { $0.customField(field) }
    }

    @Reactor
    static func create(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        var body = try BodyReader(exchange, after: QueryReader(exchange))
        let (field, sortOrder) = CustomFieldBody.new(&body)
        body.refuseUnknown(lenient: exchange.isLenient)
        try body.throwIfFaulty()
        return try await Writing.perform(exchange, service) { write in
            let store = service.database.customFields
            let all = try await store.all(in: write)
            // One that is made in between is met by the unique key, and seen in the next look.
            try Problem.refuse(taken: all.first { $0.name == field.name }?.id.rawValue, by: "name")
            guard all.count < CustomFieldSchema.fieldLimit else {
                throw Problem.validation([
                    .init("", "too_many", Faults.tooMany, ["limit": String(CustomFieldSchema.fieldLimit)])
                ])
            }
            let made = try await store.insert(field, sortOrder: sortOrder, in: write)
            return .created(at: "/api/v1/custom-fields/\(made.id)", warnings: body.warnings) { $0.customField(made) }
        }
    }

    /// Options that are taken away stay where leads have them; nothing new gets them.
    @Reactor
    static func update(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let id: CustomField.ID = try exchange.id("id")
        var body = try BodyReader(exchange, after: QueryReader(exchange))
        let changes = CustomFieldBody.changes(&body)
        body.refuseUnknown(lenient: exchange.isLenient)
        try body.throwIfFaulty()
        return try await Writing.perform(exchange, service) { write in
            let store = service.database.customFields
            let old = try exchange.found(try await store.lock(id, in: write))
            try exchange.requireMatch { $0.customField(old) }
            let field = try changes.applied(to: old)
            try await store.update(old, to: field, in: write)
            return .resource(warnings: body.warnings) { $0.customField(field) }
        }
    }

    /// Only one that nothing uses; `force=true` takes the leads' values and the templates' mappings with it.
    @Reactor
    static func delete(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let id: CustomField.ID = try exchange.id("id")
        var query = QueryReader(exchange)
        let isForced = query.boolean("force") ?? false
        try query.finish(lenient: exchange.isLenient)
        return try await Writing.perform(exchange, service) { write in
            let store = service.database.customFields
            let field = try exchange.found(try await store.lock(id, in: write))
            try exchange.requireMatch { $0.customField(field) }
            if isForced {
                try await store.clear(field, in: write)
            } else {
                try Problem.refuse(uses: try await store.uses(of: field, in: write))
            }
            try await store.delete(id, in: write)
            return .success(warnings: query.warnings)
        }
    }
}

extension Problem {
    fileprivate static func refuse(uses: CustomFieldUses) throws {
        guard !uses.isEmpty else { return }
        var problem = Problem(.inUse)
        var words: [String] = []
        if uses.leads > 0 { words.append("leads: \(uses.leads)") }
        if !uses.templates.isEmpty {
            words.append("templates: \(uses.templates.map(\.name).uniqued().joined(separator: ", "))")
            problem.templateIDs = uses.templates.map { Template.ID($0.id) }
        }
        problem.values["uses"] = words.joined(separator: "; ")
        throw problem
    }
}

extension JSONWriter {
    fileprivate mutating func customField(_ field: CustomField) {
        beginObject()
        member("id", field.id.rawValue)
        member("name", field.name)
        member("label", field.label)
        member("field_type", field.type.rawValue)
        member("options", field.options)
        member("is_required", field.isRequired)
        member("is_active", field.isActive)
        member("show_on_card", field.showOnCard)
        member("sort_order", field.sortOrder)
        endObject()
    }
}
