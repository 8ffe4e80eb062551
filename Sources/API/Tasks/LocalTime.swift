import Domain
import Foundation

/// The clock of an account's time zone.
enum LocalTime {
    /// What the clock shows, as if it were UTC: the day and time of its text are the local ones.
    static func at(_ now: Timestamp, in zone: String) -> Timestamp {
        // A zone that this machine does not know is no reason to refuse anything.
        guard let zone = TimeZone(identifier: zone) else { return now }
        let instant = Date(timeIntervalSince1970: Double(now.microseconds) / 1_000_000)
        return now + .seconds(zone.secondsFromGMT(for: instant))
    }
}
