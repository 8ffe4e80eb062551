/// Looks for the bytes of a string that need care, eight at a time.
enum ByteScan {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// The index of the first quote, backslash or control character, or `end`.
    ///
    /// `isASCII` turns false if a byte of 0x80 or more stands before it.
    @inline(__always)
    static func firstSpecial(
        _ base: UnsafePointer<UInt8>, from start: Int, to end: Int, isASCII: inout Bool
    ) -> Int {
        var index = start
        var seen: UInt64 = 0
        while index &+ 8 <= end {
            let word = UnsafeRawPointer(base + index).loadUnaligned(as: UInt64.self)
            if hasSpecial(word) { break }
            seen |= word
            index &+= 8
        }
        while index < end {
            let byte = base[index]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { break }
            seen |= UInt64(byte)
            index &+= 1
        }
        if seen & highs != 0 { isASCII = false }
        return index
    }

    @inline(__always)
    private static func hasSpecial(_ word: UInt64) -> Bool {
        let quote = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
        let backslash = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
        // A byte is below n where subtracting n borrows and its own high bit is clear.
        let hits =
            (quote &- ones) & ~quote
            | (backslash &- ones) & ~backslash
            | (word &- ones &* 0x20) & ~word
        return hits & highs != 0
    }

    /// The index of the first byte that no well-formed UTF-8 sequence explains (RFC 3629 §4).
    static func firstInvalidUTF8(_ base: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int? {
        var index = start
        while index < end {
            let lead = base[index]
            if lead < 0x80 {
                index += 1
                continue
            }
            let length: Int
            var second: ClosedRange<UInt8> = 0x80...0xBF
            switch lead {
            case 0xC2...0xDF: length = 2
            case 0xE0: (length, second) = (3, 0xA0...0xBF)
            case 0xED: (length, second) = (3, 0x80...0x9F)
            case 0xE1...0xEF: length = 3
            case 0xF0: (length, second) = (4, 0x90...0xBF)
            case 0xF4: (length, second) = (4, 0x80...0x8F)
            case 0xF1...0xF3: length = 4
            default: return index
            }
            guard index + length <= end, second.contains(base[index + 1]) else { return index }
            for offset in 2..<max(length, 2) where base[index + offset] & 0xC0 != 0x80 { return index }
            index += length
        }
        return nil
    }
}
