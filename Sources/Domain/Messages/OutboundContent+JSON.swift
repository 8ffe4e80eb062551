package import JSON

/// The form in which the database keeps it. Keys are short because every message has one:
/// `{"t": text}`, or `{"n": name, "l": language, "c": [{"p": "h" | "b" | index, "s": sub type, "v": [parameter]}]}`.
extension OutboundContent {
    package var json: JSONValue {
        switch self {
        case .text(let text): ["t": .string(text)]
        case .template(let send):
            ["n": .string(send.name), "l": .string(send.language), "c": .array(send.components.map(\.json))]
        }
    }

    package init?(json: JSONValue) {
        if let text = json["t"]?.string {
            self = .text(text)
            return
        }
        guard let name = json["n"]?.string, let language = json["l"]?.string, let entries = json["c"]?.array
        else { return nil }
        let components = entries.compactMap { BoundComponent(json: $0) }
        guard components.count == entries.count else { return nil }
        self = .template(TemplateSend(name: name, language: language, components: components))
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

/// `{"t": text, "n": name}`, `{"c": coupon}`, `{"d": payload}`, `{"m": kind, "i": id}` or `{"m": kind, "u": link}`.
extension BoundComponent.Parameter {
    fileprivate var json: JSONValue {
        switch self {
        case .text(let text, nil): ["t": .string(text)]
        case .text(let text, let name?): ["t": .string(text), "n": .string(name)]
        case .couponCode(let code): ["c": .string(code)]
        case .payload(let payload): ["d": .string(payload)]
        case .media(let kind, .id(let id)): ["m": .string(kind), "i": .string(id)]
        case .media(let kind, .link(let link)): ["m": .string(kind), "u": .string(link)]
        }
    }

    fileprivate init?(json: JSONValue) {
        if let text = json["t"]?.string {
            self = .text(text, name: json["n"]?.string)
        } else if let code = json["c"]?.string {
            self = .couponCode(code)
        } else if let payload = json["d"]?.string {
            self = .payload(payload)
        } else if let kind = json["m"]?.string, let id = json["i"]?.string {
            self = .media(kind: kind, .id(id))
        } else if let kind = json["m"]?.string, let link = json["u"]?.string {
            self = .media(kind: kind, .link(link))
        } else {
            return nil
        }
    }
}
