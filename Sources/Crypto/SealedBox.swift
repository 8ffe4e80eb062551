/// An encrypted value as it is stored: `v1.<key id>.<nonce>.<ciphertext and tag>`, the last two in base64url.
package struct SealedBox: Sendable, Equatable {
    package let keyID: KeyID
    package let nonce: [UInt8]
    /// The tag is its last 16 bytes.
    package let ciphertext: [UInt8]

    /// Encrypts under a fresh random nonce; the same associated data must be given to ``open(with:associatedData:)``.
    package static func seal(
        _ plaintext: [UInt8], with key: SecretKey, keyID: KeyID, associatedData: [UInt8]
    ) throws(CryptoError) -> SealedBox {
        let nonce = SecureRandom.bytes(AES256GCM.nonceByteCount)
        let ciphertext = try AES256GCM.seal(plaintext, key: key, nonce: nonce, associatedData: associatedData)
        return SealedBox(keyID: keyID, nonce: nonce, ciphertext: ciphertext)
    }

    package func open(with key: SecretKey, associatedData: [UInt8]) throws(CryptoError) -> [UInt8] {
        try AES256GCM.open(ciphertext, key: key, nonce: nonce, associatedData: associatedData)
    }

    package var text: String {
        "v1.\(keyID.text).\(Base64.encode(nonce, .urlSafe)).\(Base64.encode(ciphertext, .urlSafe))"
    }

    package init(text: String) throws(CryptoError) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4, parts[0] == "v1", let keyID = KeyID(parts[1]),
            let nonce = Base64.decode(parts[2], .urlSafe), nonce.count == AES256GCM.nonceByteCount,
            let ciphertext = Base64.decode(parts[3], .urlSafe), ciphertext.count >= AES256GCM.tagByteCount
        else { throw .malformedBox }
        self.init(keyID: keyID, nonce: nonce, ciphertext: ciphertext)
    }

    private init(keyID: KeyID, nonce: [UInt8], ciphertext: [UInt8]) {
        self.keyID = keyID
        self.nonce = nonce
        self.ciphertext = ciphertext
    }
}

/// The public name of a key: 1 to 32 letters, digits, hyphens or underscores.
package struct KeyID: Sendable, Hashable {
    package let text: String

    package init?(_ text: String) {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard isPlain, (1...32).contains(text.utf8.count) else { return nil }
        self.text = text
    }
}
