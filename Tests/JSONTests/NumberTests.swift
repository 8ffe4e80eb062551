import JSON
import Testing

@Suite("Exact numbers") struct NumberTests {
    static let integers: [(String, Int64?)] = [
        ("0", 0), ("-0", 0), ("-0.0", 0), ("0e99999999999999999999", 0), ("5", 5), ("-5", -5), ("5.0", 5), ("5e2", 500),
        ("5E+2", 500), ("500e-2", 5), ("0.05e2", 5), ("1.5e1", 15), ("5.5", nil), ("1e-1", nil), ("0.1", nil),
        ("9007199254740991", 9_007_199_254_740_991), ("9007199254740992", 9_007_199_254_740_992),
        ("9007199254740993", 9_007_199_254_740_993), ("9007199254740993.0", 9_007_199_254_740_993),
        ("9223372036854775807", .max), ("9223372036854775808", nil), ("-9223372036854775808", .min),
        ("-9223372036854775809", nil), ("9223372036854775807.0", .max), ("-9223372036854775808.00", .min),
        ("922337203685477580.7e1", .max), ("1e18", 1_000_000_000_000_000_000), ("1e19", nil), ("10e18", nil),
        ("1e400", nil), ("1e99999999999999999999", nil), ("1e-99999999999999999999", nil),
        ("99999999999999999999", nil), ("0.00000000000000000000000001e26", 1),
    ]

    @Test(arguments: integers.indices)
    func `an integer is exact or absent`(_ index: Int) throws {
        let (text, value) = Self.integers[index]
        #expect(try #require(JSONNumber(text)).int64 == value)
        #expect(try parse(text).int64 == value)
    }

    static let amounts: [(String, Int, Int64?)] = [
        ("12.34", 2, 1234), ("12.3", 2, 1230), ("12", 2, 1200), ("12.345", 2, nil), ("12.340", 2, 1234),
        ("-0.01", 2, -1),
        ("0.1", 2, 10), ("1e2", 2, 10_000), ("1.234e1", 2, 1234), ("1.2345e1", 2, nil), ("0", 2, 0), ("5", 0, 5),
        ("92233720368547758.07", 2, .max), ("92233720368547758.08", 2, nil), ("-92233720368547758.08", 2, .min),
        ("1e17", 2, nil), ("0.001", 3, 1), ("1e-3", 3, 1), ("1e-4", 3, nil), ("4.35", 2, 435), ("1.005", 3, 1005),
    ]

    @Test(arguments: amounts.indices)
    func `an amount becomes minor units without rounding`(_ index: Int) throws {
        let (text, scale, value) = Self.amounts[index]
        #expect(try #require(JSONNumber(text)).minorUnits(scale: scale) == value)
    }

    @Test(arguments: ["", " 1", "1 ", "+1", "01", ".5", "1.", "1e", "abc", "NaN", "0x1", "１", "1,5"])
    func `what is no number makes no number`(_ text: String) {
        #expect(JSONNumber(text) == nil)
    }

    @Test func `a double is the nearest one, and none past the largest`() throws {
        #expect(try #require(JSONNumber("1.5e3")).double == 1500)
        #expect(try #require(JSONNumber("0.1")).double == 0.1)
        #expect(try #require(JSONNumber("1e400")).double == nil)
        #expect(try #require(JSONNumber("-1e400")).double == nil)
        #expect(try #require(JSONNumber("1e-400")).double == 0)
    }

    @Test func `numbers are equal as texts`() throws {
        #expect(try number("5") == 5)
        #expect(try number("5.0") != 5)
        #expect(JSONNumber(minorUnits: 1050, scale: 2).text == "10.5")
    }
}
