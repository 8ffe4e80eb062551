import Domain
import EventLoop
import HTTP
import JSON

/// What a message says, read from a body for the rules to judge.
enum MessageBody {
    /// More than any rule allows; what is over it need not be looked at.
    private static let entries = 100

    static func read(_ body: inout BodyReader, _ links: AddressJudge, lenient: Bool) -> SendRequest.Content? {
        var draft = MessageDraft()
        draft.type = body.text("type", maximum: 32)
        draft.message = words("message", &body)
        draft.header = words("header", &body)
        draft.footer = words("footer", &body)
        // What is there and cannot be read is there all the same.
        draft.media = nested("media", MessageDraft.Media(), &body, lenient: lenient) { media in
            MessageDraft.Media(
                id: media.id("id", Medium.self), url: link(&media, "url", links), caption: words("caption", &media),
                filename: words("filename", &media))
        }
        draft.location = location(&body, lenient: lenient)
        draft.buttons = choices("buttons", &body, describes: false, lenient: lenient)
        draft.list = nested("list", MessageDraft.List(), &body, lenient: lenient) { list in
            let button = words("button", &list)
            let sections = objects("sections", MessageDraft.Section(), &list, lenient: lenient) { section in
                MessageDraft.Section(
                    title: words("title", &section),
                    rows: choices("rows", &section, describes: true, lenient: lenient) ?? [])
            }
            return MessageDraft.List(button: button, sections: sections ?? [])
        }
        let (content, faults) = MessageRules.judge(draft)
        tell(faults, &body)
        return content
    }

    /// The `location` of a template's header; nil where there is none, or none that can be sent.
    static func headerLocation(_ body: inout BodyReader, lenient: Bool) -> GeoLocation? {
        guard let draft = location(&body, lenient: lenient) else { return nil }
        let (place, faults) = MessageRules.judge(draft, at: body.path("location"))
        tell(faults, &body)
        return place
    }

    private static func location(_ body: inout BodyReader, lenient: Bool) -> MessageDraft.Location? {
        nested("location", MessageDraft.Location(), &body, lenient: lenient) { location in
            MessageDraft.Location(
                latitude: location.number("latitude"), longitude: location.number("longitude"),
                name: words("name", &location), address: words("address", &location))
        }
    }

    private static func tell(_ faults: [ContentFault], _ body: inout BodyReader) {
        let known = body.faults.map(\.pointer)
        body.add(faults.filter { !isTold($0, known) }.map(Problem.Detail.init))
    }

    /// Whether what could not be read is the reason.
    private static func isTold(_ fault: ContentFault, _ known: [String]) -> Bool {
        known.contains { pointer in
            fault.pointer == pointer || fault.pointer.hasPrefix(pointer + "/")
                || (fault.code == .required && pointer.hasPrefix(fault.pointer + "/"))
        }
    }

    private static func words(_ key: String, _ body: inout BodyReader) -> String? {
        body.text(key, maximum: .max, mayBeBlank: true)
    }

    private static func choices(
        _ key: String, _ body: inout BodyReader, describes: Bool, lenient: Bool
    ) -> [MessageDraft.Choice]? {
        objects(key, MessageDraft.Choice(), &body, lenient: lenient) { choice in
            MessageDraft.Choice(
                id: words("id", &choice), title: words("title", &choice),
                description: describes ? words("description", &choice) : nil)
        }
    }

    /// Nil where there is none.
    private static func nested<Part>(
        _ key: String, _ unreadable: Part, _ body: inout BodyReader, lenient: Bool,
        _ read: (inout BodyReader) -> Part
    ) -> Part? {
        guard body.has(key) else {
            _ = body.value(key)
            return nil
        }
        guard var part = body.object(key) else { return unreadable }
        let value = read(&part)
        part.refuseUnknown(lenient: lenient)
        body.absorb(part)
        return value
    }

    /// One for each entry, so that each keeps its place.
    private static func objects<Part>(
        _ key: String, _ unreadable: Part, _ body: inout BodyReader, lenient: Bool,
        _ read: (inout BodyReader) -> Part
    ) -> [Part]? {
        guard body.has(key) else {
            _ = body.value(key)
            return nil
        }
        let root = body.path(key)
        return body.elements(key, count: entries).enumerated().map { index, item in
            let at = JSONPointer.appending(index, to: root)
            guard let object = item.object else {
                body.add([.init(at, "wrong_type", Faults.wrongType, ["type": "object"])])
                return unreadable
            }
            var reader = BodyReader(object, at: at)
            let part = read(&reader)
            reader.refuseUnknown(lenient: lenient)
            body.absorb(reader)
            return part
        }
    }

    // MARK: Links

    /// An address that the whole Internet can reach, as far as the text tells; a name is judged when it is resolved.
    static func link(_ body: inout BodyReader, _ key: String, _ links: AddressJudge) -> String? {
        guard let text = body.text(key, maximum: 2048) else { return nil }
        guard let url = HTTPURL(text) else {
            body.fail(key, "invalid_format", Faults.link)
            return nil
        }
        let isLocal = url.host == "localhost" || url.host.hasSuffix(".localhost")
        let address = SocketAddress(ip: isLocal ? "127.0.0.1" : url.host, port: url.port)
        guard address.map(links.allows) ?? true else {
            body.fail(key, "private_address", Faults.privateAddress)
            return nil
        }
        return text
    }
}

extension Problem.Detail {
    init(_ fault: ContentFault) {
        var values = fault.values
        var words = fault.code.words
        if fault.code == .required, values["one"] != nil { words = Faults.exclusive }
        if fault.code == .typeMismatch { values["kind"] = values["type"] }
        self.init(fault.pointer, fault.code.rawValue, words, values)
    }
}

extension ContentFault.Code {
    fileprivate var words: Words {
        switch self {
        case .required: Faults.required
        case .blank: Faults.blank
        case .tooLong: Faults.tooLong
        case .tooMany: Faults.tooMany
        case .outOfRange: Faults.outOfRange
        case .repeated: Faults.repeatedValue
        case .exclusive: Faults.exclusive
        case .misplaced: Faults.misplaced
        case .notSupported: Faults.unsupportedType
        case .invalidCharacter: Faults.filename
        case .notFound: Faults.notFound
        case .typeMismatch: Faults.otherKind
        }
    }
}
