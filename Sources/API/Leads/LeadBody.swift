import Domain
import JSON
import Storage

/// The body of `POST /leads`.
enum LeadBody {
    /// In Unicode scalars; wide enough for what people type, narrow enough for a screen and an index.
    private enum Limit {
        static let name = 255
        static let phone = 64
        static let short = 255
        static let notes = 20_000
        static let tag = 64
        static let tags = 100
    }

    /// Refuses nothing by itself: the reader has what is wrong, but for the custom values, which only the account's
    /// fields can judge.
    static func read(
        _ exchange: Exchange, after query: QueryReader, account: Account
    ) throws -> (lead: LeadStore.NewLead, body: BodyReader) {
        var body = try BodyReader(exchange, after: query)
        var lead = LeadStore.NewLead(
            name: body.text("name", maximum: Limit.name, isRequired: true), currency: account.currency)
        lead.externalID = body.text("external_id", maximum: Limit.short)
        readIdentifiers(&lead, &body, account)
        lead.company = body.text("company", maximum: Limit.short)
        lead.birthday = body.date("birthday")
        lead.pipelineID = body.integer("pipeline_id", in: 1...Lead.ID.maximum)
        lead.stageID = body.integer("stage_id", in: 1...Lead.ID.maximum)
        if let currency = body.text("currency", maximum: 3) {
            if currency.utf8.count == 3, currency.utf8.allSatisfy({ (0x41...0x5a).contains($0) }) {
                lead.currency = currency
            } else {
                body.fail("currency", "invalid_format", Faults.notOneOf, ["values": "ISO 4217, BRL"])
            }
        }
        lead.valueMinor = body.money("value", in: lead.currency)
        lead.source = body.text("source", maximum: Limit.short)
        lead.tags = body.texts("tags", maximum: Limit.tag, count: Limit.tags).uniqued()
        lead.assignedTo = body.integer("assigned_to", in: 1...Lead.ID.maximum)
        lead.notes = body.text("notes", maximum: Limit.notes)
        lead.utm = Lead.UTM(
            source: body.text("utm_source", maximum: Limit.short),
            medium: body.text("utm_medium", maximum: Limit.short),
            campaign: body.text("utm_campaign", maximum: Limit.short),
            term: body.text("utm_term", maximum: Limit.short),
            content: body.text("utm_content", maximum: Limit.short))
        lead.customFields = body.members("custom_fields")
        lead.isLenient = exchange.isLenient
        body.refuseUnknown(lenient: exchange.isLenient)
        return (lead, body)
    }

    private static func readIdentifiers(_ lead: inout LeadStore.NewLead, _ body: inout BodyReader, _ account: Account) {
        if let text = body.text("phone", maximum: Limit.phone) {
            if let phone = PhoneNumber(text, defaultCountry: account.defaultCountry) {
                lead.phone = phone.e164
                lead.identifiers.append(ContactIdentifier(kind: .phone, value: phone.e164, matchKey: phone.matchKey))
            } else {
                body.fail("phone", "invalid_phone", Faults.phone)
            }
        }
        if let email = body.email("email") {
            lead.email = email
            lead.identifiers.append(ContactIdentifier(kind: .email, value: email, matchKey: email.lowercased()))
        }
    }
}
