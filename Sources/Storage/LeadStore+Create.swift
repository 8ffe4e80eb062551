package import Domain
package import JSON
import Postgres

extension LeadStore {
    /// A lead to make, parsed and typed.
    package struct NewLead: Sendable {
        package var name: String?
        package var externalID: String?
        package var identifiers: [ContactIdentifier]
        package var phone: String?
        package var email: String?
        package var company: String?
        package var birthday: String?
        package var pipelineID: Int64?
        package var stageID: Int64?
        package var valueMinor: Int64?
        package var currency: String
        package var source: String?
        package var tags: [String]
        package var assignedTo: Int64?
        package var notes: String?
        package var utm: Lead.UTM
        /// As they are given; judged when the account's fields are known.
        package var customFields: JSONObject
        /// Unknown keys are ignored and told.
        package var isLenient: Bool
        /// The account's: custom amounts are in it.
        package var accountCurrency: String

        package init(name: String?, currency: String) {
            self.name = name
            self.currency = currency
            accountCurrency = currency
            isLenient = false
            identifiers = []
            tags = []
            utm = Lead.UTM()
            customFields = JSONObject([])
        }
    }

    /// Why a lead cannot be made as it is asked for.
    package enum Refusal: Sendable {
        /// The identifiers belong to two different contacts.
        case identifierConflict([(kind: ContactIdentifier.Kind, contact: Contact.ID)])
        case externalIDTaken(Lead.ID)
        /// Every id that the body names and that there is none of, and every custom value that is not valid.
        case invalid([Named], [CustomFieldFault])

        package enum Named: String, Sendable { case pipeline, stage, assignee }
    }

    static let findContacts = Statement(
        "contact_by_identifiers",
        """
        SELECT i.kind, i.contact_id
        FROM contact_identifiers i
        JOIN unnest($2::text[], $3::text[], $4::text[]) AS g (kind, scope, match_key)
            ON i.scope = g.scope AND i.match_key = g.match_key
            AND (i.kind = g.kind OR (i.kind IN ('phone', 'wa_id') AND g.kind IN ('phone', 'wa_id')))
        WHERE i.account_id = $1
        """)

    static let insertContact = Statement(
        "contact_insert",
        """
        INSERT INTO contacts (account_id, name, phone, email, company, birthday, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6::date, $7, $7)
        RETURNING id
        """)

    static let fillContact = Statement(
        "contact_fill",
        """
        UPDATE contacts SET
            name = COALESCE(name, $3), phone = COALESCE(phone, $4), email = COALESCE(email, $5),
            company = COALESCE(company, $6), birthday = COALESCE(birthday, $7::date), updated_at = $8,
            version = version + 1
        WHERE account_id = $1 AND id = $2
            AND ((name IS NULL AND $3::text IS NOT NULL) OR (phone IS NULL AND $4::text IS NOT NULL)
                OR (email IS NULL AND $5::text IS NOT NULL) OR (company IS NULL AND $6::text IS NOT NULL)
                OR (birthday IS NULL AND $7::date IS NOT NULL))
        """)

    static let contactName = Statement(
        "contact_name", "SELECT name FROM contacts WHERE account_id = $1 AND id = $2")

    static let insertIdentifiers = Statement(
        "contact_identifier_insert",
        """
        INSERT INTO contact_identifiers (account_id, kind, scope, match_key, value, contact_id, evidence, created_at)
        SELECT $1, g.kind, g.scope, g.match_key, g.value, $6, $7, $8
        FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS g (kind, scope, match_key, value)
        ON CONFLICT (account_id, kind, scope, match_key) DO NOTHING
        RETURNING kind
        """)

