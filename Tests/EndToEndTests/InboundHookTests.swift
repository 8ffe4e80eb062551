import Crypto
import Delivery
import Domain
import HTTP
import JSON
import Testing

@testable import leadwire

/// The hooks' doors: what is proven is stored and answered, and nothing else is.
@Suite struct InboundHookTests {
    @Test func `a body that is not proven is refused, and nothing is stored`() async throws {
        try await Stage.run { stage in
            let body = stage.envelope([("messages", [stage.inboundText("Oi", from: "5511900000001", id: "wamid.1")])])
                .serialized()
            let key = Array(stage.channels.cloudHook.key.utf8)
            let right = Hex.encode(HMAC.sha256(key: key, message: body))
            let other = Hex.encode(HMAC.sha256(key: key + [1], message: body))
            let before = try await stage.rows()
            var cases: [(String, HTTPFields)] = [
                (stage.cloudHook, [:]),
                (stage.cloudHook, ["X-Hub-Signature-256": ""]),
                (stage.cloudHook, ["X-Hub-Signature-256": right]),
                (stage.cloudHook, ["X-Hub-Signature-256": "sha256="]),
                (stage.cloudHook, ["X-Hub-Signature-256": "sha256=\(right.dropLast(2))"]),
                (stage.cloudHook, ["X-Hub-Signature-256": "sha256=\(other)"]),
                (stage.cloudHook, ["X-Hub-Signature-256": "sha1=\(right)"]),
                (stage.cloudHook, ["X-Webhook-Hmac": right]),
                (stage.cloudHook + "x", ["X-Hub-Signature-256": "sha256=\(right)"]),
                ("/hooks/cloud-api/nobody", ["X-Hub-Signature-256": "sha256=\(right)"]),
                // Each provider's hook is for its own.
                (
                    "/hooks/waha/\(stage.channels.cloudHookToken)",
                    ["X-Webhook-Hmac": Hex.encode(HMAC.sha512(key: key, message: body))]
                ),
                ("/hooks/cloud-api/\(stage.channels.wahaHookToken)", ["X-Hub-Signature-256": "sha256=\(right)"]),
                (stage.wahaHook, [:]),
                (stage.wahaHook, ["X-Webhook-Hmac": right]),
            ]
            cases.append((stage.cloudHook, ["X-API-Key": stage.keys.full.text]))
            for (path, fields) in cases {
                let answer = try await stage.request(.post, path, body: body, key: .some(nil), fields: fields)
                #expect(answer.status == 401, "\(path)")
                #expect(answer.code == "unauthorized")
            }
            #expect(try await stage.rows() == before)
        }
    }

    @Test func `the signature covers every byte`() async throws {
        try await Stage.run { stage in
            let body = stage.envelope([("messages", [stage.inboundText("Oi", from: "5511900000001", id: "wamid.1")])])
                .serialized()
            let signature = HMAC.sha256(key: Array(stage.channels.cloudHook.key.utf8), message: body)
            for index in stride(from: 0, to: body.count, by: 37) {
                var changed = body
                changed[index] ^= 1
                let answer = try await stage.request(
                    .post, stage.cloudHook, body: changed, key: .some(nil),
                    fields: ["X-Hub-Signature-256": "sha256=\(Hex.encode(signature))"])
                #expect(answer.status == 401)
            }
            #expect(try await stage.count(.hookBodies) == 0)
        }
    }

    @Test func `the challenge comes back to whoever knows the verify token`() async throws {
        try await Stage.run { stage in
            let token = stage.channels.cloudHook.verifyToken
            func ask(_ path: String, _ query: String) async throws -> Answer {
                try await stage.request(.get, "\(path)?\(query)", key: .some(nil))
            }
            let right = "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=\(token)"
            let answer = try await ask(stage.cloudHook, right)
            #expect(answer.status == 200)
            #expect(answer.text == "1158201444")
            #expect(answer.fields["Content-Type"] == "text/plain")
            for query in [
                "hub.mode=subscribe&hub.challenge=1&hub.verify_token=\(token)x", "hub.mode=subscribe&hub.challenge=1",
                "hub.mode=subscribe&hub.challenge=1&hub.verify_token=", "hub.challenge=1&hub.verify_token=\(token)",
                // What could be a page is echoed to nobody.
                "hub.mode=subscribe&hub.challenge=%3Cscript%3E&hub.verify_token=\(token)",
                "hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=\(token)", "", "%zz",
            ] {
                let refused = try await ask(stage.cloudHook, query)
                #expect(refused.status == 401, "\(query)")
                #expect(refused.code == "unauthorized")
            }
            #expect(try await ask(stage.cloudHook + "x", right).status == 401)
            #expect(try await ask("/hooks/cloud-api/\(stage.channels.wahaHookToken)", right).status == 401)
        }
    }

