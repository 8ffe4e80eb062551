/// How much an event matters, in rising order.
package enum LogLevel: String, Sendable, CaseIterable, Comparable {
    case debug
    case info
    case warning
    case error

    /// Reads a setting such as "INFO"; `nil` for any other word.
    package init?(setting: String) {
        self.init(rawValue: setting.lowercased())
    }

    package static func < (left: LogLevel, right: LogLevel) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .warning: 2
        case .error: 3
        }
    }
}
