import Testing

@testable import Domain

@Suite struct CloudAPIErrorCodeTests {
    typealias Disposition = AttemptOutcome.Disposition

    @Test(arguments: [
        (190, Disposition.holdInstance), (0, .holdInstance), (131_047, .windowClosed), (131_050, .optedOut),
        (132_000, .templateStale), (132_001, .templateStale), (132_012, .templateStale), (132_015, .templateStale),
        (132_016, .templateStale), (4, .retryLater), (131_056, .retryLater), (2, .retryLater), (131_026, .fail),
        (131_000, .fail), (1, .fail), (131_049, .fail), (131_048, .fail), (777_777, .fail), (-5, .fail),
    ])
    func `each code has its consequence`(code: Int, disposition: Disposition) {
        #expect(CloudAPIErrorCode(code).disposition == disposition)
    }

    @Test func `all that is retried may be retried, and some only by hand`() {
        for code in CloudAPIErrorCode.retriedAlone { #expect(code.isRetryable) }
        #expect(CloudAPIErrorCode(131_000).isRetryable)
        #expect(!CloudAPIErrorCode(131_047).isRetryable)
        #expect(!CloudAPIErrorCode(999_999).isRetryable)
    }

    @Test(arguments: [200, 250, 299])
    func `the two hundreds are one permission fault`(code: Int) {
        #expect(CloudAPIErrorCode(code).explanation == .permission)
    }

    @Test func `codes are read from text as digits alone`() {
        #expect(CloudAPIErrorCode("131047") == .windowClosed)
        #expect(CloudAPIErrorCode("session") == nil)
    }

    @Test func `every explanation has a cause and a remedy in both languages, each its own`() {
        for words in [ProviderExplanation.allCases.map(\.english), ProviderExplanation.allCases.map(\.portuguese)] {
            #expect(words.allSatisfy { $0.cause.hasSuffix(".") && $0.remedy.hasSuffix(".") })
            #expect(Set(words.map(\.cause)).count == words.count)
        }
        for explanation in ProviderExplanation.allCases {
            #expect(explanation.english != explanation.portuguese)
        }
    }

    @Test func `the codes a seller meets most are explained`() {
        for code in [190, 131_026, 131_047, 131_049, 131_050, 131_056, 132_000, 132_001, 132_015, 131_053] {
            #expect(CloudAPIErrorCode(code).explanation != .unknown)
        }
    }
}
