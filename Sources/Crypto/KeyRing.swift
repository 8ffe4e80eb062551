/// The keys that open what is stored, the first of which seals what is new.
package struct KeyRing: Sendable {
    private let current: KeyID
    private let keys: [KeyID: SecretKey]

    /// `nil` without a key, or with two of one id.
    package init?(_ keys: [(id: KeyID, key: SecretKey)]) {
        guard let first = keys.first, Set(keys.map(\.id)).count == keys.count else { return nil }
        current = first.id
        self.keys = Dictionary(keys.map { ($0.id, $0.key) }, uniquingKeysWith: { first, _ in first })
    }

    /// Reads `id:key,id:key`, the keys in hexadecimal or base64.
    package init?(setting: String) {
        var keys: [(id: KeyID, key: SecretKey)] = []
        for item in setting.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = item.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, let id = KeyID(parts[0]), let key = SecretKey(text: parts[1]) else { return nil }
            keys.append((id: id, key: key))
        }
        self.init(keys)
    }

    /// Associated data ties the text to its place, such as "instance 7 token": moved elsewhere it does not open.
    package func seal(_ plaintext: [UInt8], associatedData: [UInt8]) throws(CryptoError) -> String {
        guard let key = keys[current] else { throw .unknownKey }
        return try SealedBox.seal(plaintext, with: key, keyID: current, associatedData: associatedData).text
    }

    package func open(_ text: String, associatedData: [UInt8]) throws(CryptoError) -> [UInt8] {
        let box = try SealedBox(text: text)
        guard let key = keys[box.keyID] else { throw .unknownKey }
        return try box.open(with: key, associatedData: associatedData)
    }

    /// Whether the text was sealed under an older key and should be sealed anew.
    package func isOutdated(_ text: String) throws(CryptoError) -> Bool {
        try SealedBox(text: text).keyID != current
    }

    /// Hashes that cannot be recomputed without the ring, one for each key, the current key's first.
    ///
    /// - Parameter purpose: what the hashes are for, so that those of one purpose say nothing of another's.
    package func keyedHashes(_ message: [UInt8], purpose: String) -> [[UInt8]] {
        let rest = keys.keys.filter { $0 != current }.sorted { $0.text < $1.text }
        return ([current] + rest).compactMap { keys[$0] }.map { key in
            key.withBytes { bytes in
                var secret = Array(bytes)
                var derived = HMAC.sha256(key: secret, message: Array(purpose.utf8))
                defer {
                    SecretKey.cleanse(&secret)
                    SecretKey.cleanse(&derived)
                }
                return HMAC.sha256(key: derived, message: message)
            }
        }
    }
}
