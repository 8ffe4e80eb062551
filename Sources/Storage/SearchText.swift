/// What somebody looks for, as patterns of LIKE.
struct SearchText {
    private let text: String

    init(_ text: String) { self.text = text }

    /// A word of three letters or digits, which the index of trigrams can look for.
    var hasSearchableWord: Bool {
        text.split { !($0.isLetter || $0.isNumber) }.contains { $0.count >= 3 }
    }

    var pattern: String { "%\(Self.escaped(text))%" }

    /// A phone is found by its digits, however they were typed; fewer than three would find everybody.
    var phonePattern: String? {
        let digits = text.filter { $0.isASCII && $0.isNumber }
        // "100% sure" looks like no part of a phone number.
        guard digits.count >= 3, text.allSatisfy({ digits.contains($0) || "+-(). ".contains($0) }) else { return nil }
        return "%\(digits)%"
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            if character == "%" || character == "_" || character == "\\" { result.append("\\") }
            result.append(character)
        }
    }
}
