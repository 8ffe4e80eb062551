extension Timestamp {
    /// The instants that RFC 3339 can write: years 0001 to 9999, UTC.
    package static let earliest = Timestamp(seconds: -62_135_596_800)
    package static let latest = Timestamp(microseconds: 253_402_300_799_999_999)

    /// `2026-11-20T14:55:49.123Z`: UTC, always with milliseconds, which are cut and not rounded.
    ///
    /// Instants outside the years that four digits can write show as the nearest one inside.
    package var text: String {
        let instant = min(max(self, Self.earliest), Self.latest)
        let milliseconds = CalendarDate.floored(Int(instant.microseconds), by: 1_000)
        let days = CalendarDate.floored(milliseconds, by: 86_400_000)
        let inDay = milliseconds - days * 86_400_000
        let date = CalendarDate(daysSince1970: days)
        return String(unsafeUninitializedCapacity: 24) { buffer in
            func put(_ value: Int, _ width: Int, at start: Int, then separator: Character) {
                var rest = value
                for index in stride(from: start + width - 1, through: start, by: -1) {
                    buffer[index] = UInt8(ascii: "0") + UInt8(rest % 10)
                    rest /= 10
                }
                buffer[start + width] = separator.asciiValue ?? 0
            }
            put(date.year, 4, at: 0, then: "-")
            put(date.month, 2, at: 5, then: "-")
            put(date.day, 2, at: 8, then: "T")
            put(inDay / 3_600_000, 2, at: 11, then: ":")
            put(inDay / 60_000 % 60, 2, at: 14, then: ":")
            put(inDay / 1_000 % 60, 2, at: 17, then: ".")
            put(inDay % 1_000, 3, at: 20, then: "Z")
            return 24
        }
    }

    /// RFC 3339 § 5.6 with any offset and fraction (cut to microseconds), or a full date alone: midnight UTC.
    ///
    /// A leap second is refused: the count of seconds since 1970 has no place for it.
    package init?(rfc3339 text: String) {
        var scanner = DigitScanner(text)
        guard let year = scanner.number(4), scanner.skip("-"), let month = scanner.number(2), scanner.skip("-"),
            let day = scanner.number(2), let date = CalendarDate(year: year, month: month, day: day)
        else { return nil }
        let midnight = Int64(date.daysSince1970) * 86_400
        if scanner.isAtEnd {
            self.init(seconds: midnight)
            return
        }
        guard scanner.skip("T") || scanner.skip("t"),
            let hour = scanner.number(2), hour < 24, scanner.skip(":"),
            let minute = scanner.number(2), minute < 60, scanner.skip(":"),
            let second = scanner.number(2), second < 60
        else { return nil }
        var microseconds: Int64 = 0
        if scanner.skip(".") {
            guard let fraction = scanner.microseconds() else { return nil }
            microseconds = fraction
        }
        guard let offset = scanner.offset(), scanner.isAtEnd else { return nil }
        let seconds = midnight + Int64(hour * 3_600 + minute * 60 + second - offset)
        let instant = Timestamp(microseconds: seconds * 1_000_000 + microseconds)
        guard (Self.earliest...Self.latest).contains(instant) else { return nil }
        self = instant
    }
}

/// Reads fixed-width ASCII numbers from the front of a text.
private struct DigitScanner {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = text[...].utf8 }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard let byte = rest.first, byte == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    mutating func number(_ width: Int) -> Int? {
        var value = 0
        for _ in 0..<width {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// One digit or more after the point.
    mutating func microseconds() -> Int64? {
        guard var value = digit().map({ Int64($0) * 100_000 }) else { return nil }
        var unit: Int64 = 10_000
        while let digit = digit() {
            value += Int64(digit) * unit
            unit /= 10
        }
        return value
    }

    /// Seconds east of UTC.
    mutating func offset() -> Int? {
        if skip("Z") || skip("z") { return 0 }
        let isEast = skip("+")
        guard isEast || skip("-"), let hours = number(2), hours < 24, skip(":"), let minutes = number(2), minutes < 60
        else { return nil }
        return (isEast ? 1 : -1) * (hours * 3_600 + minutes * 60)
    }

    private mutating func digit() -> Int? {
        guard let byte = rest.first, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte else { return nil }
        rest.removeFirst()
        return Int(byte - UInt8(ascii: "0"))
    }
}
