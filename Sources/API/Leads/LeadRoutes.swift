import Domain
import EventLoop
import HTTP
import JSON
import Storage

/// Leads.
enum LeadRoutes {
    @Reactor
    static func list(_ exchange: Exchange, _ service: Service) throws -> Query<Reply> {
        let account = try exchange.admitted().account.id
        var query = QueryReader(exchange)
        let filter = LeadStore.Filter(
            stageID: query.integer("stage_id", in: 1...Lead.ID.maximum), q: query.text("q", maximum: 200))
        let paging = Paging.read(&query, pages: true)
        try query.finish(lenient: exchange.isLenient)
        let warnings = query.warnings
        let leads = service.database.leads
        switch paging {
        case .page(let page, let perPage):
            return leads.page(filter, of: account, page: page, perPage: perPage).map { found in
                .page(found.leads, total: found.total, page: page, perPage: perPage, warnings: warnings) { $0.lead($1) }
            }
        case .cursor(let after, let limit):
            return leads.list(filter, of: account, before: after.map { Lead.ID($0) }, limit: limit + 1).map { found in
                try .page(exchange, found, limit: limit, warnings: warnings, id: { try $0.id.rawValue }) { $0.lead($1) }
            }
        case .whole:
            throw Problem(.internalError)
        }
    }

    @Reactor
    static func show(_ exchange: Exchange, _ service: Service) throws -> Query<Reply> {
        let account = try exchange.admitted().account.id
        var query = QueryReader(exchange)
        try query.finish(lenient: exchange.isLenient)
        let warnings = query.warnings
        return service.database.leads.one(try exchange.id("id"), of: account).map { lead in
            guard let lead else { throw Problem(.notFound) }
            return .resource(warnings: warnings) { $0.lead(lead) }
        }
    }

    @Reactor
    static func create(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let account = try exchange.admitted().account
        let (lead, body) = try LeadBody.read(exchange, after: QueryReader(exchange), account: account)
        if !body.faults.isEmpty { throw try await everything(wrong: body, with: lead, account, service) }
        return try await Writing.perform(exchange, service) { write in
            do {
                let made = try await service.database.leads.create(lead, in: write)
                try await TaskRoutes.ask(
                    made.requiredTasks, of: made.stage, for: try made.lead.id, assignedTo: lead.assignedTo, exchange,
                    service, in: write)
                return try created(
                    made.lead, body.warnings + made.ignored.map { JSONPointer.appending($0, to: "/custom_fields") })
            } catch let refused as LeadStore.Refused {
                throw Problem.from(refused.reason)
            }
        }
    }

    /// A body that is refused anyway is told about its custom values too.
    @Reactor
    private static func everything(
        wrong body: BodyReader, with lead: LeadStore.NewLead, _ account: Account, _ service: Service
    ) async throws -> Problem {
        let fields = try await service.database.customFields.all(of: account.id)
        let judged = CustomFieldSchema(fields, currency: account.currency)
            .check(lead.customFields, isNew: true, lenient: lead.isLenient)
        return .validation(body.faults + judged.faults.map { $0.detail() })
    }

    nonisolated private static func created(_ lead: LeadRecord, _ warnings: [String]) throws -> Reply {
        .created(at: "/api/v1/leads/\(try lead.id)", warnings: warnings) { $0.lead(lead) }
    }
}

extension Problem {
    fileprivate static func from(_ refusal: LeadStore.Refusal) -> Problem {
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
        case .invalid(let names, let faults):
            return .validation(
                names.map { .init($0.pointer, "not_found", Faults.notFound) } + faults.map { $0.detail() })
        }
    }
}

extension LeadStore.Refusal.Named {
    fileprivate var pointer: String {
        switch self {
        case .pipeline: "/pipeline_id"
        case .stage: "/stage_id"
        case .assignee: "/assigned_to"
        }
    }
}
