import JSON
import Testing

@Suite("How deep a text may go") struct DepthTests {
    static let openings: [(String, String)] = [("[", "]"), ("{\"a\":", "}")]

    func nested(_ levels: Int, _ brackets: (String, String)) -> String {
        String(repeating: brackets.0, count: levels) + "1" + String(repeating: brackets.1, count: levels)
    }

    @Test(arguments: openings.indices)
    func `sixty-four levels are read and one more is too deep`(_ index: Int) throws {
        let brackets = Self.openings[index]
        #expect(throws: Never.self) { try parse(nested(64, brackets)) }
        let found = faults(nested(65, brackets))
        #expect(found.map(\.code) == [.too_deep])
        #expect(found.map(\.offset) == [64 * brackets.0.utf8.count])
        #expect(found.first?.pointer == String(repeating: index == 0 ? "/0" : "/a", count: 64))
    }

    @Test func `empty containers count as a level`() {
        #expect(faults("[[]]", maximumDepth: 2).isEmpty)
        #expect(faults("[[]]", maximumDepth: 1).map(\.code) == [.too_deep])
        #expect(faults("[]", maximumDepth: 0).map(\.code) == [.too_deep])
        #expect(faults("1", maximumDepth: 0).isEmpty)
    }

    @Test(arguments: [10_000, 1_000_000])
    func `a depth bomb stops at the first level too many`(_ levels: Int) {
        for opening in ["[", "{\"a\":", "[{\"a\":"] {
            let found = faults(String(repeating: opening, count: levels))
            #expect(found.map(\.code) == [.too_deep])
        }
    }

    @Test func `no caller can ask for more stack than there is`() {
        #expect(faults(String(repeating: "[", count: 100_000), maximumDepth: .max).map(\.code) == [.too_deep])
    }
}
