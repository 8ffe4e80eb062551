import Testing

@testable import API

/// Which language an answer speaks (PRODUCT § 2; RFC 9110 § 12.5.4).
@Suite struct LanguageTests {
    @Test(arguments: [
        ("pt-BR", Language.portuguese), ("en", .english), ("de, pt;q=0.8, en;q=0.5", .portuguese),
        ("en;q=0.1, pt;q=0.9", .portuguese), ("pt;q=0, en", .english), ("EN-us,en;q=0.9,pt;q=0.8", .english),
    ])
    func `the best range that names a language wins`(_ field: String, _ language: Language) {
        #expect(Language(accepting: field) == language)
    }

    @Test(arguments: ["", "de", "*", "pt;q=0", ";;;,,,"])
    func `a field that names neither decides nothing`(_ field: String) {
        #expect(Language(accepting: field) == nil)
    }

    @Test(arguments: ProblemCode.allCases)
    func `every code has words in both languages`(_ code: ProblemCode) {
        for words in [code.message, code.cause, code.remedy] {
            #expect(!words.english.isEmpty)
            #expect(!words.portuguese.isEmpty)
            #expect(words.english != words.portuguese)
        }
    }
}
