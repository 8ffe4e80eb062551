import Domain
import EventLoop
import HTTP
import JSON
import Storage

/// Changes of a lead that is there.
enum LeadChangeRoutes {
    /// What the body names; phone, e-mail, company and birthday are the contact's and change on it.
    @Reactor
    static func update(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let id: Lead.ID = try exchange.id("id")
        let currency = try exchange.admitted().account.currency
        let (patch, warnings) = try await LeadBody.read(exchange, service, isNew: false)
        return try await change(id, exchange, service, warnings) { lead, store, write in
            try await service.refuseErased(patch.named, in: write)
            return try await store.patched(
                lead, patch, currency: currency, lenient: exchange.isLenient, in: write)
        }
    }

    /// Adds tags by name; those that are there already stay.
    @Reactor
    static func tag(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let id: Lead.ID = try exchange.id("id")
        let (tags, warnings) = try tags(exchange)
        return try await change(id, exchange, service, warnings) { lead, _, _ in
            var tagged = lead
            tagged.tags += tags.filter { !lead.tags.contains($0) }
            return .init(tagged)
        }
    }

    /// Takes tags away by name; those that are not there are no fault.
    @Reactor
    static func untag(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let id: Lead.ID = try exchange.id("id")
        let (tags, warnings) = try tags(exchange)
        return try await change(id, exchange, service, warnings) { lead, _, _ in
            var untagged = lead
            untagged.tags.removeAll { tags.contains($0) }
            return .init(untagged)
        }
    }

    private static func tags(_ exchange: Exchange) throws -> ([String], warnings: [String]) {
        var body = try BodyReader(exchange, after: QueryReader(exchange))
        if !body.has("tags") { body.fail("tags", "required", Faults.required) }
        let tags = LeadBody.tags(&body)
        body.refuseUnknown(lenient: exchange.isLenient)
        try body.throwIfFaulty()
        return (tags, body.warnings)
    }

    /// Archives; the lead is 404 afterwards until it is restored.
    @Reactor
    static func delete(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let id: Lead.ID = try exchange.id("id")
        var query = QueryReader(exchange)
        try query.finish(lenient: exchange.isLenient)
        let warnings = query.warnings
        _ = try await change(id, exchange, service, warnings) { lead, _, _ in
            var archived = lead
            archived.status = .archived
            return .init(archived)
        }
        return .success(warnings: warnings)
    }

    @Reactor
    static func restore(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let id: Lead.ID = try exchange.id("id")
        var query = QueryReader(exchange)
        try query.finish(lenient: exchange.isLenient)
        let warnings = query.warnings
        return try await Writing.perform(exchange, service) { write in
            let store = service.database.leads
            let locked = try exchange.found(try await store.lock(id, archived: true, in: write))
            let restored = try await store.save(locked.restored, over: locked, in: write)
            return .resource(warnings: warnings) { $0.lead(restored) }
        }
    }

    /// One change of one lead under its lock, and under `If-Match`.
    @Reactor
    static func change(
        _ id: Lead.ID, _ exchange: Exchange, _ service: Service, _ warnings: [String],
        _ body: @Reactor (Lead, LeadStore, WriteTransaction) async throws -> LeadRules.Changed
    ) async throws -> Reply {
        try await Writing.perform(exchange, service) { write in
            let store = service.database.leads
            let locked = try exchange.found(try await store.lock(id, in: write))
            try exchange.requireMatch { $0.lead(locked.record) }
            do {
                let changed = try await body(locked.lead, store, write)
                let saved = try await store.save(changed.lead, over: locked, in: write)
                try await TaskRoutes.ask(
                    try await store.entered(changed.lead, from: locked.lead, in: write), exchange, service, in: write)
                let ignored = changed.ignored.map { JSONPointer.appending($0, to: "/custom_fields") }
                return .resource(warnings: warnings + ignored) { $0.lead(saved) }
            } catch let refused as LeadStore.Refused {
                throw Problem.from(refused.reason)
            }
        }
    }
}
