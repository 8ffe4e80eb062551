import JSON

/// The button components of a template send against the template's buttons.
struct TemplateButtons {
    let buttons: [JSONValue]
    let send: TemplateSend

    /// The buttons as the phone shows them.
    func render() throws(GraphError) -> [JSONValue] {
        try refuseStrangers()
        var rendered: [JSONValue] = []
        for (index, button) in buttons.enumerated() { rendered.append(try render(button, at: index)) }
        return rendered
    }

    private func refuseStrangers() throws(GraphError) {
        for component in send.components {
            guard case .button(let subType, let index) = component.place else { continue }
            guard buttons.indices.contains(index) else {
                throw .badValue("buttons: the template has no button at index \(index)")
            }
            let type = Self.type(buttons[index])
            guard let expected = Self.subType(of: type), Self.takesParameter(buttons[index]) else {
                throw .invalid(
                    "buttons: Button at index \(index) is of type \(type) and does not support parameters")
            }
            guard expected == subType else {
                throw .format("buttons: Button at index \(index)", expected: expected, received: subType)
            }
        }
    }

    private func render(_ button: JSONValue, at index: Int) throws(GraphError) -> JSONValue {
        let type = Self.type(button)
        var shown = JSONObject([("type", .string(type)), ("text", button["text"] ?? .null)])
        let parameters = Self.subType(of: type).map { send.parameters(.button(subType: $0, index: index)) } ?? []
        guard parameters.count <= 1 else {
            throw .parameterCount("buttons: Button at index \(index)", given: parameters.count, expected: 1)
        }
        switch type {
        case "URL", "OTP":
            let url = TemplateText(button["url"]?.string ?? "")
            guard Self.takesParameter(button) else {
                shown["url"] = button["url"]
                break
            }
            guard let parameter = parameters.first else { throw requiresParameter(index, "Url") }
            let suffix = try TemplateParameter.words(parameter, of: "buttons")
            let filled = url.filled([url.variables.first ?? "1": suffix])
            guard filled.unicodeScalars.count <= 2000 else { throw .tooLong("buttons", limit: 2000) }
            shown["url"] = .string(type == "OTP" ? suffix : filled)
        case "COPY_CODE":
            guard let parameter = parameters.first else { throw requiresParameter(index, "Copy Code") }
            try parameter.allow(["type", "coupon_code"])
            guard try parameter.string("type") == "coupon_code" else {
                throw .format("buttons", expected: "COUPON_CODE", received: try parameter.string("type").uppercased())
            }
            shown["coupon_code"] = .string(try parameter.string("coupon_code", atMost: 15))
        case "QUICK_REPLY":
            guard let parameter = parameters.first else { break }
            try parameter.allow(["type", "payload"])
            shown["payload"] = .string(try parameter.string("payload", atMost: 256))
        case "PHONE_NUMBER": shown["phone_number"] = button["phone_number"]
        default: break
        }
        return .object(shown)
    }

    private func requiresParameter(_ index: Int, _ type: String) -> GraphError {
        .missing("buttons: Button at index \(index) of type \(type) requires a parameter")
    }

    private static func type(_ button: JSONValue) -> String { button["type"]?.string?.uppercased() ?? "" }

    /// One-time password buttons are sent as URL buttons.
    private static func subType(of type: String) -> String? {
        switch type {
        case "URL", "OTP": "url"
        case "COPY_CODE": "copy_code"
        case "QUICK_REPLY": "quick_reply"
        case "FLOW": "flow"
        default: nil
        }
    }

    private static func takesParameter(_ button: JSONValue) -> Bool {
        type(button) != "URL" || !TemplateText(button["url"]?.string ?? "").variables.isEmpty
    }
}
