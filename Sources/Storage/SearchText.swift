/// What somebody looks for.
struct SearchText {
    private let text: String

    init(_ text: String) { self.text = text }

    /// A word of three letters or digits, which the index of trigrams can look for.
    var hasSearchableWord: Bool {
        text.split { !($0.isLetter || $0.isNumber) }.contains { $0.count >= 3 }
    }

    /// As it is looked for in names and addresses.
    var words: Needle { Needle(text: text) }

    /// A phone is found by its digits, however they were typed; fewer than three would find everybody.
    var phone: Needle? {
        let digits = text.filter { $0.isASCII && $0.isNumber }
        // "100% sure" looks like no part of a phone number.
        guard digits.count >= 3, text.allSatisfy({ digits.contains($0) || "+-(). ".contains($0) }) else { return nil }
        return Needle(text: digits)
    }

    /// A text to find in a column.
    struct Needle {
        fileprivate let text: String

        /// For LIKE.
        var pattern: String {
            let escaped = text.reduce(into: "") { result, character in
                if character == "%" || character == "_" || character == "\\" { result.append("\\") }
                result.append(character)
            }
            return "%\(escaped)%"
        }

        /// The pieces of six characters that a text has where it holds this one, for each of the three shifts that they
        /// can have, as `schema/0013_search.sql` keeps them; none if the text is too short to cover one at each shift.
        ///
        /// Joined by U+0001: the database puts them into lower case by its own rules.
        var pieces: [String] {
            let scalars = Array(text.unicodeScalars)
            guard scalars.count >= 8, !scalars.contains("\u{1}") else { return [] }
            return (0..<3).map { shift in
                stride(from: shift, through: scalars.count - 6, by: 3).prefix(Self.enough)
                    .map { place in
                        var piece = String.UnicodeScalarView()
                        piece.append(contentsOf: scalars[place..<place + 6])
                        return String(piece)
                    }
                    .joined(separator: "\u{1}")
            }
        }

        /// More pieces find no less, and cost a look each.
        private static let enough = 6
    }
}
