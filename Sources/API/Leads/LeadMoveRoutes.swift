import Domain
import EventLoop
import Storage

/// Leads on their way through a pipeline.
enum LeadMoveRoutes {
    /// The stage says whether the lead is won or lost with it.
    @Reactor
    static func stage(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        try await move(exchange, service) { body in
            if !body.has("stage_id") { body.fail("stage_id", "required", Faults.required) }
            return .stage
        }
    }

    /// Into the stage that is given, or the pipeline's first for won leads; without one it is won where it stands.
    @Reactor
    static func won(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        try await move(exchange, service) { _ in .won }
    }

    @Reactor
    static func lost(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        try await move(exchange, service) { body in
            .lost(reason: body.clearable("reason_id") { $0.integer("reason_id", in: 1...LostReason.ID.maximum) })
        }
    }

    @Reactor
    private static func move(
        _ exchange: Exchange, _ service: Service, _ goal: (inout BodyReader) -> LeadMove.Goal
    ) async throws -> Reply {
        let id: Lead.ID = try exchange.id("id")
        var body = try BodyReader(exchange, after: QueryReader(exchange))
        var move = LeadMove(goal(&body))
        move.stageID = body.id("stage_id")
        move.pipelineID = body.id("pipeline_id")
        var patch = LeadPatch()
        patch.value = body.clearable("value") { $0.number("value") }
        body.refuseUnknown(lenient: exchange.isLenient)
        try body.throwIfFaulty()
        let currency = try exchange.admitted().account.currency
        return try await LeadChangeRoutes.change(id, exchange, service, body.warnings) {
            [move, patch] lead, store, write in
            .init(try await store.moved(lead, move, patch, currency: currency, in: write))
        }
    }
}

extension Problem {
    /// What a lead cannot be written for.
    static func from(_ refusal: LeadStore.Refusal) -> Problem {
        switch refusal {
        case .identifierConflict(let found):
            var problem = Problem(.identifierConflict)
            problem.existingID = found.first?.contact.rawValue
            problem.matchedOn = found.first?.kind.rawValue
            return problem
        case .externalIDTaken(let id):
            var problem = Problem(.externalIDTaken)
            problem.existingID = id.rawValue
            problem.matchedOn = ContactIdentifier.Kind.externalID.rawValue
            return problem
        case .rules(let fault): return .from(fault)
        case .lostReasonNotFound: return .validation([.init("/reason_id", "not_found", Faults.notFound)])
        }
    }

    static func from(_ fault: LeadRules.Fault) -> Problem {
        switch fault {
        case .invalid(let all): return .validation(all.map(detail))
        case .blocked(let tasks):
            var problem = Problem(.blocked)
            problem.pendingTasks = tasks
            return problem
        }
    }

    private static func detail(_ invalid: LeadRules.Invalid) -> Detail {
        switch invalid {
        case .assignee: .init("/assigned_to", "not_found", Faults.notFound)
        case .patch(let fault): detail(fault)
        case .move(let fault): detail(fault)
        case .field(let fault): fault.detail()
        }
    }

    private static func detail(_ fault: LeadPatch.Fault) -> Detail {
        switch fault {
        case .amount(let currency): .amount("value", in: currency)
        case .currency(let currency): .amount("currency", in: currency)
        }
    }

    private static func detail(_ fault: LeadMove.Fault) -> Detail {
        switch fault {
        case .pipelineNotFound: .init("/pipeline_id", "not_found", Faults.notFound)
        case .stageNotFound: .init("/stage_id", "not_found", Faults.notFound)
        case .stageIsNotWon: .init("/stage_id", "not_allowed", Faults.wonStage)
        case .stageIsNotLost: .init("/stage_id", "not_allowed", Faults.lostStage)
        }
    }
}