    /// The stage asked for, or the first one of the pipeline asked for, or of the first pipeline.
    static let findStage = Statement(
        "stage_find",
        """
        SELECT s.pipeline_id, s.id, EXISTS (
            SELECT 1 FROM pipelines WHERE account_id = $1 AND ($2::bigint IS NULL OR id = $2)), s.required_tasks
        FROM (SELECT 1) AS one
        LEFT JOIN LATERAL (
            SELECT s.pipeline_id, s.id, s.required_tasks
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

    /// The event is written with the lead, in one statement.
    static let insertLead = Statement(
        "lead_insert",
        """
        WITH lead AS (
            INSERT INTO leads (
                account_id, contact_id, external_id, name, pipeline_id, stage_id, value_minor, currency, source, tags,
                assigned_to, notes, utm_source, utm_medium, utm_campaign, utm_term, utm_content, custom_fields,
                created_at, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $19)
            RETURNING *
        ), event AS (
            INSERT INTO events (account_id, type, created_at, lead_id, data)
            SELECT $1, 'lead.created', $19, id, jsonb_build_object('lead', to_jsonb(lead) - 'account_id') FROM lead
        )
        SELECT \(columns)
        FROM lead l
        \(joins)
        """)

    /// Rolls the transaction back, so that a refused creation leaves no claim behind.
    package struct Refused: Error { package let reason: Refusal }
    struct LostRace: Error {}

    package struct Created: Sendable {
        package let lead: LeadRecord
        package let stage: Stage.ID
        /// What its stage asks for.
        package let requiredTasks: [RequiredTask]
        /// Keys of custom fields that there are none of.
        package let ignored: [String]
    }

    /// Always a new lead; its contact is found by any identifier, or made.
    ///
    /// - Throws: `Refused`.
    @PostgresActor
    package func create(_ new: NewLead, in write: WriteTransaction) async throws -> Created {
        let (account, now, transaction) = (write.account, write.now, write.transaction)
        let place = try await Self.place(of: new, for: account, in: transaction)
        if let externalID = new.externalID,
            let row = try await transaction.query(Self.findExternal, [.id(account), .text(externalID)]).first
        {
            throw Refused(reason: .externalIDTaken(Lead.ID(try row.int(0))))
        }
        let contact = try await Self.contact(of: new, for: account, now: now, in: transaction)
        var name = new.name
        if name == nil {
            name = try await transaction.query(Self.contactName, [.id(account), .id(contact)]).first?.textOrNil(0)
        }
        let rows = try await transaction.query(
            Self.insertLead,
            [
                .id(account), .id(contact), .word(new.externalID), .text(name ?? ""), .int(place.pipeline),
                .int(place.stage),
                .integer(new.valueMinor), .text(new.currency), .word(new.source), .textArray(new.tags),
                .integer(new.assignedTo), .word(new.notes), .word(new.utm.source), .word(new.utm.medium),
                .word(new.utm.campaign), .word(new.utm.term), .word(new.utm.content),
                .tree(.object(place.customFields)),
                .time(now),
            ])
        guard let row = rows.first else { throw StorageError.missing("the new lead") }
        let lead = LeadRecord(row)
        write.audit(.create, of: .lead, try lead.id.rawValue)
        return Created(
            lead: lead, stage: Stage.ID(place.stage), requiredTasks: place.tasks, ignored: place.ignored)
    }

    /// What a new lead finds in its account.
    private struct Place {
        let pipeline: Int64
        let stage: Int64
        let tasks: [RequiredTask]
        let customFields: JSONObject
        let ignored: [String]
    }

    /// What the body refers to is looked up in one trip with the account's custom fields, and everything that is wrong
    /// is told together.
    private static func place(
        of new: NewLead, for account: Account.ID, in transaction: PostgresTransaction
    ) async throws -> Place {
        var asked: [(Statement, [PostgresValue])] = [
            (findStage, [.id(account), .integer(new.pipelineID), .integer(new.stageID)]),
            (CustomFieldStore.selectAll, [.id(account)]),
        ]
        if let user = new.assignedTo { asked.append((UserStore.selectIDs, [.id(account), .intArray([user])])) }
        let results = try await transaction.query(asked)
        var missing: [Refusal.Named] = []
        let place = results[0].first
        let (pipeline, stage) = (try place?.intOrNil(0), try place?.intOrNil(1))
        let schema = CustomFieldSchema(try results[1].map(CustomFieldStore.field), currency: new.accountCurrency)
        let judged = schema.check(new.customFields, isNew: true, lenient: new.isLenient)
        if try place?.bool(2) != true {
            missing.append(.pipeline)
        } else if stage == nil {
            missing.append(.stage)
        }
        if results.count > 2, results[2].isEmpty { missing.append(.assignee) }
        guard missing.isEmpty, judged.faults.isEmpty, let pipeline, let stage else {
            throw Refused(reason: .invalid(missing, judged.faults))
        }
        let tasks = try place?.textOrNil(3).map { try RequiredTask.list($0) } ?? []
        return Place(
            pipeline: pipeline, stage: stage, tasks: tasks, customFields: judged.values, ignored: judged.ignored)
    }

    private static func contact(
        of new: NewLead, for account: Account.ID, now: Timestamp, in transaction: PostgresTransaction
    ) async throws -> Contact.ID {
        let rows = try await transaction.query(findContacts, search(new.identifiers, account))
        let found = try rows.map(match)
        let contact: Contact.ID
        switch Set(found.map(\.contact)).count {
        case 0: contact = try await make(new, for: account, now: now, in: transaction)
        case 1:
            contact = found[0].contact
            _ = try await transaction.query(fillContact, [.id(account), .id(contact)] + details(new, now))
        default: throw Refused(reason: .identifierConflict(found))
        }
        let known = Set(found.map(\.kind))
        let missing = new.identifiers.filter { !known.contains($0.kind) }
        try await add(missing, to: contact, of: account, evidence: "api", now: now, in: transaction)
        return contact
    }

    static func search(_ identifiers: [ContactIdentifier], _ account: Account.ID) -> [PostgresValue] {
        [
            .id(account), .textArray(identifiers.map(\.kind.rawValue)), .textArray(identifiers.map(\.scope)),
            .textArray(identifiers.map(\.matchKey)),
        ]
    }

    /// Never inlined: inside an async function the optimiser of Swift 6.3.1 crashes on it ("splitting coroutine").
    @inline(never)
    private static func match(_ row: PostgresRow) throws -> (kind: ContactIdentifier.Kind, contact: Contact.ID) {
        var reader = RowReader(row)
        return (kind: try reader.word(), contact: try reader.id())
    }

    private static func details(_ new: NewLead, _ now: Timestamp) -> [PostgresValue] {
        [
            .word(new.name), .word(new.phone), .word(new.email), .word(new.company), .word(new.birthday), .time(now),
        ]
    }

    private static func make(
        _ new: NewLead, for account: Account.ID, now: Timestamp, in transaction: PostgresTransaction
    ) async throws -> Contact.ID {
        let rows = try await transaction.query(insertContact, [.id(account)] + details(new, now))
        guard let row = rows.first else { throw StorageError.missing("the new contact") }
        return Contact.ID(try row.int(0))
    }

    /// Another request that gives the same identifier at the same time wins the unique key: then everything begins
    /// anew, and finds what it made.
    static func add(
        _ identifiers: [ContactIdentifier], to contact: Contact.ID, of account: Account.ID, evidence: String,
        now: Timestamp, in transaction: PostgresTransaction
    ) async throws {
        guard !identifiers.isEmpty else { return }
        let inserted = try await transaction.query(
            insertIdentifiers,
            search(identifiers, account) + [
                .textArray(identifiers.map(\.value)), .id(contact), .text(evidence), .time(now),
            ])
        guard inserted.count == identifiers.count else { throw LostRace() }
    }
}
