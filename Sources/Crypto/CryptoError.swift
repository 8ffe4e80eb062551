/// Why sealing or opening failed; says nothing of keys or contents.
package enum CryptoError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The text is no sealed box.
    case malformedBox
    /// The box was sealed under a key that the ring does not hold.
    case unknownKey
    /// Key, nonce, associated data, ciphertext or tag is not what it was when the box was sealed.
    case authenticationFailed
    /// libcrypto refused an operation; the code is its own.
    case libraryFailure(code: UInt)

    package var description: String {
        switch self {
        case .malformedBox: "the sealed text is malformed"
        case .unknownKey: "the key that sealed the text is not in the key ring"
        case .authenticationFailed: "the sealed text does not authenticate"
        case .libraryFailure(let code): "libcrypto failed with code \(code)"
        }
    }
}
