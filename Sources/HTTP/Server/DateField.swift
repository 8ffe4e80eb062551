/// The `Date` line of responses (RFC 9110 § 5.6.7, § 6.6.1), written anew when the second changes.
struct DateField: Sendable {
    private var second = Int64.min
    private var line: [UInt8] = []

    /// With its CRLF.
    mutating func line(microseconds: Int64) -> [UInt8] {
        let now = floorDivide(microseconds, 1_000_000).quotient
        if now != second {
            second = now
            line = Array("Date: \(Self.format(second: now))\r\n".utf8)
        }
        return line
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`
    static func format(second: Int64) -> String {
        let (day, time) = floorDivide(second, 86_400)
        let date = CivilDate(daysSince1970: day)
        let weekday = weekdays[Int(floorDivide(day + 4, 7).remainder)]
        let clock = [time / 3600, time / 60 % 60, time % 60].map(twoDigits).joined(separator: ":")
        return "\(weekday), \(twoDigits(date.day)) \(months[Int(date.month) - 1]) \(date.year) \(clock) GMT"
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func twoDigits(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

/// A day of the proleptic Gregorian calendar.
private struct CivilDate {
    let year: Int64
    let month: Int64
    let day: Int64

    /// Counts in years that begin in March, so that the leap day is a year's last, and in cycles of 400 years.
    init(daysSince1970: Int64) {
        let (cycle, dayOfCycle) = floorDivide(daysSince1970 + 719_468, 146_097)
        let yearOfCycle = (dayOfCycle - dayOfCycle / 1_460 + dayOfCycle / 36_524 - dayOfCycle / 146_096) / 365
        let dayOfYear = dayOfCycle - (365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = cycle * 400 + yearOfCycle + (month <= 2 ? 1 : 0)
    }
}

private func floorDivide(_ value: Int64, _ by: Int64) -> (quotient: Int64, remainder: Int64) {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: by)
    return remainder < 0 ? (quotient - 1, remainder + by) : (quotient, remainder)
}
