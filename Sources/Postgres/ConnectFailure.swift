/// What libpq says of a connection that could not be made, with the server's SQLSTATE where the server spoke.
///
/// libpq keeps the SQLSTATE of a refused connection to itself; in its verbose form it is part of the text:
/// `… failed: FATAL:  28P01: password authentication failed for user "x"`, and a line `LOCATION: …`.
struct ConnectFailure: Sendable, Hashable {
    let sqlState: String?
    let message: String

    init(_ text: String) {
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("LOCATION:") }
        message = lines.joined(separator: "; ")
        sqlState = Self.states(in: message).last
    }

    private static func states(in text: String) -> [String] {
        let words = text.split(separator: " ")
        return zip(words, words.dropFirst()).compactMap { severity, state in
            guard severity.hasSuffix(":"), state.utf8.count == 6, state.hasSuffix(":"),
                state.dropLast().utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) })
            else { return nil }
            return String(state.dropLast())
        }
    }

    var error: PostgresError {
        PostgresError(
            isSetUpWrongly ? .misconfigured : .connectFailed, certainty: .notSent, message: message, sqlState: sqlState)
    }

    /// libpq itself begins so when it refuses an option; what it says of certificates no waiting mends either.
    private var isSetUpWrongly: Bool {
        if let sqlState { return SQLState.meaning(of: sqlState) == .setUpWrongly }
        return message.hasPrefix("invalid ") || message.contains("certificate") || message.contains("SSL was required")
    }
}
