import Glibc

/// Wall-clock time as log lines show it.
struct LogInstant: Sendable, Equatable {
    let milliseconds: Int64

    static func now() -> LogInstant {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return LogInstant(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// RFC 3339 in UTC with milliseconds.
    var text: String {
        let day = Self.floorDivide(milliseconds, 86_400_000)
        let inDay = Int(milliseconds - day * 86_400_000)
        let (year, month, dayOfMonth) = Self.date(ofDay: Int(day))
        var digits: [UInt8] = []
        digits.reserveCapacity(24)
        func put(_ number: Int, _ width: Int, _ separator: Character) {
            let text = String(number)
            digits.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: max(0, width - text.utf8.count)))
            digits.append(contentsOf: text.utf8)
            digits.append(contentsOf: separator.utf8)
        }
        put(year, 4, "-")
        put(month, 2, "-")
        put(dayOfMonth, 2, "T")
        put(inDay / 3_600_000, 2, ":")
        put(inDay / 60_000 % 60, 2, ":")
        put(inDay / 1000 % 60, 2, ".")
        put(inDay % 1000, 3, "Z")
        return String(decoding: digits, as: UTF8.self)
    }

    /// The proleptic Gregorian date of a day counted from 1970-01-01.
    private static func date(ofDay day: Int) -> (year: Int, month: Int, day: Int) {
        // Counting from 1 March of year 0 puts the leap day last, so that months have fixed starts.
        let shifted = day + 719_468
        let era = Int(floorDivide(Int64(shifted), 146_097))
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        value >= 0 ? value / divisor : -((divisor - 1 - value) / divisor)
    }
}
