/// Brings the variants that WhatsApp and people use for one number to one form.
package enum PhoneMatchKey {
    /// - Parameter digits: international, without `+`; digits of no known plan are their own key.
    package static func key(for digits: String) -> String {
        // Each variant has two digits of calling code and eleven behind it.
        guard digits.utf8.count == 13, let number = Digits(digits) else { return digits }
        switch number.leading(3) {
        // Mexico's 1 and Argentina's 9 went between the calling code and ten digits.
        case 521, 549: return number.removing(at: 2).text
        case 550...559:
            return ninthDigit.contains { $0.begins(number) } ? number.removing(at: 4).text : digits
        default: return digits
        }
    }

    /// Brazil's ninth digit went in front of mobiles, which began with 6 to 9. A 9 before 1 to 5 belongs to a number
    /// that never was shorter: without it, it would be a landline's.
    private static let ninthDigit = CallingCodes.brazilianAreas.map { DigitPattern("55\($0)9[6-9]") }

    /// Every way in which the digits of one number are written, the key itself among them.
    package static func forms(of key: String) -> [String] {
        guard key.utf8.count == 12 else { return [key] }
        let longer: [String] =
            switch key.prefix(2) {
            case "52": ["521\(key.dropFirst(2))"]
            case "54": ["549\(key.dropFirst(2))"]
            case "55": ["\(key.prefix(4))9\(key.dropFirst(4))"]
            default: []
            }
        return [key] + longer.filter { self.key(for: $0) == key }
    }
}
