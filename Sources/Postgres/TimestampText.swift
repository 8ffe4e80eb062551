/// PostgreSQL's ISO text of a `timestamptz`, to and from microseconds since 1970 UTC.
enum TimestampText {
    private static let microsecondsPerDay: Int64 = 86_400_000_000

    static func append(_ value: Int64, to bytes: inout [UInt8]) {
        switch value {
        case .max: bytes.append(contentsOf: "infinity".utf8)
        case .min: bytes.append(contentsOf: "-infinity".utf8)
        default: appendFinite(value, to: &bytes)
        }
    }

    private static func appendFinite(_ value: Int64, to bytes: inout [UInt8]) {
        var days = value / microsecondsPerDay
        var rest = value % microsecondsPerDay
        if rest < 0 {
            rest += microsecondsPerDay
            days -= 1
        }
        let date = civil(days)
        // There is no year 0: it is 1 BC.
        let shown = date.year > 0 ? date.year : 1 - date.year
        append(shown, digits: 4, to: &bytes)
        append(date.month, digits: 2, after: "-", to: &bytes)
        append(date.day, digits: 2, after: "-", to: &bytes)
        append(rest / 3_600_000_000, digits: 2, after: " ", to: &bytes)
        append(rest / 60_000_000 % 60, digits: 2, after: ":", to: &bytes)
        append(rest / 1_000_000 % 60, digits: 2, after: ":", to: &bytes)
        if rest % 1_000_000 != 0 { append(rest % 1_000_000, digits: 6, after: ".", to: &bytes) }
        bytes.append(contentsOf: "+00".utf8)
        if date.year <= 0 { bytes.append(contentsOf: " BC".utf8) }
    }

    private static func append(
        _ value: Int64, digits: Int, after separator: Unicode.Scalar? = nil, to bytes: inout [UInt8]
    ) {
        if let separator { bytes.append(UInt8(ascii: separator)) }
        var divisor: Int64 = 1
        for _ in 1..<digits { divisor *= 10 }
        while value / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
            divisor /= 10
        }
    }

    /// Takes a `timestamptz` in any zone, a `timestamp` (as UTC) or a `date`.
    static func parse(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        if text.elementsEqual("infinity".utf8) { return .max }
        if text.elementsEqual("-infinity".utf8) { return .min }
        var scanner = Scanner(text: text)
        guard var year = scanner.number(atLeast: 4), scanner.take("-"), let month = scanner.number(atLeast: 2),
            scanner.take("-"), let day = scanner.number(atLeast: 2), (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        var time: Int64 = 0
        if scanner.take(" ") || scanner.take("T") {
            guard let clock = scanner.clock() else { return nil }
            time = clock
            if scanner.take(".") {
                guard let fraction = scanner.fraction() else { return nil }
                time += fraction
            }
            let west = scanner.next == UInt8(ascii: "-")
            if scanner.take("+") || scanner.take("-") {
                guard let offset = scanner.clock() else { return nil }
                time -= west ? -offset : offset
            }
        }
        if scanner.take(" ") {
            guard scanner.take("B"), scanner.take("C") else { return nil }
            year = 1 - year
        }
        guard scanner.isAtEnd else { return nil }
        // PostgreSQL's calendar goes on for thirty years after the count of microseconds since 1970 is full.
        let (midnight, isTooFar) = days(year, month, day).multipliedReportingOverflow(by: microsecondsPerDay)
        let (instant, isJustTooFar) = midnight.addingReportingOverflow(time)
        return isTooFar || isJustTooFar ? nil : instant
    }

    private struct Scanner {
        let text: UnsafeBufferPointer<UInt8>
        var index = 0

        var isAtEnd: Bool { index == text.count }
        var next: UInt8? { index < text.count ? text[index] : nil }

        mutating func take(_ scalar: Unicode.Scalar) -> Bool {
            guard next == UInt8(ascii: scalar) else { return false }
            index += 1
            return true
        }

        mutating func number(atLeast digits: Int) -> Int64? {
            let start = index
            var value: Int64 = 0
            while let byte = next, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9"), index - start < 9 {
                value = value * 10 + Int64(byte - UInt8(ascii: "0"))
                index += 1
            }
            return index - start >= digits ? value : nil
        }

        /// Hours, with minutes and seconds if they follow, in microseconds.
        mutating func clock() -> Int64? {
            guard var seconds = number(atLeast: 2) else { return nil }
            seconds *= 3600
            for unit in [60, 1] as [Int64] where take(":") {
                guard let value = number(atLeast: 2) else { return nil }
                seconds += value * unit
            }
            return seconds * 1_000_000
        }

        /// Up to six digits, in microseconds.
        mutating func fraction() -> Int64? {
            let start = index
            guard var value = number(atLeast: 1), index - start <= 6 else { return nil }
            for _ in (index - start)..<6 { value *= 10 }
            return value
        }
    }

    // The Gregorian calendar extended both ways, in eras of 400 years that begin on 1 March, so that a leap day is
    // the last day of its year.

    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
