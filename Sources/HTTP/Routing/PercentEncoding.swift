/// Why percent-encoded text was refused.
package enum PercentDecodingFault: String, Error, Sendable, Hashable {
    /// `%` without two hexadecimal digits (RFC 3986 § 2.1).
    case invalidEscape = "invalid_percent_escape"
    case invalidUTF8 = "invalid_utf8"
    /// U+0000, which neither PostgreSQL's text nor C strings can hold.
    case nul = "nul_character"
}

package enum PercentEncoding {
    /// - Parameter plusIsSpace: as in queries and forms (WHATWG URL § 5.1), not in paths.
    package static func decode(
        _ text: some StringProtocol, plusIsSpace: Bool = false
    ) throws(PercentDecodingFault) -> String {
        // Most have nothing to decode.
        let isPlain = text.utf8.allSatisfy { $0 != UInt8(ascii: "%") && $0 != UInt8(ascii: "+") && $0 != 0 }
        if isPlain { return String(text) }
        var octets: [UInt8] = []
        octets.reserveCapacity(text.utf8.count)
        var rest = text.utf8.makeIterator()
        while let octet = rest.next() {
            switch octet {
            case UInt8(ascii: "%"):
                guard let high = rest.next()?.hexValue, let low = rest.next()?.hexValue else { throw .invalidEscape }
                octets.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: octets.append(.space)
            default: octets.append(octet)
            }
        }
        guard !octets.contains(0) else { throw .nul }
        guard let decoded = String(validating: octets, as: UTF8.self) else { throw .invalidUTF8 }
        return decoded
    }

    /// Escapes all but the unreserved characters of RFC 3986 § 2.3.
    package static func encode(_ text: String) -> String {
        var octets: [UInt8] = []
        octets.reserveCapacity(text.utf8.count)
        for octet in text.utf8 {
            if octet.isUnreserved {
                octets.append(octet)
            } else {
                octets += [UInt8(ascii: "%"), hexDigit(octet >> 4), hexDigit(octet & 0xF)]
            }
        }
        return String(decoding: octets, as: UTF8.self)
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x41 + value - 10 }
}

extension UInt8 {
    fileprivate var isUnreserved: Bool {
        isDigit || (asciiLowercased >= 0x61 && asciiLowercased <= 0x7A) || self == UInt8(ascii: "-")
            || self == UInt8(ascii: ".") || self == UInt8(ascii: "_") || self == UInt8(ascii: "~")
    }
}
