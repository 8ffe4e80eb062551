/// A number that can be called from anywhere (ITU-T E.164).
package struct PhoneNumber: Sendable, Hashable {
    /// Calling code and national number, without `+`.
    package let digits: String

    package var e164: String { "+\(digits)" }

    /// With `+` or `00` international; else national of the default country if valid there; else international digits.
    ///
    /// - Parameter defaultCountry: ISO 3166-1 alpha-2.
    package init?(_ input: String, defaultCountry: String) {
        guard let written = PhoneDigits(input) else { return nil }
        if !written.isInternational, let plan = NumberingPlan.plan(forCountry: defaultCountry.uppercased()),
            let national = plan.significant(written.digits)
        {
            digits = plan.code + national
            return
        }
        // Without a sign of being international, a short number is one that lacks its area.
        guard written.isInternational || written.digits.count >= 10,
            let international = Self.international(written.digits)
        else { return nil }
        digits = international
    }

    /// Digits with the calling code in front, as WhatsApp's `wa_id` has them.
    package init?(waID: String) {
        guard waID.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
            let international = Self.international(waID)
        else { return nil }
        digits = international
    }

    /// What every way to write one number has in common, so that a contact is found by any of them.
    package var matchKey: String { PhoneMatchKey.key(for: digits) }

    private static func international(_ digits: String) -> String? {
        guard 7...15 ~= digits.count || digits.count == 16, let plan = NumberingPlan.plan(forInternational: digits),
            let national = plan.significant(String(digits.dropFirst(plan.code.count)))
        else { return nil }
        let international = plan.code + national
        return 7...15 ~= international.count ? international : nil
    }
}
