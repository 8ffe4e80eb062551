/// How many digits a national number may have, looked up by its first few.
struct NumberLengths: Sendable {
    /// Bit n: a number of n digits.
    typealias Lengths = UInt32

    /// How many first digits decide.
    let depth: Int
    /// One for each combination of those digits.
    private let byLeading: [Lengths]
    /// Whatever the first digits are.
    let any: Lengths

    /// - Parameters:
    ///   - rules: each `first digits:lengths` or lengths alone, as in `2[12]:10` and `7-9,11`.
    ///   - otherwise: the first digits that lengths alone are for.
    init(_ rules: [Substring], otherwise: String) {
        let parsed = rules.map { rule in
            let parts = rule.split(separator: ":")
            return (DigitPattern(parts.count > 1 ? parts[0] : otherwise[...]), Self.lengths(parts.last ?? ""))
        }
        let depth = parsed.map(\.0.places.count).max() ?? 0
        var byLeading = [Lengths](repeating: 0, count: (0..<depth).reduce(1) { size, _ in size * 10 })
        for (pattern, lengths) in parsed {
            var leading = [0]
            for place in 0..<depth {
                let digits = place < pattern.places.count ? pattern.places[place] : DigitPattern.anyDigit
                leading = leading.flatMap { front in
                    (0...9).lazy.filter { digits & (1 << $0) != 0 }.map { front * 10 + $0 }
                }
            }
            for index in leading { byLeading[index] |= lengths }
        }
        self.depth = depth
        self.byLeading = byLeading
        any = parsed.reduce(0) { $0 | $1.1 }
    }

    func contains(_ digits: Digits) -> Bool {
        byLeading[digits.leading(depth)] & (1 << UInt32(digits.count)) != 0
    }

    var shortest: Int { any.trailingZeroBitCount }
    var longest: Int { Lengths.bitWidth - 1 - any.leadingZeroBitCount }

    /// `7-9,11`.
    private static func lengths(_ text: Substring) -> Lengths {
        text.split(separator: ",").reduce(0) { mask, range in
            let ends = range.split(separator: "-").compactMap { Int($0) }
            guard let first = ends.first, let last = ends.last, first <= last else { return mask }
            return (first...last).reduce(mask) { $0 | 1 << Lengths($1) }
        }
    }
}
