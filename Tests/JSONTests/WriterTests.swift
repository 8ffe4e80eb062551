import JSON
import Testing

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

func written(_ write: (inout JSONWriter) -> Void) -> String {
    var writer = JSONWriter()
    write(&writer)
    return text(writer.finish())
}

@Suite("The writer") struct WriterTests {
    @Test func `commas stand between members and elements only`() {
        let result = written {
            $0.beginObject()
            $0.key("a")
            $0.beginArray()
            $0.endArray()
            $0.key("b")
            $0.beginArray()
            $0.int(1)
            $0.beginObject()
            $0.endObject()
            $0.string("x")
            $0.null()
            $0.bool(true)
            $0.beginArray()
            $0.bool(false)
            $0.endArray()
            $0.endArray()
            $0.key("c")
            $0.beginObject()
            $0.key(String("d\""))
            $0.raw(Array("[1, 2]".utf8))
            $0.endObject()
            $0.endObject()
        }
        #expect(result == #"{"a":[],"b":[1,{},"x",null,true,[false]],"c":{"d\"":[1, 2]}}"#)
    }

    @Test func `members write their value or null`() {
        let result = written {
            $0.beginObject()
            $0.member("text", "a")
            $0.member("no_text", nil as String?)
            $0.member("int", 5)
            $0.member("int64", Int64.min)
            $0.member("no_int", nil as Int64?)
            $0.member("bool", true)
            $0.member("no_bool", nil as Bool?)
            $0.member("double", 1.5)
            $0.member("number", JSONNumber("1.50"))
            $0.member("list", ["a", "b"])
            $0.member("empty", [] as [String])
            $0.member("ids", [1, 2] as [Int64])
            $0.member("tree", ["x": .null] as JSONValue)
            $0.member("price", minorUnits: 1250, scale: 2)
            $0.member("no_price", minorUnits: nil, scale: 2)
            $0.member("raw", raw: Array("{}".utf8))
            $0.member("no_raw", raw: nil)
            $0.endObject()
        }
        #expect(
            result == #"{"text":"a","no_text":null,"int":5,"int64":-9223372036854775808,"no_int":null,"bool":true,"#
                + #""no_bool":null,"double":1.5,"number":1.50,"list":["a","b"],"empty":[],"ids":[1,2],"#
                + #""tree":{"x":null},"price":12.5,"no_price":null,"raw":{},"no_raw":null}"#)
    }

    static let strings: [(String, String)] = [
        ("", #""""#), ("plain", #""plain""#), ("a\"b\\c", #""a\"b\\c""#), ("\u{8}\t\n\u{C}\r", #""\b\t\n\f\r""#),
        ("\u{0}\u{1}\u{B}\u{1F}", #""\u0000\u0001\u000b\u001f""#), ("é€😀", "\"é€😀\""), ("a/b\u{7F}", "\"a/b\u{7F}\""),
        ("a long text without anything special in it", #""a long text without anything special in it""#),
        ("a long text with \n in the midst of it", #""a long text with \n in the midst of it""#),
    ]

    @Test(arguments: strings.indices)
    func `a string is escaped where it must be and nowhere else`(_ index: Int) {
        let (value, expected) = Self.strings[index]
        #expect(written { $0.string(value) } == expected)
    }

    @Test func `a long text is written in pieces that nobody sees`() throws {
        for count in 240...530 {
            let value = String(repeating: "é\n\u{1}😀\"", count: count / 8) + String(repeating: "x", count: count % 8)
            for shift in ["", "y", "yy", "yyy"] {
                #expect(try parse(written { $0.string(shift + value) }).string == shift + value)
            }
        }
    }

    @Test(arguments: [0, 1, 9, 10, 99, 100, 12345, .max, -1, -10, .min] as [Int64])
    func `an integer is written in full`(_ value: Int64) {
        #expect(written { $0.int(value) } == String(value))
    }

    static let decimals: [(Int64, Int, String)] = [
        (1234, 2, "12.34"), (500_000, 2, "5000"), (500_050, 2, "5000.5"), (5, 2, "0.05"), (50, 2, "0.5"), (0, 2, "0"),
        (-5, 2, "-0.05"), (-1234, 2, "-12.34"), (7, 0, "7"), (1, 3, "0.001"), (.max, 2, "92233720368547758.07"),
        (.min, 2, "-92233720368547758.08"), (10, 1, "1"),
    ]

    @Test(arguments: decimals.indices)
    func `money is written in its shortest form and reads back exactly`(_ index: Int) throws {
        let (units, scale, expected) = Self.decimals[index]
        let result = written { $0.decimal(minorUnits: units, scale: scale) }
        #expect(result == expected)
        #expect(try parse(result).number?.minorUnits(scale: scale) == units)
    }

    @Test(arguments: [0.0, 1, -1.5, 0.1, 1e300, .leastNonzeroMagnitude, 123456789.125])
    func `a double reads back as itself`(_ value: Double) throws {
        #expect(try parse(written { $0.double(value) }).number?.double == value)
    }

    @Test func `what JSON cannot say becomes null`() {
        #expect(written { $0.double(.infinity) } == "null")
        #expect(written { $0.double(.nan) } == "null")
    }

    @Test(arguments: [0, 1, 31, 32, 33, 63, 64, 1000])
    func `it grows from any capacity`(_ capacity: Int) throws {
        var writer = JSONWriter(capacity: capacity)
        writer.beginArray()
        for index in 0..<300 { writer.string("element \(index)") }
        writer.endArray()
        let copy = writer.bytes
        #expect(try JSONParser.parse(copy).array?.count == 300)
        #expect(writer.finish() == copy)
    }

    @Test func `the pretty form breaks lines and indents by two`() {
        let value: JSONValue = ["a": [1, ["b": .null]], "c": [], "d": [:]]
        let expected = """
            {
              "a": [
                1,
                {
                  "b": null
                }
              ],
              "c": [],
              "d": {}
            }
            """
        #expect(text(value.prettyPrinted()) == expected)
    }
}
