/// A statement that did not succeed: why, and whether the server could have carried it out.
package struct PostgresError: Error, Sendable, Hashable {
    package struct Code: Sendable, Hashable {
        private enum Kind: Hashable {
            case server(String)
            case connectionLost, connectFailed, misconfigured, timeout, cancelled, poolExhausted, decoding, closed
            case invalidParameter, migration
        }
        private let kind: Kind

        private init(_ kind: Kind) { self.kind = kind }

        /// An SQLSTATE (PostgreSQL, appendix A).
        package static func server(_ sqlState: String) -> Code { Code(.server(sqlState)) }
        package static let connectionLost = Code(.connectionLost)
        package static let connectFailed = Code(.connectFailed)
        /// The server refuses to let us in, or the connection string is none: waiting mends nothing.
        package static let misconfigured = Code(.misconfigured)
        /// The task that asked was cancelled.
        package static let cancelled = Code(.cancelled)
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
        self.init(
            state == "57014" ? .timeout : .server(state), certainty: .rejected, message: message, sqlState: state,
            constraint: constraint)
    }

    /// Given up because the caller was.
    static func cancelled(_ certainty: Certainty) -> PostgresError {
        PostgresError(.cancelled, certainty: certainty, message: "the caller was cancelled")
    }

    /// What a caller is told who found no connection, because of this.
    var whileWaiting: PostgresError {
        PostgresError(
            code == .misconfigured ? .misconfigured : .connectFailed, certainty: .notSent, message: message,
            sqlState: sqlState)
    }

    var meaning: SQLState.Meaning? { sqlState.map(SQLState.meaning) }

    /// Trying the whole transaction again may succeed: it lost a race, or its connection.
    package var isRetryable: Bool {
        switch meaning {
        case .lostRace, .serverAway, .readOnly: true
        case nil: isUnavailable && code != .timeout && code != .misconfigured
        default: false
        }
    }

    package var isUniqueViolation: Bool { meaning == .uniqueViolation }
    package var isForeignKeyViolation: Bool { meaning == .foreignKeyViolation }

    /// What the database cannot do at the moment, and may do in a while.
    package var isUnavailable: Bool {
        switch code {
        case .connectionLost, .connectFailed, .misconfigured, .poolExhausted, .closed, .timeout, .cancelled: true
        default:
            switch meaning {
            case .serverAway, .readOnly, .exhausted, .stopped: true
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
