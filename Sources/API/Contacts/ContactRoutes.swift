import Domain
import EventLoop
import HTTP
import JSON
import Storage

/// The people behind the leads.
enum ContactRoutes {
    @Reactor
    static func list(_ exchange: Exchange, _ service: Service) throws -> Query<Reply> {
        let account = try exchange.admitted().account
        var query = QueryReader(exchange)
        let filter = filter(&query, account)
        // A cursor through changes goes in their order: what changed is found without looking at all of them.
        let order: LeadFilter.Order = filter.updatedSince == nil ? .newest : .updated
        let (paging, cursor) = Paging.read(&query, pages: true, decode: LeadCursor.init(decoding:))
        if let cursor, cursor.order != order { query.fail("cursor", "invalid_cursor", Faults.cursor) }
        try query.finish(lenient: exchange.isLenient)
        let (warnings, position) = (query.warnings, cursor?.position)
        let contacts = service.database.contacts
        switch paging {
        case .page(let page, let perPage):
            return contacts.page(filter, of: account.id, page: page, perPage: perPage).map { found in
                .page(found.contacts, total: found.total, page: page, perPage: perPage, warnings: warnings) {
                    $0.contact($1)
                }
            }
        case .cursor(_, let limit) where order == .updated:
            let until = position?.until ?? exchange.now
            return contacts.changes(filter, of: account.id, until: until, after: position, limit: limit + 1).map {
                try .page(
                    exchange, $0, limit: limit, warnings: warnings,
                    cursor: {
                        LeadCursor(order: order, position: try $0.position(until: until, after: position)).encoded
                    }
                ) { $0.contact($1) }
            }
        case .cursor(_, let limit):
            let before = position.map { Contact.ID($0.id) }
            return contacts.list(filter, of: account.id, before: before, limit: limit + 1).map { found in
                try .page(exchange, found, limit: limit, warnings: warnings, id: { try $0.id.rawValue }) {
                    $0.contact($1)
                }
            }
        case .whole:
            throw Problem(.internalError)
        }
    }

    /// `updated_since` answers from so long before it, so that what commits late is seen.
    private static let grace = Duration.seconds(-30)

    private static func filter(_ query: inout QueryReader, _ account: Account) -> ContactStore.Filter {
        var filter = ContactStore.Filter()
        filter.q = query.text("q", maximum: 200)
        if let text = query.text("phone", maximum: 64) {
            filter.phoneKey = PhoneNumber(text, defaultCountry: account.defaultCountry)?.matchKey
            if filter.phoneKey == nil { query.fail("phone", "invalid_phone", Faults.phone) }
        }
        if let text = query.text("email", maximum: 254) {
            filter.emailKey = EmailAddress(text)?.matchKey
            if filter.emailKey == nil { query.fail("email", "invalid_email", Faults.email) }
        }
        filter.externalID = query.text("external_id")
        filter.updatedSince = query.instant("updated_since").map { $0 + grace }
        return filter
    }

    @Reactor
    static func show(_ exchange: Exchange, _ service: Service) throws -> Query<Reply> {
        let account = try exchange.admitted().account.id
        var query = QueryReader(exchange)
        try query.finish(lenient: exchange.isLenient)
        let warnings = query.warnings
        return service.database.contacts.one(try exchange.id("id"), of: account).map { found in
            switch found {
            case .here(let contact): return .resource(warnings: warnings) { $0.contact(contact) }
            case .mergedInto(let winner): throw Problem.merged(into: winner)
            case .nowhere: throw Problem(.notFound)
            }
        }
    }

    @Reactor
    static func create(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let account = try exchange.admitted().account
        var body = try BodyReader(exchange, after: QueryReader(exchange))
        var contact = ContactBody.patch(&body, account).applied(to: Contact(id: Contact.ID(0)))
        let identifiers = ContactBody.identifiers(&body, account, lenient: exchange.isLenient)
        if contact.name == nil, contact.identifiers.isEmpty, identifiers.isEmpty, body.faults.isEmpty {
            body.fail("name", "required", Faults.nameOrIdentifier)
        }
        body.refuseUnknown(lenient: exchange.isLenient)
        try body.throwIfFaulty()
        // The first of a kind is the main one, unless the body names another.
        contact.phone = contact.phone ?? identifiers.first { $0.kind == .phone }?.value
        contact.email = contact.email ?? identifiers.first { $0.kind == .email }?.value
        let (new, warnings) = (contact, body.warnings)
        return try await Writing.perform(exchange, service) { write in
            try await service.refuseErased(new.identifiers + identifiers, in: write)
            return try await Problem.ofContact {
                let made = try await service.database.contacts.create(new, identifiers, in: write)
                return .created(at: "/api/v1/contacts/\(try made.id)", warnings: warnings) { $0.contact(made) }
            }
        }
    }

    /// What the body names; null clears.
    @Reactor
    static func update(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let id: Contact.ID = try exchange.id("id")
        let account = try exchange.admitted().account
        var body = try BodyReader(exchange, after: QueryReader(exchange))
        let patch = ContactBody.patch(&body, account)
        body.refuseUnknown(lenient: exchange.isLenient)
        try body.throwIfFaulty()
        return try await change(id, exchange, service, body.warnings) { locked, store, write in
            let after = patch.applied(to: locked.contact)
            try await service.refuseErased(after.identifiers, in: write)
            return try await store.save(after, over: locked, in: write)
        }
    }

    /// One change of one contact under its lock, and under `If-Match`.
    @Reactor
    static func change(
        _ id: Contact.ID, _ exchange: Exchange, _ service: Service, _ warnings: [String],
        _ body: @Reactor (ContactStore.Locked, ContactStore, WriteTransaction) async throws -> ContactRecord
    ) async throws -> Reply {
        try await Writing.perform(exchange, service) { write in
            let store = service.database.contacts
            let (found, winner) = try await store.lock(id, in: write)
            if let winner { throw Problem.merged(into: winner) }
            let locked = try exchange.found(found)
            try exchange.requireMatch { $0.contact(locked.record) }
            return try await Problem.ofContact {
                let changed = try await body(locked, store, write)
                return .resource(warnings: warnings) { $0.contact(changed) }
            }
        }
    }
}

extension Problem {
    /// The contact was taken up by another, which is to be asked for instead.
    static func merged(into winner: Contact.ID) -> Problem {
        var problem = Problem(.contactMerged)
        problem.existingID = winner.rawValue
        return problem
    }

    /// Tells a refusal of the store as the problem that it is.
    @Reactor
    static func ofContact<Result>(_ body: @Reactor () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let refused as LeadStore.Refused {
            throw Problem.from(refused.reason)
        }
    }
}
