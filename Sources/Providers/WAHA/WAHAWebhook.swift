import Crypto
import Domain
import JSON

/// WAHA's webhooks: their signature, and what they tell.
package enum WAHAWebhook {
    /// Judges `X-Webhook-Hmac`, HMAC-SHA512 in hex over the bytes as they came. WAHA signs nothing without a key: a
    /// hook without one is refused.
    package static func verify(body: [UInt8], signatureHeader: String?, key: String) -> Bool {
        guard let signatureHeader, !key.isEmpty else { return false }
        return WebhookSignature.matches(
            Substring(signatureHeader), HMAC.sha512(key: Array(key.utf8), message: body))
    }

    /// One event comes in one body. `message` and `message.any` tell of the same message under the same id.
    package static func items(of body: [UInt8]) -> [InboundItem] {
        guard let json = try? JSONParser.parse(body) else { return [.malformed(reason: "body is not JSON")] }
        guard let event = json["event"]?.string else { return [.malformed(reason: "event is missing")] }
        guard let session = json["session"]?.string, !session.isEmpty else {
            return [.malformed(reason: "session is missing")]
        }
        let instance = InstanceKey.session(session)
        return [item(event, of: instance, envelope: json).named(instance)]
    }

    private static func item(_ event: String, of instance: InstanceKey, envelope: JSONValue) -> InboundItem {
        guard let payload = envelope["payload"] else { return .malformed(reason: "payload is missing") }
        switch event {
        case "message", "message.any": return WAHAInboundMessage.item(payload, instance: instance)
        case "message.ack": return WAHAAck.item(payload, instance: instance, envelope: envelope)
        case "message.ack.group": return .ignored(kind: "group")
        case "session.status": return sessionItem(payload, instance: instance, envelope: envelope)
        default:
            return .other(InboundEvent(instance: instance, businessAccountID: nil, kind: event, raw: payload))
        }
    }

    /// `evt_…`: the same on every repetition of one event.
    package static func eventID(of body: [UInt8]) -> String? {
        (try? JSONParser.parse(body))?["id"]?.string
    }

    private static func sessionItem(_ payload: JSONValue, instance: InstanceKey, envelope: JSONValue) -> InboundItem {
        guard var session = WAHASession.session(of: payload) else {
            return .malformed(reason: "session.status without a status")
        }
        // The account stands in the envelope, not in this event's payload.
        let account = WAHASession.session(of: .object(JSONObject([("status", ""), ("me", envelope["me"] ?? .null)])))
        session.phoneNumber = session.phoneNumber ?? account?.phoneNumber
        session.displayName = session.displayName ?? account?.displayName
        guard let timestamp = Timestamp(provider: envelope["timestamp"]) else {
            return .malformed(reason: "timestamp is no time")
        }
        return .session(SessionUpdate(instance: instance, session: session, timestamp: timestamp))
    }
}
