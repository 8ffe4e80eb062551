package import JSON

/// A message as it is kept, read back as what was asked for: it is judged anew before it is sent again.
extension SendRequest.Content {
    /// Nil where the parts do not belong together.
    ///
    /// - Parameters:
    ///   - template: the one that was bound, if it is a template.
    ///   - text: the message's words.
    ///   - details: what it shows besides.
    package init?(kept content: OutboundContent, template: Template.ID?, text: String?, details: JSONObject?) {
        switch content {
        case .text(let words):
            // What the number could not show as buttons or a list went out as words.
            let shown = details.flatMap { JSONValue.choices($0, body: text) }
            if let shown, details?["buttons"] != nil, let buttons = ReplyButtons(json: shown) {
                self = .buttons(buttons)
            } else if let shown, details?["list"] != nil, let list = OptionList(json: shown) {
                self = .list(list)
            } else {
                self = .text(words)
            }
        case .media(let media):
            self = .media(
                MediaRequest(
                    kind: media.kind, reference: media.reference, caption: media.caption, filename: media.filename))
        case .location(let location): self = .location(location)
        case .buttons(let buttons): self = .buttons(buttons)
        case .list(let list): self = .list(list)
        case .template(let send):
            guard let template else { return nil }
            self = .template(
                SendRequest.TemplateContent(
                    choice: .id(template), variables: .bound(send.components), headerMedia: content.media,
                    headerLocation: send.headerLocation))
        }
    }
}

extension OutboundContent.TemplateSend {
    fileprivate var headerLocation: GeoLocation? {
        for case .location(let location) in components.flatMap(\.parameters) { return location }
        return nil
    }
}

extension JSONValue {
    /// As `ReplyButtons` and `OptionList` are told whole: the words over them stand with the message.
    fileprivate static func choices(_ details: JSONObject, body: String?) -> JSONValue? {
        guard let body, details["buttons"] != nil || details["list"] != nil else { return nil }
        return .object(JSONObject(details.members.map { ($0.key, $0.value) } + [("body", .string(body))]))
    }
}

/// `{"i": id}` or `{"n": name, "l": language}`, with `"v"` the variables, `"h"` the header's file, `"g"` its place.
extension SendRequest.TemplateContent {
    package var json: JSONValue {
        var members: [(String, JSONValue)] = []
        switch choice {
        case .id(let id): members.append(("i", .number(JSONNumber(id.rawValue))))
        case .name(let name, let language): members += [("n", .string(name)), ("l", .string(language))]
        }
        if let variables = variables.json { members.append(("v", variables)) }
        if let headerMedia { members.append(("h", .object(JSONObject([headerMedia.member])))) }
        if let headerLocation { members.append(("g", headerLocation.json)) }
        return .object(JSONObject(members))
    }

    package init?(json: JSONValue) {
        let choice: SendRequest.TemplateChoice
        if let id = json["i"]?.int64 {
            choice = .id(Template.ID(id))
        } else if let name = json["n"]?.string, let language = json["l"]?.string {
            choice = .name(name, language: language)
        } else {
            return nil
        }
        self.init(
            choice: choice, variables: VariablesInput(json: json["v"]),
            headerMedia: json["h"].flatMap(MediaReference.init(json:)),
            headerLocation: json["g"].flatMap(GeoLocation.init(json:)))
    }
}

extension VariablesInput {
    fileprivate var json: JSONValue? {
        switch self {
        case .list(let values): .array(values.map(\.json))
        case .object(let members): .object(JSONObject(members.map { ($0.key, $0.value.json) }))
        // What was bound before belongs to a message, and no fallback is one.
        case .absent, .bound: nil
        }
    }

    fileprivate init(json: JSONValue?) {
        switch json {
        case .array(let items): self = .list(items.map(VariableValue.init(json:)))
        case .object(let object):
            self = .object(object.members.map { VariableMember(key: $0.key, value: VariableValue(json: $0.value)) })
        default: self = .absent
        }
    }
}

extension VariableValue {
    /// Of what was neither text nor null it is known only that it was of the wrong type.
    fileprivate var json: JSONValue {
        switch self {
        case .text(let text): .string(text)
        case .null: .null
        case .wrongType: .bool(true)
        }
    }

    fileprivate init(json: JSONValue) {
        switch json {
        case .string(let text): self = .text(text)
        case .null: self = .null
        default: self = .wrongType
        }
    }
}
