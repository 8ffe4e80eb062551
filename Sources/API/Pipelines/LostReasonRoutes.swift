import Domain
import EventLoop
import Storage

/// Why leads are lost.
enum LostReasonRoutes {
    @Reactor
    static func list(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let account = try exchange.admitted().account.id
        var query = QueryReader(exchange)
        let paging = Paging.read(&query, pages: false)
        try query.finish(lenient: exchange.isLenient)
        let all = try await service.database.lostReasons.all(of: account)
        return .few(exchange, all, paging, warnings: query.warnings, id: \.id.rawValue) { $0.lostReason($1) }
    }

    @Reactor
    static func create(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let (name, warnings) = try name(exchange)
        return try await Writing.perform(exchange, service) { write in
            let made = try await service.database.lostReasons.insert(name, in: write)
            return .created(warnings: warnings) { $0.lostReason(made) }
        }
    }

    @Reactor
    static func update(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let id: LostReason.ID = try exchange.id("id")
        let (name, warnings) = try name(exchange)
        return try await Writing.perform(exchange, service) { write in
            let store = service.database.lostReasons
            let reason = try exchange.found(try await store.lock(id, in: write))
            try exchange.requireMatch { $0.lostReason(reason) }
            let renamed = try await store.rename(reason, to: name, in: write)
            return .resource(warnings: warnings) { $0.lostReason(renamed) }
        }
    }

    /// Only one that no lead was lost for.
    @Reactor
    static func delete(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let id: LostReason.ID = try exchange.id("id")
        var query = QueryReader(exchange)
        try query.finish(lenient: exchange.isLenient)
        return try await Writing.perform(exchange, service) { write in
            let store = service.database.lostReasons
            let reason = try exchange.found(try await store.lock(id, in: write))
            try exchange.requireMatch { $0.lostReason(reason) }
            try Problem.refuse(leads: try await store.leadCount(id, in: write))
            try await store.delete(id, in: write)
            return .success(warnings: query.warnings)
        }
    }

    private static func name(_ exchange: Exchange) throws -> (String, warnings: [String]) {
        var body = try BodyReader(exchange, after: QueryReader(exchange))
        let name = body.text("name", maximum: BodyReader.nameLimit, isRequired: true)
        body.refuseUnknown(lenient: exchange.isLenient)
        try body.throwIfFaulty()
        return (name ?? "", body.warnings)
    }
}
