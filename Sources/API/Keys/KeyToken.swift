import Crypto
package import Domain

/// Makes tokens and what is kept of them.
package enum KeyToken {
    /// - Throws: never in practice: 96 random octets hold thirty that are taken.
    package static func draw() throws -> APIKeyToken {
        guard let token = APIKeyToken(random: SecureRandom.bytes(96)) else { throw Problem(.internalError) }
        return token
    }

    /// SHA-256: what the database knows a token by.
    package static func hash(_ token: APIKeyToken) -> [UInt8] { SHA256.digest(Array(token.text.utf8)) }
}
