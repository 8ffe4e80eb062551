import JSON
import Testing

@Suite struct CloudSendTests {
    @Test func `an accepted text names the contact and the message, and reaches the phone`() async throws {
        try await World.run { world async throws in
            try await world.openWindow("+5521988887777")
            let answer = try await world.graph(
                Sample.text("+55 (21) 98888-7777", "Olá, você vem?").with("biz_opaque_callback_data", "1.2.3"))
            #expect(answer.status == 200)
            #expect(answer.json["messaging_product"] == "whatsapp")
            #expect(answer.json["contacts"] == [["input": "+55 (21) 98888-7777", "wa_id": "5521988887777"]])
            let id = try #require(answer.json["messages"]?[0]?["id"]?.string)
            #expect(id.hasPrefix("wamid."))
            #expect(answer.json["messages"]?[0]?["message_status"] == nil)
            let received = try await world.control("messages?to=5521988887777").json["messages"]
            #expect(received?.array?.count == 1)
            #expect(received?[0]?["provider"] == "cloud_api")
            #expect(received?[0]?["from"] == "+5521987654321")
            #expect(received?[0]?["to"] == "+5521988887777")
            #expect(received?[0]?["type"] == "text")
            #expect(received?[0]?["text"] == "Olá, você vem?")
            #expect(received?[0]?["id"] == .string(id))
            #expect(received?[0]?["callback_data"] == "1.2.3")
            #expect(received?[0]?["at"] == "2026-03-01T12:00:00.000Z")
        }
    }

    @Test func `a number without plus gets the business's country code in front`() async throws {
        try await World.run { world async throws in
            try await world.openWindow("+5521988887777")
            try await world.openWindow("+555521988887777")
            _ = try await world.graph(Sample.text("21988887777", "nacional"))
            _ = try await world.graph(Sample.text("5521988887777", "duas vezes"))
            #expect(try await world.texts("5521988887777") == ["nacional"])
            #expect(try await world.texts("555521988887777") == ["duas vezes"])
        }
    }

