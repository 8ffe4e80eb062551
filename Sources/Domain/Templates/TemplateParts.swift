import JSON

/// Meta's `components` sorted out, before slots are numbered.
struct TemplateParts {
    var headerFormat: String?
    var header: [Placeholder.Piece] = []
    var headerExamples = TemplateExamples()
    var body: [Placeholder.Piece] = []
    var bodyExamples = TemplateExamples()
    var footer: String?
    var buttons: [ButtonPart] = []
    var ignored: [String] = []
    private var hasBodyText = false

    init(_ components: JSONValue, named: Bool) {
        for component in components.array ?? [] {
            guard let type = component["type"]?.string else { continue }
            let example = component["example"]
            switch type.uppercased() {
            case "HEADER":
                headerFormat = component["format"]?.string?.uppercased() ?? "TEXT"
                guard headerFormat == "TEXT" else { continue }
                header = Placeholder.pieces(of: component["text"]?.string ?? "", digitsAreNames: named)
                headerExamples = TemplateExamples(
                    positional: example?["header_text"], named: example?["header_text_named_params"])
            case "BODY":
                guard let text = component["text"]?.string else { continue }
                hasBodyText = true
                body = Placeholder.pieces(of: text, digitsAreNames: named)
                bodyExamples = TemplateExamples(
                    positional: example?["body_text"], named: example?["body_text_named_params"])
            case "FOOTER":
                footer = component["text"]?.string
            case "BUTTONS":
                for button in component["buttons"]?.array ?? [] {
                    buttons.append(ButtonPart(button, index: buttons.count))
                }
            default:
                ignored.append(type)
            }
        }
    }

    /// Whether one code fills body and button: OTP buttons, which Meta gives back as URL buttons, or the category.
    ///
    /// Templates of the category from before Meta fixed their words may have any variables: those are bound as usual.
    mutating func isAuthentication(category: String) -> Bool {
        let hasCodeButton = buttons.contains(where: \.isOneTimePassword)
        guard hasCodeButton || category.uppercased() == "AUTHENTICATION" else { return false }
        if !hasBodyText { body = [.placeholder(.number(1))] }
        let names = Placeholder.names(in: body)
        guard names.count <= 1, Placeholder.names(in: header).isEmpty else { return false }
        return hasCodeButton || !names.isEmpty || buttons.contains { !Placeholder.names(in: $0.url).isEmpty }
    }

    func header(in slots: SlotCollector) -> TemplateContent.Header? {
        switch headerFormat {
        case nil: nil
        case "TEXT": .text(TemplateText(header) { slots.index(of: $0, in: .header) })
        case "IMAGE", "VIDEO", "DOCUMENT": .media(kind: headerFormat?.lowercased() ?? "")
        case "LOCATION": .location
        case let format?: .unsupported(format: format)
        }
    }
}

/// One entry of `BUTTONS`.
struct ButtonPart {
    var index: Int
    var type: String
    var text: String
    var url: [Placeholder.Piece]
    var example: String?
    var isOneTimePassword: Bool

    init(_ button: JSONValue, index: Int) {
        self.index = index
        type = (button["type"]?.string ?? "").lowercased()
        text = button["text"]?.string ?? ""
        let link = button["url"]?.string
        url = link.map { Placeholder.pieces(of: $0, digitsAreNames: false) } ?? []
        example = button["example"].flatMap { $0.string ?? $0[0]?.string }
        // "copy_code" by itself is a coupon; a password's says so by `otp_type`, or by where its link goes.
        isOneTimePassword =
            ["otp", "one_tap", "zero_tap"].contains(type) || button["otp_type"]?.string != nil
            || link?.hasPrefix("https://www.whatsapp.com/otp/") == true
    }

    var hasURL: Bool { !url.isEmpty }

    func button(in slots: SlotCollector, isAuthentication: Bool) -> TemplateContent.Button {
        let link = TemplateText(url) {
            isAuthentication ? 0 : slots.index(of: $0, in: .button(index))
        }
        let passed: [Int] =
            if isAuthentication {
                isOneTimePassword || !link.slots.isEmpty ? [0] : []
            } else if type == "copy_code" {
                [slots.index(of: .number(1), in: .button(index))].compactMap { $0 }
            } else {
                link.slots
            }
        return TemplateContent.Button(
            index: index, type: type, text: text, url: hasURL ? link : nil,
            subType: type == "copy_code" && !isAuthentication ? "copy_code" : "url", slots: passed)
    }
}
