import COpenSSL

extension SHA256 {
    /// A digest of what comes piece by piece; however it is cut, it is that of the whole.
    package final class Stream {
        private let context: OpaquePointer

        package init() {
            // It fails only without memory.
            guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
                preconditionFailure("libcrypto could not begin a digest")
            }
            self.context = context
        }

        deinit { EVP_MD_CTX_free(context) }

        package func update(_ bytes: [UInt8]) {
            let isTaken = bytes.withUnsafeBytes { EVP_DigestUpdate(context, $0.baseAddress, $0.count) == 1 }
            precondition(isTaken, "libcrypto could not go on with a digest")
        }

        /// Ends it; to be called once.
        package func finish() -> [UInt8] {
            [UInt8](unsafeUninitializedCapacity: byteCount) { out, count in
                let isDone = EVP_DigestFinal_ex(context, out.baseAddress, nil) == 1
                precondition(isDone, "libcrypto could not end a digest")
                count = byteCount
            }
        }
    }
}
