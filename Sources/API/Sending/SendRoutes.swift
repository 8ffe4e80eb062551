import Domain
import EventLoop
import HTTP
import JSON
import Storage

/// Sending to a lead: judged whole, made durable, then given to the provider.
enum SendRoutes {
    @Reactor
    static func sendMessage(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        try await send(exchange, service, .message, route: "POST /leads/{id}/send-whatsapp")
    }

    @Reactor
    static func sendTemplate(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        try await send(exchange, service, .template, route: "POST /leads/{id}/send-whatsapp-template")
    }

    @Reactor
    static func preflight(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let lead: Lead.ID = try exchange.id("id")
        let (request, warnings) = try SendBody.readEither(
            exchange, after: QueryReader(exchange), links: service.configuration.links)
        let context = try await find(request, lead: lead, exchange, service).context
        guard let context else { throw Problem(.notFound) }
        let verdict = SendDecision.judge(request, in: context, now: exchange.now)
        return SendAnswer.preflight(verdict, of: request, language: exchange.language, warnings: warnings)
    }

    /// What the one judgement is made by that send, `dry_run` and preflight share; and, in the same trip, what the key
    /// was used for before.
    @Reactor
    private static func find(
        _ request: SendRequest, lead: Lead.ID, under claim: IdempotencyStore.Claim? = nil, _ exchange: Exchange,
        _ service: Service
    ) async throws -> SendContextStore.Findings {
        let caller = try exchange.admitted()
        return try await service.database.sendContexts.find(
            SendContextStore.Inquiry(request, to: lead, by: caller.key, of: caller.account.id, under: claim))
    }

    @Reactor
    private static func send(
        _ exchange: Exchange, _ service: Service, _ kind: SendBody.Kind, route: String
    ) async throws -> Reply {
        var query = QueryReader(exchange)
        let isDryRun = query.boolean("dry_run") ?? false
        let lead: Lead.ID = try exchange.id("id")
        let claim = try isDryRun ? nil : Idempotency.claim(exchange, route: route)
        let request: SendRequest
        let warnings: [String]
        do {
            (request, warnings) = try SendBody.read(
                exchange, after: query, kind, links: service.configuration.links)
        } catch {
            // Time can make wrong what was right, as `valid_until`: the same request has the same verdict still.
            if let claim, let entry = try await SendOutcome.find(claim, exchange, service),
                entry.requestHash == claim.requestHash
            {
                return try await SendOutcome.replay(entry, claim, exchange, service, warnings: query.warnings)
            }
            throw error
        }

        let found = try await find(request, lead: lead, under: claim, exchange, service)
        if let claim, let earlier = found.earlier {
            return try await SendOutcome.replay(earlier, claim, exchange, service, warnings: warnings)
        }
        guard let context = found.context else { throw Problem(.notFound) }
        return try await settle(context, request, lead: lead, claim, exchange, service, isDryRun, warnings)
    }

    /// How often a send is judged anew, because the contact went into another before it could be written.
    private static let rejudgements = 3

    @Reactor
    private static func settle(
        _ context: SendContext, _ request: SendRequest, lead: Lead.ID, _ claim: IdempotencyStore.Claim?,
        _ exchange: Exchange, _ service: Service, _ isDryRun: Bool, _ warnings: [String], run: Int = 0
    ) async throws -> Reply {
        let verdict = SendDecision.judge(request, in: context, now: exchange.now)
        if let problem = Problem.from(verdict) {
            if let claim, problem.code.isKept {
                return try await SendOutcome.keep(problem, claim, exchange, service, warnings: warnings)
            }
            throw problem
        }
        if isDryRun {
            return SendAnswer.dryRun(verdict, request, lead: lead, now: exchange.now, warnings: warnings)
        }
        do {
            return try await deliver(request, verdict, context, claim, exchange, service, warnings: warnings)
        } catch let error as StorageError.Outdated {
            guard run < rejudgements else { throw error }
        }
        guard let again = try await find(request, lead: lead, exchange, service).context else {
            throw Problem(.notFound)
        }
        return try await settle(again, request, lead: lead, claim, exchange, service, isDryRun, warnings, run: run + 1)
    }

    @Reactor
    private static func deliver(
        _ request: SendRequest, _ verdict: SendVerdict, _ context: SendContext, _ claim: IdempotencyStore.Claim?,
        _ exchange: Exchange, _ service: Service, warnings: [String]
    ) async throws -> Reply {
        let caller = try exchange.admitted()
        let turn = await SendTurn(verdict, service)
        var dispatches = false
        defer { turn.end(dispatches: dispatches) }
        let now = service.now
        guard
            let submission = AcceptStore.Submission(
                verdict, of: request, in: context, by: caller.key.id, of: caller.account.id, under: claim,
                held: turn.isHeld, runAt: turn.runAt, isTierCounted: turn.isTierCounted, now: now,
                leaseOwner: service.port.owner, leaseUntil: now + service.port.leaseTime)
        else { throw Problem(.internalError) }
        guard let accepted = try await service.database.acceptance.accept(submission) else {
            guard let claim, let entry = try await SendOutcome.find(claim, exchange, service) else {
                throw Idempotency.processing()
            }
            return try await SendOutcome.replay(entry, claim, exchange, service, warnings: warnings)
        }
        dispatches = accepted.dispatches
        if dispatches {
            service.port.dispatch(
                AttemptStore.Claimed(
                    account: caller.account.id, messageID: accepted.standing.message.id, number: 1, startedAt: now,
                    conversationID: accepted.standing.message.conversationID,
                    instanceID: submission.instanceID, recipient: submission.recipient,
                    content: submission.content, replyToProviderID: verdict.replyToProviderMessageID,
                    presetProviderID: nil,
                    lastInboundAt: verdict.window?.lastInboundAt, firstStartedAt: now,
                    validUntil: request.validUntil, isFirstContact: verdict.conversation == nil,
                    templateCategory: verdict.template?.category, consent: .init()))
        }
        // A message that waits its turn is answered as it was written.
        let waits = accepted.dispatches && !exchange.respondsAsync
        return try await SendOutcome.answer(
            accepted.standing.message.id, exchange, service, known: waits ? nil : accepted.standing, waits: waits,
            warnings: warnings, isReplay: false)
    }
}
