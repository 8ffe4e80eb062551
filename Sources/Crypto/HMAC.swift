import COpenSSL

/// Keyed digests (RFC 2104).
package enum HMAC {
    package static func sha256(key: [UInt8], message: [UInt8]) -> [UInt8] {
        code(EVP_sha256(), SHA256.byteCount, key, message)
    }

    package static func sha512(key: [UInt8], message: [UInt8]) -> [UInt8] {
        code(EVP_sha512(), SHA512.byteCount, key, message)
    }

    private static func code(
        _ algorithm: OpaquePointer?, _ byteCount: Int, _ key: [UInt8], _ message: [UInt8]
    ) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: byteCount) { out, count in
            let written = key.withUnsafeBytes { key in
                message.withUnsafeBufferPointer { message in
                    COpenSSL.HMAC(
                        algorithm, key.baseAddress, Int32(key.count), message.baseAddress, message.count,
                        out.baseAddress, nil)
                }
            }
            // It fails only without memory; going on would take an empty code for a signature.
            precondition(written != nil, "libcrypto could not compute an HMAC")
            count = byteCount
        }
    }
}
