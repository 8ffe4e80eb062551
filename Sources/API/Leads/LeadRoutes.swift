import Domain
import EventLoop
import HTTP
import JSON
import Storage

/// Leads.
enum LeadRoutes {
    @Reactor
    static func list(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let account = try exchange.admitted().account.id
        var query = QueryReader(exchange)
        let filter = LeadStore.Filter(
            stageID: query.integer("stage_id", in: 1...Lead.ID.maximum), q: query.text("q", maximum: 200))
        let paging = Paging.read(&query, pages: true)
        try query.finish(lenient: exchange.isLenient)
        let leads = service.database.leads
        switch paging {
        case .page(let page, let perPage):
            let (rows, total) = try await leads.page(filter, of: account, page: page, perPage: perPage)
            return .page(rows, total: total, page: page, perPage: perPage, warnings: query.warnings) { $0.lead($1) }
        case .cursor(let after, let limit):
            let rows = try await leads.list(filter, of: account, before: after.map { Lead.ID($0) }, limit: limit + 1)
            return .page(exchange, rows, limit: limit, warnings: query.warnings, id: \.id.rawValue) { $0.lead($1) }
        case .whole:
            throw Problem(.internalError)
        }
    }

    @Reactor
    static func show(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let account = try exchange.admitted().account.id
        var query = QueryReader(exchange)
        try query.finish(lenient: exchange.isLenient)
        guard let lead = try await service.database.leads.get(try exchange.id("id"), of: account) else {
            throw Problem(.notFound)
        }
        return .resource(warnings: query.warnings) { $0.lead(lead) }
    }

    @Reactor
    static func create(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let account = try exchange.admitted().account
        let claim = try Idempotency.claim(exchange, route: "POST /leads")
        let (lead, warnings) = try LeadBody.read(exchange, after: QueryReader(exchange), account: account)
        if let claim, let reply = try await Idempotency.stored(claim, exchange, service) { return reply }

        let creation = try await service.database.leads.create(
            lead, for: account.id, claim: claim, now: exchange.now
        ) { made in
            (HTTPStatus.created.code, Self.created(made, warnings).body)
        }
        switch creation {
        case .created(let made): return created(made, warnings)
        case .keyTaken:
            // A twin committed between our look and our claim.
            guard let claim, let reply = try await Idempotency.stored(claim, exchange, service) else {
                throw Idempotency.processing()
            }
            return reply
        case .identifierConflict(let found):
            var problem = Problem(.identifierConflict)
            problem.existingID = found.first?.contact.rawValue
            problem.matchedOn = found.first?.kind.rawValue
            throw problem
        case .externalIDTaken(let id):
            var problem = Problem(.externalIDTaken)
            problem.existingID = id.rawValue
            problem.matchedOn = ContactIdentifier.Kind.externalID.rawValue
            throw problem
        case .pipelineNotFound: throw Problem.validation([.init("/pipeline_id", "not_found", Faults.notFound)])
        case .stageNotFound: throw Problem.validation([.init("/stage_id", "not_found", Faults.notFound)])
        }
    }

    nonisolated private static func created(_ lead: Lead, _ warnings: [String]) -> Reply {
        var reply = Reply.data(.created, warnings: warnings) { $0.lead(lead) }
        reply.fields["Location"] = "/api/v1/leads/\(lead.id)"
        return reply
    }
}
