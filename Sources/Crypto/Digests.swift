import COpenSSL

/// SHA-256 (FIPS 180-4), 32 bytes.
package enum SHA256 {
    package static let byteCount = 32

    package static func digest(_ message: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: byteCount) { out, count in
            _ = message.withUnsafeBufferPointer { COpenSSL.SHA256($0.baseAddress, $0.count, out.baseAddress) }
            count = byteCount
        }
    }
}

/// SHA-512 (FIPS 180-4), 64 bytes.
package enum SHA512 {
    package static let byteCount = 64

    package static func digest(_ message: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: byteCount) { out, count in
            _ = message.withUnsafeBufferPointer { COpenSSL.SHA512($0.baseAddress, $0.count, out.baseAddress) }
            count = byteCount
        }
    }
}