    @Test func `a send to a user id answers with it`() async throws {
        try await World.run { world async throws in
            try await world.openWindow("BR.abc123")
            let body = Sample.text("", "olá").with("to", nil).with("recipient", "BR.abc123")
            let answer = try await world.graph(body)
            #expect(answer.json["contacts"] == [["input": "BR.abc123", "user_id": "BR.abc123"]])
            #expect(try await world.texts("BR.abc123") == ["olá"])
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let body: JSONValue
        let code: Int64
        var words = ""
    }

    private static func message(_ type: String, _ content: JSONValue) -> JSONValue {
        Sample.text("+5521988887777").with("text", nil).with("type", .string(type)).with(type, content)
    }

    private static func interactive(_ type: String, _ action: JSONValue, body: String = "Escolha") -> JSONValue {
        message("interactive", ["type": .string(type), "body": ["text": .string(body)], "action": action])
    }

    private static func reply(_ id: String, _ title: String) -> JSONValue {
        ["type": "reply", "reply": ["id": .string(id), "title": .string(title)]]
    }

    private static func rows(_ range: ClosedRange<Int>) -> JSONValue {
        .array(range.map { ["id": .string("\($0)"), "title": "linha"] })
    }

    private static let good = Sample.text("+5521988887777")

    static let refusals: [Refusal] = [
        Refusal(
            testDescription: "no messaging_product", body: good.with("messaging_product", nil), code: 100,
            words: "messaging_product"),
        Refusal(
            testDescription: "another messaging_product", body: good.with("messaging_product", "sms"), code: 100),
        Refusal(testDescription: "no to", body: good.with("to", nil), code: 100, words: "to"),
        Refusal(testDescription: "to is a number", body: good.with("to", 5_521), code: 100, words: "string"),
        Refusal(testDescription: "to is no phone", body: good.with("to", "ana@example.com"), code: 131_009),
        Refusal(testDescription: "to too short", body: good.with("to", "+12"), code: 131_009),
        Refusal(testDescription: "unknown member", body: good.with("colour", "blue"), code: 100, words: "colour"),
        Refusal(
            testDescription: "content of another type", body: good.with("image", ["id": "1"]), code: 100,
            words: "image"),
        Refusal(testDescription: "unknown type", body: good.with("type", "carrier_pigeon"), code: 131_051),
        Refusal(testDescription: "no content", body: good.with("text", nil), code: 100, words: "text"),
        Refusal(testDescription: "content is text", body: good.with("text", "oi"), code: 100, words: "JSON object"),
        Refusal(testDescription: "text without body", body: good.with("text", [:]), code: 131_008),
        Refusal(testDescription: "text with unknown member", body: message("text", ["body": "a", "x": 1]), code: 100),
        Refusal(testDescription: "empty text", body: Sample.text("+5521988887777", ""), code: 100),
        Refusal(
            testDescription: "text of 4097", body: Sample.text("+5521988887777", String(repeating: "a", count: 4097)),
            code: 100, words: "4096"),
        Refusal(
            testDescription: "callback data of 513",
            body: good.with("biz_opaque_callback_data", .string(String(repeating: "a", count: 513))), code: 100,
            words: "512"),
        Refusal(testDescription: "context without id", body: good.with("context", [:]), code: 131_008),
        Refusal(testDescription: "media with neither", body: message("image", ["caption": "x"]), code: 100),
        Refusal(
            testDescription: "media with both",
            body: message("image", ["id": "1", "link": "https://example.com/a.png"]), code: 100),
        Refusal(testDescription: "audio with caption", body: message("audio", ["id": "1", "caption": "x"]), code: 100),
        Refusal(
            testDescription: "caption of 1025",
            body: message("image", ["id": "1", "caption": .string(String(repeating: "a", count: 1025))]), code: 100),
        Refusal(testDescription: "link that is none", body: message("video", ["link": "ftp://x"]), code: 100),
        Refusal(
            testDescription: "location without longitude", body: message("location", ["latitude": 1]), code: 131_008),
        Refusal(
            testDescription: "location off the globe", body: message("location", ["latitude": 91, "longitude": 0]),
            code: 131_009),
        Refusal(testDescription: "no contacts", body: message("contacts", []), code: 131_009),
        Refusal(
            testDescription: "reaction without emoji", body: message("reaction", ["message_id": "x"]), code: 131_008),
        Refusal(testDescription: "no buttons", body: interactive("button", ["buttons": []]), code: 131_009),
        Refusal(
            testDescription: "four buttons",
            body: interactive("button", ["buttons": .array((1...4).map { reply("\($0)", "t\($0)") })]), code: 131_009),
        Refusal(
            testDescription: "two buttons alike",
            body: interactive("button", ["buttons": [reply("1", "Sim"), reply("2", "Sim")]]), code: 131_009),
        Refusal(
            testDescription: "button title of 21",
            body: interactive("button", ["buttons": [reply("1", String(repeating: "a", count: 21))]]), code: 100),
        Refusal(
            testDescription: "button body of 1025",
            body: interactive(
                "button", ["buttons": [reply("1", "Sim")]], body: String(repeating: "a", count: 1025)), code: 100),
        Refusal(
            testDescription: "eleven rows",
            body: interactive(
                "list",
                [
                    "button": "Ver",
                    "sections": [["title": "a", "rows": rows(1...6)], ["title": "b", "rows": rows(7...11)]],
                ]), code: 131_009),
        Refusal(
            testDescription: "sections without titles",
            body: interactive("list", ["button": "Ver", "sections": [["rows": rows(1...1)], ["rows": rows(2...2)]]]),
            code: 131_008),
        Refusal(testDescription: "unknown interactive type", body: interactive("carousel", [:]), code: 131_009),
        Refusal(testDescription: "sender is recipient", body: Sample.text("+5521987654321"), code: 131_021),
        Refusal(testDescription: "outside the window", body: good, code: 131_047),
    ]

    @Test(arguments: refusals)
    func `what the documentation forbids is refused in its words`(_ refusal: Refusal) async throws {
        try await World.run { world async throws in
            let answer = try await world.graph(refusal.body)
            #expect(answer.status == 400)
            #expect(answer.code == refusal.code)
            #expect(answer.json["error"]?["type"] == "OAuthException")
            #expect(answer.json["error"]?["fbtrace_id"]?.string?.hasPrefix("A") == true)
            #expect(refusal.words.isEmpty || answer.title?.contains(refusal.words) == true)
            #expect(try await world.control("messages").json["messages"] == [])
        }
    }

    @Test(arguments: [
        message("text", ["body": "oi", "preview_url": true]),
        message("image", ["link": "https://example.com/a.png", "caption": "legenda"]),
        message("document", ["link": "https://example.com/a.pdf", "filename": "a.pdf"]),
        message("audio", ["link": "https://example.com/a.ogg", "voice": true]),
        message("location", ["latitude": "-22.9", "longitude": "-43.2", "name": "Praia"]),
        message("contacts", [["name": ["formatted_name": "Ana"], "phones": [["phone": "+55"]]]]),
        message("reaction", ["message_id": "wamid.1", "emoji": ""]),
        interactive("button", ["buttons": [reply("1", "Sim"), reply("2", "Não")]]),
        interactive("list", ["button": "Ver", "sections": [["rows": rows(1...10)]]]),
        interactive(
            "cta_url", ["name": "cta_url", "parameters": ["display_text": "Ir", "url": "https://example.com"]]),
        good.with("text", ["body": .string(String(repeating: "ã", count: 4096))]),
        good.with("context", ["message_id": "wamid.1"]).with("recipient_type", "individual"),
    ])
    func `what the documentation allows is accepted`(_ body: JSONValue) async throws {
        try await World.run { world async throws in
            try await world.openWindow("+5521988887777")
            let answer = try await world.graph(body)
            #expect(answer.status == 200, "\(answer.title ?? "")")
            #expect(try await world.control("messages").json["messages"]?.array?.count == 1)
        }
    }

    @Test func `a body that is no JSON is refused`() async throws {
        try await World.run { world async throws in
            let head = "POST /v23.0/1065/messages HTTP/1.1\r\nAuthorization: Bearer token\r\nContent-Length: 5\r\n\r\n"
            guard case .answer(400, _) = try await WireClient.exchange(head + "{nope", port: world.port) else {
                Issue.record("accepted")
                return
            }
        }
    }

    @Test(arguments: [nil, "Bearer wrong", "token", "Basic token"])
    func `a token that opens nothing is 190`(_ authorization: String?) async throws {
        try await World.run { world async throws in
            let answer = try await world.call(
                "POST", "/v23.0/1065/messages", Self.good,
                fields: authorization.map { ["Authorization": $0] } ?? [:])
            #expect(answer.status == 401)
            #expect(answer.code == 190)
        }
    }

    @Test func `an object that the token does not open does not exist`() async throws {
        try await World.run { world async throws in
            let answer = try await world.call("POST", "/v23.0/999/messages", Self.good, fields: World.bearer)
            #expect(answer.status == 400)
            #expect(answer.code == 100)
            #expect(answer.json["error"]?["error_subcode"] == 33)
        }
    }

    @Test func `reading a message answers success and sends nothing`() async throws {
        try await World.run { world async throws in
            let read: JSONValue = ["messaging_product": "whatsapp", "status": "read", "message_id": "wamid.x"]
            let answer = try await world.graph(read)
            #expect(answer.status == 200)
            #expect(answer.json == ["success": true])
            #expect(try await world.graph(read.with("typing_indicator", ["type": "text"])).status == 200)
            #expect(try await world.graph(read.with("message_id", nil)).code == 100)
            #expect(try await world.graph(read.with("status", "delivered")).code == 100)
            #expect(try await world.control("messages").json["messages"] == [])
        }
    }
}
