import Domain
import EventLoop
import HTTP
import JSON
import Storage

/// How a send ends for who asked for it: with the message's verdict, again under the same key, or with the refusal that
/// is kept under it.
enum SendOutcome {
    @Reactor
    static func find(
        _ claim: IdempotencyStore.Claim, _ exchange: Exchange, _ service: Service
    ) async throws -> IdempotencyStore.Entry? {
        try await service.database.run(
            service.database.idempotency.entry(claim, of: try exchange.admitted().account.id))
    }

    /// A refusal by a business rule stays the answer under its key.
    @Reactor
    static func keep(
        _ problem: Problem, _ claim: IdempotencyStore.Claim, _ exchange: Exchange, _ service: Service,
        warnings: [String]
    ) async throws -> Reply {
        let account = try exchange.admitted().account.id
        let body = problem.body(language: exchange.language, requestID: exchange.requestID)
        guard
            try await service.database.idempotency.keep(
                claim, of: account, status: problem.code.status, body: body, now: exchange.now)
        else {
            guard let entry = try await find(claim, exchange, service) else { throw Idempotency.processing() }
            return try await replay(entry, claim, exchange, service, warnings: warnings)
        }
        throw problem
    }

    /// The verdict of the message that the key made; a twin waits for it like the first.
    @Reactor
    static func replay(
        _ entry: IdempotencyStore.Entry, _ claim: IdempotencyStore.Claim, _ exchange: Exchange, _ service: Service,
        warnings: [String]
    ) async throws -> Reply {
        guard let message = entry.messageID else { return try Idempotency.answer(entry, to: claim) }
        try Idempotency.check(entry, against: claim)
        return try await answer(
            message, exchange, service, known: nil, waits: !exchange.respondsAsync, warnings: warnings, isReplay: true)
    }

    @Reactor
    static func answer(
        _ id: Message.ID, _ exchange: Exchange, _ service: Service, known: MessageStore.Standing?, waits: Bool,
        warnings: [String], isReplay: Bool
    ) async throws -> Reply {
        let account = try exchange.admitted().account.id
        var standing = known
        if waits {
            standing = await service.port.awaitVerdict(id, account, .now + service.configuration.verdictTime)
        }
        if standing == nil { standing = try await service.database.messages.get(id, of: account) }
        guard let standing else { throw Problem(.internalError) }
        let message = standing.message
        let templateIDs =
            SendAnswer.isWindowClosed(message)
            ? try await service.database.sendContexts.approvedTemplates(for: message.instanceID, of: account) : []
        // A key bound to other numbers does not see it, whoever's retry this is.
        guard try exchange.admitted().key.sees(message.instanceID) else { throw Problem(.notFound) }
        return try SendAnswer.verdict(
            message, lastInboundAt: standing.lastInboundAt, now: service.now, language: exchange.language,
            warnings: warnings,
            isReplay: isReplay, templateIDs: templateIDs)
    }
}
