import Crypto
import Domain
import Storage

/// Closes an answer that shows a secret, for the time that it is kept under its `Idempotency-Key`.
///
/// The key is drawn from the caller's own token, which is kept nowhere: neither the database nor another key of the
/// account opens the answer, so that a key with fewer permissions cannot ask again for what a key with more was shown.
struct AnswerSeal: Sendable {
    private static let keyID = KeyID("token")

    private let key: SecretKey
    /// Ties the answer to what was asked for.
    private let place: [UInt8]

    init?(_ token: APIKeyToken, _ claim: IdempotencyStore.Claim) {
        let octets = HMAC.sha256(key: Array(token.text.utf8), message: Array("leadwire answer".utf8))
        guard let key = SecretKey(bytes: octets) else { return nil }
        self.key = key
        place = Array("\(claim.route)\n\(claim.key)\n".utf8) + claim.requestHash
    }

    func close(_ body: [UInt8]) throws -> [UInt8] {
        guard let id = Self.keyID else { throw Problem(.internalError) }
        return Array(try SealedBox.seal(body, with: key, keyID: id, associatedData: place).text.utf8)
    }

    func open(_ body: [UInt8]) throws -> [UInt8] {
        try SealedBox(text: String(decoding: body, as: UTF8.self)).open(with: key, associatedData: place)
    }
}
