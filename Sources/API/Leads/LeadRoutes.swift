import Domain
import EventLoop
import HTTP
import JSON
import Storage

/// Leads.
enum LeadRoutes {
    @Reactor
    static func list(_ exchange: Exchange, _ service: Service) throws -> Query<Reply> {
        let caller = try exchange.admitted()
        var query = QueryReader(exchange)
        let request = try LeadListRequest(&query, caller, now: exchange.now)
        try query.finish(lenient: exchange.isLenient)
        let (warnings, inclusions) = (query.warnings, request.inclusions)
        let leads = service.database.leads
        switch request.paging {
        case .page(let page, let perPage):
            return leads.page(
                request.filter, inclusions, of: caller.account.id, page: page, perPage: perPage, now: exchange.now
            ).map { found in
                .page(found.leads, total: found.total, page: page, perPage: perPage, warnings: warnings) {
                    $0.lead($1, including: inclusions)
                }
            }
        case .cursor(_, let limit):
            return leads.list(
                request.filter, inclusions, of: caller.account.id, after: request.position, limit: limit + 1,
                now: exchange.now
            ).map { found in
                try .page(exchange, found, limit: limit, warnings: warnings, cursor: request.cursor) {
                    $0.lead($1, including: inclusions)
                }
            }
        case .whole:
            throw Problem(.internalError)
        }
    }

    @Reactor
    static func show(_ exchange: Exchange, _ service: Service) throws -> Query<Reply> {
        let caller = try exchange.admitted()
        var query = QueryReader(exchange)
        let inclusions = try LeadInclusions.read(&query, caller)
        try query.finish(lenient: exchange.isLenient)
        let warnings = query.warnings
        return service.database.leads.one(
            try exchange.id("id"), inclusions, instances: caller.key.instanceIDs, of: caller.account.id,
            now: exchange.now
        ).map { lead in
            guard let lead else { throw Problem(.notFound) }
            return .resource(warnings: warnings) { $0.lead(lead, including: inclusions) }
        }
    }

    @Reactor
    static func create(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let account = try exchange.admitted().account
        let (lead, warnings) = try await LeadBody.read(exchange, service, isNew: true)
        return try await Writing.perform(exchange, service) { write in
            try await service.refuseErased(lead.named, in: write)
            do {
                let made = try await service.database.leads.create(
                    lead, currency: account.currency, lenient: exchange.isLenient, in: write)
                try await TaskRoutes.ask(made.entered, exchange, service, in: write)
                return try created(
                    made.record, warnings + made.ignored.map { JSONPointer.appending($0, to: "/custom_fields") })
            } catch let refused as LeadStore.Refused {
                throw Problem.from(refused.reason)
            }
        }
    }

    nonisolated private static func created(_ lead: LeadRecord, _ warnings: [String]) throws -> Reply {
        .created(at: "/api/v1/leads/\(try lead.id)", warnings: warnings) { $0.lead(lead) }
    }
}
