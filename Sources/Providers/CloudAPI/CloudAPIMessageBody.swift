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
        case .media(let media):
            json.member("type", media.kind.rawValue)
            json.key(media.kind.rawValue)
            write(media, to: &json)
        case .location(let location):
            json.member("type", "location")
            json.key("location")
            write(location, to: &json)
        case .buttons(let buttons):
            json.member("type", "interactive")
            json.key("interactive")
            CloudAPIInteractive.write(buttons, to: &json)
        case .list(let list):
            json.member("type", "interactive")
            json.key("interactive")
            CloudAPIInteractive.write(list, to: &json)
        case .template(let template):
            json.member("type", "template")
            json.key("template")
            write(template, to: &json)
        }
        json.endObject()
        return json.finish()
    }

    private static func write(_ media: OutboundContent.MediaContent, to json: inout JSONWriter) {
        json.beginObject()
        write(media.reference, to: &json)
        if let caption = media.caption { json.member("caption", caption) }
        if let filename = media.filename { json.member("filename", filename) }
        json.endObject()
    }

    private static func write(_ reference: MediaReference, to json: inout JSONWriter) {
        switch reference {
        case .id(let id): json.member("id", id)
        case .link(let link): json.member("link", link)
        // It is placed at the provider before this, and stands here by its id there.
        case .stored: break
        }
    }

    private static func write(_ location: GeoLocation, to json: inout JSONWriter) {
        json.beginObject()
        json.member("latitude", location.latitude)
        json.member("longitude", location.longitude)
        if let name = location.name { json.member("name", name) }
        if let address = location.address { json.member("address", address) }
        json.endObject()
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
        case .location(let location):
            json.member("type", "location")
            json.key("location")
            write(location, to: &json)
        case .media(let kind, let reference):
            json.member("type", kind.lowercased())
            json.key(kind.lowercased())
            json.beginObject()
            write(reference, to: &json)
            json.endObject()
        }
        json.endObject()
    }
}
