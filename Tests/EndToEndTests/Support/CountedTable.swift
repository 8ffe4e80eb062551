import Postgres

/// A table whose rows a test counts.
enum CountedTable: String, CaseIterable {
    case messages
    case attempts
    case outbox
    case leads
    case contacts
    case conversations
    case idempotencyKeys = "idempotency_keys"
    case events
    case hookBodies = "hook_bodies"

    var statement: Statement { Statement("count_\(rawValue)", "SELECT count(*) FROM \(rawValue)") }
}
