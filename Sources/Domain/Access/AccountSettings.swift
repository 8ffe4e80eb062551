/// What an account's settings may be.
extension Account {
    /// Whether it is the ISO 3166-1 alpha-2 code, in capitals, of a country that has telephone numbers.
    package static func isCountry(_ code: String) -> Bool {
        code.utf8.allSatisfy(isCapital) && CallingCodes.country(code) != nil
    }

    /// Whether it has the shape of a BCP 47 tag: a language, and what narrows it, as `pt-BR`.
    package static func isLocale(_ tag: String) -> Bool {
        let parts = tag.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard let language = parts.first, (2...3).contains(language.count), language.allSatisfy(isLetter) else {
            return false
        }
        return parts.count <= 5
            && parts.dropFirst().allSatisfy { part in
                (2...8).contains(part.count) && part.allSatisfy { isLetter($0) || isDigit($0) }
            }
    }

    private static func isCapital(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
    private static func isLetter(_ byte: UInt8) -> Bool { isCapital(byte & ~0x20) }
    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
