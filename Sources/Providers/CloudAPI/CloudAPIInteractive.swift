import Domain
import JSON

/// Buttons and lists (Meta, "Interactive reply buttons messages", "Interactive list messages").
enum CloudAPIInteractive {
    static func write(_ content: ReplyButtons, to json: inout JSONWriter) {
        write("button", content.header, content.body, content.footer, to: &json) { json in
            json.key("buttons")
            json.beginArray()
            for button in content.buttons {
                json.beginObject()
                json.member("type", "reply")
                json.key("reply")
                json.beginObject()
                json.member("id", button.id)
                json.member("title", button.title)
                json.endObject()
                json.endObject()
            }
            json.endArray()
        }
    }

    static func write(_ content: OptionList, to json: inout JSONWriter) {
        write("list", content.header, content.body, content.footer, to: &json) { json in
            json.member("button", content.button)
            json.key("sections")
            json.beginArray()
            for section in content.sections { write(section, to: &json) }
            json.endArray()
        }
    }

    private static func write(_ section: OptionList.Section, to json: inout JSONWriter) {
        json.beginObject()
        if let title = section.title { json.member("title", title) }
        json.key("rows")
        json.beginArray()
        for row in section.rows {
            json.beginObject()
            json.member("id", row.id)
            json.member("title", row.title)
            if let description = row.description { json.member("description", description) }
            json.endObject()
        }
        json.endArray()
        json.endObject()
    }

    private static func write(
        _ type: String, _ header: String?, _ body: String, _ footer: String?, to json: inout JSONWriter,
        action: (inout JSONWriter) -> Void
    ) {
        json.beginObject()
        json.member("type", type)
        if let header {
            json.key("header")
            json.beginObject()
            json.member("type", "text")
            json.member("text", header)
            json.endObject()
        }
        json.key("body")
        write(words: body, to: &json)
        if let footer {
            json.key("footer")
            write(words: footer, to: &json)
        }
        json.key("action")
        json.beginObject()
        action(&json)
        json.endObject()
        json.endObject()
    }

    private static func write(words: String, to json: inout JSONWriter) {
        json.beginObject()
        json.member("text", words)
        json.endObject()
    }
}
