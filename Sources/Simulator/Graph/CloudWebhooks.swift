import JSON

/// The bodies of Meta's webhooks (Cloud API › Webhooks › Payload examples).
enum CloudWebhooks {
    static func envelope(_ value: JSONValue, field: String = "messages", account: String) -> JSONValue {
        [
            "object": "whatsapp_business_account",
            "entry": [
                ["id": .string(account), "changes": [["value": value, "field": .string(field)]]]
            ],
        ]
    }

    /// - Parameter content: members of the message beside sender, id and time; `{"type": "text", "text": {…}}`.
    static func inbound(
        _ content: JSONObject, from contact: ContactAddress, name: String, id: String, seconds: Int64,
        to number: CloudAPINumber
    ) -> JSONValue {
        var message = JSONObject()
        var profile = JSONObject([("profile", ["name": .string(name)])])
        switch contact {
        case .phone(let phone):
            message["from"] = .string(phone.whatsAppID)
            profile["wa_id"] = .string(phone.whatsAppID)
        case .user(let user):
            message["from_user_id"] = .string(user)
            profile["user_id"] = .string(user)
        }
        message["id"] = .string(id)
        message["timestamp"] = .string(String(seconds))
        for member in content.members { message[member.key] = member.value }
        return messages(of: number, [("contacts", [.object(profile)]), ("messages", [.object(message)])])
    }

    /// - Parameter failure: code and title, for `failed`.
    static func status(
        _ status: String, of message: SimulatedMessage, seconds: Int64, failure: (code: Int64, title: String)?,
        at number: CloudAPINumber
    ) -> JSONValue {
        var entry = JSONObject([
            ("id", .string(message.id)), ("status", .string(status)), ("timestamp", .string(String(seconds))),
        ])
        var contact = JSONObject()
        switch message.to {
        case .phone(let phone):
            entry["recipient_id"] = .string(phone.whatsAppID)
            contact["wa_id"] = .string(phone.whatsAppID)
        case .user(let user):
            entry["recipient_user_id"] = .string(user)
            contact["user_id"] = .string(user)
        }
        if let callbackData = message.callbackData { entry["biz_opaque_callback_data"] = .string(callbackData) }
        if let failure {
            entry["errors"] = [
                [
                    "code": .number(JSONNumber(failure.code)), "title": .string(failure.title),
                    "message": .string(failure.title), "error_data": ["details": .string(failure.title)],
                ]
            ]
            return messages(of: number, [("statuses", [.object(entry)])])
        }
        if status == "sent" || status == "delivered" {
            entry["pricing"] = [
                "billable": .bool(message.rendered != nil), "pricing_model": "PMP", "type": "regular",
                "category": .string(message.rendered?.category.lowercased() ?? "service"),
            ]
        }
        return messages(of: number, [("contacts", [.object(contact)]), ("statuses", [.object(entry)])])
    }

    static func templateStatus(_ template: SimulatedTemplate) -> JSONValue {
        [
            "event": .string(template.status),
            "message_template_id": Int64(template.id).map { .number(JSONNumber($0)) } ?? .string(template.id),
            "message_template_name": .string(template.name), "message_template_language": .string(template.language),
            "message_template_category": .string(template.category), "reason": .string(template.rejectedReason),
        ]
    }

    private static func messages(of number: CloudAPINumber, _ members: [(String, JSONValue)]) -> JSONValue {
        let metadata: JSONValue = [
            "display_phone_number": .string(number.displayPhoneNumber.filter(\.isNumber)),
            "phone_number_id": .string(number.phoneNumberID),
        ]
        let value = JSONObject([("messaging_product", "whatsapp"), ("metadata", metadata)] + members)
        return envelope(.object(value), account: number.businessAccountID)
    }
}
