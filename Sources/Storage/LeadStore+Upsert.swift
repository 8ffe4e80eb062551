package import Domain
import Postgres

/// Upserts, one or five hundred, in the same handful of statements.
@PostgresActor
extension LeadStore {
    /// Every writer of a lead takes its contact first: while these are held nothing of them changes.
    nonisolated static let lockForUpsert = Statement(
        "upsert_lock",
        """
        SELECT c.id, c.name, c.phone, c.email, c.company, c.birthday::text
        FROM contacts c
        WHERE c.account_id = $1 AND c.id IN (
            SELECT i.contact_id
            FROM contact_identifiers i
            JOIN unnest($2::text[], $3::text[], $4::text[]) AS g (kind, scope, match_key)
                ON i.kind = g.kind AND i.scope = g.scope AND i.match_key = g.match_key
            WHERE i.account_id = $1
            UNION
            SELECT l.contact_id FROM leads l WHERE l.account_id = $1 AND l.external_id = ANY ($5::text[])
            UNION
            SELECT o.contact_id FROM leads o WHERE o.account_id = $1 AND o.id = ANY ($6::bigint[])
        )
        ORDER BY c.id
        FOR NO KEY UPDATE
        """)

    /// Those with the external ids, those that are named themselves, and of each contact the open ones that were changed last: more of them than anybody
    /// deals with at a time.
    nonisolated static let selectForUpsert = Statement(
        "upsert_leads",
        """
        SELECT \(columns)
        FROM leads l
        \(joins)
        WHERE l.account_id = $1 AND l.id = ANY (ARRAY(
            SELECT x.id FROM leads x WHERE x.account_id = $1 AND x.external_id = ANY ($2::text[])
            UNION
            SELECT n.id FROM leads n WHERE n.account_id = $1 AND n.id = ANY ($4::bigint[])
            UNION
            SELECT o.id
            FROM unnest($3::bigint[]) AS k (id)
            CROSS JOIN LATERAL (
                SELECT y.id FROM leads y
                WHERE y.account_id = $1 AND y.contact_id = k.id AND y.archived_at IS NULL AND y.status = 'open'
                ORDER BY y.updated_at DESC
                LIMIT 50
            ) AS o))
        """)

    nonisolated static let nextIDs = Statement(
        "upsert_ids",
        """
        SELECT nextval('contacts_id_seq'), 'contact' FROM generate_series(1, $1::bigint)
        UNION ALL
        SELECT nextval('leads_id_seq'), 'lead' FROM generate_series(1, $2::bigint)
        """)

    /// What became of each patch, and the leads as they are now.
    package struct Upserted: Sendable {
        package let verdicts: [LeadUpsert.Verdict]
        package let leads: [Lead.ID: LeadRecord]
        /// Those that came into a stage that asks for tasks.
        package let entered: [Entered]
    }

    /// - Parameter currency: the account's.
    package func upsert(
        _ patches: [LeadPatch], currency: String, lenient: Bool, in write: WriteTransaction
    ) async throws -> Upserted {
        let (known, records) = try await Self.known(to: patches, currency: currency, lenient: lenient, in: write)
        var upsert = known
        let verdicts = patches.map { upsert.take($0) }
        let ids = try await Self.ids(for: upsert, in: write)
        let saved = try await Self.save(upsert, ids, in: write)
        return Upserted(
            verdicts: verdicts.map { verdict in
                var verdict = verdict
                verdict.lead = verdict.lead.map { ids.leads[$0] ?? $0 }
                verdict.contact = verdict.contact.map { ids.contacts[$0] ?? $0 }
                return verdict
            }, leads: records.merging(saved) { $1 }, entered: Self.entered(upsert, ids))
    }

    private static func entered(_ upsert: LeadUpsert, _ ids: IDs) -> [Entered] {
        upsert.results.sorted { $0.key < $1.key }.compactMap { id, lead in
            guard let stage = upsert.rules.entered(lead, from: upsert.leadsBefore[id]), !stage.requiredTasks.isEmpty
            else { return nil }
            var lead = lead
            lead.id = ids.leads[id] ?? id
            return Entered(lead: lead, stage: stage)
        }
    }

