import Crypto
import Domain
import EventLoop
import HTTP
import JSON
import Storage

/// `Idempotency-Key`: what was done once is answered again, not done again.
enum Idempotency {
    /// The request's claim, or nil without the header.
    static func claim(_ exchange: Exchange, route: String) throws -> IdempotencyStore.Claim? {
        let keys = exchange.request.fields.all("Idempotency-Key")
        guard let key = keys.first else { return nil }
        guard keys.count == 1, (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x20...0x7e).contains($0) })
        else { throw Problem(.idempotencyKeyInvalid) }
        return IdempotencyStore.Claim(
            route: route, key: key, requestHash: SHA256.digest(head(exchange) + exchange.request.body))
    }

    /// What is hashed of a request before its body: of that the raw bytes, for two bodies are the same request when
    /// nothing in them differs.
    static func head(_ exchange: Exchange) -> [UInt8] {
        Array("\(exchange.request.method)\n\(exchange.request.path)\n\(exchange.request.query ?? "")\n".utf8)
    }

    /// Adds the caller to what a claim is for, where the answer shows a secret: to another key it is another request,
    /// and what is kept opens only under the token that asked.
    static func seal(_ exchange: inout Exchange) throws {
        guard let claim = exchange.claim, let token = Authentication.token(exchange.request.fields) else { return }
        var own = claim
        own.requestHash = SHA256.digest(claim.requestHash + KeyToken.hash(token))
        exchange.claim = own
        guard let seal = AnswerSeal(token, own) else { throw Problem(.internalError) }
        exchange.seal = seal
    }

    /// The answer that an earlier request left under the key.
    @Reactor
    static func stored(
        _ claim: IdempotencyStore.Claim, _ exchange: Exchange, _ service: Service
    ) async throws -> Reply? {
        let account = try exchange.admitted().account.id
        let entry = try await service.database.run(service.database.idempotency.entry(claim, of: account))
        return try entry.map { try answer($0, to: claim, exchange.seal) }
    }

    static func answer(
        _ entry: IdempotencyStore.Entry, to claim: IdempotencyStore.Claim, _ seal: AnswerSeal? = nil
    ) throws -> Reply {
        try check(entry, against: claim)
        guard let status = entry.status, let kept = entry.body else { throw processing() }
        let body = try seal?.open(kept) ?? kept
        var reply = Reply(HTTPStatus(code: status), body)
        reply.fields["Idempotent-Replayed"] = "true"
        // Only what is made right under its list is found there.
        if reply.status == .created, !claim.route.contains("{"),
            let id = (try? JSONParser.parse(body))?["data"]?["id"]?.int64
        {
            reply.fields["Location"] = "/api/v1\(claim.route.drop { $0 != "/" })/\(id)"
        }
        return reply
    }

    static func check(_ entry: IdempotencyStore.Entry, against claim: IdempotencyStore.Claim) throws {
        guard ConstantTime.equals(entry.requestHash, claim.requestHash) else {
            throw Problem(.idempotencyKeyConflict)
        }
    }

    static func processing() -> Problem {
        var problem = Problem(.idempotencyKeyProcessing)
        problem.retryAfter = 1
        return problem
    }
}
