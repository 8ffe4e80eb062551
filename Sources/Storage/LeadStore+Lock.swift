package import Domain
import Postgres

@PostgresActor
extension LeadStore {
    /// The contacts go first, so that two writers never wait for each other; in the order of their ids for the same
    /// reason. A lead may still be made for a contact that is locked so.
    nonisolated static let lockContact = Statement(
        "lead_lock_contact",
        """
        SELECT c.id, c.name, c.phone, c.email, c.company, c.birthday::text
        FROM contacts c
        WHERE c.account_id = $1 AND c.id = (SELECT l.contact_id FROM leads l WHERE l.account_id = $1 AND l.id = $2)
        FOR NO KEY UPDATE
        """)

    nonisolated static let lock = Statement(
        "lead_lock",
        """
        SELECT l.id, l.status
        FROM leads l
        WHERE l.account_id = $1 AND l.id = ANY ($2::bigint[])
            AND NOT EXISTS (
                SELECT 1 FROM contacts c
                WHERE c.account_id = $1 AND c.id = l.contact_id AND c.erased_at IS NOT NULL)
        ORDER BY l.id
        FOR NO KEY UPDATE
        """)

    nonisolated static let selectArchivedToo = Statement(
        "lead_get_any",
        """
        SELECT \(columns)
        FROM leads l
        \(joins)
        WHERE l.account_id = $1 AND l.id = ANY ($2::bigint[])
        """)

    /// A lead that nobody else changes for the length of the transaction.
    package struct Locked: Sendable {
        package let record: LeadRecord
        package let lead: Lead
        package let contact: Contact
        /// What it is beside being archived.
        let status: Lead.Status
    }

    /// - Parameter archived: whether an archived lead counts as being there.
    package func lock(_ id: Lead.ID, archived: Bool = false, in write: WriteTransaction) async throws -> Locked? {
        let account = PostgresValue.id(write.account)
        let results = try await write.transaction.query([
            (Self.lockContact, [account, .id(id)]), (Self.lock, [account, .intArray([id.rawValue])]),
            (Self.selectArchivedToo, [account, .intArray([id.rawValue])]),
        ])
        guard let standing = results[1].first, let record = results[2].first.map(LeadRecord.init) else { return nil }
        let lead = try record.lead(of: write.account)
        // The lead went to another contact while this one was waited for, which may be no more.
        guard let contact = try results[0].first.map(Self.contact), lead.contactID == contact.id else {
            throw LostRace()
        }
        guard archived || lead.status != .archived else { return nil }
        return Locked(record: record, lead: lead, contact: contact, status: try Self.status(standing))
    }

    /// Of a row of `lock`.
    nonisolated static func status(_ row: PostgresRow) throws -> Lead.Status {
        var r = RowReader(row)
        _ = try r.int()
        return try r.word()
    }

    nonisolated static func contact(_ row: PostgresRow) throws -> Contact {
        var r = RowReader(row)
        return Contact(
            id: try r.id(), name: try r.textOrNil(), phone: try r.textOrNil(), email: try r.textOrNil(),
            company: try r.textOrNil(), birthday: try r.textOrNil())
    }
}

extension LeadRecord {
    /// All of it, read.
    func lead(of account: Account.ID) throws -> Lead {
        var r = RowReader(row)
        let (id, contact): (Lead.ID, Contact.ID) = (try r.id(), try r.id())
        let (externalID, name) = (try r.textOrNil(), try r.text())
        let (phone, email) = (try r.textOrNil(), try r.textOrNil())
        let (company, birthday) = (try r.textOrNil(), try r.textOrNil())
        let (value, currency, source) = (try r.intOrNil(), try r.text(), try r.textOrNil())
        return Lead(
            id: id, accountID: account, contactID: contact, externalID: externalID, name: name, phone: phone,
            email: email, company: company, birthday: birthday, valueMinor: value, currency: currency, source: source,
            status: try r.word(), tags: try r.textArray(),
            stage: Lead.Reference(id: try r.int(), name: try r.text()),
            pipeline: Lead.Reference(id: try r.int(), name: try r.text()),
            assignedTo: try r.intOrNil(), notes: try r.textOrNil(),
            utm: Lead.UTM(
                source: try r.textOrNil(), medium: try r.textOrNil(), campaign: try r.textOrNil(),
                term: try r.textOrNil(), content: try r.textOrNil()),
            customFields: try r.json(), lostReasonID: try r.intOrNil(), wonAt: try r.timestampOrNil(),
            lostAt: try r.timestampOrNil(), optedOut: try r.bool(), createdAt: try r.timestamp(),
            updatedAt: try r.timestamp(), version: try r.int())
    }
}
