import Domain

/// What went wrong, in plain words: what it means, and what to do next where that is known.
struct FaultWords: Sendable, Hashable {
    let cause: String
    let remedy: String?

    var sentence: String { [cause, remedy].compactMap { $0 }.joined(separator: " ") }
}

extension ProviderFault {
    /// Of a code of Meta's that is known, and of one of our own, in the reader's language; otherwise the provider's words.
    func words(in language: Language) -> FaultWords {
        if provider == .cloudAPI, let known = code.flatMap(CloudAPIErrorCode.init)?.explanation, known != .unknown {
            let words = language == .portuguese ? known.portuguese : known.english
            return FaultWords(cause: words.cause, remedy: words.remedy)
        }
        let remedy = code.flatMap(ProblemCode.init(rawValue:))?.remedy.text(in: language)
        return FaultWords(cause: title, remedy: remedy)
    }
}
