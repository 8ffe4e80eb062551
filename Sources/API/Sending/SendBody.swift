import Domain
import HTTP
import JSON

/// The bodies of the two sends, and of preflight, which takes either.
enum SendBody {
    enum Kind: Sendable { case message, template }

    static func read(
        _ exchange: Exchange, after query: QueryReader, _ kind: Kind, links: AddressJudge
    ) throws -> (request: SendRequest, warnings: [String]) {
        try read(BodyReader(exchange, after: query), kind, exchange, links)
    }

    /// A template's body is known by what only it has.
    static func readEither(
        _ exchange: Exchange, after query: QueryReader, links: AddressJudge
    ) throws -> (request: SendRequest, warnings: [String]) {
        let body = try BodyReader(exchange, after: query)
        let isTemplate = body.has("template_id") || body.has("template") || body.has("variables")
        return try read(body, isTemplate && !body.has("message") ? .template : .message, exchange, links)
    }

    private static func read(
        _ reader: BodyReader, _ kind: Kind, _ exchange: Exchange, _ links: AddressJudge
    ) throws -> (request: SendRequest, warnings: [String]) {
        var body = reader
        let content: SendRequest.Content?
        var fallback: SendRequest.TemplateContent?
        switch kind {
        case .message:
            content = MessageBody.read(&body, links, lenient: exchange.isLenient)
            fallback = readFallback(&body, links, lenient: exchange.isLenient)
        case .template: content = readTemplate(&body, links, lenient: exchange.isLenient).map { .template($0) }
        }
        var request = SendRequest(content: content ?? .text(""))
        request.fallback = fallback
        request.instanceID = body.id("instance_id", Instance.self)
        request.replyTo = body.id("reply_to", Message.self)
        request.clientReference = body.text("client_reference", maximum: 255)
        request.sentBy = body.text("sent_by", maximum: 255)
        request.sendAt = body.instant("send_at")
        request.validUntil = body.instant("valid_until")
        if let until = request.validUntil, until <= max(exchange.now, request.sendAt ?? exchange.now) {
            body.fail("valid_until", "in_the_past", Faults.past)
        }
        body.refuseUnknown(lenient: exchange.isLenient)
        try body.throwIfFaulty()
        return (request, body.warnings)
    }

    private static func readFallback(
        _ body: inout BodyReader, _ links: AddressJudge, lenient: Bool
    ) -> SendRequest.TemplateContent? {
        guard var nested = body.object("fallback") else { return nil }
        let content = readTemplate(&nested, links, lenient: lenient)
        nested.refuseUnknown(lenient: lenient)
        body.absorb(nested)
        return content
    }

    /// What is sent: the members `template_id` or `template`, `variables`, `header_media`.
    static func readTemplate(
        _ body: inout BodyReader, _ links: AddressJudge, lenient: Bool
    ) -> SendRequest.TemplateContent? {
        let id = body.id("template_id", Template.self)
        var named: SendRequest.TemplateChoice?
        if var template = body.object("template") {
            let name = template.text("name", maximum: 512, isRequired: true)
            let language = template.text("language", maximum: 20, isRequired: true)
            template.refuseUnknown(lenient: lenient)
            body.absorb(template)
            if let name, let language { named = .name(name, language: language) }
        }
        let values = ["one": "template_id", "other": "template"]
        if body.has("template_id"), body.has("template") {
            body.fail("template", "exclusive", Faults.exclusive, values)
        } else if !body.has("template_id"), !body.has("template") {
            body.fail("template_id", "required", Faults.exclusive, values)
        }
        let variables = readVariables(&body)
        let header = readHeader(&body, links, lenient: lenient)
        guard let choice = id.map({ .id($0) }) ?? named else { return nil }
        return SendRequest.TemplateContent(
            choice: choice, variables: variables, headerMedia: header.media, headerLocation: header.location)
    }

    /// Values are judged with the template: here only their shape.
    static func readVariables(_ body: inout BodyReader) -> VariablesInput {
        guard let value = body.value("variables") else { return .absent }
        guard let variables = VariablesInput(value) else {
            body.fail("variables", "wrong_type", Faults.wrongType, ["type": "array | object"])
            return .absent
        }
        let root = body.path("variables")
        let places =
            switch variables {
            // A body gives a list or an object.
            case .absent, .bound: [(String, VariableValue)]()
            case .list(let values):
                values.enumerated().map { (JSONPointer.appending($0.offset, to: root), $0.element) }
            case .object(let members): members.map { (JSONPointer.appending($0.key, to: root), $0.value) }
            }
        for case (let place, .text(let text)) in places where text.utf8.contains(0) {
            body.add([.init(place, "invalid_character", Faults.invalidCharacter)])
        }
        return variables
    }

    private struct Header {
        var media: MediaReference?
        var location: GeoLocation?
    }

    /// `id` is the id of an uploaded file, or, as text, one that the provider gave; `location` is for a map.
    private static func readHeader(_ body: inout BodyReader, _ links: AddressJudge, lenient: Bool) -> Header {
        guard var media = body.object("header_media") else { return Header() }
        var given: [Header] = []
        if media.value("id")?.number != nil {
            given.append(Header(media: media.id("id", Medium.self).map { .stored($0) }))
        } else if media.has("id") {
            given.append(Header(media: media.text("id", maximum: 512).map { .id($0) }))
        }
        for key in ["link", "url"] {
            let link = MessageBody.link(&media, key, links)
            if media.has(key) { given.append(Header(media: link.map { .link($0) })) }
        }
        let location = MessageBody.headerLocation(&media, lenient: lenient)
        if media.has("location") { given.append(Header(location: location)) }
        media.refuseUnknown(lenient: lenient)
        body.absorb(media)
        guard given.count == 1 else {
            body.fail("header_media", "required", Faults.exclusive, ["one": "id", "other": "link"])
            return Header()
        }
        return given[0]
    }
}
