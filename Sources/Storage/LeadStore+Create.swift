package import Domain
import Postgres

extension LeadStore {
    /// Why a lead cannot be written as it is asked for.
    package enum Refusal: Sendable {
        /// The identifiers belong to two different contacts.
        case identifierConflict([(kind: ContactIdentifier.Kind, contact: Contact.ID)])
        case externalIDTaken(Lead.ID)
        case rules(LeadRules.Fault)
        case lostReasonNotFound
    }

    /// In the order of the search. A phone is looked for among WhatsApp's addresses too: `search` names both kinds, so
    /// that the key finds each.
    static let findContacts = Statement(
        "contact_by_identifiers",
        """
        SELECT i.kind, i.contact_id, i.match_key
        FROM contact_identifiers i
        JOIN unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS g (kind, scope, match_key, place)
            ON i.kind = g.kind AND i.scope = g.scope AND i.match_key = g.match_key
        WHERE i.account_id = $1
        ORDER BY g.place
        """)

    static let insertContacts = Statement(
        "contact_insert",
        """
        WITH contact AS (
            INSERT INTO contacts (
                account_id, id, name, phone, email, company, birthday, created_at, updated_at)
            SELECT $1, COALESCE(r.id, nextval('contacts_id_seq')), r.name, r.phone, r.email, r.company, r.birthday,
                $3, $3
            FROM jsonb_to_recordset($2::jsonb) AS r (\(contactTypes))
            RETURNING *
        ), event AS (
            INSERT INTO events (account_id, type, created_at, data)
            SELECT $1, 'contact.created', $3, \(contactEventData) FROM contact c
        )
        SELECT id FROM contact
        """)

    static let lockContacts = Statement(
        "contact_lock",
        """
        SELECT c.id, c.name, c.phone, c.email, c.company, c.birthday::text
        FROM contacts c
        WHERE c.account_id = $1 AND c.id = ANY ($2::bigint[])
        ORDER BY c.id
        FOR NO KEY UPDATE
        """)

    /// One that the contact has already takes its new form. All writers go in one order, so that none waits for another
    /// that waits for it.
    static let insertIdentifiers = Statement(
        "contact_identifier_insert",
        """
        INSERT INTO contact_identifiers AS i (
            account_id, kind, scope, match_key, value, contact_id, evidence, created_at)
        SELECT $1, g.kind, g.scope, g.match_key, g.value, g.contact_id, $7, $8
        FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[])
            AS g (kind, scope, match_key, value, contact_id)
        ORDER BY g.kind, g.scope, g.match_key
        ON CONFLICT (account_id, kind, scope, match_key) DO UPDATE SET value = EXCLUDED.value
            WHERE i.contact_id = EXCLUDED.contact_id
        RETURNING kind
        """)

    /// The stage asked for, or the first one of the pipeline asked for, or of the first pipeline.
    static let findStage = Statement(
        "stage_find",
        """
        SELECT s.pipeline_id, s.id, EXISTS (
            SELECT 1 FROM pipelines WHERE account_id = $1 AND ($2::bigint IS NULL OR id = $2))
        FROM (SELECT 1) AS one
        LEFT JOIN LATERAL (
            SELECT s.pipeline_id, s.id
            FROM stages s
            JOIN pipelines p ON p.account_id = $1 AND p.id = s.pipeline_id
            WHERE s.account_id = $1 AND ($2::bigint IS NULL OR s.pipeline_id = $2)
                AND ($3::bigint IS NULL OR s.id = $3)
            ORDER BY p.position, p.id, s.position, s.id
            LIMIT 1
        ) AS s ON true
        """)

    static let findExternal = Statement(
        "lead_by_external_id", "SELECT id FROM leads WHERE account_id = $1 AND external_id = $2")

    /// The events are written with the leads, in one statement.
    static let insertLeads = Statement(
        "lead_insert",
        """
        WITH lead AS (
            INSERT INTO leads (account_id, id, contact_id, \(written.joined(separator: ", ")), created_at, updated_at)
            SELECT $1, COALESCE(r.id, nextval('leads_id_seq')), r.contact_id,
                \(written.map { "r.\($0)" }.joined(separator: ", ")), $3, $3
            FROM jsonb_to_recordset($2::jsonb) AS r (\(rowTypes))
            RETURNING *
        ), tag AS (
            INSERT INTO lead_tags (account_id, tag, lead_id)
            SELECT $1, t.tag, lead.id FROM lead, unnest(lead.tags) AS t (tag)
            ON CONFLICT DO NOTHING
        ), event AS (
            INSERT INTO events (account_id, type, created_at, lead_id, data, api_key_id)
            SELECT $1, 'lead.created', $3, l.id, \(eventData), $4
            FROM lead l
            \(joins)
        )
        SELECT \(columns)
        FROM lead l
        \(joins)
        """)

    /// Rolls the transaction back, so that a refused creation leaves no claim behind.
    package struct Refused: Error { package let reason: Refusal }
    struct LostRace: Error {}

    package struct Created: Sendable {
        package let record: LeadRecord
        package let entered: Entered?
        /// Keys of custom fields that there are none of.
        package let ignored: [String]
    }

    /// A lead that came into a stage, which may ask for tasks.
    package struct Entered: Sendable {
        package let lead: Lead
        package let stage: Stage
    }

