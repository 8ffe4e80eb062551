import Foundation

/// How numbers are written in the tables.
enum Figures {
    static func ratio(_ value: Double) -> String { String(format: "%.2f", value) }

    static func whole(_ value: Double) -> String { String(format: "%.0f", value) }

    /// `92.5k`
    static func thousands(_ value: Double) -> String {
        value < 10_000 ? whole(value) : String(format: "%.1fk", value / 1000)
    }

    static func microseconds(_ seconds: Double) -> String { String(format: "%.1f µs", seconds * 1e6) }

    static func milliseconds(_ seconds: Double) -> String { String(format: "%.1f ms", seconds * 1e3) }

    static func kilobytes(_ bytes: Double) -> String { String(format: "%.1f kB", bytes / 1024) }

    static func percent(_ share: Double) -> String { String(format: "%.0f %%", share * 100) }
}
