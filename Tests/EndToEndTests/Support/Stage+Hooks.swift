import Crypto
import Delivery
import Domain
import EventLoop
import HTTP
import JSON
import Postgres
import Storage

@testable import leadwire

extension Stage {
    var cloudHook: String { "/hooks/cloud-api/\(channels.cloudHookToken)" }
    var wahaHook: String { "/hooks/waha/\(channels.wahaHookToken)" }

    /// A body as Meta would send it, signed by the app's secret.
    func cloudHook(_ body: [UInt8], way: Way = .memory) async throws -> Answer {
        let signature = HMAC.sha256(key: Array(channels.cloudHook.key.utf8), message: body)
        return try await request(
            .post, cloudHook, body: body, key: .some(nil),
            fields: ["X-Hub-Signature-256": "sha256=\(Hex.encode(signature))"], way: way)
    }

    func cloudHook(_ json: JSONValue, way: Way = .memory) async throws -> Answer {
        try await cloudHook(json.serialized(), way: way)
    }

    func wahaHook(_ json: JSONValue) async throws -> Answer {
        let body = json.serialized()
        let signature = HMAC.sha512(key: Array(channels.wahaHook.key.utf8), message: body)
        return try await request(
            .post, wahaHook, body: body, key: .some(nil), fields: ["X-Webhook-Hmac": Hex.encode(signature)])
    }

    /// A message to a session of the demo's WAHA server.
    func session(_ session: String, _ sender: String, _ id: String) async throws -> Answer {
        try await wahaHook([
            "event": "message", "session": .string(session),
            "timestamp": .number(JSONNumber(now.microseconds / 1000)),
            "payload": [
                "id": .string("false_\(sender)@c.us_\(id)"),
                "timestamp": .number(JSONNumber(now.microseconds / 1_000_000)),
                "from": .string("\(sender)@c.us"), "fromMe": false, "body": "Oi", "hasMedia": false,
            ],
        ])
    }

    /// Meta's envelope of one change of `messages`.
    func envelope(_ members: [(String, JSONValue)], to number: String? = nil) -> JSONValue {
        let value: [(String, JSONValue)] = [
            ("messaging_product", "whatsapp"),
            ("metadata", ["phone_number_id": .string(number ?? channels.official.phoneNumberID)]),
        ]
        return [
            "object": "whatsapp_business_account",
            "entry": [
                [
                    "id": .string(channels.official.businessAccountID),
                    "changes": [["field": "messages", "value": .object(JSONObject(value + members))]],
                ]
            ],
        ]
    }

    /// One text message, as it stands in `messages[]`.
    func inboundText(_ text: String, from waID: String, id: String, at: Timestamp? = nil) -> JSONValue {
        [
            "from": .string(waID), "id": .string(id), "type": "text", "text": ["body": .string(text)],
            "timestamp": .string(String((at ?? now).microseconds / 1_000_000)),
        ]
    }

    func status(_ status: String, of id: String, callback: String? = nil) -> JSONValue {
        var members: [(String, JSONValue)] = [
            ("id", .string(id)), ("status", .string(status)), ("recipient_id", "5511987651001"),
            ("timestamp", .string(String(now.microseconds / 1_000_000))),
        ]
        if let callback { members.append(("biz_opaque_callback_data", .string(callback))) }
        if status == "failed" { members.append(("errors", [["code": 131_026, "title": "Message undeliverable"]])) }
        return .object(JSONObject(members))
    }

    private static let selectBodies = Statement(
        "stage_hook_bodies",
        """
        SELECT b.state, (
            SELECT jsonb_agg(jsonb_build_object('index', f.item, 'reason', f.reason) ORDER BY f.item)
            FROM inbound_failures f
            WHERE f.hook_id = b.hook_id AND f.body_id = b.id AND f.received_at = b.received_at), b.body
        FROM hook_bodies b
        ORDER BY b.id
        """)

    struct StoredBody: Sendable {
        let state: String
        let failures: JSONValue?
        let body: [UInt8]
    }

    /// The stored bodies once none of them waits.
    func storedBodies() async throws -> [StoredBody] {
        let limit = MonotonicTime.now + .seconds(10)
        while true {
            let bodies = try await database.pool.read(Self.selectBodies).map { row in
                StoredBody(
                    state: try row.text(0), failures: try row.jsonOrNil(1).map { try JSONParser.parse($0) },
                    body: try row.bytes(2))
            }
            if !bodies.contains(where: { $0.state == "pending" }) { return bodies }
            guard MonotonicTime.now < limit else { throw StageError(what: "a hook body is never processed") }
        }
    }

    /// What the lead's window on the official number is, by preflight.
    func window(of lead: Int64) async throws -> String? {
        try await post("/api/v1/leads/\(lead)/whatsapp/preflight", ["message": "Oi", "instance_id": 2])
            .data["window"]?["state"]?.string
    }
}
