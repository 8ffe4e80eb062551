import Domain
import EventLoop
import HTTP
import Storage

/// One more attempt at a message that has ended: judged as a send is, written once, then given to the provider.
struct MessageRetry: Sendable {
    private let id: Message.ID
    private let act: MessageLife.Act
    private let acceptsDuplicate: Bool
    private let claim: IdempotencyStore.Claim?
    private let warnings: [String]

    /// - Parameter act: `retry`, or `resolve` by sending again.
    init(
        _ id: Message.ID, as act: MessageLife.Act, acceptsDuplicate: Bool, under claim: IdempotencyStore.Claim?,
        _ warnings: [String]
    ) {
        self.id = id
        self.act = act
        self.acceptsDuplicate = acceptsDuplicate
        self.claim = claim
        self.warnings = warnings
    }

    @Reactor
    func perform(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let caller = try exchange.admitted()
        let kept = try await MessageLifeRoutes.judged(
            act, id, acceptsDuplicate: acceptsDuplicate, exchange, service)
        let verdict = try await judge(kept, exchange, service)
        if let problem = Problem.from(verdict) {
            guard let claim, problem.code.isKept else { throw problem }
            return try await SendOutcome.keep(problem, claim, exchange, service, warnings: warnings)
        }
        guard let recipient = verdict.recipient, let content = verdict.content else { throw Problem(.internalError) }
        var details = verdict.details
        details.usedFallback = verdict.usedFallback || kept.message.usedFallback
        let turn = await SendTurn(verdict, service)
        var dispatches = false
        defer { turn.end(dispatches: dispatches) }
        let now = service.now
        let retry = MessageStore.Retry(
            of: kept.message, content: content, recipient: recipient, type: verdict.type, text: verdict.text,
            details: details.json, mediaID: details.media?.stored?.id,
            template: verdict.template.map(Message.TemplateReference.init),
            usedFallback: details.usedFallback,
            replyToProviderID: verdict.replyToProviderMessageID, held: turn.isHeld, runAt: turn.runAt,
            isContactPaced: verdict.instance?.contactPace != nil, isTierCounted: turn.isTierCounted,
            leaseOwner: service.port.owner, leaseUntil: now + service.port.leaseTime)
        let actor = Actor(account: caller.account.id, apiKeyID: caller.key.id, requestID: exchange.requestID)
        let retried: MessageStore.Retried
        do {
            retried = try await service.database.write(
                by: actor, under: claim, now: now, answer: { _ in .message(id) }
            ) { write in
                guard
                    let retried = try await service.database.messages.retry(
                        retry, as: act == .retry ? .retry : .resolve, in: write)
                else { throw StorageError.Outdated() }
                return retried
            }
        } catch is Database.KeyTaken {
            return try await twin(exchange, service)
        } catch is StorageError.Outdated {
            return try await overtaken(exchange, service)
        }
        if let attempt = retried.attempt {
            dispatches = true
            service.port.dispatch(attempt)
        }
        let waits = retried.attempt != nil && !exchange.respondsAsync
        return try await SendOutcome.answer(
            id, exchange, service, known: waits ? nil : retried.standing, waits: waits, warnings: warnings,
            isReplay: false)
    }

    /// By the rules of a send, with what the message was asked to say.
    @Reactor
    private func judge(
        _ kept: MessageStore.Kept, _ exchange: Exchange, _ service: Service
    ) async throws -> SendVerdict {
        let caller = try exchange.admitted()
        guard let request = kept.request, let lead = kept.message.leadID else { throw Problem(.internalError) }
        let found = try await service.database.sendContexts.find(
            SendContextStore.Inquiry(request, to: lead, by: caller.key, of: caller.account.id))
        guard let context = found.context else {
            throw Problem.refusal(.leadArchived, of: act, for: kept.message, exchange.language)
        }
        return SendDecision.judge(request, in: context, now: service.now)
    }

    /// A twin committed under the same key between our look and our claim.
    @Reactor
    private func twin(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        guard let claim, let entry = try await SendOutcome.find(claim, exchange, service) else {
            throw Idempotency.processing()
        }
        return try await SendOutcome.replay(entry, claim, exchange, service, warnings: warnings)
    }

    /// Somebody else's retry, or a provider's report, came first; or the last attempt has not ended here yet.
    @Reactor
    private func overtaken(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let kept = try await MessageLifeRoutes.judged(
            act, id, acceptsDuplicate: acceptsDuplicate, exchange, service)
        throw Problem.refusal(.status(.sending), of: .retry, for: kept.message, exchange.language)
    }
}
