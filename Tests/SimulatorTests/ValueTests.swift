import Testing

@testable import Simulator

@Suite struct ValueTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1_772_366_400_123_999, "2026-03-01T12:00:00.123Z"),
            (951_782_399_000_000, "2000-02-28T23:59:59.000Z"), (951_782_400_000_000, "2000-02-29T00:00:00.000Z"),
            (-1_000, "1969-12-31T23:59:59.999Z"),
        ] as [(Int64, String)])
    func `instants are written in RFC 3339`(_ microseconds: Int64, text: String) {
        #expect(InternetTime.text(microseconds) == text)
        #expect(InternetTime.microseconds(text) == microseconds - (microseconds % 1_000 + 1_000) % 1_000)
    }

    @Test(
        arguments: [
            ("2026-03-01T12:00:00Z", 1_772_366_400_000_000), ("2026-03-01t09:00:00.5-03:00", 1_772_366_400_500_000),
            ("2026-03-01T14:30:00.123456+02:30", 1_772_366_400_123_456), ("2026-03-01", nil),
            ("2026-13-01T12:00:00Z", nil), ("2026-03-01T12:00:00", nil), ("2026-03-01T12:00:00.Z", nil), ("noon", nil),
        ] as [(String, Int64?)])
    func `instants are read with any offset`(_ text: String, microseconds: Int64?) {
        #expect(InternetTime.microseconds(text) == microseconds)
    }

    @Test(arguments: [
        ("+5521988887777", "552188887777"), ("552188887777", "552188887777"), ("+55 (21) 3333-4444", "552133334444"),
        ("+5521912345678", "5521912345678"), ("+14155552671", "14155552671"),
    ])
    func `the two forms of a Brazilian mobile are one`(_ text: String, key: String) {
        #expect(DialledNumber(international: text)?.matchKey == key)
    }

    @Test(arguments: [
        ("+5521987654321", "21988887777", "5521988887777"), ("+14155552671", "2125551234", "12125551234"),
        ("+351912345678", "912000000", "351912000000"), ("+5521987654321", "+14155552671", "14155552671"),
    ])
    func `a recipient without plus is dialled from the business's country`(_ from: String, to: String, digits: String)
        throws
    {
        let business = try #require(DialledNumber(international: from))
        #expect(DialledNumber(to: to, from: business)?.digits == digits)
    }

    @Test func `variables are counted once, numbers in numeric order`() {
        let text = TemplateText("{{10}} {{2}} {{ 1 }} {{2}} {{")
        #expect(text.variables == ["1", "2", "10"])
        #expect(text.filled(["1": "a", "2": "b", "10": "c"]) == "c b a b {{")
        #expect(TemplateText("{{day}} {{hour}}").variables == ["day", "hour"])
        #expect(TemplateText("none").variables.isEmpty)
    }

    @Test(arguments: [
        ("BR.abc123", true), ("BR.ENT.abc123", true), ("br.abc", false), ("BR.", false), ("BR.a-b", false),
        ("5521", false), ("BR.X.abc", false),
    ])
    func `user ids are told from numbers`(_ text: String, isUser: Bool) {
        #expect(ContactAddress.isUserID(text) == isUser)
    }
}
