import Domain
import JSON
import Testing

/// What an upsert finds, makes and changes.
@Suite struct LeadUpsertTests {
    private static let now = LeadPatchTests.now
    private static let pipelines = [1, 2].map { id in
        Pipeline(
            id: .init(Int64(id)), name: "P\(id)",
            stages: [
                Domain.Stage(
                    id: .init(Int64(id * 10)), name: "S", color: "#000000", isWon: false, isLost: false,
                    requiredTasks: [])
            ])
    }

    private static func contact(_ id: Int64, phone: String? = nil, email: String? = nil) -> Contact {
        Contact(id: .init(id), name: "C\(id)", phone: phone, email: email)
    }

    private static func lead(
        _ id: Int64, of contact: Contact, pipeline: Int64 = 1, external: String? = nil, updated: Int64 = 0,
        status: Lead.Status = .open
    ) -> Lead {
        var lead = Lead.blank(of: .init(1), currency: "BRL", now: now).showing(contact)
        (lead.id, lead.name, lead.externalID, lead.status) = (.init(id), "L\(id)", external, status)
        lead.pipeline = .init(id: pipeline, name: "P\(pipeline)")
        lead.stage = .init(id: pipeline * 10, name: "S")
        lead.updatedAt = Timestamp(seconds: updated)
        return lead
    }

    private static func upsert(_ contacts: [Contact] = [], _ leads: [Lead] = []) -> LeadUpsert {
        var owners: [LeadUpsert.Key: Contact.ID] = [:]
        for contact in contacts {
            for one in contact.identifiers { owners[.init(kind: one.kind, matchKey: one.matchKey)] = contact.id }
        }
        return LeadUpsert(
            owners: owners, contacts: contacts, leads: leads,
            rules: LeadRules(
                pipelines: pipelines, fields: CustomFieldSchema([], currency: "BRL"), users: [],
                pending: [.init(10): [PendingTask(id: .init(1), subject: "Ligar", kind: .call)]], isLenient: false,
                now: now),
            blank: .blank(of: .init(1), currency: "BRL", now: now))
    }

    private static func patch(
        _ name: String? = nil, phone: String? = nil, email: String? = nil, external: String? = nil,
        pipeline: Int64? = nil, notes: String? = nil
    ) -> LeadPatch {
        var patch = LeadPatch()
        if let name { patch.name = .set(name) }
        if let phone { patch.phone = .set(PhoneNumber(phone, defaultCountry: "BR")) }
        if let email { patch.email = .set(EmailAddress(email)) }
        if let external { patch.externalID = .set(external) }
        if let notes { patch.notes = .set(notes) }
        patch.pipelineID = pipeline.map { .init($0) }
        return patch
    }

    private static let ana = contact(1, phone: "+5511987651001", email: "ana@example.com")
    private static let bia = contact(2, phone: "+5511987651002")

    @Test func `one phone in its variants is one contact and one lead`() {
        var upsert = Self.upsert()
        let first = upsert.take(Self.patch("Ana", phone: "+5511987651001"))
        #expect(first.outcome == .created)
        #expect(first.matchedOn == nil)
        for phone in ["1187651001", "+551187651001", "11 98765-1001", "5511987651001"] {
            let next = upsert.take(Self.patch("Ana", phone: phone))
            #expect(next.outcome == .unchanged, "\(phone)")
            #expect(next.matchedOn == .phone)
            #expect(next.lead == first.lead)
        }
        #expect(upsert.contacts.count == 1)
        #expect(upsert.results.values.map(\.phone) == ["+5511987651001"])
    }

    @Test func `the external id goes before the phone, the phone before the e-mail`() {
        let leads = [
            Self.lead(10, of: Self.ana, external: "e"), Self.lead(11, of: Self.ana, updated: 9),
            Self.lead(12, of: Self.ana, external: "lost", status: .lost),
        ]
        var upsert = Self.upsert([Self.ana], leads)
        let byExternal = upsert.take(Self.patch(phone: Self.ana.phone, external: "e"))
        #expect(byExternal.lead == .init(10))
        #expect(byExternal.matchedOn == .externalID)
        #expect(upsert.take(Self.patch(external: "lost", notes: "x")).lead == .init(12))
        let byPhone = upsert.take(Self.patch(phone: Self.ana.phone, email: "ANA@example.com"))
        #expect(byPhone.lead == .init(11))
        #expect(byPhone.matchedOn == .phone)
        let byEmail = upsert.take(Self.patch(email: "ana@example.com"))
        #expect(byEmail.matchedOn == .email)
        #expect(byEmail.outcome == .unchanged)
    }

    @Test func `of a contact's open leads the one in the pipeline, else the one that changed last`() {
        let leads = [
            Self.lead(10, of: Self.ana, updated: 5), Self.lead(11, of: Self.ana, updated: 7),
            Self.lead(12, of: Self.ana, pipeline: 2, updated: 1),
            Self.lead(13, of: Self.ana, updated: 99, status: .won),
        ]
        func match(_ pipeline: Int64?) -> Lead.ID? {
            var upsert = Self.upsert([Self.ana], leads)
            return upsert.take(Self.patch(phone: Self.ana.phone, pipeline: pipeline)).lead
        }
        #expect(match(nil) == .init(11))
        #expect(match(1) == .init(11))
        #expect(match(2) == .init(12))
    }

