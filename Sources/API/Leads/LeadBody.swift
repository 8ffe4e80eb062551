import Domain
import EventLoop
import JSON
import Storage

/// The bodies that say what a lead is.
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

    /// - Parameter isNew: the lead is made, so that it must have a name.
    /// - Throws: everything that is wrong, with the custom values that only the account's fields can judge.
    @Reactor
    static func read(
        _ exchange: Exchange, _ service: Service, isNew: Bool
    ) async throws -> (patch: LeadPatch, warnings: [String]) {
        let account = try exchange.admitted().account
        var body = try BodyReader(exchange, after: QueryReader(exchange))
        let patch = patch(&body, account, isNew: isNew, lenient: exchange.isLenient)
        body.refuseUnknown(lenient: exchange.isLenient)
        guard !body.faults.isEmpty else { return (patch, body.warnings) }
        let fields = try await service.database.customFields.all(of: account.id)
        let judged = CustomFieldSchema(fields, currency: account.currency)
            .check(patch.customFields, isNew: isNew, lenient: exchange.isLenient)
        throw Problem.validation(body.faults + judged.faults.map { $0.detail() })
    }

    /// Reads every field of a lead that a caller can write; the reader keeps what is wrong with them.
    static func patch(_ body: inout BodyReader, _ account: Account, isNew: Bool, lenient: Bool) -> LeadPatch {
        var patch = LeadPatch()
        if isNew {
            patch.name = body.text("name", maximum: Limit.name, isRequired: true).map { .set($0) } ?? .keep
        } else {
            patch.name = body.change("name") { $0.text("name", maximum: Limit.name, isRequired: true) }
        }
        patch.externalID = short("external_id", &body)
        readAddresses(&patch, &body, account)
        patch.company = short("company", &body)
        patch.birthday = body.clearable("birthday") { $0.date("birthday") }
        patch.pipelineID = body.id("pipeline_id")
        patch.stageID = body.id("stage_id")
        patch.currency =
            isNew ? currency(&body).map { .set($0) } ?? .keep : body.change("currency", currency)
        patch.value = body.clearable("value") { $0.number("value") }
        if isNew { checkAmount(patch, &body, account) }
        patch.source = short("source", &body)
        if body.names("tags") {
            patch.tags = .set(tags(&body))
        }
        patch.assignedTo = body.clearable("assigned_to") { $0.integer("assigned_to", in: 1...Lead.ID.maximum) }
        patch.notes = body.clearable("notes") { $0.text("notes", maximum: Limit.notes) }
        patch.utmSource = short("utm_source", &body)
        patch.utmMedium = short("utm_medium", &body)
        patch.utmCampaign = short("utm_campaign", &body)
        patch.utmTerm = short("utm_term", &body)
        patch.utmContent = short("utm_content", &body)
        patch.customFields = body.members("custom_fields")
        return patch
    }

    /// By name, each once.
    static func tags(_ body: inout BodyReader) -> [String] {
        body.texts("tags", maximum: Limit.tag, count: Limit.tags).uniqued()
    }

    private static func short(_ key: String, _ body: inout BodyReader) -> Change<String?> {
        body.clearable(key) { $0.text(key, maximum: Limit.short) }
    }

    private static func readAddresses(_ patch: inout LeadPatch, _ body: inout BodyReader, _ account: Account) {
        patch.phone = body.clearable("phone") { body in
            guard let text = body.text("phone", maximum: Limit.phone) else { return nil }
            let phone = PhoneNumber(text, defaultCountry: account.defaultCountry)
            if phone == nil { body.fail("phone", "invalid_phone", Faults.phone) }
            return phone
        }
        patch.email = body.clearable("email") { $0.email("email").flatMap { EmailAddress($0) } }
    }

    private static func currency(_ body: inout BodyReader) -> String? {
        guard let currency = body.text("currency", maximum: 3) else { return nil }
        guard currency.utf8.count == 3, currency.utf8.allSatisfy({ (0x41...0x5a).contains($0) }) else {
            body.fail("currency", "invalid_format", Faults.notOneOf, ["values": "ISO 4217, BRL"])
            return nil
        }
        return currency
    }

    /// Told with the other faults where the currency is known; for a lead that is there, its own decides.
    private static func checkAmount(_ patch: LeadPatch, _ body: inout BodyReader, _ account: Account) {
        guard case .set(let amount?) = patch.value else { return }
        let currency = patch.currency.applied(to: account.currency)
        guard amount.minorUnits(scale: Currency.decimals(of: currency)) == nil else { return }
        body.add([.amount("value", in: currency)])
    }
}

extension Problem.Detail {
    /// The amount has more decimals than the currency, or is too large.
    static func amount(_ field: String, in currency: String) -> Problem.Detail {
        .init(
            "/\(field)", "out_of_range", Faults.money,
            ["decimals": String(Currency.decimals(of: currency)), "currency": currency])
    }
}
