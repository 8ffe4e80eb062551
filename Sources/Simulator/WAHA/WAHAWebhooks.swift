import JSON

/// The bodies of WAHA's webhooks (WAHA › Events).
enum WAHAWebhooks {
    /// - Parameter time: microseconds since 1970; the envelope has milliseconds.
    static func envelope(_ event: String, _ payload: JSONValue, of session: WAHASession, at time: Int64) -> JSONValue {
        [
            "id": .string(ProviderIdentifiers.event(time)), "timestamp": .number(JSONNumber(time / 1_000)),
            "event": .string(event), "session": .string(session.name), "metadata": [:], "me": me(session),
            "payload": payload, "engine": "GOWS", "environment": WAHASession.version,
        ]
    }

    static func me(_ session: WAHASession) -> JSONValue {
        ["id": .string(session.phone.filter(\.isNumber) + "@c.us"), "pushName": "Leadwire Demo"]
    }

    static func acknowledgement(_ ack: Int64, of message: SimulatedMessage) -> JSONValue {
        [
            "id": .string(message.id), "from": .string(message.from.digits + "@c.us"),
            "to": .string(WAHAMessage.chat(message.id)), "participant": .null, "fromMe": true,
            "ack": .number(JSONNumber(ack)), "ackName": .string(name(ofAck: ack)),
        ]
    }

    static func sessionStatus(_ session: WAHASession, at time: Int64) -> JSONValue {
        [
            "name": .string(session.name), "status": .string(session.status),
            "statuses": [["status": .string(session.status), "timestamp": .number(JSONNumber(time / 1_000))]],
        ]
    }

    /// The acknowledgement level of a status in the Cloud API's words.
    static func ack(of status: String) -> Int64? {
        switch status {
        case "failed": -1
        case "sent": 1
        case "delivered": 2
        case "read": 3
        case "played": 4
        default: nil
        }
    }

    static func name(ofAck ack: Int64) -> String {
        switch ack {
        case -1: "ERROR"
        case 1: "SERVER"
        case 2: "DEVICE"
        case 3: "READ"
        case 4: "PLAYED"
        default: "PENDING"
        }
    }
}
