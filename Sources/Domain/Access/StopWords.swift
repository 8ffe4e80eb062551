/// The words by which a contact ends what the business begins, when they are the whole message (PRODUCT § 7).
package enum StopWords {
    private static let words: Set<String> = ["parar", "sair", "stop"]

    /// Blanks around the word, marks after it, its case and its accents do not count.
    package static func contains(_ message: String) -> Bool {
        // A word with accents, marks and blanks is short; a long message is no single word.
        guard message.unicodeScalars.count <= 64 else { return false }
        let trimmed = message.drop { $0.isWhitespace }
        guard let end = trimmed.lastIndex(where: { !$0.isWhitespace && !$0.isPunctuation }) else { return false }
        return words.contains(folded(trimmed[...end]))
    }

    /// Lower case without accents: the bare letter is the first scalar of a decomposed character.
    private static func folded(_ word: Substring) -> String {
        var folded = ""
        for character in word.lowercased() {
            folded += LatinFold.base(of: character)
        }
        return folded
    }
}

/// The bare letter of an accented Latin one.
enum LatinFold {
    static func base(of character: Character) -> String {
        let scalars = character.unicodeScalars
        guard let first = scalars.first else { return "" }
        if first.isASCII { return String(first) }
        for (base, accented) in table where accented.contains(first) { return base }
        return String(character)
    }

    /// The letters of the stop words, as keyboards of Latin languages offer them.
    private static let table: [(base: String, accented: [Unicode.Scalar])] = [
        ("a", ["á", "à", "â", "ã", "ä", "å", "ā"]),
        ("i", ["í", "ì", "î", "ï", "ī"]),
        ("o", ["ó", "ò", "ô", "õ", "ö", "ō"]),
        ("r", ["ŕ", "ř"]),
        ("s", ["ś", "š", "ş"]),
        ("t", ["ť", "ţ"]),
        ("p", []),
    ]
}
