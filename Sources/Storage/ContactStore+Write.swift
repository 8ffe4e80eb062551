package import Domain
import JSON
import Postgres

@PostgresActor
extension ContactStore {
    /// A contact that nobody else changes for the length of the transaction.
    package struct Locked: Sendable {
        package let record: ContactRecord
        package let contact: Contact
    }

    nonisolated static let lock = Statement(
        "contact_lock_one",
        """
        SELECT 1 FROM contacts c
        WHERE c.account_id = $1 AND c.id = $2 AND c.erased_at IS NULL
        FOR NO KEY UPDATE
        """)

    /// The contact under its lock, or what became of it.
    package func lock(_ id: Contact.ID, in write: WriteTransaction) async throws -> (Locked?, winner: Contact.ID?) {
        let parameters: [PostgresValue] = [.id(write.account), .id(id)]
        let results = try await write.transaction.query([
            (Self.lock, parameters), (Self.selectOne, parameters), (Self.selectWinner, parameters),
        ])
        guard !results[0].isEmpty, let record = results[1].first.map(ContactRecord.init) else {
            return (nil, try results[2].first.map { Contact.ID(try $0.int(0)) })
        }
        return (Locked(record: record, contact: try record.contact), nil)
    }

    /// - Parameter identifiers: beside those that the contact's phone and email stand for.
    /// - Throws: `LeadStore.Refused` when an identifier is a contact's already.
    package func create(
        _ contact: Contact, _ identifiers: [ContactIdentifier], in write: WriteTransaction
    ) async throws -> ContactRecord {
        let all =
            contact.identifiers + identifiers.filter { one in !contact.identifiers.contains { $0.isSame(as: one) } }
        try await LeadStore.requireOwn(all, of: contact.id, in: write)
        let id = try await LeadStore.insert(
            contact, of: write.account, now: write.now, in: write.transaction)
        try await LeadStore.add(
            all, to: id, of: write.account, evidence: "api", now: write.now, in: write.transaction)
        write.audit(.create, of: .contact, id.rawValue)
        return try await reread(id, in: write)
    }

    /// Writes what changed, on its leads too, which show it; a contact that is as it was is not touched.
    ///
    /// - Throws: `LeadStore.Refused` when its phone or email is another contact's.
    package func save(
        _ after: Contact, over before: Locked, in write: WriteTransaction
    ) async throws -> ContactRecord {
        guard after != before.contact else { return before.record }
        try await LeadStore.requireOwn(after.identifiers, of: after.id, in: write)
        try await LeadStore.save([(before.contact, after)], apart: [], in: write)
        return try await reread(after.id, in: write)
    }

    /// Its identifiers have changed and its fields have not.
    nonisolated static let touch = Statement(
        "contact_touch",
        """
        WITH contact AS (
            UPDATE contacts c SET updated_at = $3, version = c.version + 1
            WHERE c.account_id = $1 AND c.id = $2
            RETURNING c.*
        )
        INSERT INTO events (account_id, type, created_at, data, previous)
        SELECT $1, 'contact.updated', $3, \(LeadStore.contactEventData), '{}' FROM contact c
        """)

    /// - Throws: `LeadStore.Refused` when it is another contact's.
    package func add(
        _ identifier: ContactIdentifier, to locked: Locked, in write: WriteTransaction
    ) async throws -> ContactRecord {
        var after = locked.contact
        switch identifier.kind {
        case .phone: after.phone = after.phone ?? identifier.value
        case .email: after.email = after.email ?? identifier.value
        case .waID, .lid, .bsuid, .externalID: break
        }
        guard after == locked.contact else { return try await save(after, over: locked, in: write) }
        try await LeadStore.requireOwn([identifier], of: after.id, in: write)
        guard try await !owns(identifier, after.id, in: write) else { return locked.record }
        try await LeadStore.add(
            [identifier], to: after.id, of: write.account, evidence: "api", now: write.now, in: write.transaction)
        return try await touched(after.id, [identifier], in: write)
    }

    nonisolated static let selectOwn = Statement(
        "contact_identifier_own",
        """
        SELECT 1 FROM contact_identifiers i
        WHERE i.account_id = $1 AND i.kind = $2 AND i.scope = $3 AND i.match_key = $4 AND i.contact_id = $5
        """)

    nonisolated static let deleteOwn = Statement(
        "contact_identifier_drop",
        """
        DELETE FROM contact_identifiers i
        WHERE i.account_id = $1 AND i.kind = $2 AND i.scope = $3 AND i.match_key = $4 AND i.contact_id = $5
        RETURNING 1
        """)

    private func owns(
        _ identifier: ContactIdentifier, _ contact: Contact.ID, in write: WriteTransaction
    ) async throws -> Bool {
        try await !write.transaction.query(Self.selectOwn, Self.one(identifier, contact, write)).isEmpty
    }

    private nonisolated static func one(
        _ identifier: ContactIdentifier, _ contact: Contact.ID, _ write: WriteTransaction
    ) -> [PostgresValue] {
        [
            .id(write.account), .text(identifier.kind.rawValue), .text(identifier.scope), .text(identifier.matchKey),
            .id(contact),
        ]
    }

    /// Takes an identifier away; where it is the main phone or email, that goes blank. nil when the contact has no such.
    package func remove(
        _ identifier: ContactIdentifier, from locked: Locked, in write: WriteTransaction
    ) async throws -> ContactRecord? {
        let dropped = try await write.transaction.query(
            Self.deleteOwn, Self.one(identifier, locked.contact.id, write))
        guard !dropped.isEmpty else { return nil }
        var after = locked.contact
        for main in after.identifiers where main.kind == identifier.kind && main.isSame(as: identifier) {
            if main.kind == .phone { after.phone = nil } else { after.email = nil }
        }
        guard after == locked.contact else { return try await save(after, over: locked, in: write) }
        return try await touched(after.id, [identifier], in: write)
    }

    private func touched(
        _ id: Contact.ID, _ identifiers: [ContactIdentifier], in write: WriteTransaction
    ) async throws -> ContactRecord {
        try await write.transaction.query(Self.touch, [.id(write.account), .id(id), .time(write.now)])
        write.audit(.update, of: .contact, id.rawValue)
        return try await reread(id, in: write)
    }

    func reread(_ id: Contact.ID, in write: WriteTransaction) async throws -> ContactRecord {
        let rows = try await write.transaction.query(Self.selectOne, [.id(write.account), .id(id)])
        guard let row = rows.first else { throw StorageError.missing("the contact") }
        return ContactRecord(row)
    }
}
