import Domain
import EventLoop
import HTTP
import JSON
import Storage

/// Leads in bulk: how far they have got, what became of each line, and an end to it.
enum ImportRoutes {
    @Reactor
    static func list(_ exchange: Exchange, _ service: Service) throws -> Query<Reply> {
        let account = try exchange.admitted().account.id
        var query = QueryReader(exchange)
        let status = query.word("status", LeadImport.Status.self)
        let (after, limit) = Paging.read(&query, pages: false).cursorOrFirst
        try query.finish(lenient: exchange.isLenient)
        let warnings = query.warnings
        return service.database.imports.list(status, of: account, before: after, limit: limit + 1).map { found in
            .page(exchange, found, limit: limit, warnings: warnings, id: \.id.rawValue) {
                $0.leadImport($1, exchange.language)
            }
        }
    }

    @Reactor
    static func show(_ exchange: Exchange, _ service: Service) throws -> Query<Reply> {
        let account = try exchange.admitted().account.id
        let id: LeadImport.ID = try exchange.id("id")
        var query = QueryReader(exchange)
        try query.finish(lenient: exchange.isLenient)
        let warnings = query.warnings
        return service.database.imports.one(id, of: account).map { found in
            let found = try exchange.found(found)
            return .resource(warnings: warnings) { $0.leadImport(found, exchange.language) }
        }
    }

    @Reactor
    static func lines(_ exchange: Exchange, _ service: Service) throws -> Query<Reply> {
        let account = try exchange.admitted().account.id
        let id: LeadImport.ID = try exchange.id("id")
        var query = QueryReader(exchange)
        let result = query.word("result", LeadUpsert.Outcome.self)
        let (after, limit) = Paging.read(&query, pages: false).cursorOrFirst
        try query.finish(lenient: exchange.isLenient)
        let warnings = query.warnings
        let lines = service.database.imports.lines(of: id, result, in: account, after: after, limit: limit + 1)
        return lines.map { found in
            .page(exchange, try exchange.found(found), limit: limit, warnings: warnings, id: \.line) { $0.line($1) }
        }
    }

    /// Doing it twice changes nothing more, and one that has ended stays as it is.
    @Reactor
    static func cancel(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let id: LeadImport.ID = try exchange.id("id")
        var body = try BodyReader(optional: exchange)
        body.refuseUnknown(lenient: exchange.isLenient)
        try body.throwIfFaulty()
        return try await Writing.perform(exchange, service) { write in
            let canceled = try exchange.found(try await service.database.imports.cancel(id, in: write))
            return .data(warnings: body.warnings) { $0.leadImport(canceled, exchange.language) }
        }
    }
}

extension JSONWriter {
    mutating func leadImport(_ one: LeadImport, _ language: Language) {
        beginObject()
        member("id", one.id.rawValue)
        member("status", one.status.rawValue)
        member("format", one.format.rawValue)
        member("lenient", one.isLenient)
        member("received", one.received)
        member("processed", one.processed)
        for outcome in LeadUpsert.Outcome.allCases {
            key(outcome.rawValue)
            int(one.counts[outcome] ?? 0)
        }
        member("line", one.line)
        key("failure")
        if let failure = one.failure {
            beginObject()
            member("code", failure.rawValue)
            member("message", failure.words.text(in: language))
            endObject()
        } else {
            null()
        }
        member("api_key_id", one.apiKeyID?.rawValue)
        member("created_at", one.createdAt.text)
        member("started_at", one.startedAt?.text)
        member("finished_at", one.finishedAt?.text)
        endObject()
    }

    fileprivate mutating func line(_ report: ImportStore.Report) {
        beginObject()
        member("line", report.line)
        member("result", report.result.rawValue)
        member("lead_id", report.leadID?.rawValue)
        member("matched_on", report.matchedOn)
        member("code", report.told?["code"])
        member("message", report.told?["message"])
        member("existing_id", report.told?["existing_id"])
        member("details", report.told?["details"] ?? .array([]))
        member("warnings", report.told?["warnings"] ?? .array([]))
        endObject()
    }
}

extension LeadImport.Failure {
    fileprivate var words: Words {
        switch self {
        case .incompleteBody:
            Words(
                "The body did not arrive in full; nothing of it was applied.",
                "O corpo não chegou inteiro; nada dele foi aplicado.")
        case .interrupted:
            Words(
                "The server stopped while the body arrived; nothing of it was applied.",
                "O servidor parou enquanto o corpo chegava; nada dele foi aplicado.")
        case .refused:
            Words(
                "The body was refused, as its answer says; nothing of it was applied.",
                "O corpo foi recusado, como diz a resposta; nada dele foi aplicado.")
        }
    }
}
