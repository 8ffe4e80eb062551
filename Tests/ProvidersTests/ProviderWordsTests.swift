import Testing

@testable import Providers

@Suite struct ProviderWordsTests {
    @Test(arguments: [
        ("code 1234567 stays", "code 1234567 stays"), ("number 12345678 goes", "number … goes"),
        ("+55 11 98765-4321.", "+…."), ("(11) 98765-4321 x", "(… x"),
        ("1, 2, 3, 4, 5, 6, 7, 8", "1, 2, 3, 4, 5, 6, 7, 8"),
        ("expects 2 got 1", "expects 2 got 1"), ("1  2", "1  2"), ("", ""), ("12345678", "…"), ("a 12345678 ", "a … "),
    ])
    func `runs of eight digits and more are masked, whatever stands between them`(_ words: String, _ safe: String) {
        #expect(ProviderWords.safe(words) == safe)
    }

    @Test func `our own words are taken out, the longest first`() {
        let safe = ProviderWords.safe("said: hello world and hello", quoting: ["hello", "hello world", "id"])
        #expect(safe == "said: … and …")
    }

    @Test func `long words are cut`() {
        #expect(ProviderWords.safe(String(repeating: "a", count: 2_000)).count == 500)
    }
}
