/// Digits without a `+`, as somebody in a country means them.
struct NationalReading {
    private let digits: Digits
    private let country: CallingCodes.Country?

    /// What is shorter and not of the country lacks its area rather than being another country's.
    private static let shortestForeign = 10

    init(_ digits: Digits, country: CallingCodes.Country?) {
        self.digits = digits
        self.country = country
    }

    func number() throws(PhoneFault) -> Digits {
        if let number = abroadAndBack ?? afterInternationalPrefix ?? national ?? withOwnCallingCode { return number }
        if let rest = afterTwoZeros { return try PhoneNumber.international(rest) }
        guard let country else { return try PhoneNumber.international(digits) }
        if digits.count >= Self.shortestForeign, let number = try? PhoneNumber.international(digits) { return number }
        throw country.plan.fault(of: digits)
    }

    /// No calling code begins with 0.
    private var afterTwoZeros: Digits? {
        digits.count > 2 && digits.leading(2) == 0 && digits[2] != 0 ? digits.dropFirst(2) : nil
    }

    /// `00` as in most of the world, else what the country itself dials.
    private var afterInternationalPrefix: Digits? {
        if let rest = afterTwoZeros, let number = try? PhoneNumber.international(rest) { return number }
        return behindOwnPrefix { try? PhoneNumber.international($0) }
    }

    /// The country's own number behind the country's own prefix: in Brazil `0041 55` is a carrier and Brazil rather than
    /// Switzerland.
    private var abroadAndBack: Digits? {
        guard let code = country?.plan.callingCode else { return nil }
        return behindOwnPrefix { $0.hasPrefix(code) ? try? PhoneNumber.international($0) : nil }
    }

    private func behindOwnPrefix(_ number: (Digits) -> Digits?) -> Digits? {
        guard let prefixes = country?.plan.internationalPrefixes else { return nil }
        for prefix in prefixes where prefix.begins(digits) {
            if let number = number(digits.dropFirst(prefix.places.count)) { return number }
        }
        return nil
    }

    private var national: Digits? {
        guard let country else { return nil }
        let plan = country.plan
        if let significant = plan.significant(digits) { return plan.callingCode + significant }
        guard let area = country.area, plan.lengths.contains(area + digits) else { return nil }
        return plan.callingCode + area + digits
    }

    private var withOwnCallingCode: Digits? {
        guard let plan = country?.plan, digits.hasPrefix(plan.callingCode) else { return nil }
        let rest = digits.dropFirst(plan.callingCode.count)
        let significant = plan.significant(rest) ?? plan.withoutTrunkPrefix(rest).flatMap(plan.significant)
        return significant.map { plan.callingCode + $0 }
    }
}