    /// Always a new lead; its contact is found by any identifier, or made.
    ///
    /// - Parameter currency: the account's.
    /// - Throws: `Refused`.
    @PostgresActor
    package func create(
        _ new: LeadPatch, currency: String, lenient: Bool = false, in write: WriteTransaction
    ) async throws -> Created {
        let blank = Lead.blank(of: write.account, currency: currency, now: write.now)
        let rules = try await Self.rules(for: [new], of: [], currency: currency, lenient: lenient, in: write)
        let change = try Self.kept { () throws(LeadRules.Fault) in try rules.changed(blank, by: new) }
        var lead = change.lead
        try await Self.requireFree(externalID: lead.externalID, for: nil, in: write)
        let contact = try await Self.contact(of: lead, in: write)
        lead.contactID = contact.id
        if lead.name.isEmpty { lead.name = contact.name ?? "" }
        guard let record = try await Self.insert([lead], in: write).first else {
            throw StorageError.missing("the new lead")
        }
        lead.id = try record.id
        return Created(
            record: record, entered: rules.entered(lead, from: nil).map { Entered(lead: lead, stage: $0) },
            ignored: change.ignored)
    }

    /// - Returns: the leads with their ids, in no order.
    @PostgresActor
    static func insert(_ leads: [Lead], in write: WriteTransaction) async throws -> [LeadRecord] {
        guard !leads.isEmpty else { return [] }
        let rows = leads.map { row($0, status: $0.status, archivedAt: nil) }
        let made = try await write.transaction.query(
            insertLeads,
            [.id(write.account), Self.rows(rows), .time(write.now), .id(write.actor.apiKeyID)]
        ).map(LeadRecord.init)
        for lead in made { write.audit(.create, of: .lead, try lead.id.rawValue) }
        return made
    }

    /// The contact that the lead's identifiers name, with its blanks filled, or a new one.
    @PostgresActor
    private static func contact(of lead: Lead, in write: WriteTransaction) async throws -> Contact {
        let found = try await write.transaction.query(findContacts, search(lead.identifiers, write.account)).map(match)
        let owners = Set(found.map(\.contact))
        guard owners.count < 2 else { throw Refused(reason: .identifierConflict(found)) }
        guard let owner = owners.first else {
            return try await make(Contact(id: Contact.ID(0)).filled(by: lead), in: write)
        }
        let rows = try await write.transaction.query(
            lockContacts, [.id(write.account), .intArray([owner.rawValue])])
        guard let contact = try rows.first.map(Self.contact) else { throw LostRace() }
        let filled = contact.filled(by: lead)
        if filled != contact { try await save([(contact, filled)], apart: [], in: write) }
        // An address that is not the main one is one more by which the contact is known.
        let known = Set(found.map(\.kind)).union(
            filled.identifiers.filter { !contact.identifiers.contains($0) }.map(\.kind))
        let more = lead.identifiers.filter { !known.contains($0.kind) }
        try await add(
            more, to: contact.id, of: write.account, evidence: "api", now: write.now, in: write.transaction)
        return filled
    }

    @PostgresActor
    private static func make(_ contact: Contact, in write: WriteTransaction) async throws -> Contact {
        var made = contact
        made.id = try await insert(contact, of: write.account, now: write.now, in: write.transaction)
        try await add(
            made.identifiers, to: made.id, of: write.account, evidence: "api", now: write.now, in: write.transaction)
        return made
    }

    @PostgresActor
    static func insert(
        _ contact: Contact, of account: Account.ID, now: Timestamp, in transaction: PostgresTransaction
    ) async throws -> Contact.ID {
        let rows = try await transaction.query(insertContacts, [.id(account), Self.rows([row(contact)]), .time(now)])
        guard let row = rows.first else { throw StorageError.missing("the new contact") }
        return Contact.ID(try row.int(0))
    }

    static func search(_ identifiers: [ContactIdentifier], _ account: Account.ID) -> [PostgresValue] {
        let numbers: [ContactIdentifier.Kind] = [.phone, .waID]
        let keys = identifiers.flatMap { identifier in
            (numbers.contains(identifier.kind) ? numbers : [identifier.kind]).map {
                [$0.rawValue, identifier.scope, identifier.matchKey]
            }
        }
        var seen: Set<[String]> = []
        let each = keys.filter { seen.insert($0).inserted }
        return [
            .id(account), .textArray(each.map { $0[0] }), .textArray(each.map { $0[1] }),
            .textArray(each.map { $0[2] }),
        ]
    }

    /// Never inlined: inside an async function the optimiser of Swift 6.3.1 crashes on it ("splitting coroutine").
    @inline(never)
    static func match(_ row: PostgresRow) throws -> (kind: ContactIdentifier.Kind, contact: Contact.ID) {
        var reader = RowReader(row)
        return (kind: try reader.word(), contact: try reader.id())
    }

    static func add(
        _ identifiers: [ContactIdentifier], to contact: Contact.ID, of account: Account.ID, evidence: String,
        now: Timestamp, in transaction: PostgresTransaction
    ) async throws {
        try await add(identifiers.map { ($0, contact) }, of: account, evidence: evidence, now: now, in: transaction)
    }

    /// Another request that gives the same identifier at the same time wins the unique key: then everything begins
    /// anew, and finds what it made.
    static func add(
        _ identifiers: [(ContactIdentifier, Contact.ID)], of account: Account.ID, evidence: String, now: Timestamp,
        in transaction: PostgresTransaction
    ) async throws {
        guard !identifiers.isEmpty else { return }
        let inserted = try await transaction.query(
            insertIdentifiers,
            [
                .id(account), .textArray(identifiers.map(\.0.kind.rawValue)), .textArray(identifiers.map(\.0.scope)),
                .textArray(identifiers.map(\.0.matchKey)), .textArray(identifiers.map(\.0.value)),
                .intArray(identifiers.map(\.1.rawValue)), .text(evidence), .time(now),
            ])
        guard inserted.count == identifiers.count else { throw LostRace() }
    }
}
