/// A number that can be called from anywhere (ITU-T E.164).
package struct PhoneNumber: Sendable, Hashable {
    /// Calling code and national number, without `+`.
    ///
    /// Up to 15, but for what some countries give out beyond E.164: Japanese and Indonesian service numbers have to 19.
    package let digits: String

    package var e164: String { "+\(digits)" }

    /// With `+` or `00` international; else national of the default country if valid there; else international digits.
    ///
    /// The default country's own international prefix (`011` in the United States) counts as `00` does.
    ///
    /// - Parameter defaultCountry: ISO 3166-1 alpha-2.
    package static func read(_ input: String, defaultCountry: String) throws(PhoneFault) -> PhoneNumber {
        let written = try WrittenNumber(input)
        if written.isInternational {
            return PhoneNumber(try international(written.digits, spareZero: written.spareZero))
        }
        let reading = NationalReading(written.digits, country: CallingCodes.country(defaultCountry))
        return PhoneNumber(try reading.number())
    }

    package init?(_ input: String, defaultCountry: String) {
        guard let number = try? Self.read(input, defaultCountry: defaultCountry) else { return nil }
        self = number
    }

    /// Digits with the calling code in front, as WhatsApp's `wa_id` has them.
    package init?(waID: String) {
        guard let digits = Digits(waID), let number = try? Self.international(digits) else { return nil }
        self.init(number)
    }

    private init(_ digits: Digits) { self.digits = digits.text }

    /// What every way to write one number has in common, so that a contact is found by any of them.
    package var matchKey: String { PhoneMatchKey.key(for: digits) }

    /// - Parameter spareZero: the place of a `(0)`, for what is dialled at home only.
    static func international(_ digits: Digits, spareZero: Int? = nil) throws(PhoneFault) -> Digits {
        guard let plan = CallingCodes.plan(forInternational: digits) else {
            throw digits.count < 4 ? .tooShort : .unknownCallingCode
        }
        let national = digits.dropFirst(plan.callingCode.count)
        if let significant = plan.significant(national) { return plan.callingCode + significant }
        // The trunk prefix of somewhere else, put where most countries would have one.
        if spareZero == plan.callingCode.count, let significant = plan.significant(national.dropFirst(1)) {
            return plan.callingCode + significant
        }
        throw plan.fault(of: national)
    }
}
