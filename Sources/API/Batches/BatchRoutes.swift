import Domain
import EventLoop
import HTTP
import JSON
import Storage

/// A template to many: made, looked after, stopped.
enum BatchRoutes {
    @Reactor
    static func create(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        var query = QueryReader(exchange)
        let isDryRun = query.boolean("dry_run") ?? false
        let body = try await BatchBody.read(exchange, after: query, links: service.configuration.links)
        let findings = try await judge(body, exchange, service)
        let problems = findings.map(\.problem)
        if isDryRun { return BatchAnswer.preflight(problems, of: body, exchange.language) }
        if let shared = findings.first(where: \.isShared)?.problem { throw shared }
        if body.isAllOrNothing, let problem = BatchAnswer.refusal(problems, of: body) { throw problem }
        let recipients = zip(body.recipients, problems).map { recipient, problem in
            BatchStore.NewRecipient(
                leadID: recipient.lead, variables: recipient.variables, clientReference: recipient.clientReference,
                refusal: problem.map { .init($0, exchange.language) })
        }
        let visible = try exchange.admitted().key.instanceIDs
        let new = BatchStore.New(
            name: body.name, content: body.content, variables: body.variables,
            instances: body.instanceID.map { [$0] } ?? visible, visible: visible, startAt: body.sendAt ?? exchange.now,
            validUntil: body.validUntil, language: exchange.language.rawValue)
        return try await Writing.perform(exchange, service) { write in
            let made = try await service.database.batches.make(new, recipients, in: write)
            let progress = BatchStore.Progress(batch: made, messages: [:], codes: BatchAnswer.codes(of: problems))
            return .created(at: "/api/v1/whatsapp/batches/\(made.id)", warnings: body.warnings) {
                $0.progress(progress)
            }
        }
    }

    @Reactor
    static func preflight(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let body = try await BatchBody.read(
            exchange, after: QueryReader(exchange), links: service.configuration.links)
        let problems = try await judge(body, exchange, service).map(\.problem)
        return BatchAnswer.preflight(problems, of: body, exchange.language)
    }

    private struct Finding: Sendable {
        /// nil for who can be sent to.
        let problem: Problem?
        /// It is not the recipient's.
        let isShared: Bool
    }

    @Reactor
    private static func judge(
        _ body: BatchBody, _ exchange: Exchange, _ service: Service
    ) async throws -> [Finding] {
        let caller = try exchange.admitted()
        let judge = BatchJudge(
            template: body.template, instanceID: body.instanceID, sentBy: body.sentBy, validUntil: body.validUntil,
            account: caller.account.id, instances: caller.key.instanceIDs)
        return try await judge.judge(body.recipients, service, now: exchange.now) {
            Finding(problem: $0.problem, isShared: $0.isSharedFault)
        }
    }

    @Reactor
    static func list(_ exchange: Exchange, _ service: Service) throws -> Query<Reply> {
        let viewer = try exchange.batchViewer()
        var query = QueryReader(exchange)
        let status = query.word("status", SendBatch.Status.self)
        let (after, limit) = Paging.read(&query, pages: false).cursorOrFirst
        try query.finish(lenient: exchange.isLenient)
        let warnings = query.warnings
        return service.database.batches.list(status, for: viewer, before: after, limit: limit + 1).map { found in
            .page(exchange, found, limit: limit, warnings: warnings, id: \.id.rawValue) { $0.batch($1) }
        }
    }

    @Reactor
    static func show(_ exchange: Exchange, _ service: Service) throws -> Query<Reply> {
        let viewer = try exchange.batchViewer()
        let id: SendBatch.ID = try exchange.id("id")
        var query = QueryReader(exchange)
        try query.finish(lenient: exchange.isLenient)
        let warnings = query.warnings
        return service.database.batches.progress(id, for: viewer).map { found in
            let found = try exchange.found(found)
            return .resource(warnings: warnings) { $0.progress(found) }
        }
    }

    @Reactor
    static func recipients(_ exchange: Exchange, _ service: Service) throws -> Query<Reply> {
        let viewer = try exchange.batchViewer()
        let id: SendBatch.ID = try exchange.id("id")
        var query = QueryReader(exchange)
        let state = query.word("state", SendBatch.RecipientState.self)
        let (after, limit) = Paging.read(&query, pages: false).cursorOrFirst
        try query.finish(lenient: exchange.isLenient)
        let warnings = query.warnings
        let entries = service.database.batches.recipients(
            of: id, state, for: viewer, after: after, limit: limit + 1)
        return entries.map { found in
            .page(exchange, try exchange.found(found), limit: limit, warnings: warnings, id: \.place) { $0.entry($1) }
        }
    }

    @Reactor
    static func pause(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        try await carryOut(.pause, exchange, service)
    }

    @Reactor
    static func resume(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        try await carryOut(.resume, exchange, service)
    }

    @Reactor
    static func cancel(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        try await carryOut(.cancel, exchange, service)
    }

    /// Doing it twice changes nothing more, and one that has ended stays as it is.
    @Reactor
    private static func carryOut(
        _ order: BatchStore.Order, _ exchange: Exchange, _ service: Service
    ) async throws -> Reply {
        let viewer = try exchange.batchViewer()
        let id: SendBatch.ID = try exchange.id("id")
        var body = try BodyReader(optional: exchange)
        body.refuseUnknown(lenient: exchange.isLenient)
        try body.throwIfFaulty()
        return try await Writing.perform(exchange, service) { write in
            let changed = try exchange.found(
                try await service.database.batches.carryOut(order, on: id, for: viewer, in: write))
            return .data(warnings: body.warnings) { $0.batch(changed) }
        }
    }
}

extension Exchange {
    fileprivate func batchViewer() throws -> BatchStore.Viewer {
        let caller = try admitted()
        return BatchStore.Viewer(caller.account.id, seeing: caller.key.instanceIDs)
    }
}