    private static func known(
        to patches: [LeadPatch], currency: String, lenient: Bool, in write: WriteTransaction
    ) async throws -> (LeadUpsert, [Lead.ID: LeadRecord]) {
        let externals = patches.compactMap { patch -> String? in
            if case .set(let id) = patch.externalID { id } else { nil }
        }
        let own = PostgresValue.intArray(patches.compactMap { $0.own?.id.rawValue })
        let keys = search(patches.flatMap(\.identifiers), write.account)
        let results = try await write.transaction.query([
            (lockForUpsert, keys + [.textArray(externals), own]), (findContacts, keys),
        ])
        let contacts = try results[0].map(contact)
        var owners: [LeadUpsert.Key: Contact.ID] = [:]
        for row in results[1] {
            let (kind, contact) = try match(row)
            owners[LeadUpsert.Key(kind: kind, matchKey: try row.text(2))] = contact
        }
        let rows = try await write.transaction.query(
            selectForUpsert,
            [.id(write.account), .textArray(externals), .intArray(contacts.map(\.id.rawValue)), own])
        let records = rows.map(LeadRecord.init)
        let leads = try records.map { try $0.lead(of: write.account) }
        // An address or a lead went to a contact that was not waited for.
        let held = Set(contacts.map(\.id))
        guard held.isSuperset(of: owners.values), held.isSuperset(of: leads.map(\.contactID)) else { throw LostRace() }
        let rules = try await rules(
            for: patches, of: leads.map(\.id), currency: currency, lenient: lenient, in: write)
        let upsert = LeadUpsert(
            owners: owners, contacts: contacts, leads: leads, rules: rules,
            blank: .blank(of: write.account, currency: currency, now: write.now))
        return (upsert, Dictionary(uniqueKeysWithValues: zip(leads.map(\.id), records)))
    }

    private struct IDs {
        var contacts: [Contact.ID: Contact.ID] = [:]
        var leads: [Lead.ID: Lead.ID] = [:]
    }

    /// Real ids for the provisional ones.
    private static func ids(for upsert: LeadUpsert, in write: WriteTransaction) async throws -> IDs {
        let contacts = upsert.contacts.keys.filter { $0.rawValue < 0 }.sorted(by: >)
        let leads = upsert.leads.keys.filter { $0.rawValue < 0 }.sorted(by: >)
        var ids = IDs()
        guard !leads.isEmpty else { return ids }
        let rows = try await write.transaction.query(nextIDs, [.int(contacts.count), .int(leads.count)])
        guard rows.count == contacts.count + leads.count else { throw StorageError.missing("the new ids") }
        for (index, row) in rows.enumerated() {
            if index < contacts.count {
                ids.contacts[contacts[index]] = Contact.ID(try row.int(0))
            } else {
                ids.leads[leads[index - contacts.count]] = Lead.ID(try row.int(0))
            }
        }
        return ids
    }

    private static func save(
        _ upsert: LeadUpsert, _ ids: IDs, in write: WriteTransaction
    ) async throws -> [Lead.ID: LeadRecord] {
        try await saveContacts(upsert, ids, in: write)
        var (made, changes): ([Lead], [Change]) = ([], [])
        for (id, lead) in upsert.results.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            var lead = lead
            lead.contactID = ids.contacts[lead.contactID] ?? lead.contactID
            if let real = ids.leads[id] {
                lead.id = real
                made.append(lead)
            } else if let before = upsert.leadsBefore[id], !LeadChanges(from: before, to: lead).isEmpty {
                changes.append(Change(before: before, after: lead))
            }
        }
        // In the order in which they came: the first provisional id is the highest.
        let records = try await insert(made.sorted { $0.id < $1.id }, in: write) + save(changes, in: write)
        return Dictionary(uniqueKeysWithValues: try records.map { (try $0.id, $0) })
    }

    private static func saveContacts(_ upsert: LeadUpsert, _ ids: IDs, in write: WriteTransaction) async throws {
        var (made, changes): ([Contact], [(before: Contact, after: Contact)]) = ([], [])
        for (id, contact) in upsert.contacts.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            if let real = ids.contacts[id] {
                var contact = contact
                contact.id = real
                made.append(contact)
            } else if let before = upsert.contactsBefore[id], before != contact {
                changes.append((before, contact))
            }
        }
        if !made.isEmpty {
            try await write.transaction.query(
                insertContacts, [.id(write.account), rows(made.map { row($0) }), .time(write.now)])
            let identifiers = made.flatMap { contact in contact.identifiers.map { ($0, contact.id) } }
            try await add(identifiers, of: write.account, evidence: "api", now: write.now, in: write.transaction)
        }
        let written = upsert.results.filter { id, lead in
            upsert.leadsBefore[id].map { !LeadChanges(from: $0, to: lead).isEmpty } ?? false
        }
        try await save(changes, apart: Array(written.keys), in: write)
    }
}
