import HTTP

/// A sentence for people in the languages that accounts speak; `{name}` stands for a value.
package struct Words: Sendable, Hashable {
    package let english: String
    package let portuguese: String

    package init(_ english: String, _ portuguese: String) {
        self.english = english
        self.portuguese = portuguese
    }

    package func text(in language: Language, _ values: [String: String] = [:]) -> String {
        let template = language == .portuguese ? portuguese : english
        guard !values.isEmpty, template.utf8.contains(UInt8(ascii: "{")) else { return template }
        return values.reduce(template) { text, value in
            text.replacing("{\(value.key)}", with: value.value)
        }
    }
}

/// A language that messages are written in.
package enum Language: String, Sendable, CaseIterable {
    case english = "en"
    case portuguese = "pt"

    /// From a BCP 47 tag; anything but Portuguese is English.
    package init(locale: String) {
        self = locale.lowercased().hasPrefix("pt") ? .portuguese : .english
    }

    /// The best of an `Accept-Language` field (RFC 9110 § 12.5.4), or nil when it names neither.
    package init?(accepting field: String) {
        var best: (language: Language, quality: Double)?
        for range in field.split(separator: ",").prefix(20) {
            let parts = range.split(separator: ";").map { $0.filter { $0 != " " } }
            guard let tag = parts.first?.lowercased() else { continue }
            let primary = tag.split(separator: "-").first.map(String.init) ?? tag
            guard let language = Language(rawValue: primary) else { continue }
            var quality = 1.0
            for part in parts.dropFirst() where part.lowercased().hasPrefix("q=") {
                quality = Double(part.dropFirst(2)) ?? 0
            }
            if quality > 0, quality > best?.quality ?? 0 { best = (language, quality) }
        }
        guard let best else { return nil }
        self = best.language
    }

    /// What a request asks for, if it names one of ours.
    static func accepted(by fields: HTTPFields) -> Language? {
        fields["Accept-Language"].flatMap(Language.init(accepting:))
    }
}
