package import JSON

/// How the API tells what stands in a message, and how it is kept: one shape for both.
extension GeoLocation {
    package var json: JSONValue {
        .object(
            JSONObject([
                ("latitude", .number(latitude)), ("longitude", .number(longitude)), ("name", .text(name)),
                ("address", .text(address)),
            ]))
    }

    package init?(json: JSONValue) {
        guard let latitude = json["latitude"]?.number, let longitude = json["longitude"]?.number else { return nil }
        self.init(
            latitude: latitude, longitude: longitude, name: json["name"]?.string, address: json["address"]?.string)
    }
}

extension ReplyButtons {
    package var json: JSONValue {
        .object(
            JSONObject(
                .given(("header", header), ("body", body), ("footer", footer)) + [("buttons", choices)]))
    }

    package var choices: JSONValue {
        .array(buttons.map { ["id": .string($0.id), "title": .string($0.title)] })
    }

    package init?(json: JSONValue) {
        guard let body = json["body"]?.string, let entries = json["buttons"]?.array else { return nil }
        let buttons = entries.compactMap { entry -> Button? in
            guard let id = entry["id"]?.string, let title = entry["title"]?.string else { return nil }
            return Button(id: id, title: title)
        }
        guard buttons.count == entries.count else { return nil }
        self.init(header: json["header"]?.string, body: body, footer: json["footer"]?.string, buttons: buttons)
    }
}

extension OptionList {
    package var json: JSONValue {
        .object(
            JSONObject(.given(("header", header), ("body", body), ("footer", footer)) + [("list", menu)]))
    }

    package var menu: JSONValue {
        ["button": .string(button), "sections": .array(sections.map(\.json))]
    }

    package init?(json: JSONValue) {
        guard let body = json["body"]?.string, let button = json["list"]?["button"]?.string,
            let entries = json["list"]?["sections"]?.array
        else { return nil }
        let sections = entries.compactMap(Section.init(json:))
        guard sections.count == entries.count else { return nil }
        self.init(
            header: json["header"]?.string, body: body, footer: json["footer"]?.string, button: button,
            sections: sections)
    }
}

extension OptionList.Section {
    fileprivate var json: JSONValue {
        .object(
            JSONObject([
                ("title", .text(title)),
                (
                    "rows",
                    .array(
                        rows.map { row in
                            .object(
                                JSONObject([
                                    ("id", .string(row.id)), ("title", .string(row.title)),
                                    ("description", .text(row.description)),
                                ]))
                        })
                ),
            ]))
    }

    fileprivate init?(json: JSONValue) {
        guard let entries = json["rows"]?.array else { return nil }
        let rows = entries.compactMap { entry -> OptionList.Row? in
            guard let id = entry["id"]?.string, let title = entry["title"]?.string else { return nil }
            return OptionList.Row(id: id, title: title, description: entry["description"]?.string)
        }
        guard rows.count == entries.count else { return nil }
        self.init(title: json["title"]?.string, rows: rows)
    }
}

extension Medium {
    package var hexadecimalHash: String {
        sha256.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}

extension [(String, JSONValue)] {
    /// The members that have a value.
    static func given(_ members: (String, String?)...) -> Self {
        members.compactMap { name, value in value.map { (name, .string($0)) } }
    }
}
