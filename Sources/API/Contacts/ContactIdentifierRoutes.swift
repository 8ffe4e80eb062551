import Domain
import EventLoop
import HTTP
import Storage

/// What a contact is known by, one at a time.
enum ContactIdentifierRoutes {
    /// One that the contact has already changes nothing.
    @Reactor
    static func add(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let id: Contact.ID = try exchange.id("id")
        let account = try exchange.admitted().account
        var body = try BodyReader(exchange, after: QueryReader(exchange))
        let identifier = ContactBody.identifier(&body, account)
        body.refuseUnknown(lenient: exchange.isLenient)
        try body.throwIfFaulty()
        guard let identifier else { throw Problem(.internalError) }
        return try await ContactRoutes.change(id, exchange, service, body.warnings) { locked, store, write in
            try await service.refuseErased([identifier], in: write)
            return try await store.add(identifier, to: locked, in: write)
        }
    }

    /// Named in the query, as a DELETE has no body.
    @Reactor
    static func remove(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let id: Contact.ID = try exchange.id("id")
        let account = try exchange.admitted().account
        var query = QueryReader(exchange)
        let kind = query.word("kind", ContactIdentifier.Kind.self)
        let value = query.text("value")
        let scope = query.text("scope")
        for (name, isMissing) in [("kind", kind == nil), ("value", value == nil)]
        where isMissing && !query.faults.contains(where: { $0.pointer == "?\(name)" }) {
            query.fail(name, "required", Faults.required)
        }
        var identifier: ContactIdentifier?
        if let kind, let value {
            do throws(ContactIdentifier.Fault) {
                identifier = try .read(kind, value, scope: scope, defaultCountry: account.defaultCountry)
            } catch {
                let (field, code, words) = ContactBody.said(error)
                query.fail(field, code, words)
            }
        }
        try query.finish(lenient: exchange.isLenient)
        guard let identifier else { throw Problem(.internalError) }
        return try await ContactRoutes.change(id, exchange, service, query.warnings) { locked, store, write in
            try exchange.found(try await store.remove(identifier, from: locked, in: write))
        }
    }
}
