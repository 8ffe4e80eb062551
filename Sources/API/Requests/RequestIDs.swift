import Crypto
import HTTP

/// The names by which requests are found again in logs and answers.
struct RequestIDs: Sendable {
    private static let octetCount = 12
    /// The names of so many requests are drawn at once: a draw costs more than the digits of one.
    private static let drawn = 64

    private static let prefix = "req_"

    private var digits: [UInt8] = []
    private var used = 0

    /// The caller's own, if it is short and plain, or a new one.
    mutating func take(from fields: HTTPFields) -> String {
        if let given = fields["X-Request-Id"], Self.isPlain(given) { return given }
        return next()
    }

    /// For a request of which nothing is known.
    static func one() -> String { prefix + Hex.encode(SecureRandom.bytes(octetCount)) }

    private mutating func next() -> String {
        if used == digits.count {
            digits = Array(Hex.encode(SecureRandom.bytes(Self.octetCount * Self.drawn)).utf8)
            used = 0
        }
        let range = used..<used + Self.octetCount * 2
        used = range.upperBound
        return String(unsafeUninitializedCapacity: Self.prefix.utf8.count + range.count) { name in
            let end = name.update(fromContentsOf: Self.prefix.utf8)
            return name[end...].update(fromContentsOf: digits[range])
        }
    }

    private static func isPlain(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0) || $0 == 0x2d
                    || $0 == 0x5f || $0 == 0x2e
            }
    }
}
