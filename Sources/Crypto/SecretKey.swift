import COpenSSL

/// 256 bits that are wiped from memory when the last holder lets go, and that never describe themselves.
package struct SecretKey: Sendable {
    package static let byteCount = 32

    private let memory: Memory

    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        memory = Memory(bytes)
    }

    /// 64 hexadecimal digits.
    package init?(hex: String) {
        guard var bytes = Hex.decode(hex) else { return nil }
        defer { Self.cleanse(&bytes) }
        self.init(bytes: bytes)
    }

    /// Standard base64 with padding, or base64url without.
    package init?(base64: String) {
        guard var bytes = Base64.decode(base64) ?? Base64.decode(base64, .urlSafe) else { return nil }
        defer { Self.cleanse(&bytes) }
        self.init(bytes: bytes)
    }

    /// Either of the two forms; a text of 64 hexadecimal digits is no base64 of 32 bytes.
    package init?(text: String) {
        guard let key = SecretKey(hex: text) ?? SecretKey(base64: text) else { return nil }
        self = key
    }

    package static func generate() -> SecretKey {
        var bytes = SecureRandom.bytes(byteCount)
        defer { cleanse(&bytes) }
        return SecretKey(memory: Memory(bytes))
    }

    private init(memory: Memory) {
        self.memory = memory
    }

    func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        body(UnsafeBufferPointer(memory.bytes))
    }

    static func cleanse(_ bytes: inout [UInt8]) {
        bytes.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) }
    }

    // @unchecked: the bytes are written in `init` and wiped in `deinit`, and only read between.
    private final class Memory: @unchecked Sendable {
        let bytes: UnsafeMutableBufferPointer<UInt8>

        init(_ source: [UInt8]) {
            bytes = .allocate(capacity: source.count)
            _ = bytes.initialize(from: source)
        }

        deinit {
            OPENSSL_cleanse(bytes.baseAddress, bytes.count)
            bytes.deallocate()
        }
    }
}

extension SecretKey: CustomStringConvertible, CustomReflectable {
    package var description: String { "SecretKey(hidden)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
