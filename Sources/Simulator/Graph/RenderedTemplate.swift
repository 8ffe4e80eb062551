import JSON

/// A template with its parameters in place, as the recipient's phone shows it.
struct RenderedTemplate: Sendable {
    let name: String
    let language: String
    let category: String
    /// Text, or the format of its media in capitals.
    var header: String?
    var body = ""
    var footer: String?
    var buttons: [JSONValue] = []

    var json: JSONValue {
        [
            "name": .string(name), "language": .string(language), "category": .string(category),
            "header": header.map(JSONValue.string) ?? .null, "body": .string(body),
            "footer": footer.map(JSONValue.string) ?? .null, "buttons": .array(buttons),
        ]
    }
}
