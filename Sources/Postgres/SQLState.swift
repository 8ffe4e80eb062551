/// What an SQLSTATE (PostgreSQL, appendix A) means for whoever sent the statement. Told here, and nowhere else.
enum SQLState {
    enum Meaning: Sendable, Hashable {
        /// Another transaction was in the way: the whole transaction may be run again.
        case lostRace
        /// The server stops, starts, or ended the connection: again, on another connection.
        case serverAway
        /// The server takes no writes, as a standby or a primary that was set aside: the connection is of no use.
        case readOnly
        /// No room for now: connections, memory, disk.
        case exhausted
        /// Stopped by a time limit or a cancel request.
        case stopped
        /// The connection does not know the prepared statement.
        case unprepared
        /// The prepared statement no longer fits its tables.
        case stalePlan
        /// User, password, database or rights are not what the server knows: waiting mends nothing.
        case setUpWrongly
        case uniqueViolation
        case foreignKeyViolation
        /// The statement's own fault.
        case other
    }

    static func meaning(of state: String) -> Meaning {
        states[state] ?? classes[String(state.prefix(2))] ?? .other
    }

    private static let states: [String: Meaning] = [
        "40001": .lostRace,  // serialization_failure
        "40P01": .lostRace,  // deadlock_detected
        "57P01": .serverAway,  // admin_shutdown: a restart, or pg_terminate_backend
        "57P02": .serverAway,  // crash_shutdown: another backend died, or an immediate stop
        "57P03": .serverAway,  // cannot_connect_now: starting up, recovering, stopping
        "57P05": .serverAway,  // idle_session_timeout
        "25P03": .serverAway,  // idle_in_transaction_session_timeout: the connection is gone
        "25006": .readOnly,  // read_only_sql_transaction
        "57014": .stopped,  // query_canceled
        "55P03": .stopped,  // lock_not_available: lock_timeout
        "26000": .unprepared,  // invalid_sql_statement_name
        "0A000": .stalePlan,  // "cached plan must not change result type" (also what is not implemented)
        "3D000": .setUpWrongly,  // invalid_catalog_name
        "23505": .uniqueViolation,
        "23503": .foreignKeyViolation,
    ]

    private static let classes: [String: Meaning] = [
        "08": .serverAway,  // connection exception; a pooler that lost its server says 08P01
        "28": .setUpWrongly,  // invalid authorization
        "53": .exhausted,  // insufficient resources: disk full 53100, too many connections 53300
        "58": .exhausted,  // system error: a file could not be read or written
    ]
}
