/// The character classes of RFC 9110 § 5.6 and RFC 3986, on octets.
extension UInt8 {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20

    /// `tchar` of RFC 9110 § 5.6.2.
    var isTokenCharacter: Bool {
        self < 128 && (self < 64 ? Self.tokenLow : Self.tokenHigh) &>> UInt64(self) & 1 != 0
    }

    /// What a field value may hold (RFC 9110 § 5.5): visible characters, space, tab, and octets from 0x80.
    var isFieldValueOctet: Bool { self >= 0x20 ? self != 0x7F : self == .tab }

    /// `unreserved / sub-delims / ":" / "@" / "/" / "?" / "%"`: what stands in a path and its query (RFC 3986 § 3.3, § 3.4).
    ///
    /// Browsers send `|`, `^`, `[` and their like unescaped in queries (WHATWG URL), so all of visible ASCII passes
    /// but `#`, `"`, `<`, `>`, `\` and the backtick.
    var isTargetOctet: Bool {
        switch self {
        case UInt8(ascii: "#"), UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\\"),
            UInt8(ascii: "`"):
            false
        default: self > 0x20 && self < 0x7F
        }
    }

    var isDigit: Bool { self >= 0x30 && self <= 0x39 }

    var hexValue: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x41 + 10
        case 0x61...0x66: self - 0x61 + 10
        default: nil
        }
    }

    var asciiLowercased: UInt8 { self >= 0x41 && self <= 0x5A ? self | 0x20 : self }

    // One bit an octet. Literals, because a stored property would ask at each use whether it is made already.
    private static var tokenLow: UInt64 { 0x03FF_6CFA_0000_0000 }
    private static var tokenHigh: UInt64 { 0x57FF_FFFF_C7FF_FFFE }
}

extension UInt64 {
    /// Whether each of the eight octets is 0x20 or more, and not 0x7F. A subtraction from every octet at once borrows
    /// into the top bit of one that is too small; a false alarm next to such a one does no harm.
    fileprivate var isEightVisible: Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let delete = self ^ (ones &* 0x7F)
        let small = (self &- (ones &* 0x20)) & ~self
        return (small | ((delete &- ones) & ~delete)) & (ones &* 0x80) == 0
    }
}

extension UnsafeBufferPointer<UInt8> {
    var isToken: Bool {
        for octet in self where !octet.isTokenCharacter { return false }
        return !isEmpty
    }

    var isFieldValue: Bool {
        let raw = UnsafeRawBufferPointer(self)
        var index = 0
        // Eight at a time, which most values are done with; one that holds a tab is looked at singly.
        while index + 8 <= raw.count {
            guard raw.loadUnaligned(fromByteOffset: index, as: UInt64.self).isEightVisible else { break }
            index += 8
        }
        for octet in self[index...] where !octet.isFieldValueOctet { return false }
        return true
    }
}

extension String {
    /// Equal but for the case of ASCII letters.
    func equalsIgnoringCase(_ other: String) -> Bool {
        utf8.count == other.utf8.count
            && zip(utf8, other.utf8).allSatisfy { $0.asciiLowercased == $1.asciiLowercased }
    }
}
