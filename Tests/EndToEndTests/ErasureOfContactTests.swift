import Domain
import EventLoop
import HTTP
import JSON
import TestSupport
import Testing

@testable import leadwire

/// A person without a lead is told of and erased by their contact; what comes of them afterwards is not kept.
@Suite struct ErasureOfContactTests {
    private static let phone = "+5511987654444"

    /// A contact whom no lead and nothing else in the demo names.
    @Reactor
    private static func zuleica(_ stage: Stage) async throws -> Int64 {
        let made = try await stage.post(
            "/api/v1/contacts",
            [
                "name": "Zuleica Quaresma", "phone": .string(phone), "email": "zuleica@quaresma.example",
                "company": "Quaresma",
            ])
        guard let id = made.data["id"]?.int64 else { throw StageError(what: made.text) }
        return id
    }

    @Test func `a contact without a lead is told whole, and then erased`() async throws {
        try await Stage.run { stage in
            let contact = try await Self.zuleica(stage)
            _ = try await stage.patch("/api/v1/contacts/\(contact)", ["company": "Quaresma Rendas"])
            let path = "/api/v1/contacts/\(contact)"
            let told = try await stage.get("\(path)/personal-data")
            #expect(told.status == 200, "\(told.text)")
            #expect(told.fields["Cache-Control"] == "no-store")
            #expect(told.data["contact"]?["name"] == "Zuleica Quaresma")
            #expect(told.data["leads"] == [])
            #expect(
                told.data["events"]?.array?.compactMap { $0["type"]?.string } == ["contact.created", "contact.updated"])
            #expect(
                told.data["audit_log"]?.array?.compactMap { $0["action"]?.string }
                    == ["contact.create", "contact.update"])
            let words = ["87654444", "Zuleica", "quaresma", "Quaresma"]
            for word in words { #expect(try await stage.dump().holds(word), "\(word)") }

            let erased = try await stage.post("\(path)/erase", .null, fields: ["Idempotency-Key": "e"])
            #expect(erased.status == 200, "\(erased.text)")
            #expect(erased.data["lead_ids"] == [])
            let dump = try await stage.dump()
            for word in words { #expect(!dump.holds(word), "\(word): \(dump.places(of: word))") }
            for rest in ["", "/personal-data"] { #expect(try await stage.get("\(path)\(rest)").status == 404) }
            #expect(try await stage.post("\(path)/erase", .null).status == 404)
            let again = try await stage.post("\(path)/erase", .null, fields: ["Idempotency-Key": "e"])
            #expect(again.body == erased.body)
            #expect(try await stage.audited("contact", contact).first?.action == "contact.erase")
            let back = try await stage.post("/api/v1/contacts", ["name": "Z", "phone": .string(Self.phone)])
            #expect(back.code == "erased")
        }
    }

    @Test func `a contact with leads is erased as by one of them`() async throws {
        try await Stage.run { stage in
            let contact = try await stage.get("/api/v1/leads/1").data["contact_id"]?.int64 ?? 0
            let byLead = try await stage.get("/api/v1/leads/1/personal-data")
            #expect(try await stage.get("/api/v1/contacts/\(contact)/personal-data").data == byLead.data)
            #expect(byLead.data["events"]?.array?.contains { $0["type"] == "contact.created" } == true)
            let erased = try await stage.post("/api/v1/contacts/\(contact)/erase", .null)
            #expect(erased.data["lead_ids"] == [1])
            #expect(try await stage.get("/api/v1/leads/1").status == 404)
            #expect(try await stage.post("/api/v1/leads/1/erase", .null).status == 404)
        }
    }

    @Test func `a contact that went into another is pointed on, a stranger's is none, and the permission is needed`()
        async throws
    {
        try await Stage.run { stage in
            let pair: JSONValue = ["winner_id": 2, "loser_id": 1]
            #expect(try await stage.post("/api/v1/contacts/merge", pair).status == 200)
            let weak = try await stage.newKey(Set(Permission.allCases).subtracting([.privacyManage])).token
            let stranger = try await stage.newKey(of: stage.other).token
            for (method, rest) in [(HTTPMethod.get, "personal-data"), (.post, "erase")] {
                let merged = try await stage.request(method, "/api/v1/contacts/1/\(rest)")
                #expect(merged.code == "contact_merged", "\(merged.text)")
                #expect(merged.json["existing_id"] == 2)
                let (foreign, unknown) = try await stage.alike(
                    method, "/api/v1/contacts/2/\(rest)", "/api/v1/contacts/999999/\(rest)", key: stranger)
                #expect(foreign.status == 404)
                #expect(foreign.body == unknown.body)
                let denied = try await stage.request(method, "/api/v1/contacts/2/\(rest)", key: weak)
                #expect(denied.json["required_permission"] == "privacy:manage")
            }
        }
    }

    @Test func `a provider's report that comes after the erasure leaves no number behind`() async throws {
        try await Stage.run { stage in
            let lead = try await stage.lead(phone: Self.phone, name: "Zuleica")
            let sent = try await stage.sendTemplate(1, ["Zuleica", "proposta", "10/07"], lead: lead)
            let id = try await stage.message(sent)["provider_message_id"]?.string ?? ""
            try await stage.eventually("it is delivered") { try await stage.messageStatus(sent) == "delivered" }
            #expect(try await stage.post("/api/v1/leads/\(lead)/erase", .null).status == 200)
            _ = try await stage.storedBodies()

            @Reactor func report(_ waID: String, _ id: String) -> JSONValue {
                var status = stage.status("read", of: id).object ?? JSONObject()
                status["recipient_id"] = .string(waID)
                return .object(status)
            }
            let contacts: JSONValue = [["wa_id": "5511987654444", "profile": ["name": "Zuleica"]]]
            let his = report("5511987651002", "wamid.unknown")
            // Alone; in its older form; beside another's report.
            for statuses in [
                [report("5511987654444", id)], [report("551187654444", id)], [report("5511987654444", id), his],
            ] {
                _ = try await stage.cloudHook(
                    stage.envelope([("contacts", contacts), ("statuses", .array(statuses))]))
            }
            let bodies = try await stage.storedBodies()
            try await stage.eventually("nothing of her is kept") {
                try await !stage.dump().holds("87654444")
            }
            #expect(bodies.allSatisfy { $0.failures == nil })
            let kept = try await stage.storedBodies().filter {
                String(decoding: $0.body, as: UTF8.self).contains("wamid.unknown")
            }
            #expect(kept.count == 1)
            // Another person's report that matches nothing stays as it came.
            _ = try await stage.cloudHook(stage.envelope([("statuses", [his])]))
            let last = try #require(try await stage.storedBodies().last)
            #expect(try JSONParser.parse(last.body) == stage.envelope([("statuses", [his])]))
        }
    }

    /// Whichever comes first, nobody is half erased.
    @Test func `an erasure and a merge at the same time leave a whole person or none`() async throws {
        try await Stage.run { stage in
            for round in 0..<12 {
                let phones = ["+55119876\(61000 + round)", "+55119876\(62000 + round)"]
                let leads = [
                    try await stage.lead(phone: phones[0], name: "Palavra um \(round)"),
                    try await stage.lead(phone: phones[1], name: "Palavra dois \(round)"),
                ]
                for phone in phones { try await stage.hears(from: phone, at: Stage.cloudPhone, "Palavra") }
                let people = try await together(2) {
                    try await stage.get("/api/v1/leads/\(leads[$0])").data["contact_id"]?.int64 ?? 0
                }
                let pair: JSONValue = ["winner_id": JSONValue(people[0]), "loser_id": JSONValue(people[1])]
                let isMerged = round % 3 == 2
                if isMerged { #expect(try await stage.post("/api/v1/contacts/merge", pair).status == 200) }
                let target = round % 2
                let answers = try await together(2) { index in
                    index == 0
                        ? try await stage.post("/api/v1/contacts/\(isMerged ? "unmerge" : "merge")", pair)
                        : try await stage.post("/api/v1/leads/\(leads[target])/erase", .null)
                }
                #expect(answers[1].status == 200, "\(answers[1].text)")
                #expect([200, 409, 422].contains(answers[0].status), "\(answers[0].text)")
                let gone = answers[1].data["lead_ids"]?.array?.compactMap(\.int64) ?? []
                #expect(gone.contains(leads[target]))
                let dump = try await stage.dump()
                for (index, lead) in leads.enumerated() {
                    let digits = String(phones[index].suffix(8))
                    let isGone = gone.contains(lead)
                    #expect(
                        dump.holds(digits) != isGone,
                        "\(round): \(gone) \(lead) \(digits) \(dump.places(of: digits)) \(answers[0].text)")
                    #expect(try await stage.get("/api/v1/leads/\(lead)").status == (isGone ? 404 : 200))
                }
                let orphans = try await stage.sql(
                    """
                    SELECT 1 FROM messages m LEFT JOIN conversations v ON v.id = m.conversation_id
                    WHERE v.id IS NULL OR v.contact_id <> m.contact_id
                    """)
                #expect(orphans.isEmpty)
            }
        }
    }
}
