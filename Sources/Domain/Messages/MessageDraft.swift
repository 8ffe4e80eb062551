package import JSON

/// What a caller says of a message: each value of its type, nothing judged. An absent value may also be one that could
/// not be read; whoever read it tells.
package struct MessageDraft: Sendable, Hashable {
    package struct Media: Sendable, Hashable {
        package var id: Medium.ID?
        package var url: String?
        package var caption: String?
        package var filename: String?

        package init(id: Medium.ID? = nil, url: String? = nil, caption: String? = nil, filename: String? = nil) {
            self.id = id
            self.url = url
            self.caption = caption
            self.filename = filename
        }
    }

    package struct Location: Sendable, Hashable {
        package var latitude: JSONNumber?
        package var longitude: JSONNumber?
        package var name: String?
        package var address: String?

        package init(
            latitude: JSONNumber? = nil, longitude: JSONNumber? = nil, name: String? = nil, address: String? = nil
        ) {
            self.latitude = latitude
            self.longitude = longitude
            self.name = name
            self.address = address
        }
    }

    package struct Choice: Sendable, Hashable {
        package var id: String?
        package var title: String?
        package var description: String?

        package init(id: String? = nil, title: String? = nil, description: String? = nil) {
            self.id = id
            self.title = title
            self.description = description
        }
    }

    package struct Section: Sendable, Hashable {
        package var title: String?
        package var rows: [Choice]

        package init(title: String? = nil, rows: [Choice] = []) {
            self.title = title
            self.rows = rows
        }
    }

    package struct List: Sendable, Hashable {
        package var button: String?
        package var sections: [Section]

        package init(button: String? = nil, sections: [Section] = []) {
            self.button = button
            self.sections = sections
        }
    }

    package var type: String?
    package var message: String?
    package var media: Media?
    package var location: Location?
    package var buttons: [Choice]?
    package var list: List?
    package var header: String?
    package var footer: String?

    package init(
        type: String? = nil, message: String? = nil, media: Media? = nil, location: Location? = nil,
        buttons: [Choice]? = nil, list: List? = nil, header: String? = nil, footer: String? = nil
    ) {
        self.type = type
        self.message = message
        self.media = media
        self.location = location
        self.buttons = buttons
        self.list = list
        self.header = header
        self.footer = footer
    }
}
