import JSON

/// A send that passed every check that needs no state (Cloud API › Messages).
struct CloudMessage {
    let recipient: ContactAddress
    /// The recipient as it was written.
    let input: String
    let type: String
    let content: CloudContent
    let callbackData: String?

    private static let envelope: Set<String> = [
        "messaging_product", "recipient_type", "to", "recipient", "type", "context", "biz_opaque_callback_data",
        "recipient_identity_key_hash",
    ]

    init(_ body: JSONObject, from business: DialledNumber) throws(GraphError) {
        let parameters = GraphParameters(body)
        guard try parameters.string("messaging_product") == "whatsapp" else {
            throw .parameter("messaging_product", "must be one of {WHATSAPP}")
        }
        if let recipientType = try parameters.optionalString("recipient_type") {
            guard ["individual", "group"].contains(recipientType) else {
                throw .parameter("recipient_type", "must be one of {INDIVIDUAL, GROUP}")
            }
        }
        (recipient, input) = try Self.recipient(parameters, from: business)
        type = try parameters.optionalString("type") ?? "text"
        guard CloudContent.types.contains(type) else { throw .unsupportedType(type) }
        try parameters.allow(Self.envelope.union([type]))
        callbackData = try parameters.optionalString("biz_opaque_callback_data", atMost: 512)
        _ = try parameters.optionalString("recipient_identity_key_hash")
        if let context = try parameters.optionalNested("context") {
            try context.allow(["message_id"])
            _ = try context.string("message_id")
        }
        content = try CloudContent(type: type, in: parameters)
    }

    private static func recipient(
        _ parameters: GraphParameters, from business: DialledNumber
    ) throws(GraphError) -> (ContactAddress, String) {
        // With both, `to` wins.
        guard parameters.object["to"] == nil, let user = try parameters.optionalString("recipient") else {
            let input = try parameters.string("to")
            guard let number = DialledNumber(to: input, from: business) else {
                throw .badValue("to is not a valid phone number")
            }
            return (.phone(number), input)
        }
        guard ContactAddress.isUserID(user) else { throw .badValue("recipient is not a valid user id") }
        return (.user(user), user)
    }
}
