import TestRandom
import Testing

@testable import Domain

@Suite struct TimestampTests {
    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00.000Z"), (1_795_186_549_123_999, "2026-11-20T14:55:49.123Z"),
        (-1, "1969-12-31T23:59:59.999Z"), (951_782_400_000_000, "2000-02-29T00:00:00.000Z"),
        (Timestamp.earliest.microseconds, "0001-01-01T00:00:00.000Z"),
        (Timestamp.latest.microseconds, "9999-12-31T23:59:59.999Z"), (.min, "0001-01-01T00:00:00.000Z"),
        (.max, "9999-12-31T23:59:59.999Z"),
    ])
    func `an instant shows as UTC with milliseconds`(microseconds: Int64, text: String) {
        #expect(Timestamp(microseconds: microseconds).text == text)
    }

    @Test(arguments: [
        ("2026-11-20T14:55:49Z", "2026-11-20T14:55:49.000Z"), ("2026-11-20t14:55:49z", "2026-11-20T14:55:49.000Z"),
        ("2026-11-20T11:55:49-03:00", "2026-11-20T14:55:49.000Z"),
        ("2026-11-21T00:25:49.5+09:30", "2026-11-20T14:55:49.500Z"),
        ("2026-11-20T14:55:49.1239999Z", "2026-11-20T14:55:49.123Z"), ("2026-11-20", "2026-11-20T00:00:00.000Z"),
        ("2024-02-29", "2024-02-29T00:00:00.000Z"), ("2026-11-20T14:55:49-00:00", "2026-11-20T14:55:49.000Z"),
        ("2026-12-31T23:30:00-01:00", "2027-01-01T00:30:00.000Z"),
    ])
    func `any offset, fraction and case is read, and a date alone`(input: String, text: String) {
        #expect(Timestamp(rfc3339: input)?.text == text)
    }

    @Test func `a fraction is kept to the microsecond`() {
        #expect(Timestamp(rfc3339: "1970-01-01T00:00:00.1234567Z")?.microseconds == 123_456)
        #expect(Timestamp(rfc3339: "1969-12-31T23:59:59.999999Z")?.microseconds == -1)
    }

    @Test(arguments: [
        "", "2026", "2026-11", "2026-11-2", "2026-13-01", "2026-00-01", "2026-02-29", "1900-02-29", "2026-04-31",
        "0000-01-01", "10000-01-01", "2026-11-20T", "2026-11-20T14:55Z", "2026-11-20T14:55:49", "2026-11-20 14:55:49Z",
        "2026-11-20T24:00:00Z", "2026-11-20T14:60:00Z", "2016-12-31T23:59:60Z", "2026-11-20T14:55:49.Z",
        "2026-11-20T14:55:49+3:00", "2026-11-20T14:55:49+0300", "2026-11-20T14:55:49+24:00", "2026-11-20T14:55:49ZZ",
        " 2026-11-20", "2026-11-20 ", "+2026-11-20", "２０２６-11-20", "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01", "2026-11-20Z", "20261120T145549Z",
    ])
    func `anything else is refused`(input: String) {
        #expect(Timestamp(rfc3339: input) == nil)
    }

    @Test func `every day of ten thousand years follows the day before`() throws {
        let first = try #require(CalendarDate(year: 1, month: 1, day: 1)).daysSince1970
        let last = try #require(CalendarDate(year: 9999, month: 12, day: 31)).daysSince1970
        #expect(last - first + 1 == 3_652_059)
        var broken = 0
        var previous = (0, 12, 31)
        for days in first...last {
            let date = CalendarDate(daysSince1970: days)
            let today = (date.year, date.month, date.day)
            let isNext =
                date.day == 1
                ? CalendarDate(year: previous.0, month: previous.1, day: previous.2 + 1) == nil
                    && (date.month == previous.1 + 1 && date.year == previous.0
                        || date.month == 1 && previous.1 == 12 && date.year == previous.0 + 1)
                : date.day == previous.2 + 1 && date.month == previous.1 && date.year == previous.0
            if !isNext || date.daysSince1970 != days { broken += 1 }
            previous = today
        }
        #expect(broken == 0)
    }

    @Test func `what is written reads back to the millisecond`() {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<5_000 {
            let instant = Timestamp(
                microseconds: Int64.random(
                    in: Timestamp.earliest.microseconds...Timestamp.latest.microseconds, using: &random))
            let back = Timestamp(rfc3339: instant.text)
            let lost = back.map { instant.microseconds - $0.microseconds }
            #expect(lost.map { 0..<1_000 ~= $0 } == true)
        }
    }

    @Test func `texts sort as instants do`() {
        var random = SeededGenerator(seed: 2)
        for _ in 0..<1_000 {
            let pair = [0, 1].map { _ in
                Timestamp(seconds: Int64.random(in: -60_000_000_000...250_000_000_000, using: &random))
            }
            #expect((pair[0] < pair[1]) == (pair[0].text < pair[1].text))
        }
    }
}
