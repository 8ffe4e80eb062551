package import Domain
import Postgres

/// Facts, written in the transaction that makes them true.
package enum EventStore {
    static let insert = Statement(
        "event_insert",
        """
        INSERT INTO events (account_id, type, created_at, lead_id, data, previous, api_key_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """)
}

@PostgresActor
extension WriteTransaction {
    /// Tells what became true, at the end of the transaction.
    ///
    /// - Parameters:
    ///   - data: JSON as the API shows it, such as `{"task": {…}}`.
    ///   - previous: what the fields that changed were, by the same names.
    package func tell(_ type: EventType, of lead: Lead.ID?, data: [UInt8], previous: [UInt8]? = nil) {
        atEnd(
            EventStore.insert,
            [
                .id(account), .text(type.rawValue), .time(now), .id(lead), .json(data), .json(previous),
                .id(actor.apiKeyID),
            ])
    }
}
