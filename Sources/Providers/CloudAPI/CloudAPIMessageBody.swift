import Domain
import JSON

/// The body of `POST /{phone number id}/messages` (Meta, "Messages").
enum CloudAPIMessageBody {
    /// Nil for a recipient that Meta does not know the kind of.
    static func bytes(of send: OutboundSend) -> [UInt8]? {
        var json = JSONWriter()
        json.beginObject()
        json.member("messaging_product", "whatsapp")
        json.member("recipient_type", "individual")
        switch send.recipient.kind {
        case .phone: json.member("to", send.recipient.value)
        // Without the `+` Meta may put the business's own country code in front.
        case .waID: json.member("to", "+\(send.recipient.value)")
        // Beside `to` it would be passed over.
        case .bsuid: json.member("recipient", send.recipient.value)
        case .lid: return nil
        }
        if !send.callbackData.isEmpty { json.member("biz_opaque_callback_data", send.callbackData) }
        if let id = send.replyToProviderMessageID {
            json.key("context")
            json.beginObject()
            json.member("message_id", id)
            json.endObject()
        }
        switch send.content {
        case .text(let text):
            json.member("type", "text")
            json.key("text")
            json.beginObject()
            json.member("body", text)
            json.endObject()
        case .template(let template):
            json.member("type", "template")
            json.key("template")
            write(template, to: &json)
        }
        json.endObject()
        return json.finish()
    }

    private static func write(_ template: OutboundContent.TemplateSend, to json: inout JSONWriter) {
        json.beginObject()
        json.member("name", template.name)
        json.key("language")
        json.beginObject()
        json.member("code", template.language)
        json.endObject()
        if !template.components.isEmpty {
            json.key("components")
            json.beginArray()
            for component in template.components { write(component, to: &json) }
            json.endArray()
        }
        json.endObject()
    }

    private static func write(_ component: BoundComponent, to json: inout JSONWriter) {
        json.beginObject()
        switch component.place {
        case .header: json.member("type", "header")
        case .body: json.member("type", "body")
        case .button(let index, let subType):
            json.member("type", "button")
            json.member("sub_type", subType.lowercased())
            // A string: so Meta's pages have it.
            json.member("index", String(index))
        }
        json.key("parameters")
        json.beginArray()
        for parameter in component.parameters { write(parameter, to: &json) }
        json.endArray()
        json.endObject()
    }

    private static func write(_ parameter: BoundComponent.Parameter, to json: inout JSONWriter) {
        json.beginObject()
        switch parameter {
        case .text(let text, let name):
            json.member("type", "text")
            if let name { json.member("parameter_name", name) }
            json.member("text", text)
        case .couponCode(let code):
            json.member("type", "coupon_code")
            json.member("coupon_code", code)
        case .payload(let payload):
            json.member("type", "payload")
            json.member("payload", payload)
        case .media(let kind, let reference):
            json.member("type", kind.lowercased())
            json.key(kind.lowercased())
            json.beginObject()
            switch reference {
            case .id(let id): json.member("id", id)
            case .link(let link): json.member("link", link)
            }
            json.endObject()
        }
        json.endObject()
    }
}
