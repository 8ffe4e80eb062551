import Domain
import JSON
import Postgres

/// What contacts say about being written to.
extension InboundStore {
    /// A contact's word that ends what the business begins.
    struct Stop {
        let contact: Contact.ID
        let message: Message.ID
        /// By the provider's clock.
        let at: Timestamp
    }

    static func lock(
        _ contact: Contact.ID, of account: Account.ID, in transaction: PostgresTransaction
    ) async throws {
        let held = try await transaction.query(
            LeadStore.lockContacts, [.id(account), .intArray([contact.rawValue])])
        // It went into another meanwhile.
        guard !held.isEmpty else { throw LeadStore.LostRace() }
    }

    static let insertStop = Statement(
        "inbound_stop",
        """
        WITH consent AS (
            INSERT INTO consents (account_id, contact_id, purpose, state, source, message_id, at)
            VALUES ($1, $2, 'all', 'stopped', 'inbound_word', $3, $4)
        ), contact AS (
            UPDATE contacts c SET opted_out_at = $4, updated_at = $5, version = c.version + 1
            WHERE c.account_id = $1 AND c.id = $2 AND c.opted_out_at IS NULL
            RETURNING c.*
        ), event AS (
            INSERT INTO events (account_id, type, created_at, data, previous)
            SELECT $1, 'contact.updated', $5, \(LeadStore.contactEventData), '{"opted_out": false}' FROM contact c
        )
        SELECT id FROM contact
        """)

    /// Its leads show it: they are new versions with it.
    static func apply(
        _ stop: Stop, of account: Account.ID, now: Timestamp, in transaction: PostgresTransaction
    ) async throws {
        let changed = try await transaction.query(
            insertStop,
            [.id(account), .id(stop.contact), .id(stop.message), .time(stop.at), .time(now)])
        guard !changed.isEmpty else { return }
        let shown: JSONValue = [
            "id": .number(JSONNumber(stop.contact.rawValue)), "previous": ["opted_out": false],
        ]
        try await transaction.query(
            LeadStore.touch, [.id(account), LeadStore.rows([shown]), .time(now), .intArray([]), .null])
    }
}
