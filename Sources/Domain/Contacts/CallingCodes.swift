/// Whose number begins how: every calling code and country of ITU-T E.164.
enum CallingCodes {
    struct Country: Sendable {
        let plan: NumberingPlan
        /// What local calls leave out, where there is one area only.
        let area: Digits?
    }

    /// By the calling code at the front: no code begins another.
    static func plan(forInternational digits: Digits) -> NumberingPlan? {
        guard digits.count >= 3 else { return nil }
        return byThreeDigits[digits.leading(3)].map { plans[Int($0)] }
    }

    /// - Parameter code: ISO 3166-1 alpha-2, in either case.
    static func country(_ code: String) -> Country? {
        place(of: code.utf8).flatMap { byCountry[$0] }.map { entry in
            let plan = plans[Int(entry.plan)]
            return Country(plan: plan, area: plan.countries[Int(entry.place)].area)
        }
    }

    static let plans: [NumberingPlan] = (closelyKnown + world.flatMap { $0.split(separator: "\n") })
        .compactMap(NumberingPlan.init)

    private static let byThreeDigits: [UInt8?] = {
        var table = [UInt8?](repeating: nil, count: 1000)
        for (index, plan) in plans.enumerated() {
            let scale = [1, 100, 10, 1][plan.callingCode.count]
            let first = plan.callingCode.leading(plan.callingCode.count) * scale
            for leading in first..<first + scale { table[leading] = UInt8(index) }
        }
        return table
    }()

    private static let byCountry: [(plan: UInt8, place: UInt8)?] = {
        var table = [(plan: UInt8, place: UInt8)?](repeating: nil, count: 26 * 26)
        for (index, plan) in plans.enumerated() {
            for (place, entry) in plan.countries.enumerated() {
                guard let row = Self.place(of: entry.country.utf8) else { continue }
                table[row] = (UInt8(index), UInt8(place))
            }
        }
        return table
    }()

    private static func place(of code: some Collection<UInt8>) -> Int? {
        guard code.count == 2 else { return nil }
        var place = 0
        for byte in code {
            // Both cases of a letter differ in this bit alone.
            let letter = byte & ~0x20
            guard UInt8(ascii: "A")...UInt8(ascii: "Z") ~= letter else { return nil }
            place = place * 26 + Int(letter - UInt8(ascii: "A"))
        }
        return place
    }
}
