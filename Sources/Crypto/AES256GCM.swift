import COpenSSL

/// AES-256 in Galois/counter mode (NIST SP 800-38D) with 96-bit nonces and 128-bit tags.
enum AES256GCM {
    static let nonceByteCount = 12
    static let tagByteCount = 16

    /// The ciphertext and then the tag.
    static func seal(
        _ plaintext: [UInt8], key: SecretKey, nonce: [UInt8], associatedData: [UInt8]
    ) throws(CryptoError) -> [UInt8] {
        let context = try CipherContext(key: key, nonce: nonce, isSealing: true)
        try context.authenticate(associatedData)
        return try context.update(plaintext) + context.finishSealing()
    }

    /// The plaintext, once key, nonce, associated data and tag are proved to belong together.
    static func open(
        _ sealed: [UInt8], key: SecretKey, nonce: [UInt8], associatedData: [UInt8]
    ) throws(CryptoError) -> [UInt8] {
        guard sealed.count >= tagByteCount else { throw .malformedBox }
        let context = try CipherContext(key: key, nonce: nonce, isSealing: false)
        try context.authenticate(associatedData)
        var plaintext = try context.update(Array(sealed.dropLast(tagByteCount)))
        do throws(CryptoError) {
            try context.finishOpening(tag: Array(sealed.suffix(tagByteCount)))
        } catch {
            // Nobody may see what did not authenticate.
            SecretKey.cleanse(&plaintext)
            throw error
        }
        return plaintext
    }
}

/// One run of the cipher; libcrypto wipes the context when it is freed.
private final class CipherContext {
    private let context: OpaquePointer

    init(key: SecretKey, nonce: [UInt8], isSealing: Bool) throws(CryptoError) {
        guard nonce.count == AES256GCM.nonceByteCount else { throw .malformedBox }
        guard let context = EVP_CIPHER_CTX_new() else { throw .libraryFailure(code: ERR_get_error()) }
        self.context = context
        let result = key.withBytes { key in
            EVP_CipherInit_ex(context, EVP_aes_256_gcm(), nil, key.baseAddress, nonce, isSealing ? 1 : 0)
        }
        try check(result)
    }

    deinit {
        EVP_CIPHER_CTX_free(context)
    }

    func authenticate(_ data: [UInt8]) throws(CryptoError) {
        guard !data.isEmpty else { return }
        var written: Int32 = 0
        try check(EVP_CipherUpdate(context, nil, &written, data, Int32(data.count)))
    }

    func update(_ input: [UInt8]) throws(CryptoError) -> [UInt8] {
        guard !input.isEmpty else { return [] }
        var output = [UInt8](repeating: 0, count: input.count)
        var written: Int32 = 0
        try check(EVP_CipherUpdate(context, &output, &written, input, Int32(input.count)))
        return output
    }

    /// The tag.
    func finishSealing() throws(CryptoError) -> [UInt8] {
        var tag = [UInt8](repeating: 0, count: AES256GCM.tagByteCount)
        var written: Int32 = 0
        try check(EVP_CipherFinal_ex(context, &tag, &written))
        try check(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tag.count), &tag))
        return tag
    }

    func finishOpening(tag: [UInt8]) throws(CryptoError) {
        var tag = tag
        try check(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &tag))
        var written: Int32 = 0
        var rest = [UInt8](repeating: 0, count: AES256GCM.tagByteCount)
        guard EVP_CipherFinal_ex(context, &rest, &written) == 1 else {
            ERR_clear_error()
            throw .authenticationFailed
        }
    }

    private func check(_ result: Int32) throws(CryptoError) {
        if result != 1 { throw .libraryFailure(code: ERR_get_error()) }
    }
}
