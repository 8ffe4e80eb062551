import Domain
import EventLoop
import HTTP
import JSON
import Storage

/// The account's people. Whose things are assigned to whom is each thing's own; here are the names.
enum UserRoutes {
    @Reactor
    static func list(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let account = try exchange.admitted().account.id
        var query = QueryReader(exchange)
        let paging = Paging.read(&query, pages: false)
        try query.finish(lenient: exchange.isLenient)
        let all = try await service.database.users.all(of: account)
        return .few(exchange, all, paging, warnings: query.warnings, id: \.id.rawValue) { $0.user($1) }
    }

    @Reactor
    static func show(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let account = try exchange.admitted().account.id
        var query = QueryReader(exchange)
        try query.finish(lenient: exchange.isLenient)
        let user = try exchange.found(try await service.database.users.get(try exchange.id("id"), of: account))
        return .resource(warnings: query.warnings) { $0.user(user) }
    }

    @Reactor
    static func create(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        var body = try BodyReader(exchange, after: QueryReader(exchange))
        let name = body.text("name", maximum: BodyReader.nameLimit, isRequired: true)
        let email = body.email("email", isRequired: true)
        let role = body.word("role", User.Role.self) ?? .viewer
        body.refuseUnknown(lenient: exchange.isLenient)
        try body.throwIfFaulty()
        return try await Writing.perform(exchange, service) { write in
            let store = service.database.users
            let taken = try await store.owner(ofEmail: email ?? "", in: write)
            try Problem.refuse(taken: taken?.rawValue, by: "email")
            let made = try await store.insert(name ?? "", email: email ?? "", role: role, in: write)
            return .created(at: "/api/v1/users/\(made.id)", warnings: body.warnings) { $0.user(made) }
        }
    }

    @Reactor
    static func update(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let id: User.ID = try exchange.id("id")
        var body = try BodyReader(exchange, after: QueryReader(exchange))
        let name = body.change("name") { $0.text("name", maximum: BodyReader.nameLimit, isRequired: true) }
        let email = body.change("email") { $0.email("email", isRequired: true) }
        let role = body.change("role") { $0.word("role", User.Role.self) }
        body.refuseUnknown(lenient: exchange.isLenient)
        try body.throwIfFaulty()
        return try await Writing.perform(exchange, service) { write in
            let store = service.database.users
            let old = try exchange.found(try await store.lock(id, in: write))
            try exchange.requireMatch { $0.user(old) }
            let user = User(
                id: id, name: name.applied(to: old.name), email: email.applied(to: old.email),
                role: role.applied(to: old.role))
            if user.email != old.email {
                let taken = try await store.owner(ofEmail: user.email, in: write)
                try Problem.refuse(taken: taken == id ? nil : taken?.rawValue, by: "email")
            }
            try await store.update(old, to: user, in: write)
            return .resource(warnings: body.warnings) { $0.user(user) }
        }
    }

    /// What is theirs stays theirs until it is assigned to another; nothing new is.
    @Reactor
    static func delete(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let id: User.ID = try exchange.id("id")
        var query = QueryReader(exchange)
        try query.finish(lenient: exchange.isLenient)
        return try await Writing.perform(exchange, service) { write in
            let store = service.database.users
            let user = try exchange.found(try await store.lock(id, in: write))
            try exchange.requireMatch { $0.user(user) }
            try await store.delete(id, in: write)
            return .success(warnings: query.warnings)
        }
    }
}

extension Problem {
    /// 409 for what may be there once only.
    ///
    /// - Parameter id: the one that is there.
    static func refuse(taken id: Int64?, by field: String) throws {
        guard let id else { return }
        var problem = Problem(.alreadyExists)
        problem.existingID = id
        problem.matchedOn = field
        problem.values["field"] = field
        throw problem
    }
}

extension JSONWriter {
    mutating func user(_ user: User) {
        beginObject()
        member("id", user.id.rawValue)
        member("name", user.name)
        member("email", user.email)
        member("role", user.role.rawValue)
        endObject()
    }
}
