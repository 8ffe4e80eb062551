import JSON

/// Degrees, buttons and lists (Meta, "Interactive reply buttons messages", "Interactive list messages").
extension MessageJudgement {
    mutating func degrees(_ number: JSONNumber?, _ pointer: String, within limit: Double) -> JSONNumber? {
        guard let number else {
            fault(pointer, .required)
            return nil
        }
        guard let value = number.double, abs(value) <= limit else {
            fault(pointer, .outOfRange)
            return nil
        }
        return number
    }

    mutating func buttons(_ choices: [MessageDraft.Choice]) -> [ReplyButtons.Button] {
        if choices.isEmpty { fault("/buttons", .required) }
        if choices.count > 3 { fault("/buttons", .tooMany, ["limit": "3"]) }
        var (ids, titles): (Set<String>, Set<String>) = ([], [])
        return choices.enumerated().compactMap { index, choice in
            let root = "/buttons/\(index)"
            let id = limited(choice.id, "\(root)/id", 256, isRequired: true)
            let title = limited(choice.title, "\(root)/title", 20, isRequired: true)
            if let id, !ids.insert(id).inserted { fault("\(root)/id", .repeated) }
            if let title, !titles.insert(title).inserted { fault("\(root)/title", .repeated) }
            guard let id, let title else { return nil }
            return ReplyButtons.Button(id: id, title: title)
        }
    }

    mutating func list(_ list: MessageDraft.List) -> (button: String, sections: [OptionList.Section]) {
        let button = limited(list.button, "/list/button", 20, isRequired: true)
        if list.sections.isEmpty { fault("/list/sections", .required) }
        if list.sections.count > 10 { fault("/list/sections", .tooMany, ["limit": "10"]) }
        if list.sections.reduce(0, { $0 + $1.rows.count }) > 10 {
            fault("/list/sections", .tooMany, ["limit": "10"])
        }
        var ids: Set<String> = []
        let sections = list.sections.enumerated().map { index, section in
            let root = "/list/sections/\(index)"
            // Without titles nobody could tell two sections apart.
            let title = limited(section.title, "\(root)/title", 24, isRequired: list.sections.count > 1)
            if section.rows.isEmpty { fault("\(root)/rows", .required) }
            let rows = section.rows.enumerated().compactMap { row(in: $1, "\(root)/rows/\($0)", &ids) }
            return OptionList.Section(title: title, rows: rows)
        }
        return (button ?? "", sections)
    }

    private mutating func row(
        in choice: MessageDraft.Choice, _ root: String, _ ids: inout Set<String>
    ) -> OptionList.Row? {
        let id = limited(choice.id, "\(root)/id", 200, isRequired: true)
        let title = limited(choice.title, "\(root)/title", 24, isRequired: true)
        let description = limited(choice.description, "\(root)/description", 72, mayBeBlank: true)
        if let id, !ids.insert(id).inserted { fault("\(root)/id", .repeated) }
        guard let id, let title else { return nil }
        return OptionList.Row(id: id, title: title, description: description)
    }
}