    @Test func `proven nonsense is answered, stored as it came, and listed as failed`() async throws {
        try await Stage.run { stage in
            let bodies: [[UInt8]] = [
                Array("nonsense".utf8), [0xff, 0x00, 0xfe], Array("{}".utf8), Array("[]".utf8), Array("null".utf8),
                Array(#"{"object": "page", "entry": []}"#.utf8),
                Array(#"{"object": "whatsapp_business_account", "entry": [{"changes": 1}]}"#.utf8),
                Array(
                    #"{"object": "whatsapp_business_account", "entry": [{"changes": [{"field": "messages"}]}]}"#.utf8),
                stage.envelope([("messages", "x")]).serialized(),
                stage.envelope([("messages", [1, "x", [:], .null])]).serialized(),
                stage.envelope([("statuses", [["id": 1]])]).serialized(),
                stage.envelope([
                    ("messages", [["from": "5511900000001", "id": "w", "type": "text", "timestamp": "soon"]])
                ]).serialized(),
                stage.envelope([
                    (
                        "messages",
                        [["from": "5511900000001", "id": "w", "type": "text", "timestamp": "99999999999999999"]]
                    )
                ]).serialized(),
                Array(String(repeating: "[", count: 10_000).utf8),
            ]
            let people = (try await stage.count(.contacts), try await stage.count(.messages))
            for body in bodies {
                let answer = try await stage.cloudHook(body)
                #expect(answer.status == 200, "\(String(decoding: body.prefix(80), as: UTF8.self))")
                #expect(answer.json == ["success": true])
            }
            let stored = try await stage.storedBodies()
            #expect(stored.map(\.body) == bodies)
            for body in stored {
                #expect(body.state == "failed", "\(String(decoding: body.body.prefix(200), as: UTF8.self))")
                #expect(body.failures?.array?.first?["reason"]?.string?.isEmpty == false)
            }
            #expect(try await stage.count(.contacts) == people.0)
            #expect(try await stage.count(.messages) == people.1)
        }
    }

    @Test func `an empty body is proven like any other`() async throws {
        try await Stage.run { stage in
            let answer = try await stage.cloudHook([UInt8]())
            #expect(answer.status == 200)
            #expect(try await stage.storedBodies().map(\.state) == ["failed"])
        }
    }

    @Test func `a number that is not attached under the hook gets nothing`() async throws {
        try await Stage.run { stage in
            let before = (try await stage.count(.contacts), try await stage.count(.messages))
            let unknown = stage.envelope(
                [("messages", [stage.inboundText("Oi", from: "5511900000001", id: "wamid.1")])], to: "999999999999999")
            #expect(try await stage.cloudHook(unknown).status == 200)
            // A session's name at Meta's hook names nothing either.
            let session = stage.envelope(
                [("messages", [stage.inboundText("Oi", from: "5511900000001", id: "wamid.2")])], to: "default")
            #expect(try await stage.cloudHook(session).status == 200)
            #expect(try await stage.storedBodies().map(\.state) == ["failed", "failed"])
            #expect(try await stage.count(.contacts) == before.0)
            #expect(try await stage.count(.messages) == before.1)
        }
    }

    @Test func `one bad item harms no other of its body`() async throws {
        try await Stage.run { stage in
            let items: [JSONValue] = [
                stage.inboundText("primeira", from: "5511900000001", id: "wamid.a"), ["id": "wamid.b"],
                stage.inboundText("nu\u{0}la", from: "5511900000002", id: "wamid.c"),
                stage.inboundText("id", from: "5511900000003", id: "wamid.\u{0}"),
                stage.inboundText("última", from: "5511900000004", id: "wamid.e"),
            ]
            #expect(try await stage.cloudHook(stage.envelope([("messages", .array(items))])).status == 200)
            let body = try #require(try await stage.storedBodies().first)
            #expect(body.state == "failed")
            #expect(body.failures?.array?.compactMap { $0["index"]?.int64 } == [1, 3])
            #expect(try await stage.count(.messages) == 3)
            for phone in ["+5511900000001", "+5511900000002", "+5511900000004"] {
                let found = try await stage.get("/api/v1/leads?q=\(phone.dropFirst())")
                #expect(found.data.array?.count == 1, "\(phone)")
            }
        }
    }
}
