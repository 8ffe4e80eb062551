import Crypto
import Domain
import EventLoop
import HTTP
import Providers
import Storage

/// Takes webhook bodies: proven, stored, answered; processed after that.
@Reactor
final class HookReceiver {
    private let database: Database
    private let secrets: ChannelSecrets
    private let processor: InboundProcessor
    private let clock: Clock

    init(_ database: Database, _ secrets: ChannelSecrets, _ processor: InboundProcessor, clock: Clock) {
        self.database = database
        self.secrets = secrets
        self.processor = processor
        self.clock = clock
    }

    /// Whether the body was proven and stored.
    func receive(_ provider: Instance.Provider, token: String, _ request: HTTPRequest) async throws -> Bool {
        let hash = SHA256.digest(Array(token.utf8))
        guard let hook = try await database.hooks.find(tokenHash: hash), hook.provider == provider else {
            return false
        }
        let proof = try secrets.openHook(hook.sealedSecrets, tokenHash: hash)
        guard Self.verifies(provider, request, proof) else { return false }
        let now = Timestamp(microseconds: clock.microseconds)
        let id = try await database.hooks.keep(request.body, of: hook.id, now: now)
        processor.process(HookStore.Pending(hook: hook, id: id, receivedAt: now, body: request.body))
        return true
    }

    private static func verifies(
        _ provider: Instance.Provider, _ request: HTTPRequest, _ proof: ChannelSecrets.HookProof
    ) -> Bool {
        // Without a key nothing can be proven, so nothing is taken.
        guard !proof.key.isEmpty else { return false }
        switch provider {
        case .cloudAPI:
            return CloudAPIWebhook.verify(
                body: request.body, signatureHeader: request.fields["X-Hub-Signature-256"], appSecret: proof.key)
        case .waha:
            return WAHAWebhook.verify(
                body: request.body, signatureHeader: request.fields["X-Webhook-Hmac"], key: proof.key)
        }
    }

    func challenge(token: String, _ query: QueryItems) async throws -> String? {
        let hash = SHA256.digest(Array(token.utf8))
        guard let hook = try await database.hooks.find(tokenHash: hash), hook.provider == .cloudAPI else { return nil }
        let proof = try secrets.openHook(hook.sealedSecrets, tokenHash: hash)
        guard !proof.verifyToken.isEmpty else { return nil }
        return CloudAPIWebhook.challenge(
            query: query.items.map { (name: $0.name, value: $0.value) }, verifyToken: proof.verifyToken)
    }
}
