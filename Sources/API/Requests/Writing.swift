import Domain
import EventLoop
import HTTP
import JSON
import Storage

/// A write as every route makes it: in one transaction with its audit line, its events, and the answer under its key.
enum Writing {
    /// What `write` throws leaves nothing behind; it runs again when it lost a race.
    @Reactor
    static func perform(
        _ exchange: Exchange, _ service: Service, _ write: @Reactor (WriteTransaction) async throws -> Reply
    ) async throws -> Reply {
        let caller = try exchange.admitted()
        let actor = Actor(account: caller.account.id, apiKeyID: caller.key.id, requestID: exchange.requestID)
        do {
            return try await service.database.write(
                by: actor, under: exchange.claim, now: exchange.now,
                answer: { .body(status: $0.status.code, try exchange.seal?.close($0.body) ?? $0.body) }, write)
        } catch is Database.KeyTaken {
            // A twin committed between our look and our claim.
            guard let claim = exchange.claim, let reply = try await Idempotency.stored(claim, exchange, service) else {
                throw Idempotency.processing()
            }
            return reply
        } catch let problem as Problem {
            guard let claim = exchange.claim, problem.code.isKept else { throw problem }
            return try await keep(problem, claim, exchange, service)
        }
    }

    /// A refusal by a business rule stays the answer under its key.
    @Reactor
    static func keep(
        _ problem: Problem, _ claim: IdempotencyStore.Claim, _ exchange: Exchange, _ service: Service
    ) async throws -> Reply {
        let body = problem.body(language: exchange.language, requestID: exchange.requestID)
        guard
            try await service.database.idempotency.keep(
                claim, of: try exchange.admitted().account.id, status: problem.code.status, body: body,
                now: exchange.now)
        else {
            guard let reply = try await Idempotency.stored(claim, exchange, service) else {
                throw Idempotency.processing()
            }
            return reply
        }
        throw problem
    }
}

extension Exchange {
    /// 412 unless the resource is still what `If-Match` names; asked inside the transaction that changes it.
    func requireMatch(_ resource: (inout JSONWriter) -> Void) throws {
        // Nobody asks, nothing is rendered.
        guard request.fields.contains("If-Match") else { return }
        try requireMatch(.resource(resource))
    }

    func requireMatch(_ resource: Reply) throws {
        guard EntityTag.isMatch(EntityTag.of(resource.body), request.fields) else {
            throw Problem(.preconditionFailed)
        }
    }

    /// 404 for what is not there, or not the caller's.
    func found<Entity>(_ entity: Entity?) throws -> Entity {
        guard let entity else { throw Problem(.notFound) }
        return entity
    }
}
