/// Digits that look like a phone number and are none: instants, UUIDs and IPv4 addresses.
enum HarmlessShape {
    /// The end of such a shape if one begins at `index`, where a word may begin.
    static func end(_ bytes: [UInt8], _ index: Int) -> Int? {
        if index > 0, Redactor.isAlphanumeric(bytes[index - 1]) { return nil }
        guard Redactor.isAlphanumeric(bytes[index]) else { return nil }
        return instantEnd(bytes, index) ?? uuidEnd(bytes, index) ?? addressEnd(bytes, index)
    }

    /// A date of this or the last century, alone or with a time of day after it.
    private static func instantEnd(_ bytes: [UInt8], _ index: Int) -> Int? {
        guard let dateEnd = match(bytes, index, "dddd-dd-dd") else { return nil }
        let century = number(bytes, index, 2)
        guard century == 19 || century == 20, (1...12).contains(number(bytes, index + 5, 2)),
            (1...31).contains(number(bytes, index + 8, 2))
        else { return nil }
        if dateEnd < bytes.count, Redactor.isDigit(bytes[dateEnd]) { return nil }
        guard var end = match(bytes, dateEnd, "Tdd:dd:dd") ?? match(bytes, dateEnd, " dd:dd:dd") else {
            // With more numbers behind it, it may be the beginning of a longer one.
            return followsNumber(bytes, dateEnd) ? nil : dateEnd
        }
        if let fraction = match(bytes, end, ".d") {
            end = bytes[fraction...].firstIndex { !Redactor.isDigit($0) } ?? bytes.count
        }
        return match(bytes, end, "+dd:dd") ?? match(bytes, end, "-dd:dd") ?? end
    }

    private static func uuidEnd(_ bytes: [UInt8], _ index: Int) -> Int? {
        guard let end = match(bytes, index, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx") else { return nil }
        return end < bytes.count && Redactor.isAlphanumeric(bytes[end]) ? nil : end
    }

    private static func addressEnd(_ bytes: [UInt8], _ index: Int) -> Int? {
        var end = index
        for group in 0..<4 {
            if group > 0 {
                guard end < bytes.count, bytes[end] == UInt8(ascii: ".") else { return nil }
                end += 1
            }
            let start = end
            while end < bytes.count, end - start < 3, Redactor.isDigit(bytes[end]) { end += 1 }
            guard end > start, number(bytes, start, end - start) <= 255 else { return nil }
        }
        if end < bytes.count, Redactor.isAlphanumeric(bytes[end]) { return nil }
        return followsNumber(bytes, end) ? nil : end
    }

    /// Whether a separator and another digit stand at `index`.
    private static func followsNumber(_ bytes: [UInt8], _ index: Int) -> Bool {
        guard index + 1 < bytes.count, Redactor.isDigit(bytes[index + 1]) else { return false }
        return [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: " ")].contains(bytes[index])
    }

    /// Compares with a pattern of `d` for a digit, `x` for a hexadecimal digit, else the byte itself.
    private static func match(_ bytes: [UInt8], _ index: Int, _ pattern: StaticString) -> Int? {
        let count = pattern.utf8CodeUnitCount
        guard index + count <= bytes.count else { return nil }
        for offset in 0..<count {
            let byte = bytes[index + offset]
            let fits =
                switch pattern.utf8Start[offset] {
                case UInt8(ascii: "d"): Redactor.isDigit(byte)
                case UInt8(ascii: "x"): Redactor.isDigit(byte) || (byte | 0x20) &- UInt8(ascii: "a") < 6
                case let expected: byte == expected
                }
            if !fits { return nil }
        }
        return index + count
    }

    private static func number(_ bytes: [UInt8], _ index: Int, _ digits: Int) -> Int {
        bytes[index..<index + digits].reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }
}
