import Domain
import EventLoop
import HTTP
import JSON
import Storage

/// What providers told that could not be taken in: why, and again once its cause is gone.
enum InboundEventRoutes {
    @Reactor
    static func list(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let key = try exchange.admitted().key
        var query = QueryReader(exchange)
        let state = query.word("state", InboundFailureStore.State.self)
        let instance = query.integer("instance_id", in: 1...Instance.ID.maximum).map { Instance.ID($0) }
        let (after, limit) = Paging.read(&query, pages: false).cursorOrFirst
        try query.finish(lenient: exchange.isLenient)
        let seen = instance.map { key.sees($0) ? [$0] : [] } ?? key.instanceIDs
        let reach = try await reach(exchange, service, seen)
        let failures = try await service.database.inboundFailures.list(reach, state, before: after, limit: limit + 1)
        return .page(exchange, failures, limit: limit, warnings: query.warnings, id: \.id) { $0.inboundEvent($1) }
    }

    @Reactor
    static func show(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        var query = QueryReader(exchange)
        try query.finish(lenient: exchange.isLenient)
        let found = try await find(exchange, service, try await reach(exchange, service))
        return .resource(warnings: query.warnings) { $0.inboundEvent(found) }
    }

    /// It is tried at once; what came of it, the event tells.
    @Reactor
    static func replay(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        var body = try BodyReader(optional: exchange)
        body.refuseUnknown(lenient: exchange.isLenient)
        try body.throwIfFaulty()
        let reach = try await reach(exchange, service)
        let id = try await find(exchange, service, reach).id
        let warnings = body.warnings
        let reply = try await Writing.perform(exchange, service) { write in
            let store = service.database.inboundFailures
            _ = try await store.ask(.ids([id]), reach, in: write)
            let asked = try exchange.found(try await store.one(id, reach, in: write))
            return .data(.accepted, warnings: warnings) { $0.inboundEvent(asked) }
        }
        service.port.replayInbound()
        return reply
    }

    /// Those that are named, or all that failed of a time.
    @Reactor
    static func replayMany(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        var body = try BodyReader(exchange, after: QueryReader(exchange))
        let chosen = chosen(&body)
        body.refuseUnknown(lenient: exchange.isLenient)
        try body.throwIfFaulty()
        let reach = try await reach(exchange, service)
        let warnings = body.warnings
        let reply = try await Writing.perform(exchange, service) { write in
            let store = service.database.inboundFailures
            if case .ids(let ids) = chosen { try await requireKnown(ids, store, reach, in: write) }
            let count = try await store.ask(chosen, reach, in: write)
            return .data(.accepted, warnings: warnings) { json in
                json.beginObject()
                json.member("count", count)
                json.endObject()
            }
        }
        service.port.replayInbound()
        return reply
    }

    private static let idLimit = 500

    private static func chosen(_ body: inout BodyReader) -> InboundFailureStore.Chosen {
        guard !body.names("ids") else {
            if body.names("from") || body.names("to") {
                body.fail("ids", "exclusive", Faults.exclusive, ["one": "ids", "other": "from, to"])
                _ = (body.instant("from"), body.instant("to"))
            }
            let ids = body.ids("ids", count: idLimit, InboundFailureStore.Failure.self).map(\.rawValue)
            if ids.isEmpty, body.faults.isEmpty { body.fail("ids", "required", Faults.required) }
            return .ids(ids)
        }
        let (from, to) = (body.instant("from"), body.instant("to"))
        for (name, time) in [("from", from), ("to", to)] where time == nil && !body.has(name) {
            body.fail(name, "required", Faults.required)
        }
        return .received(from: from ?? .earliest, before: (to ?? .earliest) + .milliseconds(1))
    }

    @Reactor
    private static func requireKnown(
        _ ids: [Int64], _ store: InboundFailureStore, _ reach: InboundFailureStore.Reach, in write: WriteTransaction
    ) async throws {
        let known = try await store.known(ids, reach, in: write)
        let unknown = ids.indices.filter { !known.contains(ids[$0]) }
        guard unknown.isEmpty else {
            throw Problem.validation(unknown.map { .init("/ids/\($0)", "not_found", Faults.notFound) })
        }
    }

    @Reactor
    private static func reach(_ exchange: Exchange, _ service: Service) async throws -> InboundFailureStore.Reach {
        try await reach(exchange, service, exchange.admitted().key.instanceIDs)
    }

    @Reactor
    private static func reach(
        _ exchange: Exchange, _ service: Service, _ instances: Set<Instance.ID>?
    ) async throws -> InboundFailureStore.Reach {
        let account = try exchange.admitted().account.id
        return try await service.database.run(service.database.inboundFailures.reach(of: account, instances))
    }

    @Reactor
    private static func find(
        _ exchange: Exchange, _ service: Service, _ reach: InboundFailureStore.Reach
    ) async throws -> InboundFailureStore.Failure {
        let id: Identifier<InboundFailureStore.Failure> = try exchange.id("id")
        return try exchange.found(try await service.database.inboundFailures.one(id.rawValue, reach))
    }
}

extension JSONWriter {
    fileprivate mutating func inboundEvent(_ failure: InboundFailureStore.Failure) {
        beginObject()
        member("id", failure.id)
        member("state", failure.state.rawValue)
        member("reason", failure.reason)
        member("provider", failure.provider.rawValue)
        member("hook_id", failure.hookID)
        member("instance_id", failure.instanceID?.rawValue)
        member("body_id", failure.bodyID)
        member("item", failure.item)
        member("received_at", failure.receivedAt.text)
        member("tried_at", failure.triedAt.text)
        endObject()
    }
}
