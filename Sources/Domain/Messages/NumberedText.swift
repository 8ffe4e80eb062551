/// Buttons and lists as plain words, for a number that has neither: the choices are numbered.
enum NumberedText {
    static func of(_ content: ReplyButtons) -> String {
        let choices = content.buttons.enumerated().map { "\($0 + 1). \($1.title)" }
        return joined(content.header, content.body, choices, content.footer)
    }

    static func of(_ content: OptionList) -> String {
        var lines: [String] = []
        var number = 0
        for section in content.sections {
            if let title = section.title {
                if !lines.isEmpty { lines.append("") }
                lines.append(title)
            }
            for row in section.rows {
                number += 1
                lines.append("\(number). \(row.title)" + (row.description.map { ": \($0)" } ?? ""))
            }
        }
        return joined(content.header, content.body, lines, content.footer)
    }

    private static func joined(_ header: String?, _ body: String, _ choices: [String], _ footer: String?) -> String {
        [header, body, choices.joined(separator: "\n"), footer].compactMap { $0 }.joined(separator: "\n\n")
    }
}
