/// A day of the proleptic Gregorian calendar, as ISO 8601 counts it.
struct CalendarDate: Hashable {
    let year: Int
    let month: Int
    let day: Int

    /// Nil for a day that does not exist, and outside the years 1 to 9999 that four digits can write.
    init?(year: Int, month: Int, day: Int) {
        guard 1...9999 ~= year, 1...12 ~= month, day >= 1, day <= Self.days(inMonth: month, of: year) else {
            return nil
        }
        self.year = year
        self.month = month
        self.day = day
    }

    /// Days since 1970-01-01; the inverse of `daysSince1970`.
    ///
    /// Years are counted from March, so that the leap day is the last of its year; a cycle of 400 years has 146,097.
    init(daysSince1970 days: Int) {
        let sinceMarch = days + Self.daysToEpoch
        let cycle = Self.floored(sinceMarch, by: 146_097)
        let inCycle = sinceMarch - cycle * 146_097
        let yearInCycle = (inCycle - inCycle / 1_460 + inCycle / 36_524 - inCycle / 146_096) / 365
        let inYear = inCycle - (365 * yearInCycle + yearInCycle / 4 - yearInCycle / 100)
        let monthFromMarch = (5 * inYear + 2) / 153
        day = inYear - Self.daysBefore(monthFromMarch: monthFromMarch) + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = cycle * 400 + yearInCycle + (month <= 2 ? 1 : 0)
    }

    var daysSince1970: Int {
        let fromMarch = month <= 2 ? year - 1 : year
        let monthFromMarch = month > 2 ? month - 3 : month + 9
        let cycle = Self.floored(fromMarch, by: 400)
        let yearInCycle = fromMarch - cycle * 400
        let inYear = Self.daysBefore(monthFromMarch: monthFromMarch) + day - 1
        return cycle * 146_097 + yearInCycle * 365 + yearInCycle / 4 - yearInCycle / 100 + inYear - Self.daysToEpoch
    }

    /// From the first of March of year 0 to 1970-01-01.
    private static let daysToEpoch = 719_468

    /// Five months from March or August have 153 days, whichever the year.
    private static func daysBefore(monthFromMarch: Int) -> Int { (153 * monthFromMarch + 2) / 5 }

    static func floored(_ value: Int, by divisor: Int) -> Int {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient - 1 : quotient
    }

    private static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
