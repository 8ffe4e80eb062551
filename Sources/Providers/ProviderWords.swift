/// A provider's words, fit to be kept: without telephone numbers and without what they quote of ours.
enum ProviderWords {
    /// From this many digits on, a run may be a telephone number or a business id.
    private static let longestRun = 7
    /// Shorter words of ours are left: taking out every `a` would leave nothing to read.
    private static let shortestQuote = 4
    private static let lengthLimit = 500

    static func safe(_ words: String, quoting ownWords: [String] = []) -> String {
        var words = words
        // The longest first, so that a part of it is not taken out before the whole.
        for own in ownWords.sorted(by: { $0.utf8.count > $1.utf8.count }) where own.count >= shortestQuote {
            words = words.replacing(own, with: "…")
        }
        return String(withoutLongNumbers(words).prefix(lengthLimit))
    }

    /// Digits with single blanks, dots, hyphens or brackets between them are one run: `+55 (11) 98765-4321`.
    private static func withoutLongNumbers(_ words: String) -> String {
        var result = ""
        var run = ""
        var digits = 0
        var separators = 0
        func flush() {
            // What follows the last digit stays.
            let tail = run.suffix(separators)
            result += digits > longestRun ? "…" + tail : run
            run = ""
            digits = 0
            separators = 0
        }
        for character in words {
            if character.isASCII, character.isNumber {
                run.append(character)
                digits += 1
                separators = 0
            } else if digits > 0, separators < 2, " -.()".contains(character) {
                run.append(character)
                separators += 1
            } else {
                flush()
                result.append(character)
            }
        }
        flush()
        return result
    }
}
