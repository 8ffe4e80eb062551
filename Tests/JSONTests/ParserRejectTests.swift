import JSON
import Testing

func faults(_ bytes: [UInt8], maximumDepth: Int = 64) -> [JSONFault] {
    do {
        _ = try JSONParser.parse(bytes, maximumDepth: maximumDepth)
        return []
    } catch {
        return error.faults
    }
}

func faults(_ text: String, maximumDepth: Int = 64) -> [JSONFault] {
    faults(Array(text.utf8), maximumDepth: maximumDepth)
}

/// A text and the one fault it must give.
struct Rejection: Sendable, CustomTestStringConvertible {
    let bytes: [UInt8]
    let code: JSONFault.Code
    let offset: Int
    let pointer: String

    init(_ text: String, _ code: JSONFault.Code, _ offset: Int, _ pointer: String = "") {
        self.init(Array(text.utf8), code, offset, pointer)
    }

    init(_ bytes: [UInt8], _ code: JSONFault.Code, _ offset: Int, _ pointer: String = "") {
        self.bytes = bytes
        self.code = code
        self.offset = offset
        self.pointer = pointer
    }

    var testDescription: String { String(decoding: bytes, as: UTF8.self) }
}

@Suite("What the parser refuses") struct ParserRejectTests {
    static let structure: [Rejection] = [
        Rejection("", .empty, 0), Rejection(" \n ", .empty, 3),
        Rejection("\u{FEFF}{}", .unexpected_byte, 0), Rejection("[1,]", .unexpected_byte, 3, "/1"),
        Rejection("{\"a\":1,}", .unexpected_byte, 7), Rejection("[,1]", .unexpected_byte, 1, "/0"),
        Rejection("[1 2]", .unexpected_byte, 3), Rejection("{\"a\" 1}", .unexpected_byte, 5, "/a"),
        Rejection("{a:1}", .unexpected_byte, 1), Rejection("{'a':1}", .unexpected_byte, 1),
        Rejection("{1:1}", .unexpected_byte, 1), Rejection("{\"a\":}", .unexpected_byte, 5, "/a"),
        Rejection("[1}", .unexpected_byte, 2), Rejection("{\"a\":1]", .unexpected_byte, 6),
        Rejection("]", .unexpected_byte, 0), Rejection("'a'", .unexpected_byte, 0),
        Rejection("NaN", .unexpected_byte, 0), Rejection("Infinity", .unexpected_byte, 0),
        Rejection("True", .unexpected_byte, 0), Rejection("trie", .unexpected_byte, 2),
        Rejection("+1", .unexpected_byte, 0), Rejection(".5", .unexpected_byte, 0),
        Rejection("// c\n1", .unexpected_byte, 0), Rejection("[1/**/]", .unexpected_byte, 2),
        Rejection("\u{A0}1", .unexpected_byte, 0), Rejection("\u{C}1", .unexpected_byte, 0),
        Rejection([0xFF, 0xFE, 0x31, 0x00], .unexpected_byte, 0),
        Rejection("[1,\u{0}]", .unexpected_byte, 3, "/1"),
        Rejection("[", .unexpected_end, 1), Rejection("[1", .unexpected_end, 2),
        Rejection("[1,", .unexpected_end, 3, "/1"),
        Rejection("{", .unexpected_end, 1), Rejection("{\"a", .unexpected_end, 3),
        Rejection("{\"a\"", .unexpected_end, 4, "/a"),
        Rejection("{\"a\":", .unexpected_end, 5, "/a"), Rejection("{\"a\":1", .unexpected_end, 6),
        Rejection("{\"a\":1,", .unexpected_end, 7), Rejection("\"", .unexpected_end, 1),
        Rejection("\"abc", .unexpected_end, 4), Rejection("\"abc\\", .unexpected_end, 5),
        Rejection("tru", .unexpected_end, 3), Rejection("n", .unexpected_end, 1),
        Rejection("1 2", .trailing_data, 2), Rejection("{} {}", .trailing_data, 3), Rejection("[]]", .trailing_data, 2),
        Rejection("nullx", .trailing_data, 4), Rejection("\"a\"\u{0}", .trailing_data, 3),
        Rejection("{\"a\":1}\u{FEFF}", .trailing_data, 7),
    ]

    static let numbers: [Rejection] = [
        "01", "-01", "00", "1.", "1.e5", "1e", "1e+", "1E-", "-", "--1", "-+1", "-.5", "1.2.3", "1e5.5", "0x1F",
        "1_000",
        "-Infinity", "-NaN", "1-2", "1+", "2true", "1f",
    ].flatMap {
        [
            Rejection($0, .invalid_number, 0),
            Rejection("{\"n\": [\($0)]}", .invalid_number, 7, "/n/0"),
        ]
    }

