import Testing

@testable import Postgres

@Suite struct TextFormatTests {
    @Test(arguments: [
        (0, "1970-01-01 00:00:00+00"),
        (-1, "1969-12-31 23:59:59.999999+00"),
        (951_782_400_000_000, "2000-02-29 00:00:00+00"),
        (1_763_650_549_123_456, "2025-11-20 14:55:49.123456+00"),
        (-62_135_596_800_000_000, "0001-01-01 00:00:00+00"),
        (-62_135_596_800_000_001, "0001-12-31 23:59:59.999999+00 BC"),
        (253_402_300_800_000_000, "10000-01-01 00:00:00+00"),
        (Int64.max, "infinity"),
        (Int64.min, "-infinity"),
    ])
    func `a timestamp has one text and comes back from it`(microseconds: Int64, text: String) {
        var bytes: [UInt8] = []
        TimestampText.append(microseconds, to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == text)
        #expect(bytes.withUnsafeBufferPointer(TimestampText.parse) == microseconds)
    }

    @Test(arguments: [
        ("1970-01-01 02:00:00+02", 0),
        ("1969-12-31 18:30:00-05:30", 0),
        ("1970-01-01 00:00:00.5+00", 500_000),
        ("1970-01-02", 86_400_000_000),
    ])
    func `a timestamp is understood in any zone and precision`(text: String, microseconds: Int64) {
        #expect(parseTimestamp(text) == microseconds)
    }

    @Test(arguments: [
        "", "now", "1970-13-01 00:00:00+00", "1970-01-01 00:00:00+00 AD", "1970-01-01 00:00:00.+00", "20-01-01",
    ])
    func `what is no timestamp is refused`(text: String) { #expect(parseTimestamp(text) == nil) }

    @Test(arguments: [
        "294247-01-10 04:00:54.775808+00", "294276-12-31 23:59:59.999999+00", "999999999-12-31 23:59:59+00",
        "999999999-12-31 23:59:59+00 BC",
    ])
    func `an instant beyond the count of microseconds is refused`(text: String) {
        #expect(parseTimestamp(text) == nil)
    }

    @Test(arguments: [
        ("4714-11-24 00:00:00+00 BC", -210_866_803_200_000_000), ("294247-01-10 04:00:54.775806+00", Int64.max - 1),
    ])
    func `the first and last instants that can be counted are read`(text: String, microseconds: Int64) {
        #expect(parseTimestamp(text) == microseconds)
    }

    @Test func `an array's text holds quotes, commas, braces, empty strings and nulls`() {
        let elements: [String?] = ["a", "", nil, "NULL", "q\"b\\c", "x,y", "{z}", " ", "ünï😀"]
        var bytes: [UInt8] = []
        ArrayText.append(elements, quoted: true, to: &bytes) { ArrayText.appendEscaped($0.utf8, to: &$1) }
        #expect(parseArray(String(decoding: bytes, as: UTF8.self)) == elements)
        #expect(parseArray("{}") == [])
        #expect(parseArray("{1,NULL,-3}") == ["1", nil, "-3"])
    }

    @Test(arguments: ["", "{", "1,2", "{{1},{2}}", "{\"a}", "{a,}", "{,a}", "{\"a\"b}"])
    func `what is no flat array is refused`(text: String) { #expect(parseArray(text) == nil) }

    @Test func `integers are exact to both ends and nothing else is one`() {
        #expect(parseInt("9223372036854775807") == .max)
        #expect(parseInt("-9223372036854775808") == .min)
        #expect(parseInt("0") == 0)
        for text in ["9223372036854775808", "-9223372036854775809", "", "-", "+1", "1.0", " 1", "NaN"] {
            #expect(parseInt(text) == nil, "\(text)")
        }
    }

    @Test func `text with a zero byte is refused before it is sent`() {
        for value: PostgresValue in [.text("a\0b"), .json([0]), .textArray(["x", "\0"]), .jsonArray([[0x31, 0]])] {
            #expect(throws: PostgresError.self) { try Parameters.check([1, value]) }
        }
        #expect(throws: Never.self) { try Parameters.check([.bytes([0]), .text("")]) }
        #expect(throws: PostgresError.self) { try Parameters.check(Array(repeating: .null, count: 65_536)) }
    }

    private func parseTimestamp(_ text: String) -> Int64? {
        Array(text.utf8).withUnsafeBufferPointer(TimestampText.parse)
    }

    private func parseInt(_ text: String) -> Int64? { Array(text.utf8).withUnsafeBufferPointer(FieldText.int) }

    private func parseArray(_ text: String) -> [String?]? {
        Array(text.utf8).withUnsafeBufferPointer(ArrayText.parse)?
            .map { element in element.map { String(decoding: $0, as: UTF8.self) } }
    }
}
