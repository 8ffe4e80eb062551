package import Domain
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

    /// What a contact chose at the provider about marketing.
    package struct Preference: Sendable {
        package var identifiers: [ContactIdentifier]
        package var isStopped: Bool
        /// By the provider's clock: the newest choice stands, in whatever order they come.
        package var at: Timestamp

        package init(identifiers: [ContactIdentifier], isStopped: Bool, at: Timestamp) {
            self.identifiers = identifiers
            self.isStopped = isStopped
            self.at = at
        }
    }

    /// One that comes twice is one. No lead shows it.
    static let insertPreference = Statement(
        "inbound_preference",
        """
        WITH word AS (
            INSERT INTO consents (account_id, contact_id, purpose, state, source, at)
            SELECT $1, $2, 'marketing', $3, 'user_preferences', $4
            WHERE NOT EXISTS (
                SELECT 1 FROM consents s
                WHERE s.account_id = $1 AND s.contact_id = $2 AND s.purpose = 'marketing' AND s.state = $3
                    AND s.source = 'user_preferences' AND s.at = $4)
        ), contact AS (
            UPDATE contacts c SET marketing_stopped_at = CASE WHEN $3 = 'stopped' THEN $4::timestamptz END,
                updated_at = $5, version = c.version + 1
            WHERE c.account_id = $1 AND c.id = $2 AND (c.marketing_stopped_at IS NOT NULL) <> ($3 = 'stopped')
                AND NOT EXISTS (
                    SELECT 1 FROM consents n
                    WHERE n.account_id = $1 AND n.contact_id = $2 AND n.purpose = 'marketing' AND n.at > $4)
            RETURNING c.*
        )
        INSERT INTO events (account_id, type, created_at, data, previous)
        SELECT $1, 'contact.updated', $5, \(LeadStore.contactEventData),
            jsonb_build_object('marketing_stopped', c.marketing_stopped_at IS NULL)
        FROM contact c
        """)

    /// Whether there is such a contact.
    package func apply(_ preference: Preference, to target: Target, now: Timestamp) async throws -> Bool {
        let account = target.account
        return try await repeatedly { transaction in
            let found = try await transaction.query(
                LeadStore.findContacts, LeadStore.search(preference.identifiers, account))
            guard let row = found.first else { return false }
            let contact = Contact.ID(try row.int(1))
            try await Self.lock(contact, of: account, in: transaction)
            try await transaction.query(
                Self.insertPreference,
                [
                    .id(account), .id(contact), .text(preference.isStopped ? "stopped" : "granted"),
                    .time(min(preference.at, now)), .time(now),
                ])
            return true
        }
    }
}
