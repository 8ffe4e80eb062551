import JSON

/// WAHA's message object, and the raw one that its NOWEB engine gives instead.
enum WAHAMessage {
    static func json(_ message: SimulatedMessage) -> JSONValue {
        let me = message.from.digits + "@c.us"
        return [
            "id": .string(message.id), "timestamp": .number(JSONNumber(message.at / 1_000_000)), "from": .string(me),
            "fromMe": true, "source": "api", "to": .string(chat(message.id)), "body": .string(message.text),
            "hasMedia": .bool(hasMedia(message)), "media": .null, "ack": .number(JSONNumber(message.ack)),
            "ackName": .string(WAHAWebhooks.name(ofAck: message.ack)), "replyTo": .null, "_data": [:],
        ]
    }

    static func raw(_ message: SimulatedMessage) -> JSONValue {
        let chat = chat(message.id).split(separator: "@").first.map(String.init) ?? ""
        return [
            "key": [
                "remoteJid": .string(chat + "@s.whatsapp.net"), "fromMe": true, "id": .string(hash(message.id)),
            ],
            "message": ["extendedTextMessage": ["text": .string(message.text)]],
            "messageTimestamp": .string(String(message.at / 1_000_000)), "status": "PENDING",
        ]
    }

    static func inbound(
        id: String, text: String, from contact: String, to me: DialledNumber, name: String, seconds: Int64,
        replacing members: JSONObject?
    ) -> JSONValue {
        var message = JSONObject([
            ("id", .string(id)), ("timestamp", .number(JSONNumber(seconds))), ("from", .string(contact)),
            ("fromMe", false), ("source", "app"), ("to", .string(me.digits + "@c.us")), ("body", .string(text)),
            ("hasMedia", false), ("media", .null), ("ack", 2), ("ackName", "DEVICE"), ("replyTo", .null),
            ("_data", ["notifyName": .string(name)]),
        ])
        for member in members?.members ?? [] { message[member.key] = member.value }
        return .object(message)
    }

    /// The chat of `true_5511…@c.us_HASH`.
    static func chat(_ id: String) -> String {
        let parts = id.split(separator: "_")
        return parts.count > 1 ? String(parts[1]) : ""
    }

    /// The part of an id that names the message within its session.
    static func hash(_ id: String) -> String {
        let parts = id.split(separator: "_")
        return String(parts.count > 2 ? parts[2] : parts.last ?? "")
    }

    private static func hasMedia(_ message: SimulatedMessage) -> Bool {
        ["image", "video", "audio", "document"].contains(message.type)
    }
}
