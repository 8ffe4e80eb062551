import Domain
import JSON
import Testing

/// What a write makes of a lead, and what it tells of it.
@Suite struct LeadPatchTests {
    static let now = Timestamp(seconds: 1_800_000_000)

    static var lead: Lead {
        var lead = Lead.blank(of: Account.ID(1), currency: "BRL", now: Timestamp(seconds: 1))
        lead.id = Lead.ID(7)
        lead.name = "Ana"
        lead.phone = "+5511987651001"
        lead.email = "ana@example.com"
        lead.valueMinor = 500_000
        lead.customFields = ["plan": "Basic", "seats": 3]
        lead.pipeline = .init(id: 1, name: "Vendas")
        lead.stage = .init(id: 10, name: "Novo")
        return lead
    }

    private static func changes(_ edit: (inout LeadPatch) -> Void) throws -> LeadChanges {
        var patch = LeadPatch()
        edit(&patch)
        return LeadChanges(from: lead, to: try patch.applied(to: lead))
    }

    @Test func `a patch that names nothing, or what is there, changes nothing`() throws {
        #expect(try Self.changes { _ in }.isEmpty)
        let same = try Self.changes {
            $0.name = .set("Ana")
            $0.value = .set(JSONNumber("5000.0"))
            $0.phone = .set(PhoneNumber("11987651001", defaultCountry: "BR"))
            $0.notes = .set(nil)
            $0.tags = .set([])
        }
        #expect(same.isEmpty)
        #expect(same.events == [])
    }

    @Test func `each field that differs is told with what it was`() throws {
        let changes = try Self.changes {
            $0.name = .set("Ana Souza")
            $0.value = .set(JSONNumber("12.5"))
            $0.company = .set("Souza ME")
        }
        #expect(changes.previous == ["name": "Ana", "value": 5000, "company": .null])
        #expect(changes.fields.map(\.name) == ["name", "company", "value"])
        #expect(changes.events == [.updated])
    }

    @Test func `custom fields merge, and null takes one away`() throws {
        var patch = LeadPatch()
        patch.customFields = JSONObject([("plan", .null), ("city", "Recife"), ("seats", 3)])
        #expect(try patch.applied(to: Self.lead).customFields == ["seats": 3, "city": "Recife"])
    }

    @Test func `an amount has no more decimals than its currency`() throws {
        var patch = LeadPatch()
        patch.value = .set(JSONNumber("1.005"))
        #expect(throws: LeadPatch.Fault.amount(currency: "BRL")) { try patch.applied(to: Self.lead) }
        patch.currency = .set("KWD")
        #expect(try patch.applied(to: Self.lead).valueMinor == 1005)
    }

    @Test func `another currency keeps the amount, if it can be told in it`() throws {
        var patch = LeadPatch()
        patch.currency = .set("JPY")
        #expect(try patch.applied(to: Self.lead).valueMinor == 5000)
        var cents = Self.lead
        cents.valueMinor = 500_001
        #expect(throws: LeadPatch.Fault.currency("JPY")) { try patch.applied(to: cents) }
    }
}
