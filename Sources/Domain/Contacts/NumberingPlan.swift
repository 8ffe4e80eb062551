/// What the numbers of one calling code look like, and how they are dialled at home.
final class NumberingPlan: Sendable {
    let callingCode: Digits
    /// What is dialled before a national number at home, and never from abroad; the longest first.
    let trunkPrefixes: [Digits]
    /// What is dialled at home before a calling code.
    let internationalPrefixes: [DigitPattern]
    let lengths: NumberLengths
    /// ISO 3166-1 alpha-2, the first the one whose plan it is; `area` is what local calls leave out where a country
    /// has one area only.
    let countries: [(country: Substring, area: Digits?)]
    /// Other ways to write a number at home, brought into the plan's form.
    let homeForms: HomeForms

    /// - Parameter row: calling code, countries, trunk prefixes, international prefixes (`-` for none) and lengths.
    init?(_ row: Substring) {
        let fields = row.split(separator: " ")
        guard fields.count >= 5, let callingCode = Digits(fields[0]) else { return nil }
        self.callingCode = callingCode
        countries = Self.list(fields[1]).map { entry in
            let parts = entry.split(separator: "@")
            return (parts[0], parts.count > 1 ? Digits(parts[1]) : nil)
        }
        trunkPrefixes = Self.list(fields[2]).compactMap { Digits($0) }.sorted { $0.count > $1.count }
        internationalPrefixes = Self.list(fields[3]).map { DigitPattern($0) }
        // Where a 0 is dialled in front of national numbers, none begins with it.
        lengths = NumberLengths(Array(fields[4...]), otherwise: fields[2].first == "0" ? "[1-9]" : "")
        homeForms = HomeForms(callingCode: fields[0])
    }

    private static func list(_ field: Substring) -> [Substring] {
        field == "-" ? [] : field.split(separator: ",")
    }

    /// The national number without what is dialled in front of it; nil when it is none of this plan.
    func significant(_ digits: Digits) -> Digits? {
        guard let read = reading(of: digits) else { return nil }
        // What is kept must be read as itself ever after: of zeros upon zeros nobody can say which are dialled.
        guard read == digits || reading(of: read) == read else { return nil }
        return read
    }

    private func reading(of digits: Digits) -> Digits? {
        for prefix in trunkPrefixes where digits.hasPrefix(prefix) {
            let stripped = digits.dropFirst(prefix.count)
            if lengths.contains(stripped) { return stripped }
        }
        if lengths.contains(digits) { return digits }
        return homeForms.rewritten(digits).flatMap { lengths.contains($0) ? $0 : nil }
    }

    /// What stands behind the prefix, of this plan or not.
    func withoutTrunkPrefix(_ digits: Digits) -> Digits? {
        trunkPrefixes.first(where: digits.hasPrefix).map { digits.dropFirst($0.count) }
    }

    /// What is wrong with digits that are none of this plan.
    func fault(of digits: Digits) -> PhoneFault {
        if digits.count < lengths.shortest { return .tooShort }
        return (withoutTrunkPrefix(digits) ?? digits).count > lengths.longest ? .tooLong : .notOfCountry
    }
}
