import JSON
import Testing

func parse(_ text: String, maximumDepth: Int = 64) throws(JSONFaults) -> JSONValue {
    try JSONParser.parse(Array(text.utf8), maximumDepth: maximumDepth)
}

func number(_ text: String) throws -> JSONValue {
    .number(try #require(JSONNumber(text)))
}

@Suite("What the parser accepts") struct ParserAcceptTests {
    static let texts: [(String, JSONValue)] = [
        ("null", .null), ("true", true), ("false", false), (" \t\r\n0\n", 0), ("-1", -1), ("\"\"", ""), ("\"a\"", "a"),
        ("[]", []), ("[ ]", []), ("{}", [:]), ("{ }", [:]),
        ("[1,2 , 3]", [1, 2, 3]), ("[[],[[]]]", [[], [[]]]),
        ("{\"a\":1,\"b\":{\"c\":[true,null]}}", ["a": 1, "b": ["c": [true, .null]]]),
        ("{ \"a\" : \"x\" , \"\" : 2 }", ["a": "x", "": 2]),
        (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
        (#""\u0041\u00e9\u00E9\u20ac""#, "Aéé€"),
        (#""\uD83D\uDE00 \uDBFF\uDFFF""#, "😀 \u{10FFFF}"),
        (#""\u0000""#, "\u{0}"),
        ("\"é€😀\u{10FFFF}\u{7F}\"", "é€😀\u{10FFFF}\u{7F}"),
        ("\"\u{FFFE}\u{FFFF}\"", "\u{FFFE}\u{FFFF}"),
        (
            #""plain text before an escape\nand after it, both long""#,
            "plain text before an escape\nand after it, both long"
        ),
    ]

    @Test(arguments: texts.indices)
    func `a valid text becomes its value`(_ index: Int) throws {
        let (text, value) = Self.texts[index]
        #expect(try parse(text) == value)
    }

    @Test(arguments: [
        "0", "-0", "5", "-5", "10", "1.5", "-0.25", "0.0", "1e5", "1E5", "1e+5", "1e-5", "0e0", "1.25e10", "1e400",
        "9223372036854775808", "123456789012345678901234567890",
    ])
    func `a number keeps its text`(_ text: String) throws {
        #expect(try parse(text).number?.text == text)
        #expect(try parse("[\(text)]")[0]?.number?.text == text)
        #expect(try parse("{\"a\":\(text) }")["a"]?.number?.text == text)
    }

    @Test func `members keep their order`() throws {
        let object = try #require(try parse(#"{"z":1,"a":2,"m":3}"#).object)
        #expect(object.keys == ["z", "a", "m"])
    }

    @Test func `keys that only look alike are different keys`() throws {
        let object = try #require(try parse(#"{"\u00e9":1,"e\u0301":2}"#).object)
        #expect(object.count == 2)
        #expect(object["\u{E9}"] == 1)
        #expect(object["e\u{301}"] == 2)
        var many = (0..<20).map { "\"k\($0)\":0" }
        many += [#""\u00e9":1"#, #""e\u0301":2"#]
        #expect(try parse("{\(many.joined(separator: ","))}").object?.count == 22)
    }

    @Test func `all three kinds of input read alike`() throws {
        let bytes = Array("xx[1,\"a\"]yy".utf8)
        #expect(try JSONParser.parse(bytes[2..<9]) == [1, "a"])
        let raw: JSONValue? = bytes.withUnsafeBytes {
            try? JSONParser.parse(UnsafeRawBufferPointer(rebasing: $0[2..<9]))
        }
        #expect(raw == [1, "a"])
    }

    @Test(arguments: 0...40)
    func `a special byte is seen at any place of a string`(_ place: Int) throws {
        for (written, read) in [(#"\n"#, "\n"), (#"\""#, "\""), ("é", "é")] {
            let before = String(repeating: "a", count: place)
            #expect(try parse("\"\(before)\(written)tail\"") == .string("\(before)\(read)tail"))
        }
        let text = "[\"" + String(repeating: "b", count: place) + "\"]"
        #expect(try parse(text)[0]?.string?.utf8.count == place)
    }

    @Test func `a thousand digits are read and one more is not`() throws {
        let longest = String(repeating: "7", count: 1000)
        #expect(try parse(longest).number?.text == longest)
        #expect(throws: JSONFaults.self) { try parse(longest + "7") }
        #expect(JSONNumber(longest) != nil)
        #expect(JSONNumber(longest + "7") == nil)
    }
}
