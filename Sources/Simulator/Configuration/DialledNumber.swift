/// An international number, as digits with the country code.
struct DialledNumber: Sendable, Hashable {
    let digits: String

    /// - Parameter international: with or without `+`, spaces and punctuation ignored; 5 to 15 digits.
    init?(international text: String) {
        let digits = text.filter { $0.isASCII && $0.isNumber }
        guard (5...15).contains(digits.count), !digits.hasPrefix("0") else { return nil }
        self.digits = digits
    }

    /// What Meta makes of a `to`: without `+`, the country code of the business's own number is put in front,
    /// whatever the digits are (Cloud API › Messages › "Phone number formats").
    init?(to text: String, from business: DialledNumber) {
        guard text.allSatisfy({ $0.isASCII && ($0.isNumber || "+-() ".contains($0)) }) else { return nil }
        let isInternational = text.drop { $0 == " " }.hasPrefix("+")
        self.init(international: isInternational ? text : business.callingCode + text)
    }

    var e164: String { "+" + digits }

    var lastFourDigits: String { String(digits.suffix(4)) }

    /// Equal for the two forms of a Brazilian mobile number, with and without the ninth digit.
    var matchKey: String { withoutNinthDigit ?? digits }

    /// The older form of a Brazilian mobile number: `55` + area + eight digits, which began with 6 to 9.
    var withoutNinthDigit: String? {
        guard digits.hasPrefix("55"), digits.count == 13 else { return nil }
        let subscriber = Array(digits.dropFirst(4))
        guard subscriber[0] == "9", ("6"..."9").contains(subscriber[1]) else { return nil }
        return digits.prefix(4) + String(subscriber.dropFirst())
    }

    /// The id of the number's WhatsApp account, which may have been opened before the ninth digit.
    var whatsAppID: String {
        MagicNumber(self) == .olderAccount ? matchKey : digits
    }

    /// ITU-T E.164's list of assigned codes: one digit for 1 and 7, two for those below, else three.
    private var callingCode: String {
        if digits.hasPrefix("1") || digits.hasPrefix("7") { return String(digits.prefix(1)) }
        return String(digits.prefix(Self.twoDigitCodes.contains(String(digits.prefix(2))) ? 2 : 3))
    }

    private static let twoDigitCodes: Set<String> = [
        "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48", "49",
        "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81", "82", "84",
        "86", "90", "91", "92", "93", "94", "95", "98",
    ]
}
