/// A statement that did not succeed: why, and whether the server could have carried it out.
package struct PostgresError: Error, Sendable, Hashable {
    package struct Code: Sendable, Hashable {
        private enum Kind: Hashable {
            case server(String)
            case connectionLost, connectFailed, timeout, poolExhausted, decoding, closed, invalidParameter, migration
        }
        private let kind: Kind

        private init(_ kind: Kind) { self.kind = kind }

        /// An SQLSTATE (PostgreSQL, appendix A).
        package static func server(_ sqlState: String) -> Code { Code(.server(sqlState)) }
        package static let connectionLost = Code(.connectionLost)
        package static let connectFailed = Code(.connectFailed)
        /// The statement ran longer than its limit and was stopped.
        package static let timeout = Code(.timeout)
        /// Every connection was busy, or none was there, for as long as a caller may wait.
        package static let poolExhausted = Code(.poolExhausted)
        /// A column did not hold what the caller asked for.
        package static let decoding = Code(.decoding)
        package static let closed = Code(.closed)
        /// A parameter that PostgreSQL cannot take: text with a zero byte, more than 65,535 parameters.
        package static let invalidParameter = Code(.invalidParameter)
        package static let migration = Code(.migration)

        fileprivate var name: String {
            switch kind {
            case .server(let state): "SQLSTATE \(state)"
            default: "\(kind)"
            }
        }
    }

    /// Could the server have carried the statement out?
    package enum Certainty: Sendable, Hashable {
        case notSent
        case unknown
        /// The server refused it, and rolled back what belonged to it.
        case rejected
    }

    package let code: Code
    package let sqlState: String?
    package let constraint: String?
    package var certainty: Certainty
    /// What libpq or the server said; it may quote values.
    let message: String

    init(
        _ code: Code, certainty: Certainty, message: String, sqlState: String? = nil, constraint: String? = nil
    ) {
        self.code = code
        self.certainty = certainty
        self.message = message
        self.sqlState = sqlState
        self.constraint = constraint
    }

    init(serverState state: String, constraint: String?, message: String) {
        // 57014: what statement_timeout and a cancel request raise.
        self.init(
            state == "57014" ? .timeout : .server(state), certainty: .rejected, message: message, sqlState: state,
            constraint: constraint)
    }

    /// Trying again may succeed: a serialisation failure, a deadlock, a server that is stopping or starting.
    package var isRetryable: Bool {
        switch sqlState {
        case "40001", "40P01", "57P01", "57P02", "57P03": true
        case let state?: state.hasPrefix("08")
        case nil: isUnavailable
        }
    }

    package var isUniqueViolation: Bool { sqlState == "23505" }
    package var isForeignKeyViolation: Bool { sqlState == "23503" }

    /// The database cannot be used at the moment, whatever the statement.
    package var isUnavailable: Bool {
        switch code {
        case .connectionLost, .connectFailed, .poolExhausted, .closed: true
        default:
            switch sqlState?.prefix(2) {
            case "08", "53", "58": true
            case "57": sqlState != "57014"
            default: false
            }
        }
    }
}

extension PostgresError: CustomStringConvertible, CustomDebugStringConvertible {
    /// Without anything that a row or a parameter held.
    package var description: String {
        var text = "postgres: \(code.name)"
        if case .timeout = code, let sqlState { text += " (SQLSTATE \(sqlState))" }
        if let constraint { text += " on \(constraint)" }
        if messageIsSafe { text += ": \(message)" }
        return text
    }

    package var debugDescription: String { messageIsSafe ? description : "\(description): \(message)" }

    /// Error classes whose texts name tables, columns and limits, but never quote a value.
    private var messageIsSafe: Bool {
        guard !message.isEmpty else { return false }
        guard let sqlState else { return true }
        return ["08", "0A", "25", "26", "28", "3D", "3F", "40", "42", "53", "55", "57"].contains(sqlState.prefix(2))
    }
}
