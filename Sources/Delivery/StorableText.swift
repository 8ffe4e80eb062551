import JSON

extension String {
    /// With U+FFFD in place of U+0000, which PostgreSQL's `text` cannot hold (manual, section 8.3).
    var storable: String { utf8.contains(0) ? replacing("\0", with: "\u{fffd}") : self }
}

extension JSONValue {
    /// With U+FFFD in place of U+0000, which `jsonb` cannot hold either (manual, section 8.14).
    var storable: JSONValue {
        switch self {
        case .string(let text): .string(text.storable)
        case .array(let items): .array(items.map(\.storable))
        case .object(let object): .object(JSONObject(object.members.map { ($0.key.storable, $0.value.storable) }))
        case .null, .bool, .number: self
        }
    }
}