    @Test func `a deal that the other system knows by another id is another deal`() {
        var upsert = Self.upsert([Self.ana], [Self.lead(10, of: Self.ana, external: "a")])
        let other = upsert.take(Self.patch("B", phone: Self.ana.phone, external: "b"))
        #expect(other.outcome == .created)
        #expect(other.contact == Self.ana.id)
        #expect(other.matchedOn == .phone)
        #expect(upsert.take(Self.patch(external: "b", notes: "x")).lead == other.lead)
        // One without an id takes it.
        var adopting = Self.upsert([Self.ana], [Self.lead(10, of: Self.ana)])
        #expect(adopting.take(Self.patch(phone: Self.ana.phone, external: "b")).outcome == .updated)
        #expect(adopting.results[.init(10)]?.externalID == "b")
    }

    @Test func `addresses of two people are a conflict, and leave nothing`() {
        var upsert = Self.upsert([Self.ana, Self.bia], [Self.lead(10, of: Self.ana, external: "e")])
        let two = upsert.take(Self.patch("x", phone: Self.bia.phone, email: "ana@example.com"))
        #expect(two.outcome == .conflict)
        #expect(two.fault == .identifierConflict(.email, Self.ana.id))
        let stolen = upsert.take(Self.patch(phone: Self.bia.phone, external: "e"))
        #expect(stolen.fault == .identifierConflict(.phone, Self.bia.id))
        #expect(upsert.leads == upsert.leadsBefore)
        #expect(upsert.contacts == upsert.contactsBefore)
    }

    @Test func `an archived lead keeps its external id, and nobody without a name is made`() {
        var upsert = Self.upsert([Self.ana], [Self.lead(10, of: Self.ana, external: "e", status: .archived)])
        #expect(upsert.take(Self.patch("x", external: "e")).fault == .archived(.init(10)))
        #expect(upsert.take(Self.patch(phone: Self.bia.phone)).fault == .nameless)
        #expect(upsert.leads.count == 1)
        // Ana has one.
        let named = upsert.take(Self.patch(phone: Self.ana.phone))
        #expect(named.outcome == .created)
        #expect(named.lead.flatMap { upsert.results[$0]?.name } == "C1")
    }

    @Test func `a new address replaces the main one, and the old one is free in the same batch`() {
        var upsert = Self.upsert([Self.ana], [Self.lead(10, of: Self.ana, external: "e")])
        #expect(upsert.take(Self.patch(phone: "+5511987659999", external: "e")).outcome == .updated)
        let newcomer = upsert.take(Self.patch("Nova", phone: Self.ana.phone))
        #expect(newcomer.outcome == .created)
        #expect(newcomer.contact != Self.ana.id)
        #expect(upsert.take(Self.patch(phone: "+5511987659999")).lead == .init(10))
    }

    @Test func `what one item says of a contact shows on the lead of another`() {
        var upsert = Self.upsert([Self.ana], [Self.lead(10, of: Self.ana, external: "a")])
        let other = upsert.take(Self.patch("B", phone: Self.ana.phone, external: "b"))
        var patch = Self.patch(external: "a")
        patch.company = .set("Souza ME")
        #expect(upsert.take(patch).outcome == .updated)
        #expect(other.lead.flatMap { upsert.results[$0]?.company } == "Souza ME")
    }

    @Test func `what has to be done first keeps a lead where it is, and lets the rest change`() {
        var upsert = Self.upsert([Self.ana], [Self.lead(10, of: Self.ana, external: "a")])
        let moved = upsert.take(Self.patch(external: "a", pipeline: 2))
        #expect(moved.outcome == .conflict)
        guard case .rules(.blocked(let tasks)) = moved.fault else {
            Issue.record("\(moved)")
            return
        }
        #expect(tasks.map(\.subject) == ["Ligar"])
        #expect(upsert.take(Self.patch(external: "a", pipeline: 1, notes: "x")).outcome == .updated)
        var patch = Self.patch(external: "a")
        patch.assignedTo = .set(5)
        #expect(upsert.take(patch).fault == .rules(.invalid([.assignee])))
    }

    @Test func `a lead that an export names is found by its id, unless it is another installation's`() {
        let ana = Self.contact(1, phone: "+5511987651001")
        let leads = [Self.lead(10, of: ana, updated: 5), Self.lead(11, of: ana, external: "e")]
        var gone = Self.lead(12, of: ana)
        gone.status = .archived
        var upsert = Self.upsert([ana], leads + [gone])
        func take(_ id: Int64, createdAt: Timestamp?, external: String? = nil) -> LeadUpsert.Verdict {
            var patch = Self.patch(phone: "+5511987651001", external: external)
            patch.own = LeadPatch.Own(id: .init(id), createdAt: createdAt)
            return upsert.take(patch)
        }
        let own = take(11, createdAt: leads[1].createdAt)
        #expect(own.lead == .init(11))
        #expect(own.matchedOn == .id)
        #expect(own.outcome == .unchanged)
        #expect(take(11, createdAt: nil).matchedOn == .id)
        // By the phone: the one that was changed last.
        let foreign = take(11, createdAt: leads[1].createdAt + .milliseconds(1))
        #expect(foreign.lead == .init(10))
        #expect(foreign.matchedOn == .phone)
        #expect(take(99, createdAt: nil).matchedOn == .phone)
        #expect(take(10, createdAt: nil, external: "e").fault == .externalIDTaken(.init(11)))
        #expect(take(12, createdAt: nil).fault == .ownArchived(.init(12)))
        #expect(take(12, createdAt: nil).outcome == .conflict)
    }
}
