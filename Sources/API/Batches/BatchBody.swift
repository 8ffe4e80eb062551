import Domain
import EventLoop
import HTTP
import JSON
import Storage

/// The body of `POST /whatsapp/batches` and of its preflight.
struct BatchBody: Sendable {
    static let recipientLimit = 10_000
    /// Of one body; what is wrong with the next thousand is mostly the same.
    private static let faultLimit = 100

    struct Recipient: Sendable {
        let lead: Lead.ID
        let variables: JSONValue?
        let clientReference: String?
    }

    var name: String?
    /// What all are sent, as it was given: kept with the batch, and read again when a turn comes.
    var content: JSONObject
    var variables: JSONValue?
    /// The same, read; with the variables that all share.
    var template: SendRequest.TemplateContent
    var instanceID: Instance.ID?
    var sentBy: String?
    var sendAt: Timestamp?
    var validUntil: Timestamp?
    var recipients: [Recipient]
    /// The list that names them: `/recipients` or `/lead_ids`.
    var root: String
    /// One who cannot be sent to stops all.
    var isAllOrNothing: Bool
    var warnings: [String]

    /// Read away from the loop: it may be many thousands.
    @Reactor
    static func read(
        _ exchange: Exchange, after query: QueryReader, links: AddressJudge
    ) async throws -> BatchBody {
        try await ThreadPool.compute.run { try BatchBody(exchange, after: query, links) }
    }

    private init(_ exchange: Exchange, after query: QueryReader, _ links: AddressJudge) throws {
        let lenient = exchange.isLenient
        var body = try BodyReader(exchange, after: query)
        let template = SendBody.readTemplate(&body, links, lenient: lenient)
        content = JSONObject()
        for key in Self.kept { if let value = body.value(key) { content[key] = value } }
        variables = body.value("variables")
        name = body.text("name", maximum: BodyReader.nameLimit)
        instanceID = body.id("instance_id", Instance.self)
        sentBy = body.text("sent_by", maximum: 255)
        sendAt = body.instant("send_at")
        validUntil = body.instant("valid_until")
        if let until = validUntil, until <= max(exchange.now, sendAt ?? exchange.now) {
            body.fail("valid_until", "in_the_past", Faults.past)
        }
        isAllOrNothing = body.boolean("all_or_nothing") ?? false
        let isShort = body.has("lead_ids")
        root = isShort ? "/lead_ids" : "/recipients"
        if isShort == body.has("recipients") {
            body.fail("recipients", "required", Faults.exclusive, ["one": "recipients", "other": "lead_ids"])
        }
        recipients = isShort ? Self.leads(&body) : Self.recipients(&body, lenient: lenient)
        _ = (body.value("lead_ids"), body.value("recipients"))
        if recipients.isEmpty, body.faults.isEmpty { body.fail(String(root.dropFirst()), "required", Faults.required) }
        body.refuseUnknown(lenient: lenient)
        guard body.faults.isEmpty, let template else {
            throw Problem.validation(Array(body.faults.prefix(Self.faultLimit)))
        }
        self.template = template
        warnings = body.warnings
    }

    private static let kept = ["template_id", "template", "header_media", "instance_id", "sent_by"]

    /// Each lead once: who is named twice would be written to twice, or with one of two texts by chance.
    private static func recipients(_ body: inout BodyReader, lenient: Bool) -> [Recipient] {
        var seen: Set<Lead.ID> = []
        return body.objects("recipients", count: recipientLimit, lenient: lenient) { item in
            if !item.has("lead_id") { item.fail("lead_id", "required", Faults.required) }
            let lead = item.id("lead_id", Lead.self)
            let variables = item.value("variables")
            _ = SendBody.readVariables(&item)
            let reference = item.text("client_reference", maximum: 255)
            guard let lead else { return nil }
            if !seen.insert(lead).inserted { item.fail("lead_id", "repeated", Faults.repeatedValue) }
            return Recipient(lead: lead, variables: variables, clientReference: reference)
        }
    }

    private static func leads(_ body: inout BodyReader) -> [Recipient] {
        var seen: Set<Lead.ID> = []
        var faults: [Problem.Detail] = []
        let root = body.path("lead_ids")
        let leads = body.elements("lead_ids", count: recipientLimit).enumerated().compactMap { index, item in
            let at = JSONPointer.appending(index, to: root)
            guard let id = item.int64, (1...Lead.ID.maximum).contains(id) else {
                faults.append(.init(at, "wrong_type", Faults.wrongType, ["type": "integer"]))
                return Recipient?.none
            }
            if !seen.insert(Lead.ID(id)).inserted { faults.append(.init(at, "repeated", Faults.repeatedValue)) }
            return Recipient(lead: Lead.ID(id), variables: nil, clientReference: nil)
        }
        body.add(faults)
        return leads
    }

    /// What was kept of a body, read again.
    static func template(
        in content: JSONObject, _ variables: JSONValue?, _ links: AddressJudge
    ) -> SendRequest.TemplateContent? {
        var object = content
        object["variables"] = variables
        var body = BodyReader(object)
        return SendBody.readTemplate(&body, links, lenient: true)
    }
}
