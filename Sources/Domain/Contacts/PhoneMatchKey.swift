/// Brings the variants that WhatsApp and people use for one number to one form.
package enum PhoneMatchKey {
    /// - Parameter digits: international, without `+`; digits of no known plan are their own key.
    package static func key(for digits: String) -> String {
        guard digits.utf8.count == 13 else { return digits }
        if ninthDigit.contains(where: { $0.matches(digits.utf8) }) {
            return String(digits.prefix(4) + digits.dropFirst(5))
        }
        // Mexico's 1 and Argentina's 9 went between the calling code and ten digits.
        if digits.hasPrefix("521") || digits.hasPrefix("549") {
            return String(digits.prefix(2) + digits.dropFirst(3))
        }
        return digits
    }

    /// Brazil's ninth digit went in front of mobiles, which began with 6 to 9. A 9 before 1 to 5 belongs to a number
    /// that never was shorter: without it, it would be a landline's.
    private static let ninthDigit = NumberingPlan.brazilianAreas.map { NumberingPlan.Rule("55\($0)9[6-9]", 13) }
}
