/// Takes phone numbers and secrets out of text, and leaves instants, UUIDs, addresses and mixed ids as they are.
///
/// It is the second fence: call sites log ids as integers, which never come here.
package enum Redactor {
    /// Shorter runs are counts, ports and status codes; no subscriber number has fewer digits.
    private static let fewestPhoneDigits = 8
    /// A run that touches letters is more often an id, so it needs the length of an international number.
    private static let fewestDigitsBesideLetters = 10

    private static let mask = Array("+***".utf8)
    private static let secretPrefixes = [
        "crm_", "whsec_", "bearer ", "access_token=", "verify_token=", "password=", "secret=",
    ].map { Array($0.utf8) }

    package static func redact(_ text: String) -> String {
        let bytes = Array(text.utf8)
        guard mayNeedWork(bytes) else { return text }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if let end = secretEnd(bytes, index) {
                result.append(contentsOf: bytes[index..<end.prefix])
                result.append(contentsOf: "***".utf8)
                index = end.secret
            } else if let end = HarmlessShape.end(bytes, index) {
                result.append(contentsOf: bytes[index..<end])
                index = end
            } else if let end = phoneEnd(bytes, index) {
                result.append(contentsOf: mask)
                index = end
            } else {
                index = copyToken(bytes, from: index, to: &result)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Cheap look at the most common case: a short word without a secret or enough digits.
    private static func mayNeedWork(_ bytes: [UInt8]) -> Bool {
        var digits = 0
        for byte in bytes {
            if isDigit(byte) { digits += 1 }
            // Every secret prefix has one of these.
            if byte == UInt8(ascii: "_") || byte == UInt8(ascii: "=") || byte | 0x20 == UInt8(ascii: "b") {
                return true
            }
        }
        return digits >= fewestPhoneDigits
    }

    /// Where a secret that begins at `index` ends, and where its telling prefix does.
    private static func secretEnd(_ bytes: [UInt8], _ index: Int) -> (prefix: Int, secret: Int)? {
        for prefix in secretPrefixes where bytes.count - index > prefix.count {
            let matches = zip(bytes[index...], prefix).allSatisfy { lowercased($0) == $1 }
            guard matches else { continue }
            let start = index + prefix.count
            let end = bytes[start...].firstIndex { !isSecretByte($0) } ?? bytes.count
            if end > start { return (start, end) }
        }
        return nil
    }

    /// The end of the phone number that begins at `index` with a plus sign or a digit.
    private static func phoneEnd(_ bytes: [UInt8], _ index: Int) -> Int? {
        let start = bytes[index] == UInt8(ascii: "+") ? index + 1 : index
        guard start < bytes.count, isDigit(bytes[start]) || bytes[start] == UInt8(ascii: "("),
            start > index || isDigit(bytes[start])
        else { return nil }
        var digits = 0
        var end = start
        var gap = 0
        var next = start
        while next < bytes.count, gap <= 2 {
            if isDigit(bytes[next]) {
                digits += 1
                end = next + 1
                gap = 0
            } else if isSeparator(bytes[next]) {
                gap += 1
            } else {
                break
            }
            next += 1
        }
        guard end < bytes.count, isLetter(bytes[end]) else { return digits >= fewestPhoneDigits ? end : nil }
        // Digits on both sides of letters are an id in hexadecimal or the like.
        let word = bytes[end...].prefix(while: isAlphanumeric)
        return digits >= fewestDigitsBesideLetters && !word.contains(where: isDigit) ? end : nil
    }

    /// Copies the byte at `index`, or the whole word if it begins one; returns where to go on.
    private static func copyToken(_ bytes: [UInt8], from index: Int, to result: inout [UInt8]) -> Int {
        guard isAlphanumeric(bytes[index]) else {
            result.append(bytes[index])
            // A percent-encoded byte ends no word: "%2B" stands before a number for "+".
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count {
                result.append(contentsOf: bytes[index + 1...index + 2])
                return index + 3
            }
            return index + 1
        }
        var end = index
        while end < bytes.count, isAlphanumeric(bytes[end]) { end += 1 }
        // Letters and then a long number to the word's end, as in "wa5511987654321": the number is looked at alone.
        let digits = bytes[index..<end].firstIndex(where: isDigit) ?? end
        let afterDigits = bytes[digits..<end].firstIndex { !isDigit($0) } ?? end
        let isPrefixed = bytes[afterDigits..<end].allSatisfy { !isDigit($0) }
        if digits > index, isPrefixed, afterDigits - digits >= fewestDigitsBesideLetters { end = digits }
        result.append(contentsOf: bytes[index..<end])
        return end
    }

    static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
    static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- UInt8(ascii: "a") < 26 }
    static func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) }

    private static func lowercased(_ byte: UInt8) -> UInt8 { isLetter(byte) ? byte | 0x20 : byte }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "("), UInt8(ascii: ")"),
            UInt8(ascii: "/"):
            true
        default: false
        }
    }

    /// What base64, base64url, hexadecimal and JWT are made of.
    private static func isSecretByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "+"), UInt8(ascii: "/"),
            UInt8(ascii: "="), UInt8(ascii: "~"):
            true
        default: isAlphanumeric(byte)
        }
    }
}
