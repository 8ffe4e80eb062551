import COpenSSL

/// SHA-256 of a message that comes in pieces (FIPS 180-4).
package final class SHA256Stream {
    private var context: OpaquePointer?

    package init() {
        context = EVP_MD_CTX_new()
        // It fails only without memory; going on would take an empty digest for a file's.
        precondition(EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1, "libcrypto could not begin a digest")
    }

    deinit { EVP_MD_CTX_free(context) }

    package func update(_ piece: [UInt8]) {
        let done = piece.withUnsafeBytes { EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
        precondition(done == 1, "libcrypto could not go on with a digest")
    }

    /// The digest of all pieces so far; no more may follow.
    package func finish() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: SHA256.byteCount) { out, count in
            let done = EVP_DigestFinal_ex(context, out.baseAddress, nil)
            precondition(done == 1, "libcrypto could not end a digest")
            count = SHA256.byteCount
        }
    }
}
