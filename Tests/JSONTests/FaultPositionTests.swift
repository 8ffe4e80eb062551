import JSON
import Testing

@Suite("Where faults are said to be") struct FaultPositionTests {
    @Test func `lines and columns count from one`() throws {
        let fault = try #require(faults("{\n  \"a\": 1,\n  \"b\": tru\n}").first)
        #expect(fault == JSONFault(code: .unexpected_byte, offset: 22, line: 3, column: 11, pointer: "/b"))
        #expect(fault.description == "unexpected_byte at line 3, column 11")
    }

    @Test func `a CR LF is one line end`() {
        #expect(faults("[\r\n\r\n?]").map(\.line) == [3])
        #expect(faults("[\r\n\r\n?]").map(\.column) == [1])
    }

    @Test func `columns count bytes`() {
        #expect(faults("[\"é\", ?]").map(\.column) == [8])
    }

    @Test func `all faults of a text are told at once and in order`() {
        let text = #"{"a":01,"b":["\uD800","\q"],"a":{"c":1,"c":2},"d":tru}"#
        let found = faults(text)
        #expect(
            found.map(\.code) == [
                .invalid_number, .lone_surrogate, .invalid_escape, .duplicate_key, .duplicate_key, .unexpected_byte,
            ])
        #expect(found.map(\.pointer) == ["/a", "/b/0", "/b/1", "/a", "/a/c", "/d"])
        #expect(found.map(\.offset) == [5, 14, 23, 28, 39, 53])
    }

    @Test func `several faults of one string are all told`() {
        #expect(faults("\"\\q\n\\uDC00\"").map(\.code) == [.invalid_escape, .control_character, .lone_surrogate])
    }

    @Test func `a bad byte before an escape comes first although it is found last`() {
        let found = faults([0x22, 0xFF, 0x5C, 0x71, 0x22])
        #expect(found.map(\.code) == [.invalid_utf8, .invalid_escape])
        #expect(found.map(\.column) == [2, 3])
    }

    @Test func `the list ends at a hundred`() {
        #expect(faults("[" + String(repeating: "01,", count: 99) + "1]").count == 99)
        #expect(faults("[" + String(repeating: "01,", count: 100) + "1]").count == 100)
        #expect(faults("[" + String(repeating: "01,", count: 5000) + "1]").count == 100)
        #expect(faults("[" + String(repeating: "01,", count: 99) + "?").count == 100)
    }

    @Test func `a pointer escapes what it must and shows decoded keys`() {
        #expect(faults(#"{"a/b":{"m~n":{"\u00e9":[0,?"#).map(\.pointer) == ["/a~1b/m~0n/é/1"])
        #expect(JSONPointer.escape("~1/") == "~01~1")
        #expect(JSONPointer.escape("plain") == "plain")
        #expect(JSONPointer.appending(3, to: JSONPointer.appending("a/b", to: "")) == "/a~1b/3")
    }

    @Test func `a huge key is not repeated in every pointer`() {
        let key = String(repeating: "k", count: 100_000)
        let found = faults("{\"a\":{\"\(key)\":[" + String(repeating: "01,", count: 200) + "1]}}")
        #expect(found.count == 100)
        #expect(found.allSatisfy { $0.pointer == "/a" })
        let nested = String(repeating: "{\"\(String(repeating: "~", count: 1000))\":", count: 60)
        #expect(faults(nested + "?").allSatisfy { $0.pointer.utf8.count < 10_000 })
    }
}
