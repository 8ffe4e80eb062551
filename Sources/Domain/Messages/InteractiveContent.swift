/// Words with up to three buttons under them, of which the contact taps one.
package struct ReplyButtons: Sendable, Hashable {
    package struct Button: Sendable, Hashable {
        /// Comes back when it is tapped.
        package var id: String
        package var title: String

        package init(id: String, title: String) {
            self.id = id
            self.title = title
        }
    }

    package var header: String?
    package var body: String
    package var footer: String?
    package var buttons: [Button]

    package init(header: String? = nil, body: String, footer: String? = nil, buttons: [Button]) {
        self.header = header
        self.body = body
        self.footer = footer
        self.buttons = buttons
    }
}

/// Words with a menu under them, of which the contact picks one row.
package struct OptionList: Sendable, Hashable {
    package struct Row: Sendable, Hashable {
        /// Comes back when it is picked.
        package var id: String
        package var title: String
        package var description: String?

        package init(id: String, title: String, description: String? = nil) {
            self.id = id
            self.title = title
            self.description = description
        }
    }

    package struct Section: Sendable, Hashable {
        package var title: String?
        package var rows: [Row]

        package init(title: String? = nil, rows: [Row]) {
            self.title = title
            self.rows = rows
        }
    }

    package var header: String?
    package var body: String
    package var footer: String?
    /// What opens the menu.
    package var button: String
    package var sections: [Section]

    package init(header: String? = nil, body: String, footer: String? = nil, button: String, sections: [Section]) {
        self.header = header
        self.body = body
        self.footer = footer
        self.button = button
        self.sections = sections
    }
}
