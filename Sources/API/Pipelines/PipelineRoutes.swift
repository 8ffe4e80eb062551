import Domain
import EventLoop
import HTTP
import JSON
import Storage

/// Pipelines, whole with their stages.
enum PipelineRoutes {
    /// Syncro's shape: `pipelines` and `lost_reasons` at the root.
    @Reactor
    static func list(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let account = try exchange.admitted().account.id
        var query = QueryReader(exchange)
        try query.finish(lenient: exchange.isLenient)
        // Both reads are queued in one turn of the loop, and share its round trip.
        async let pipelines = service.database.pipelines.all(of: account)
        async let reasons = service.database.lostReasons.all(of: account)
        var json = JSONWriter(capacity: 4096)
        json.beginObject()
        json.member("success", true)
        json.key("pipelines")
        json.beginArray()
        for pipeline in try await pipelines { json.pipeline(pipeline) }
        json.endArray()
        json.key("lost_reasons")
        json.beginArray()
        for reason in try await reasons { json.lostReason(reason) }
        json.endArray()
        if !query.warnings.isEmpty { json.member("warnings", query.warnings) }
        json.endObject()
        return Reply(.ok, json.finish())
    }

    @Reactor
    static func show(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let account = try exchange.admitted().account.id
        var query = QueryReader(exchange)
        try query.finish(lenient: exchange.isLenient)
        let pipeline = try exchange.found(try await service.database.pipelines.get(try exchange.id("id"), of: account))
        return .resource(warnings: query.warnings) { $0.pipeline(pipeline) }
    }

    @Reactor
    static func create(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        var body = try BodyReader(exchange, after: QueryReader(exchange))
        let name = body.text("name", maximum: BodyReader.nameLimit, isRequired: true)
        let stages = body.objects("stages", count: PipelineBody.stageLimit, lenient: exchange.isLenient) { stage in
            PipelineBody.newStage(&stage, lenient: exchange.isLenient)
        }
        body.refuseUnknown(lenient: exchange.isLenient)
        try body.throwIfFaulty()
        return try await Writing.perform(exchange, service) { write in
            let made = try await service.database.pipelines.insert(name ?? "", stages: stages, in: write)
            return .created(at: "/api/v1/pipelines/\(made.id)", warnings: body.warnings) { $0.pipeline(made) }
        }
    }

    /// `stages` puts the stages in another order; each is changed by its own route.
    @Reactor
    static func update(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let id: Pipeline.ID = try exchange.id("id")
        var body = try BodyReader(exchange, after: QueryReader(exchange))
        let name = body.change("name") { $0.text("name", maximum: BodyReader.nameLimit, isRequired: true) }
        let order = body.change("stage_ids") { $0.ids("stage_ids", count: PipelineBody.stageLimit, Stage.self) }
        body.refuseUnknown(lenient: exchange.isLenient)
        try body.throwIfFaulty()
        return try await Writing.perform(exchange, service) { write in
            let store = service.database.pipelines
            var pipeline = try exchange.found(try await store.lock(id, in: write))
            try exchange.requireMatch { $0.pipeline(pipeline) }
            pipeline = try await store.rename(pipeline, to: name.applied(to: pipeline.name), in: write)
            if case .set(let stages) = order, stages != pipeline.stages.map(\.id) {
                guard stages.count == pipeline.stages.count, Set(stages) == Set(pipeline.stages.map(\.id)) else {
                    throw Problem.validation([.init("/stage_ids", "not_allowed", Faults.everyStage)])
                }
                try await store.reorder(id, stages, in: write)
                pipeline = try await store.reread(id, in: write)
            }
            return .resource(warnings: body.warnings) { $0.pipeline(pipeline) }
        }
    }

    /// Only one that no lead is in, archived ones among them.
    @Reactor
    static func delete(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let id: Pipeline.ID = try exchange.id("id")
        var query = QueryReader(exchange)
        try query.finish(lenient: exchange.isLenient)
        return try await Writing.perform(exchange, service) { write in
            let store = service.database.pipelines
            let pipeline = try exchange.found(try await store.lock(id, in: write))
            try exchange.requireMatch { $0.pipeline(pipeline) }
            try Problem.refuse(leads: try await store.leadCount(id, in: write))
            try await store.delete(id, in: write)
            return .success(warnings: query.warnings)
        }
    }
}

extension Problem {
    static func refuse(leads count: Int) throws {
        guard count > 0 else { return }
        var problem = Problem(.inUse)
        problem.values["uses"] = "leads: \(count)"
        throw problem
    }
}
