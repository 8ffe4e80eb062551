/// The limits of interactive messages (Cloud API › Interactive reply buttons, lists, call-to-action URLs).
enum InteractiveRules {
    /// Returns the body's text.
    static func check(_ interactive: GraphParameters) throws(GraphError) -> String {
        try interactive.allow(["type", "header", "body", "footer", "action"])
        let type = try interactive.string("type")
        let action = try interactive.nested("action")
        let bodyLimit: Int
        switch type {
        case "button":
            try buttons(action)
            bodyLimit = 1024
        case "list":
            try list(action)
            bodyLimit = 4096
        case "cta_url":
            try callToAction(action)
            bodyLimit = 1024
        default: throw .badValue("interactive type \(type) is not known")
        }
        try header(try interactive.optionalNested("header"), isList: type == "list")
        if let footer = try interactive.optionalNested("footer") {
            try footer.allow(["text"])
            _ = try footer.string("text", atMost: 60)
        }
        let body = try interactive.nested("body")
        try body.allow(["text"])
        return try body.string("text", atMost: bodyLimit)
    }

    private static func header(_ header: GraphParameters?, isList: Bool) throws(GraphError) {
        guard let header else { return }
        let type = try header.string("type")
        switch type {
        case "text": _ = try header.string("text", atMost: 60)
        case "image", "video", "document":
            // Lists take headers of text alone.
            guard !isList else { throw .badValue("a list's header must be text") }
            try CloudContent.mediaSource(try header.nested(type))
        default: throw .badValue("header type \(type) is not known")
        }
    }

    private static func buttons(_ action: GraphParameters) throws(GraphError) {
        try action.allow(["buttons"])
        var titles: Set<String> = []
        var ids: Set<String> = []
        for button in try action.list("buttons", of: 1...3) {
            guard try button.string("type") == "reply" else { throw .badValue("a button's type must be reply") }
            let reply = try button.nested("reply")
            try reply.allow(["id", "title"])
            guard ids.insert(try reply.string("id", atMost: 256)).inserted,
                titles.insert(try reply.string("title", atMost: 20)).inserted
            else { throw .badValue("button ids and titles must be unique") }
        }
    }

    private static func list(_ action: GraphParameters) throws(GraphError) {
        try action.allow(["button", "sections"])
        _ = try action.string("button", atMost: 20)
        let sections = try action.list("sections", of: 1...10)
        var rowCount = 0
        var ids: Set<String> = []
        for section in sections {
            try section.allow(["title", "rows"])
            if sections.count > 1 { _ = try section.string("title") }
            _ = try section.optionalString("title", atMost: 24)
            for row in try section.list("rows", of: 1...10) {
                try row.allow(["id", "title", "description"])
                guard ids.insert(try row.string("id", atMost: 200)).inserted else {
                    throw .badValue("row ids must be unique")
                }
                _ = try row.string("title", atMost: 24)
                _ = try row.optionalString("description", atMost: 72)
                rowCount += 1
            }
        }
        guard rowCount <= 10 else { throw .badValue("a list has at most 10 rows in all its sections") }
    }

    private static func callToAction(_ action: GraphParameters) throws(GraphError) {
        try action.allow(["name", "parameters"])
        guard try action.string("name") == "cta_url" else { throw .badValue("the action's name must be cta_url") }
        let parameters = try action.nested("parameters")
        try parameters.allow(["display_text", "url"])
        _ = try parameters.string("display_text", atMost: 20)
        guard try parameters.string("url").hasPrefix("http") else { throw .badValue("url is not a valid URI") }
    }
}
