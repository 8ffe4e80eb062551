package import JSON

/// The form in which the database keeps it. Keys are short because every message has one:
/// `{"t": text}`, `{"k": kind, "i"|"u"|"a": where the file is, "w": caption, "f": file name}`, `{"g": location}`,
/// `{"b": buttons}`, `{"o": list}`, or
/// `{"n": name, "l": language, "c": [{"p": "h" | "b" | index, "s": sub type, "v": [parameter]}]}`.
extension OutboundContent {
    package var json: JSONValue {
        switch self {
        case .text(let text): ["t": .string(text)]
        case .media(let media):
            .object(
                JSONObject(
                    [("k", .string(media.kind.rawValue)), media.reference.member]
                        + .given(("w", media.caption), ("f", media.filename))))
        case .location(let location): ["g": location.json]
        case .buttons(let buttons): ["b": buttons.json]
        case .list(let list): ["o": list.json]
        case .template(let send):
            ["n": .string(send.name), "l": .string(send.language), "c": .array(send.components.map(\.json))]
        }
    }

    package init?(json: JSONValue) {
        if let text = json["t"]?.string {
            self = .text(text)
        } else if let kind = json["k"]?.string.flatMap(MediaKind.init), let reference = MediaReference(json: json) {
            self = .media(
                MediaContent(
                    kind: kind, reference: reference, caption: json["w"]?.string, filename: json["f"]?.string))
        } else if let location = json["g"].flatMap(GeoLocation.init(json:)) {
            self = .location(location)
        } else if let buttons = json["b"].flatMap(ReplyButtons.init(json:)) {
            self = .buttons(buttons)
        } else if let list = json["o"].flatMap(OptionList.init(json:)) {
            self = .list(list)
        } else {
            guard let name = json["n"]?.string, let language = json["l"]?.string, let entries = json["c"]?.array
            else { return nil }
            let components = entries.compactMap { BoundComponent(json: $0) }
            guard components.count == entries.count else { return nil }
            self = .template(TemplateSend(name: name, language: language, components: components))
        }
    }
}

/// `"i"`: at the provider; `"u"`: a link; `"a"`: here.
extension MediaReference {
    var member: (String, JSONValue) {
        switch self {
        case .id(let id): ("i", .string(id))
        case .link(let link): ("u", .string(link))
        case .stored(let id): ("a", .number(JSONNumber(id.rawValue)))
        }
    }

    init?(json: JSONValue) {
        if let id = json["i"]?.string {
            self = .id(id)
        } else if let link = json["u"]?.string {
            self = .link(link)
        } else if let id = json["a"]?.int64 {
            self = .stored(Medium.ID(id))
        } else {
            return nil
        }
    }
}

extension BoundComponent {
    fileprivate var json: JSONValue {
        let values = JSONValue.array(parameters.map(\.json))
        return switch place {
        case .header: ["p": "h", "v": values]
        case .body: ["p": "b", "v": values]
        case .button(let index, let subType):
            ["p": .number(JSONNumber(Int64(index))), "s": .string(subType), "v": values]
        }
    }

    fileprivate init?(json: JSONValue) {
        guard let entries = json["v"]?.array else { return nil }
        let parameters = entries.compactMap { Parameter(json: $0) }
        guard parameters.count == entries.count else { return nil }
        switch (json["p"]?.string, json["p"]?.int64, json["s"]?.string) {
        case ("h", _, _): self.init(place: .header, parameters: parameters)
        case ("b", _, _): self.init(place: .body, parameters: parameters)
        case (_, let index?, let subType?):
            self.init(place: .button(index: Int(index), subType: subType), parameters: parameters)
        default: return nil
        }
    }
}

/// `{"t": text, "n": name}`, `{"c": coupon}`, `{"d": payload}`, `{"g": location}`,
/// or `{"m": kind, "i"|"u"|"a": where the file is}`.
extension BoundComponent.Parameter {
    fileprivate var json: JSONValue {
        switch self {
        case .text(let text, nil): ["t": .string(text)]
        case .text(let text, let name?): ["t": .string(text), "n": .string(name)]
        case .couponCode(let code): ["c": .string(code)]
        case .payload(let payload): ["d": .string(payload)]
        case .media(let kind, let reference): .object(JSONObject([("m", .string(kind)), reference.member]))
        case .location(let location): ["g": location.json]
        }
    }

    fileprivate init?(json: JSONValue) {
        if let text = json["t"]?.string {
            self = .text(text, name: json["n"]?.string)
        } else if let code = json["c"]?.string {
            self = .couponCode(code)
        } else if let payload = json["d"]?.string {
            self = .payload(payload)
        } else if let location = json["g"].flatMap(GeoLocation.init(json:)) {
            self = .location(location)
        } else if let kind = json["m"]?.string, let reference = MediaReference(json: json) {
            self = .media(kind: kind, reference)
        } else {
            return nil
        }
    }
}
