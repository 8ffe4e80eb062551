import JSON

/// What a message carries, by its type, with the limits of its page in Meta's documentation.
enum CloudContent {
    /// The words that a phone shows for it, and the object as it was sent.
    case plain(text: String, JSONValue)
    case template(TemplateSend, JSONValue)

    /// The object as it was sent.
    var sent: JSONValue {
        switch self {
        case .plain(_, let content), .template(_, let content): content
        }
    }

    static let types: Set<String> = [
        "text", "image", "video", "audio", "document", "sticker", "location", "contacts", "reaction", "interactive",
        "template",
    ]

    init(type: String, in parameters: GraphParameters) throws(GraphError) {
        let content = parameters.object[type] ?? .null
        switch type {
        case "contacts": self = .plain(text: try Self.contacts(parameters), content)
        case "template": self = .template(try TemplateSend(try parameters.nested(type)), content)
        case "text": self = .plain(text: try Self.text(try parameters.nested(type)), content)
        case "location": self = .plain(text: try Self.location(try parameters.nested(type)), content)
        case "reaction": self = .plain(text: try Self.reaction(try parameters.nested(type)), content)
        case "interactive": self = .plain(text: try InteractiveRules.check(try parameters.nested(type)), content)
        default: self = .plain(text: try Self.media(type, try parameters.nested(type)), content)
        }
    }

    private static func text(_ text: GraphParameters) throws(GraphError) -> String {
        try text.allow(["body", "preview_url"])
        _ = try text.bool("preview_url")
        return try text.string("body", atMost: 4096)
    }

    private static func media(_ type: String, _ media: GraphParameters) throws(GraphError) -> String {
        var keys: Set<String> = ["id", "link"]
        if ["image", "video", "document"].contains(type) { keys.insert("caption") }
        if type == "document" { keys.insert("filename") }
        if type == "audio" { keys.insert("voice") }
        try media.allow(keys)
        try mediaSource(media)
        _ = try media.optionalString("filename")
        _ = try media.bool("voice")
        return try media.optionalString("caption", atMost: 1024) ?? ""
    }

    /// An uploaded file's id or a link, and not both.
    static func mediaSource(_ media: GraphParameters) throws(GraphError) {
        let id = try media.optionalString("id")
        let link = try media.optionalString("link")
        guard (id == nil) != (link == nil) else {
            throw .invalid("\(media.path) needs either an id or a link")
        }
        guard link.map({ $0.hasPrefix("https://") || $0.hasPrefix("http://") }) ?? true else {
            throw .parameter(media.path("link"), "is not a valid URI")
        }
    }

    private static func location(_ location: GraphParameters) throws(GraphError) -> String {
        try location.allow(["latitude", "longitude", "name", "address"])
        let latitude = try location.number("latitude")
        let longitude = try location.number("longitude")
        guard (-90...90).contains(latitude), (-180...180).contains(longitude) else {
            throw .badValue("location coordinates are out of range")
        }
        let name = try location.optionalString("name")
        let address = try location.optionalString("address")
        return [name, address].compactMap { $0 }.joined(separator: "\n")
    }

    private static func reaction(_ reaction: GraphParameters) throws(GraphError) -> String {
        try reaction.allow(["message_id", "emoji"])
        _ = try reaction.string("message_id")
        return try reaction.string("emoji", orEmpty: true)
    }

    private static func contacts(_ parameters: GraphParameters) throws(GraphError) -> String {
        var names: [String] = []
        for contact in try parameters.list("contacts", of: 1...257) {
            try contact.allow(["name", "phones", "emails", "urls", "addresses", "org", "birthday"])
            names.append(try contact.nested("name").string("formatted_name"))
        }
        return names.joined(separator: "\n")
    }
}
