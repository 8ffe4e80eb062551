package import JSON

/// What a template says, read once from Meta's `components`: its words, and the slots that a send must fill.
package struct TemplateContent: Sendable, Hashable {
    package enum Header: Sendable, Hashable {
        case text(TemplateText)
        /// `image`, `video` or `document`: a send brings the file.
        case media(kind: String)
        /// A place on the map, which a send brings.
        case location
        /// A format that a send cannot fill yet, as Meta has it.
        case unsupported(format: String)
    }

    package struct Button: Sendable, Hashable {
        /// Meta's place for it, counting every button.
        package var index: Int
        /// Meta's word in lower case.
        package var type: String
        package var text: String
        package var url: TemplateText?
        /// What the send calls it when it passes parameters: `url`, `copy_code`.
        package var subType: String
        /// The slots that the send passes for it.
        package var slots: [Int]
    }

    package var header: Header?
    package var body: TemplateText
    package var footer: String?
    package var buttons: [Button]
    /// Header, body, buttons in turn; the order of a list of variables.
    package var slots: [TemplateSlot]
    /// One value, the code, fills body and button.
    package var isAuthentication: Bool
    /// Component types that are kept but mean nothing here, as `CAROUSEL`.
    package var ignoredComponents: [String]

    package init(_ template: Template) {
        self.init(
            components: template.components, parameterFormat: template.parameterFormat, category: template.category,
            labels: template.labels)
    }

    package init(
        components: JSONValue, parameterFormat: Template.ParameterFormat, category: String, labels: [String]
    ) {
        var parts = TemplateParts(components, named: parameterFormat == .named)
        var slots = SlotCollector()
        isAuthentication = parts.isAuthentication(category: category)
        if isAuthentication {
            slots.addCode(named: Placeholder.names(in: parts.body).first, example: parts.bodyExamples.first)
        } else {
            slots.add(parts.header, in: .header, limit: TemplateLimits.header, examples: parts.headerExamples)
            slots.add(parts.body, in: .body, limit: TemplateLimits.body, examples: parts.bodyExamples)
            for button in parts.buttons { slots.add(button) }
        }
        header = parts.header(in: slots)
        body = TemplateText(parts.body) { slots.index(of: $0, in: .body) }
        footer = parts.footer
        let isAuthentication = isAuthentication
        buttons = parts.buttons.map { $0.button(in: slots, isAuthentication: isAuthentication) }
        self.slots = slots.labelled(labels)
        ignoredComponents = parts.ignored
    }
}
