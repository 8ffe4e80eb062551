/// What the numbers of one calling code look like.
struct NumberingPlan: Sendable {
    /// The first digits of a kind of number, and how many it has in all.
    struct Rule: Sendable {
        /// A set of digits for each place, as bits.
        private let places: [UInt16]
        private let lengths: ClosedRange<Int>

        /// `prefix` in digits and classes: `2[03489]`.
        init(_ prefix: String, _ lengths: ClosedRange<Int>) {
            places = DigitClasses.parse(prefix)
            self.lengths = lengths
        }

        init(_ prefix: String, _ length: Int) { self.init(prefix, length...length) }

        func matches(_ digits: some Collection<UInt8>) -> Bool {
            guard lengths.contains(digits.count), digits.count >= places.count else { return false }
            return zip(digits, places).allSatisfy { digit, place in place & (1 << (digit - UInt8(ascii: "0"))) != 0 }
        }
    }

    let code: String
    /// What is dialled before a national number at home, and never from abroad.
    let trunkPrefix: String
    let rules: [Rule]
    /// Other ways to write a number at home, brought into the plan's form.
    var rewrites: @Sendable (_ digits: String) -> [String] = { _ in [] }

    /// The national number without what is dialled in front of it; nil when it is none of this plan.
    func significant(_ digits: String) -> String? {
        if !trunkPrefix.isEmpty, digits.hasPrefix(trunkPrefix) {
            let stripped = String(digits.dropFirst(trunkPrefix.count))
            if contains(stripped) { return stripped }
        }
        if contains(digits) { return digits }
        return rewrites(digits).first(where: contains)
    }

    func contains(_ national: String) -> Bool {
        rules.contains { $0.matches(national.utf8) }
    }

    /// By the calling code at the front of international digits: no code begins another.
    static func plan(forInternational digits: String) -> NumberingPlan? {
        for length in 1...3 {
            if let plan = byCode[String(digits.prefix(length))] { return plan }
        }
        return nil
    }

    static func plan(forCountry country: String) -> NumberingPlan? {
        codeByCountry[country].flatMap { byCode[$0] }
    }

    private static let codeByCountry = Dictionary(
        CallingCodes.all.map { ($0.country, $0.code) }, uniquingKeysWith: { first, _ in first })

    /// Exact plans where there is one, else the lengths alone.
    private static let byCode: [String: NumberingPlan] = {
        var plans: [String: NumberingPlan] = [:]
        for (code, countries) in Dictionary(grouping: CallingCodes.all, by: \.code) {
            let trunkPrefix = countries.map(\.trunkPrefix).first { !$0.isEmpty } ?? ""
            // Where a 0 is dialled in front of national numbers, none begins with it.
            let firstDigits = trunkPrefix == "0" ? "[1-9]" : ""
            plans[code] = NumberingPlan(
                code: code, trunkPrefix: trunkPrefix, rules: countries.map { Rule(firstDigits, $0.lengths) })
        }
        for code in CallingCodes.global {
            plans[code] = NumberingPlan(code: code, trunkPrefix: "", rules: [Rule("", 7...12)])
        }
        for plan in [brazil, mexico, argentina, northAmerica, portugal, unitedKingdom, germany, india] {
            plans[plan.code] = plan
        }
        return plans
    }()
}

/// Reads `2[03-57]` into one set of digits for each place.
private enum DigitClasses {
    static func parse(_ pattern: String) -> [UInt16] {
        var places: [UInt16] = []
        var open: (set: UInt16, last: Int, isRange: Bool)?
        for character in pattern {
            switch (character, open) {
            case ("[", _): open = (0, 0, false)
            case ("]", let group?):
                places.append(group.set)
                open = nil
            case ("-", _?): open?.isRange = true
            default:
                guard let digit = character.wholeNumberValue else { continue }
                if let group = open {
                    let first = group.isRange ? group.last : digit
                    let added = (first...digit).reduce(UInt16(0)) { $0 | 1 << $1 }
                    open = (group.set | added, digit, false)
                } else {
                    places.append(1 << digit)
                }
            }
        }
        return places
    }
}
