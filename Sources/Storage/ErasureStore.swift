package import Domain
import JSON
package import Postgres

/// Takes a person out of everything that is kept, and keeps them out.
///
/// The rows that hold together what is counted stay, under a contact without a name. The person's own contact row goes,
/// so that whoever still writes to it runs into a foreign key and looks again.
package struct ErasureStore: Sendable {
    let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    /// What was done.
    package struct Erasure: Sendable {
        package var leads: [Lead.ID] = []
        package var messages = 0
        /// Those that still waited to be sent.
        package var canceled = 0
        package var hookBodiesRewritten = 0
        package var hookBodiesDeleted = 0
        /// By which the person is found in what others wrote.
        package var identifiers: [ContactIdentifier] = []
        package var traces = PersonTraces([])
        package var names: [String] = []
    }

    /// Who is to be erased, with all that they are recognised by.
    struct Person {
        let contact: Contact.ID
        /// The contact and those that were merged into it.
        var contacts: [Int64] = []
        var identifiers: [ContactIdentifier] = []
        var leads: [Int64] = []
        var names: [String] = []
        var messages: [Int64] = []
        var providerMessageIDs: [String] = []
    }

    /// Whose person is meant.
    package enum Subject: Sendable {
        /// Archived or not.
        case lead(Lead.ID)
        case contact(Contact.ID)
    }

    static let findContact = Statement(
        "erase_find",
        """
        SELECT l.contact_id
        FROM leads l
        JOIN contacts c ON c.account_id = $1 AND c.id = l.contact_id
        WHERE l.account_id = $1 AND l.id = $2 AND c.erased_at IS NULL
        """)

    static let findSelf = Statement(
        "erase_find_contact",
        "SELECT c.id FROM contacts c WHERE c.account_id = $1 AND c.id = $2 AND c.erased_at IS NULL")

    /// What finds the contact.
    static func look(for subject: Subject, of account: Account.ID) -> (Statement, [PostgresValue]) {
        switch subject {
        case .lead(let id): (findContact, [.id(account), .id(id)])
        case .contact(let id): (findSelf, [.id(account), .id(id)])
        }
    }

    static let selectMerged = Statement(
        "erase_merged",
        """
        WITH RECURSIVE person AS (
            SELECT $2::bigint AS id
            UNION
            SELECT g.loser_id
            FROM person p
            JOIN contact_merges g ON g.account_id = $1 AND g.winner_id = p.id AND g.undone_at IS NULL
        )
        SELECT p.id, g.kept->'loser'->>'name'
        FROM person p
        LEFT JOIN contact_merges g ON g.account_id = $1 AND g.loser_id = p.id AND g.undone_at IS NULL
        """)

    static let selectIdentifiers = Statement(
        "erase_identifiers",
        """
        SELECT i.kind, i.scope, i.value, i.match_key
        FROM contact_identifiers i
        WHERE i.account_id = $1 AND i.contact_id = $2
        """)

    static let selectLeads = Statement(
        "erase_leads",
        """
        SELECT l.id, l.name, l.external_id
        FROM leads l
        WHERE l.account_id = $1 AND l.contact_id = $2
        ORDER BY l.id
        FOR UPDATE
        """)

    /// Held, so that no attempt or report that ends meanwhile writes down once more what was said.
    static let selectMessages = Statement(
        "erase_messages",
        """
        SELECT m.id, m.provider_message_id, m.preset_provider_id
        FROM conversations v
        JOIN messages m ON m.account_id = $1 AND m.conversation_id = v.id
        WHERE v.account_id = $1 AND v.contact_id = $2
        FOR UPDATE OF m
        """)

    /// Computes the hashes by which an erased identifier is recognised: under the current key, then under older ones.
    package typealias Hashes = @Sendable (_ account: Account.ID, ContactIdentifier) -> [[UInt8]]

    /// nil when there is no such lead or contact, or the person is erased.
    ///
    /// - Parameter answer: what an `Idempotency-Key` answers with whose answer told of the person.
    @PostgresActor
    package func erase(
        personOf subject: Subject, hashes: Hashes, answer: (status: Int, body: [UInt8]), in write: WriteTransaction
    ) async throws -> Erasure? {
        guard let person = try await person(of: subject, in: write) else { return nil }
        let traces = PersonTraces(person.identifiers, messageIDs: person.providerMessageIDs)
        var erasure = Erasure()
        erasure.leads = person.leads.map { Lead.ID($0) }
        erasure.messages = person.messages.count
        (erasure.identifiers, erasure.traces, erasure.names) = (person.identifiers, traces, person.names)
        try await eraseHistory(of: person, traces, in: write)
        erasure.canceled = try await eraseRows(of: person, in: write)
        try await eraseAnswers(of: person, traces, answer, in: write)
        (erasure.hookBodiesRewritten, erasure.hookBodiesDeleted) = try await eraseHookBodies(traces, in: write)
        try await keepOut(person, hashes, in: write)
        LeadStore.tell(person.leads.map { .init(lead: Lead.ID($0), event: .deleted, previous: nil) }, in: write)
        switch subject {
        case .lead(let id): write.audit(.erase, of: .lead, id.rawValue)
        case .contact(let id): write.audit(.erase, of: .contact, id.rawValue)
        }
        return erasure
    }

    @PostgresActor
    private func person(of subject: Subject, in write: WriteTransaction) async throws -> Person? {
        let account = PostgresValue.id(write.account)
        guard let row = try await write.transaction.query([Self.look(for: subject, of: write.account)])[0].first else {
            return nil
        }
        let contact = Contact.ID(try row.int(0))
        let ids = PostgresValue.intArray([contact.rawValue])
        let locked = try await write.transaction.query(ContactStore.lockPair, [account, ids])
        // It went into another contact while it was waited for.
        guard let own = try locked.first.map(LeadStore.contact) else { throw LeadStore.LostRace() }
        let one = [account, .id(contact)]
        let results = try await write.transaction.query([
            (ContactStore.lockConversations, [account, ids]), (Self.selectMerged, one), (Self.selectIdentifiers, one),
            (Self.selectLeads, one), (Self.selectMessages, one),
        ])
        var person = Person(contact: contact)
        person.identifiers = try results[2].map(Self.identifier)
        person.names = [own.name].compactMap { $0 }
        for row in results[1] {
            person.contacts.append(try row.int(0))
            if let name = try row.textOrNil(1) { person.names.append(name) }
        }
        for row in results[3] {
            person.leads.append(try row.int(0))
            person.names.append(try row.text(1))
            if let id = try row.textOrNil(2) {
                person.identifiers.append(ContactIdentifier(kind: .externalID, value: id, matchKey: id))
            }
        }
        for row in results[4] {
            person.messages.append(try row.int(0))
            person.providerMessageIDs += [try row.textOrNil(1), try row.textOrNil(2)].compactMap { $0 }
        }
        // Another lead of theirs went to somebody else meanwhile: whom to erase has to be asked again.
        if case .lead(let lead) = subject, !person.leads.contains(lead.rawValue) { throw LeadStore.LostRace() }
        return person
    }

    /// Never inlined: inside an async function the optimiser of Swift 6.3.1 crashes on it ("splitting coroutine").
    @inline(never)
    private static func identifier(_ row: PostgresRow) throws -> ContactIdentifier {
        var r = RowReader(row)
        return ContactIdentifier(
            kind: try r.word(), scope: try r.text(), value: try r.text(), matchKey: try r.text())
    }

    static let insertHashes = Statement(
        "erase_hashes",
        """
        INSERT INTO erased_identifiers (account_id, hash, erased_at)
        SELECT $1, g.hash, $3 FROM unnest($2::bytea[]) AS g (hash)
        ON CONFLICT (account_id, hash) DO NOTHING
        """)

    @PostgresActor
    private func keepOut(_ person: Person, _ hashes: Hashes, in write: WriteTransaction) async throws {
        let current = person.identifiers.compactMap { hashes(write.account, $0).first }
        try await write.transaction.query(
            Self.insertHashes, [.id(write.account), .bytesArray(current), .time(write.now)])
    }

    static let selectErased = Statement(
        "erased_find",
        """
        SELECT g.position
        FROM unnest($2::bytea[], $3::bigint[]) AS g (hash, position)
        JOIN erased_identifiers e ON e.account_id = $1 AND e.hash = g.hash
        """)

    /// Which of the identifiers, by their places, are those of an erased person and of no contact that is there now.
    /// Whoever wrote to us again after they were erased is a contact like any other.
    @PostgresActor
    package func erased(
        _ identifiers: [ContactIdentifier], hashes: Hashes, in write: WriteTransaction
    ) async throws -> Set<Int> {
        guard !identifiers.isEmpty else { return [] }
        let all = identifiers.enumerated().flatMap { index, one in
            hashes(write.account, one).map { (hash: $0, position: Int64(index)) }
        }
        let rows = try await write.transaction.query(
            Self.selectErased,
            [.id(write.account), .bytesArray(all.map(\.hash)), .intArray(all.map(\.position))])
        var found = Set(try rows.map { Int(try $0.int(0)) })
        for index in found.sorted() {
            let owners = try await write.transaction.query(
                LeadStore.findContacts, LeadStore.search([identifiers[index]], write.account))
            if !owners.isEmpty { found.remove(index) }
        }
        return found
    }
}
