package import JSON

/// What an admin has said fills a slot that a send leaves open: something the lead is known by, or a default.
package struct VariableMapping: Sendable, Hashable {
    /// `lead.first_name`, `lead.custom_fields.plan`.
    package var source: String
    package var fallback: String?

    package init(source: String, fallback: String?) {
        self.source = source
        self.fallback = fallback
    }

    /// nil for a slot that nothing fills.
    package init?(json: JSONValue) {
        guard let source = json["source"]?.string else { return nil }
        self.init(source: source, fallback: json["default"]?.string)
    }

    /// nil where the lead has nothing to say and there is no default: the slot then stays open.
    package func value(from facts: LeadFacts) -> MappedValue? {
        (facts[source] ?? fallback).map { MappedValue(value: $0, source: source) }
    }
}

/// What mappings can draw from a lead and its contact.
package struct LeadFacts: Sendable, Hashable {
    private let own: [String: String]
    private let customFields: JSONValue

    /// - Parameter own: by name, as `company`; those without a value may be nil or blank.
    package init(_ own: [String: String?], customFields: JSONValue) {
        self.own = own.compactMapValues { $0 }
        self.customFields = customFields
    }

    /// Nothing where the lead has no value, or a blank one.
    subscript(source: String) -> String? {
        guard let name = Self.rest(of: source, after: "lead.") else { return nil }
        let value: String?
        if let field = Self.rest(of: name, after: "custom_fields.") {
            value = customFields[field].flatMap(Self.words)
        } else if name == "first_name" {
            value = own["name"]?.split(whereSeparator: \.isWhitespace).first.map(String.init)
        } else {
            value = own[name]
        }
        return value.flatMap { $0.allSatisfy(\.isWhitespace) ? nil : $0 }
    }

    private static func rest(of text: String, after prefix: String) -> String? {
        text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : nil
    }

    /// As a person would write it; a checkbox has no words.
    private static func words(_ value: JSONValue) -> String? {
        switch value {
        case .string(let text): text
        case .number(let number): number.text
        case .array(let items): items.compactMap(\.string).joined(separator: ", ")
        default: nil
        }
    }
}
