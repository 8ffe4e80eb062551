import Domain
import EventLoop
import HTTP
import JSON
import Storage

/// Nurture sequences with their steps.
enum SequenceRoutes {
    @Reactor
    static func list(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let account = try exchange.admitted().account.id
        var query = QueryReader(exchange)
        let paging = Paging.read(&query, pages: false)
        try query.finish(lenient: exchange.isLenient)
        let all = try await service.database.sequences.all(of: account)
        return .few(exchange, all, paging, warnings: query.warnings, id: \.id.rawValue) { $0.sequence($1) }
    }

    @Reactor
    static func show(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let account = try exchange.admitted().account.id
        let id: FollowUp.ID = try exchange.id("id")
        var query = QueryReader(exchange)
        try query.finish(lenient: exchange.isLenient)
        let sequence = try exchange.found(try await service.database.sequences.get(id, of: account))
        return .resource(warnings: query.warnings) { $0.sequence(sequence) }
    }

    @Reactor
    static func create(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        var body = try BodyReader(exchange, after: QueryReader(exchange))
        let sequence = SequenceBody.new(&body, lenient: exchange.isLenient)
        body.refuseUnknown(lenient: exchange.isLenient)
        try body.throwIfFaulty()
        return try await Writing.perform(exchange, service) { write in
            let store = service.database.sequences
            try await refuseUnknownTemplates(sequence.steps, store, in: write)
            let made = try await store.insert(sequence, in: write)
            return .created(at: "/api/v1/sequences/\(made.id)", warnings: body.warnings) { $0.sequence(made) }
        }
    }

    @Reactor
    static func update(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let id: FollowUp.ID = try exchange.id("id")
        var body = try BodyReader(exchange, after: QueryReader(exchange))
        let changes = SequenceBody.changes(&body, lenient: exchange.isLenient)
        body.refuseUnknown(lenient: exchange.isLenient)
        try body.throwIfFaulty()
        return try await Writing.perform(exchange, service) { write in
            let store = service.database.sequences
            let old = try exchange.found(try await store.lock(id, in: write))
            try exchange.requireMatch { $0.sequence(old) }
            if case .set(let steps) = changes.steps {
                try await refuseUnknownTemplates(steps, store, in: write)
            }
            let sequence = try await store.update(old, to: changes.applied(to: old), in: write)
            return .resource(warnings: body.warnings) { $0.sequence(sequence) }
        }
    }

    /// Only one that no lead is on its way through; `force=true` takes them out of it.
    @Reactor
    static func delete(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let id: FollowUp.ID = try exchange.id("id")
        var query = QueryReader(exchange)
        let isForced = query.boolean("force") ?? false
        try query.finish(lenient: exchange.isLenient)
        return try await Writing.perform(exchange, service) { write in
            let store = service.database.sequences
            let sequence = try exchange.found(try await store.lock(id, in: write))
            try exchange.requireMatch { $0.sequence(sequence) }
            if !isForced { try Problem.refuse(leads: try await store.activeCount(id, in: write)) }
            try await store.delete(id, in: write)
            return .success(warnings: query.warnings)
        }
    }

    @Reactor
    private static func refuseUnknownTemplates(
        _ steps: [FollowUp.Step], _ store: SequenceStore, in write: WriteTransaction
    ) async throws {
        let named = steps.enumerated().flatMap { index, step in
            [("", step.config), ("/fallback", step.config["fallback"] ?? .null)].compactMap { place, config in
                config["template_id"]?.int64.map {
                    (place: "/steps/\(index)/config\(place)/template_id", id: Template.ID($0))
                }
            }
        }
        guard !named.isEmpty else { return }
        let known = try await store.known(named.map(\.id), in: write)
        let faults = named.filter { !known.contains($0.id) }
        guard faults.isEmpty else {
            throw Problem.validation(faults.map { .init($0.place, "not_found", Faults.notFound) })
        }
    }
}

extension JSONWriter {
    fileprivate mutating func sequence(_ sequence: FollowUp) {
        beginObject()
        member("id", sequence.id.rawValue)
        member("name", sequence.name)
        member("description", sequence.description)
        member("is_active", sequence.isActive)
        member("channel", sequence.channel.rawValue)
        member("exit_on_reply", sequence.exitOnReply)
        member("exit_on_stage_change", sequence.exitOnStageChange)
        member("stats_enrolled", sequence.enrolled)
        member("stats_completed", sequence.completed)
        key("steps")
        beginArray()
        for (index, step) in sequence.steps.enumerated() {
            beginObject()
            member("position", index + 1)
            member("delay_minutes", step.delayMinutes)
            member("type", step.kind.rawValue)
            member("config", step.config)
            member("is_active", step.isActive)
            endObject()
        }
        endArray()
        member("created_at", sequence.createdAt.text)
        member("updated_at", sequence.updatedAt.text)
        endObject()
    }
}
