import Domain
import EventLoop
import Storage

/// The stages of one pipeline.
enum StageRoutes {
    /// At the end of the pipeline.
    @Reactor
    static func create(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let id: Pipeline.ID = try exchange.id("id")
        var body = try BodyReader(exchange, after: QueryReader(exchange))
        let stage = PipelineBody.newStage(&body, lenient: exchange.isLenient)
        body.refuseUnknown(lenient: exchange.isLenient)
        try body.throwIfFaulty()
        return try await Writing.perform(exchange, service) { write in
            let store = service.database.pipelines
            let pipeline = try exchange.found(try await store.lock(id, in: write))
            guard pipeline.stages.count < PipelineBody.stageLimit else {
                throw Problem.validation([
                    .init("", "too_many", Faults.tooMany, ["limit": String(PipelineBody.stageLimit)])
                ])
            }
            let made = try await store.insert(stage.map { [$0] } ?? [], into: id, in: write).first
            guard let made else { throw Problem(.internalError) }
            write.audit(.create, of: .stage, made.rawValue)
            let stored = try exchange.found(try await store.reread(id, in: write).stages.first { $0.id == made })
            return .created(warnings: body.warnings) { $0.stage(stored) }
        }
    }

    @Reactor
    static func update(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let (id, stageID): (Pipeline.ID, Stage.ID) = (try exchange.id("id"), try exchange.id("stage_id"))
        var body = try BodyReader(exchange, after: QueryReader(exchange))
        let change = PipelineBody.stageChange(&body, lenient: exchange.isLenient)
        body.refuseUnknown(lenient: exchange.isLenient)
        try body.throwIfFaulty()
        return try await Writing.perform(exchange, service) { write in
            let store = service.database.pipelines
            let pipeline = try exchange.found(try await store.lock(id, in: write))
            let stage = try exchange.found(pipeline.stages.first { $0.id == stageID })
            try exchange.requireMatch { $0.stage(stage) }
            let changed = change.applied(to: stage)
            guard !(changed.isWon && changed.isLost) else {
                throw Problem.validation([.init("/is_lost", "exclusive", Faults.oneEnd)])
            }
            if changed != stage { try await store.update(stage, to: changed, of: id, in: write) }
            return .resource(warnings: body.warnings) { $0.stage(changed) }
        }
    }

    /// Only one that no lead is in, archived ones among them.
    @Reactor
    static func delete(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let (id, stageID): (Pipeline.ID, Stage.ID) = (try exchange.id("id"), try exchange.id("stage_id"))
        var query = QueryReader(exchange)
        try query.finish(lenient: exchange.isLenient)
        return try await Writing.perform(exchange, service) { write in
            let store = service.database.pipelines
            let pipeline = try exchange.found(try await store.lock(id, in: write))
            let stage = try exchange.found(pipeline.stages.first { $0.id == stageID })
            try exchange.requireMatch { $0.stage(stage) }
            try Problem.refuse(leads: try await store.leadCount(id, stage: stageID, in: write))
            try await store.delete(stageID, of: id, in: write)
            return .success(warnings: query.warnings)
        }
    }
}