    static let strings: [Rejection] = [
        Rejection(#""\x""#, .invalid_escape, 1), Rejection(#""a\'""#, .invalid_escape, 2),
        Rejection(#""\U0041""#, .invalid_escape, 1), Rejection(#""\u12G4""#, .invalid_escape, 1),
        Rejection(#""\u12""#, .invalid_escape, 1), Rejection(#""\u+123""#, .invalid_escape, 1),
        Rejection(#""\u 123""#, .invalid_escape, 1),
        Rejection("\"a\nb\"", .control_character, 2), Rejection("\"\t\"", .control_character, 1),
        Rejection("\"\u{0}\"", .control_character, 1), Rejection("\"\u{1F}\"", .control_character, 1),
        Rejection(#""\uD800""#, .lone_surrogate, 1), Rejection(#""ab\uDC00""#, .lone_surrogate, 3),
        Rejection(#""\uD83D\n""#, .lone_surrogate, 1),
        Rejection(#""\uD83D\u0041""#, .lone_surrogate, 1), Rejection(#""\uD83D\uD83D\uDE00""#, .lone_surrogate, 1),
        Rejection(#"{"a":["\uDFFF"]}"#, .lone_surrogate, 7, "/a/0"),
        Rejection(#"{"\uDFFF":1}"#, .lone_surrogate, 2),
        Rejection([0x22, 0x80, 0x22], .invalid_utf8, 1),  // a continuation alone
        Rejection([0x22, 0x61, 0xC0, 0xAF, 0x22], .invalid_utf8, 2),  // overlong
        Rejection([0x22, 0xC1, 0xBF, 0x22], .invalid_utf8, 1),
        Rejection([0x22, 0xE0, 0x9F, 0xBF, 0x22], .invalid_utf8, 1),
        Rejection([0x22, 0xF0, 0x8F, 0xBF, 0xBF, 0x22], .invalid_utf8, 1),
        Rejection([0x22, 0xED, 0xA0, 0x80, 0x22], .invalid_utf8, 1),  // a surrogate
        Rejection([0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], .invalid_utf8, 1),  // past U+10FFFF
        Rejection([0x22, 0xF5, 0x80, 0x80, 0x80, 0x22], .invalid_utf8, 1),
        Rejection([0x22, 0xFF, 0x22], .invalid_utf8, 1),
        Rejection([0x22, 0xC3, 0x22], .invalid_utf8, 1),  // cut short
        Rejection([0x22, 0xE2, 0x82, 0x22], .invalid_utf8, 1),
        Rejection([0x22, 0xE2, 0x82, 0x5C, 0x6E, 0x22], .invalid_utf8, 1),  // cut short by an escape
        Rejection([0x22, 0xF0, 0x9F, 0x98, 0x22], .invalid_utf8, 1),
        Rejection([0x22, 0xC3, 0xA9, 0xC3, 0xA9, 0xE9, 0x22], .invalid_utf8, 5),  // Latin-1
    ]

    static let keys: [Rejection] = [
        Rejection(#"{"a":1,"a":2}"#, .duplicate_key, 7, "/a"),
        Rejection(#"{"a":1,"\u0061":2}"#, .duplicate_key, 7, "/a"),
        Rejection(#"{"":1,"":2}"#, .duplicate_key, 6, "/"),
        Rejection(#"{"x":[{"a/b~c":1,"a/b~c":2}]}"#, .duplicate_key, 17, "/x/0/a~1b~0c"),
    ]

    @Test(arguments: structure + numbers + strings + keys)
    func `a faulty text gives its code, offset and pointer`(_ case: Rejection) throws {
        let found = faults(`case`.bytes)
        let first = try #require(found.first)
        #expect(found.count == 1)
        #expect(first.code == `case`.code)
        #expect(first.offset == `case`.offset)
        #expect(first.pointer == `case`.pointer)
    }

    @Test func `every code is thrown by some text`() {
        var codes = Set((Self.structure + Self.numbers + Self.strings + Self.keys).map(\.code))
        codes.formUnion(faults("[[]]", maximumDepth: 1).map(\.code))
        #expect(codes == Set(JSONFault.Code.allCases))
    }

    @Test(arguments: [1, 2, 8, 23, 24, 25, 26, 500])
    func `a repeated key is found in an object of any size`(_ count: Int) {
        let keys = (0..<count).map { "\"key\($0)\":\($0)" }
        #expect(faults("{\(keys.joined(separator: ","))}").isEmpty)
        for repeated in [0, count / 2, count - 1] {
            let found = faults("{\((keys + ["\"key\(repeated)\":0"]).joined(separator: ","))}")
            #expect(found.map(\.code) == [.duplicate_key])
            #expect(found.map(\.pointer) == ["/key\(repeated)"])
        }
    }
}
