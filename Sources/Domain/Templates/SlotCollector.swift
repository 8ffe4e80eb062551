/// Numbers the slots of a template in the order in which a list of variables fills them.
struct SlotCollector {
    private var slots: [TemplateSlot] = []

    func index(of name: TemplateSlot.Name, in component: TemplateSlot.Component) -> Int? {
        slots.firstIndex { $0.component == component && $0.name == name }
    }

    mutating func add(
        _ pieces: [Placeholder.Piece], in component: TemplateSlot.Component, limit: Int, examples: TemplateExamples
    ) {
        let room = max(0, limit - Placeholder.fixedLength(of: pieces))
        for (position, name) in Placeholder.names(in: pieces).enumerated() {
            let occurrences = pieces.count { $0 == .placeholder(name) }
            append(
                component, name, .text, example: examples.value(of: name, at: position), maxLength: room / occurrences)
        }
    }

    /// A link's variable, or a coupon's code; other buttons have no slots.
    mutating func add(_ button: ButtonPart) {
        let component = TemplateSlot.Component.button(button.index)
        if button.type == "copy_code" {
            append(component, .number(1), .couponCode, example: button.example, maxLength: TemplateLimits.code)
            return
        }
        let room = max(0, TemplateLimits.url - Placeholder.fixedLength(of: button.url))
        for name in Placeholder.names(in: button.url) {
            let occurrences = button.url.count { $0 == .placeholder(name) }
            append(component, name, .text, example: button.variableExample, maxLength: room / occurrences)
        }
    }

    mutating func addCode(named name: TemplateSlot.Name?, example: String?) {
        append(.body, name ?? .number(1), .code, example: example, maxLength: TemplateLimits.code)
    }

    /// The admin's labels in order; a slot without one is called by its name.
    func labelled(_ labels: [String]) -> [TemplateSlot] {
        var slots = slots
        for (index, label) in labels.prefix(slots.count).enumerated() where !label.allSatisfy(\.isWhitespace) {
            slots[index].label = label
        }
        return slots
    }

    private mutating func append(
        _ component: TemplateSlot.Component, _ name: TemplateSlot.Name, _ kind: TemplateSlot.Kind, example: String?,
        maxLength: Int
    ) {
        slots.append(
            TemplateSlot(
                component: component, name: name, kind: kind, label: name.text, example: example,
                maxLength: maxLength))
    }
}

extension ButtonPart {
    /// Meta gives a link's example whole: the part in front of the variable is cut off.
    fileprivate var variableExample: String? {
        guard let example, case .literal(let start)? = url.first, example.hasPrefix(start) else { return example }
        return String(example.dropFirst(start.count))
    }
}
