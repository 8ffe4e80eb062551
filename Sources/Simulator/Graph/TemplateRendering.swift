import JSON

/// Compares a send's parameters with the template and puts them in place, or says what Meta would refuse.
struct TemplateRendering {
    private let template: SimulatedTemplate
    private let send: TemplateSend
    private let isNamed: Bool
    private var rendered: RenderedTemplate

    static func render(
        _ send: TemplateSend, among templates: [SimulatedTemplate]
    ) throws(GraphError) -> RenderedTemplate {
        guard let template = templates.first(where: { $0.name == send.name && $0.language == send.language }) else {
            throw .noTranslation(send.name, send.language)
        }
        switch template.status {
        case "APPROVED": break
        case "PAUSED": throw .paused
        case "DISABLED": throw .disabled
        default: throw .noTranslation(send.name, send.language)
        }
        var rendering = TemplateRendering(template, send)
        return try rendering.run()
    }

    private init(_ template: SimulatedTemplate, _ send: TemplateSend) {
        self.template = template
        self.send = send
        isNamed = template.parameterFormat.uppercased() == "NAMED"
        rendered = RenderedTemplate(name: template.name, language: template.language, category: template.category)
    }

    private mutating func run() throws(GraphError) -> RenderedTemplate {
        let components = template.components.array ?? []
        func component(_ type: String) -> JSONValue? {
            components.first { $0["type"]?.string?.uppercased() == type }
        }
        try header(component("HEADER"))
        try body(component("BODY"))
        rendered.footer = component("FOOTER")?["text"]?.string
        let buttons = component("BUTTONS")?["buttons"]?.array ?? []
        if template.category.uppercased() == "AUTHENTICATION" { try oneTimeCode() }
        rendered.buttons = try TemplateButtons(buttons: buttons, send: send).render()
        return rendered
    }

    private mutating func header(_ header: JSONValue?) throws(GraphError) {
        let parameters = send.parameters(.header)
        let format = header?["format"]?.string?.uppercased() ?? "TEXT"
        if header == nil || format == "TEXT" {
            let text = TemplateText(header?["text"]?.string ?? "")
            let values = try TemplateParameter.values(
                parameters, for: text.variables, named: isNamed, of: "header")
            let words = text.filled(values)
            guard words.unicodeScalars.count <= 60 else { throw .tooLong("header", limit: 60) }
            rendered.header = header == nil ? nil : words
            return
        }
        guard parameters.count <= 1 else { throw .parameterCount("header", given: parameters.count, expected: 1) }
        let type = try parameters.first?.string("type").lowercased() ?? "unknown"
        guard let parameter = parameters.first, type == format.lowercased() else {
            throw .format("header", expected: format, received: type.uppercased())
        }
        try parameter.allow(["type", type])
        let value = try parameter.nested(type)
        if type == "location" {
            _ = try value.number("latitude")
            _ = try value.number("longitude")
        } else {
            try CloudContent.mediaSource(value)
        }
        rendered.header = format
    }

    private mutating func body(_ body: JSONValue?) throws(GraphError) {
        // Meta writes the body of authentication templates itself, and returns it without text in some versions.
        let text = TemplateText(body?["text"]?.string ?? (body == nil ? "" : "{{1}}"))
        let values = try TemplateParameter.values(
            send.parameters(.body), for: text.variables, named: isNamed, of: "body")
        rendered.body = text.filled(values)
        guard rendered.body.unicodeScalars.count <= 1024 else { throw .tooLong("body", limit: 1024) }
    }

    /// The code stands in the body and in the button, alike (Cloud API › Authentication templates).
    private func oneTimeCode() throws(GraphError) {
        let code = send.parameters(.body).first?.object["text"]?.string ?? ""
        guard code.unicodeScalars.count <= 15 else { throw .badValue("body: a code has at most 15 characters") }
        guard let button = send.parameters(.button(subType: "url", index: 0)).first else {
            throw .missing("buttons: Button at index 0 of type Url requires a parameter")
        }
        guard button.object["text"]?.string == code else {
            throw .badValue("buttons: the button's code differs from the body's")
        }
    }
}
