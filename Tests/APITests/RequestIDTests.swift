import HTTP
import Testing

@testable import API

/// `X-Request-Id` (PRODUCT § 2).
@Suite struct RequestIDTests {
    @Test func `each request without a name gets one of its own`() throws {
        var names = RequestIDs()
        var seen: Set<String> = []
        // More than are drawn at once.
        for _ in 0..<200 {
            let name = names.take(from: [:])
            #expect(try /req_[0-9a-f]{24}/.wholeMatch(in: name) != nil)
            #expect(seen.insert(name).inserted)
        }
    }

    @Test(arguments: ["a", "order-7_A.b", String(repeating: "x", count: 64)])
    func `a short and plain name of the caller's is kept`(_ given: String) {
        var names = RequestIDs()
        #expect(names.take(from: ["X-Request-Id": given]) == given)
    }

    @Test(arguments: ["", "a b", "é", "a/b", "<a>", String(repeating: "x", count: 65)])
    func `any other is replaced`(_ given: String) {
        var names = RequestIDs()
        #expect(names.take(from: ["X-Request-Id": given]).hasPrefix("req_"))
    }
}
