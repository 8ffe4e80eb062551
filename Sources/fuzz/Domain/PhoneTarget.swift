@testable import Domain

extension FuzzTarget {
    /// Phone numbers: one form that stays as it is, and one key however the number is written.
    static let phone = FuzzTarget(
        name: "phone",
        seeds: [
            "+55 (11) 98765-4321", "011 98765-4321", "0 15 11 98765-4321", "5511987654321", "+521 55 1234 5678",
            "+549 11 2345-6789", "0044 20 7946 0958", "+1 (201) 555-0123", "+49 151 23456789", "+351 912 345 678",
            "۰۹۱۲",
            "91 98765 43210", "+3630 123 4567", "+7 912 345-67-89", "\u{FF0B}4930901820",
            "\u{202A}+5511987654321\u{202C}",
            "011 15 2345-6789",
        ],
        words: [
            "+", "00", "0", "55", "9", "52", "1", "54", "15", "044", "+881", "\u{2011}", "\u{A0}", "٣", "#", ";ext=1",
        ]
    ) { input in
        let country = input.one(of: countries)
        if let number = PhoneNumber(input.text, defaultCountry: country) { judge(number, country) }
        if let number = PhoneNumber(waID: input.text) { judge(number, country) }
        let digits = input.material.map { UInt8(ascii: "0") + $0 % 10 }
        if let number = PhoneNumber("+" + String(decoding: digits, as: UTF8.self), defaultCountry: "") {
            judge(number, country)
        }
    }

    private static let countries =
        CallingCodes.plans.flatMap { $0.countries.map { String($0.country) } } + ["", "XX", "br", "é"]

    private static func judge(_ number: PhoneNumber, _ country: String) {
        claim(number.digits.utf8.allSatisfy { (0x30...0x39).contains($0) }, "\(number.digits) are no digits")
        // Some countries give out more than the fifteen of E.164 § 6.
        claim((4...19).contains(number.digits.utf8.count), "\(number.digits.utf8.count) digits")
        claim(PhoneNumber(number.e164, defaultCountry: country) == number, "\(number.e164) is another number")
        claim(PhoneNumber(waID: number.digits) == number, "\(number.digits) is another number")
        let spaced = "00" + number.digits.map { "\($0) " }.joined()
        // At home `00` may begin a carrier's code, and mean a number of that very country.
        claim(PhoneNumber(spaced, defaultCountry: "") == number, "\(spaced) is another number")

        let key = number.matchKey
        claim(PhoneMatchKey.key(for: key) == key, "\(key) has another key")
        if let older = PhoneNumber(waID: key) { claim(older.matchKey == key, "\(key) is a number with another key") }
    }
}
