import Crypto
import EventLoop
import HTTP
import JSON
import Simulator
import Testing

@Suite struct WebhookTests {
    /// RFC 2104 written out, so that the code under test is not judged by itself.
    private static func hmac(
        _ key: String, _ message: [UInt8], block: Int, _ digest: ([UInt8]) -> [UInt8]
    ) -> String {
        let key = Array(key.utf8) + [UInt8](repeating: 0, count: block - key.utf8.count)
        let inner = digest(key.map { $0 ^ 0x36 } + message)
        return digest(key.map { $0 ^ 0x5C } + inner).map { octet in
            String(octet >> 4, radix: 16) + String(octet & 15, radix: 16)
        }.joined()
    }

    private static let inbound: JSONValue = [
        "instance_phone": "+5521987654321", "from": "+5521988887777", "text": "Olá/você 😀", "name": "Ana",
    ]

    @Test func `a contact's message comes in Meta's envelope, signed over its bytes`() async throws {
        try await World.run { world async throws in
            world.listen()
            let answer = try await world.control("inbound", Self.inbound)
            #expect(answer.status == 200)
            #expect(answer.json["hook"] == ["status": 200, "body": "ok"])
            let post = world.hook.received[0]
            #expect(post.path == "/hooks/cloud-api/x")
            let expected = Self.hmac("app-secret", post.body, block: 64, SHA256.digest)
            #expect(post.fields["X-Hub-Signature-256"] == "sha256=" + expected)
            #expect(post.body.allSatisfy { $0 < 0x80 })
            #expect(String(decoding: post.body, as: UTF8.self).contains(#"Ol\u00e1\/voc\u00ea \ud83d\ude00"#))
            #expect(
                post.json == [
                    "object": "whatsapp_business_account",
                    "entry": [
                        [
                            "id": "1022",
                            "changes": [
                                [
                                    "field": "messages",
                                    "value": [
                                        "messaging_product": "whatsapp",
                                        "metadata": [
                                            "display_phone_number": "5521987654321", "phone_number_id": "1065",
                                        ],
                                        "contacts": [["profile": ["name": "Ana"], "wa_id": "5521988887777"]],
                                        "messages": [
                                            [
                                                "from": "5521988887777", "id": answer.json["id"] ?? .null,
                                                "timestamp": "1772366400", "type": "text",
                                                "text": ["body": "Olá/você 😀"],
                                            ]
                                        ],
                                    ],
                                ]
                            ],
                        ]
                    ],
                ])
        }
    }

    @Test func `Meta's other signature is over the escaped form of a UTF-8 body`() async throws {
        try await World.run { world async throws in
            world.listen()
            _ = try await world.control("inbound", Self.inbound.with("text", "Olá/").with("signature", "escaped"))
            let post = world.hook.received[0]
            let text = String(decoding: post.body, as: UTF8.self)
            #expect(text.contains("Olá/"))
            let escaped = Array(
                text.split(separator: "á", omittingEmptySubsequences: false).joined(separator: #"\u00e1"#).utf8)
            #expect(
                post.fields["X-Hub-Signature-256"]
                    == "sha256=" + Self.hmac("app-secret", escaped, block: 64, SHA256.digest))
        }
    }

    @Test(arguments: ["+5521987654321", "+5511999887766"])
    func `wrong and missing signatures can be asked for`(_ phone: String) async throws {
        try await World.run { world async throws in
            world.listen()
            let message = Self.inbound.with("instance_phone", .string(phone))
            _ = try await world.control("inbound", message.with("signature", "wrong"))
            _ = try await world.control("inbound", message.with("signature", "none"))
            let isCloud = phone == "+5521987654321"
            let field = isCloud ? "X-Hub-Signature-256" : "X-Webhook-Hmac"
            let (wrong, none) = (world.hook.received[0], world.hook.received[1])
            let right =
                isCloud
                ? "sha256=" + Self.hmac("app-secret", wrong.body, block: 64, SHA256.digest)
                : Self.hmac("hmac-key", wrong.body, block: 128, SHA512.digest)
            #expect(wrong.fields[field]?.count == right.count)
            #expect(wrong.fields[field] != right)
            #expect(none.fields[field] == nil)
        }
    }

    @Test func `a contact's message comes in WAHA's envelope, signed with SHA-512`() async throws {
        try await World.run { world async throws in
            world.listen()
            let answer = try await world.control(
                "inbound",
                Self.inbound.with("instance_phone", "5511999887766").with("timestamp", "2026-03-01T09:00:01.500-03:00"))
            #expect(answer.json["hook"]?["status"] == 200)
            let post = world.hook.received[0]
            #expect(post.path == "/hooks/waha/y")
            #expect(post.fields["X-Webhook-Hmac"] == Self.hmac("hmac-key", post.body, block: 128, SHA512.digest))
            #expect(post.fields["X-Webhook-Hmac-Algorithm"] == "sha512")
            #expect(post.fields["X-Webhook-Request-Id"]?.count == 32)
            #expect(post.fields["X-Webhook-Timestamp"] == "1772366400000")
            let json = post.json
            let id = try #require(json["id"]?.string)
            #expect(id.hasPrefix("evt_") && id.count == 30 && id.lowercased() == id)
            #expect(json["event"] == "message")
            #expect(json["session"] == "sales")
            #expect(json["timestamp"] == 1_772_366_400_000)
            #expect(json["me"]?["id"] == "5511999887766@c.us")
            #expect(json["engine"] == "GOWS")
            #expect(json["payload"]?["from"] == "5521988887777@c.us")
            #expect(json["payload"]?["fromMe"] == false)
            #expect(json["payload"]?["body"] == "Olá/você 😀")
            #expect(json["payload"]?["timestamp"] == 1_772_366_401)
            #expect(json["payload"]?["id"]?.string?.hasPrefix("false_5521988887777@c.us_3EB0") == true)
        }
    }

    @Test func `another type, an id of one's own and a user id pass through`() async throws {
        try await World.run { world async throws in
            world.listen()
            let content: JSONValue = ["type": "button", "button": ["payload": "STOP", "text": "Parar"]]
            let message = Self.inbound.with("text", nil).with("content", content).with("id", "wamid.mine")
            _ = try await world.control("inbound", message.with("from", "BR.abc123"))
            _ = try await world.control("inbound", message.with("from", "BR.abc123"))
            for post in world.hook.received {
                let item = post.change?["messages"]?[0]
                #expect(item?["id"] == "wamid.mine")
                #expect(item?["type"] == "button")
                #expect(item?["button"]?["payload"] == "STOP")
                #expect(item?["from_user_id"] == "BR.abc123")
                #expect(item?["from"] == nil)
            }
            #expect(world.hook.received.count == 2)
        }
    }

    @Test func `members of WAHA's payload can be replaced`() async throws {
        try await World.run { world async throws in
            world.listen()
            let content: JSONValue = ["from": "99887766554433@lid", "hasMedia": true]
            _ = try await world.control(
                "inbound", Self.inbound.with("instance_phone", "sales").with("content", content))
            let payload = world.hook.received[0].json["payload"]
            #expect(payload?["from"] == "99887766554433@lid")
            #expect(payload?["hasMedia"] == true)
            #expect(payload?["body"] == "Olá/você 😀")
        }
    }

    @Test func `no status follows once they are switched off`() async throws {
        try await World.run { world async throws in
            world.listen()
            #expect(try await world.control("settings", ["statuses": false]).json["statuses"] == false)
            _ = try await world.graph(Sample.template("aviso_simples"))
            _ = try await world.control("settings", ["statuses": true])
            _ = try await world.graph(Sample.template("aviso_simples", to: "+5521988887778"))
            let recipients = try await world.hook.posts(2).compactMap {
                $0.change?["statuses"]?[0]?["recipient_id"]?.string
            }
            #expect(recipients == ["5521988887778", "5521988887778"])
        }
    }

    @Test func `sent and delivered follow an accepted message, with its callback data`() async throws {
        try await World.run { world async throws in
            world.listen()
            let send = Sample.template("aviso_simples").with("biz_opaque_callback_data", "7.8.9")
            let id = try await world.graph(send).json["messages"]?[0]?["id"]
            let posts = try await world.hook.posts(2)
            let statuses = posts.compactMap { $0.change?["statuses"]?[0] }
            #expect(Set(statuses.compactMap { $0["status"]?.string }) == ["sent", "delivered"])
            for (post, status) in zip(posts, statuses) {
                #expect(status["id"] == id)
                #expect(status["recipient_id"] == "5521988887777")
                #expect(status["timestamp"] == "1772366400")
                #expect(status["biz_opaque_callback_data"] == "7.8.9")
                #expect(status["pricing"]?["category"] == "utility")
                #expect(post.change?["contacts"] == [["wa_id": "5521988887777"]])
            }
        }
    }

    @Test func `acknowledgements follow a WAHA message`() async throws {
        try await World.run { world async throws in
            world.listen()
            let send: JSONValue = ["session": "sales", "chatId": "5521988887777@c.us", "text": "oi"]
            let id = try await world.waha("sendText", send).json["id"]
            let posts = try await world.hook.posts(2)
            #expect(Set(posts.compactMap { $0.json["payload"]?["ackName"]?.string }) == ["SERVER", "DEVICE"])
            for post in posts {
                #expect(post.json["event"] == "message.ack")
                #expect(post.json["payload"]?["id"] == id)
                #expect(post.json["payload"]?["to"] == "5521988887777@c.us")
            }
            let chat = "/api/sales/chats/5521988887777%40c.us/messages/\(id?.string ?? "")"
            #expect(try await world.read(chat).json["ack"] == 2)
        }
    }

    @Test func `a status webhook that is not taken comes again`() async throws {
        try await World.run { world async throws in
            world.listen()
            world.hook.statuses = [500, 503]
            _ = try await world.graph(Sample.template("aviso_simples"))
            let posts = try await world.hook.posts(4)
            #expect(
                posts.compactMap { $0.change?["statuses"]?[0]?["status"]?.string }.filter { $0 == "sent" }.count >= 1)
            #expect(Set(posts.map(\.body)).count == 2)
        }
    }

    @Test func `statuses can be kept back, and sent by hand`() async throws {
        try await World.run({ $0.pace.statuses = nil }) { world async throws in
            world.listen()
            let id = try await world.graph(Sample.template("aviso_simples")).json["messages"]?[0]?["id"] ?? .null
            let read = try await world.control(
                "status", ["id": id, "status": "read", "timestamp": 1_772_366_500])
            #expect(read.json["hook"]?["status"] == 200)
            let failed = try await world.control(
                "status",
                [
                    "id": "wamid.unknown", "status": "failed", "code": 131_026, "instance_phone": "1065",
                    "to": "+5521977776666", "callback_data": "4.5.6",
                ])
            #expect(failed.status == 200)
            let statuses = world.hook.received.map { $0.change?["statuses"]?[0] }
            #expect(statuses.count == 2)
            #expect(statuses[0]?["status"] == "read")
            #expect(statuses[0]?["timestamp"] == "1772366500")
            #expect(statuses[1]?["errors"]?[0]?["code"] == 131_026)
            #expect(statuses[1]?["recipient_id"] == "5521977776666")
            #expect(statuses[1]?["biz_opaque_callback_data"] == "4.5.6")
        }
    }

    @Test func `a new hook must echo Meta's challenge`() async throws {
        try await World.run { world async throws in
            let url = "http://127.0.0.1:\(world.hook.port)/hooks/cloud-api/x"
            let set = try await world.control("webhook", ["instance_phone": "1065", "url": .string(url)])
            #expect(set.status == 200)
            _ = try await world.control("inbound", Self.inbound)
            #expect(world.hook.received.count == 1)
        }
        try await World.run({ configuration in
            guard case .cloudAPI(var number) = configuration.phones[0] else { return }
            number.verifyToken = "another"
            configuration.phones[0] = .cloudAPI(number)
        }) { world async throws in
            let url = "http://127.0.0.1:\(world.hook.port)/hooks/cloud-api/x"
            let set = try await world.control("webhook", ["instance_phone": "1065", "url": .string(url)])
            #expect(set.status == 502)
            #expect(set.json["error"]?.string?.contains("403") == true)
        }
    }

    @Test func `a template's new status is told to its account's hook`() async throws {
        try await World.run { world async throws in
            world.listen()
            let change: JSONValue = ["name": "aviso_simples", "language": "pt_BR", "status": "PAUSED"]
            #expect(try await world.control("template", change).status == 200)
            let post = try await world.hook.posts(1)[0]
            #expect(post.json["entry"]?[0]?["changes"]?[0]?["field"] == "message_template_status_update")
            #expect(post.change?["event"] == "PAUSED")
            #expect(post.change?["message_template_name"] == "aviso_simples")
            #expect(try await world.graph(Sample.template("aviso_simples")).code == 132_015)
        }
    }
}
