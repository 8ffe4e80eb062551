import Domain
import EventLoop
import HTTP
import Storage

/// What is done with a message after it was taken.
enum MessageLifeRoutes {
    @Reactor
    static func retry(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let id: Message.ID = try exchange.id("id")
        let claim = try Idempotency.claim(exchange, route: "POST /messages/{id}/retry")
        var body = try BodyReader(optional: exchange)
        let acceptsDuplicate = body.boolean("accept_duplicate") ?? false
        try body.finish(exchange)
        if let earlier = try await replay(claim, exchange, service, body.warnings) { return earlier }
        return try await MessageRetry(
            id, as: .retry, acceptsDuplicate: acceptsDuplicate, under: claim, body.warnings
        ).perform(exchange, service)
    }

    @Reactor
    static func resolve(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let id: Message.ID = try exchange.id("id")
        let claim = try Idempotency.claim(exchange, route: "POST /messages/{id}/resolve")
        var body = try BodyReader(exchange, after: QueryReader(exchange))
        let outcome = body.word("outcome", MessageLife.Outcome.self, isRequired: true)
        try body.finish(exchange)
        guard let outcome else { throw Problem(.internalError) }
        if let earlier = try await replay(claim, exchange, service, body.warnings) { return earlier }
        let status: MessageStatus
        switch outcome {
        case .resend:
            return try await MessageRetry(
                id, as: .resolve, acceptsDuplicate: true, under: claim, body.warnings
            ).perform(exchange, service)
        case .fail: status = .failed
        case .sent: status = .sent
        }
        return try await write(.resolve, id, exchange.under(claim), service, body.warnings) {
            try await service.database.messages.resolve(id, as: status, in: $0)
        }
    }

    @Reactor
    static func cancel(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let id: Message.ID = try exchange.id("id")
        var body = try BodyReader(optional: exchange)
        try body.finish(exchange)
        return try await write(.cancel, id, exchange, service, body.warnings) {
            try await service.database.messages.cancel(id, in: $0)
        }
    }

    /// The message, if the act is open to it as it stands.
    @Reactor @discardableResult
    static func judged(
        _ act: MessageLife.Act, _ id: Message.ID, acceptsDuplicate: Bool = false, _ exchange: Exchange,
        _ service: Service
    ) async throws -> MessageStore.Kept {
        let caller = try exchange.admitted()
        guard let kept = try await service.database.messages.kept(id, of: caller.account.id),
            caller.key.sees(kept.message.instanceID)
        else { throw Problem(.notFound) }
        let refusal = MessageLife.refusal(
            of: act, for: kept.message, isKept: kept.content != nil, acceptsDuplicate: acceptsDuplicate)
        if let refusal { throw Problem.refusal(refusal, of: act, for: kept.message, exchange.language) }
        return kept
    }

    /// What an earlier request under the same key has come to.
    @Reactor
    private static func replay(
        _ claim: IdempotencyStore.Claim?, _ exchange: Exchange, _ service: Service, _ warnings: [String]
    ) async throws -> Reply? {
        guard let claim, let earlier = try await SendOutcome.find(claim, exchange, service) else { return nil }
        return try await SendOutcome.replay(earlier, claim, exchange, service, warnings: warnings)
    }

    /// Judged first, so that a refusal tells why; what has changed since is found by the step itself.
    @Reactor
    private static func write(
        _ act: MessageLife.Act, _ id: Message.ID, _ exchange: Exchange, _ service: Service, _ warnings: [String],
        _ step: @Reactor (WriteTransaction) async throws -> MessageStore.Standing?
    ) async throws -> Reply {
        try await judged(act, id, exchange, service)
        do {
            return try await Writing.perform(exchange, service) { write in
                guard let standing = try await step(write) else { throw StorageError.Outdated() }
                return .data(warnings: warnings) { $0.message(standing.message) }
            }
        } catch is StorageError.Outdated {
            try await judged(act, id, exchange, service)
            // It is once more as it should be: it changed twice while this was asked.
            var problem = Problem(.unavailable)
            problem.retryAfter = 1
            throw problem
        }
    }
}

extension Exchange {
    /// The same, its write made under the claim.
    fileprivate func under(_ claim: IdempotencyStore.Claim?) -> Exchange {
        var exchange = self
        exchange.claim = claim
        return exchange
    }
}

extension BodyReader {
    /// Ends the reading of a body: what nobody asked for is told with all that is wrong.
    fileprivate mutating func finish(_ exchange: Exchange) throws {
        refuseUnknown(lenient: exchange.isLenient)
        try throwIfFaulty()
    }
}
