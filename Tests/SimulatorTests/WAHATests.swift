import JSON
import Simulator
import Testing

@Suite struct WAHATests {
    private static let text: JSONValue = ["session": "sales", "chatId": "5521988887777@c.us", "text": "Olá, Ana"]

    @Test func `an accepted text answers with WAHA's message, and reaches the phone`() async throws {
        try await World.run { world async throws in
            let answer = try await world.waha("sendText", Self.text)
            #expect(answer.status == 201)
            #expect(answer.json["id"]?.string?.hasPrefix("true_5521988887777@c.us_3EB0") == true)
            #expect(answer.json["fromMe"] == true)
            #expect(answer.json["source"] == "api")
            #expect(answer.json["to"] == "5521988887777@c.us")
            #expect(answer.json["ack"] == 0)
            #expect(answer.json["timestamp"] == 1_772_366_400)
            let received = try await world.control("messages?to=%2B5521988887777").json["messages"]
            #expect(received?[0]?["provider"] == "waha")
            #expect(received?[0]?["from"] == "+5511999887766")
            #expect(received?[0]?["to"] == "+5521988887777")
            #expect(received?[0]?["text"] == "Olá, Ana")
            #expect(received?[0]?["id"] == answer.json["id"])
        }
    }

    @Test func `an id taken beforehand is the message's, and a second use of it shows`() async throws {
        try await World.run { world async throws in
            let id = try #require(try await world.read("/api/sales/new-message-id").json["id"]?.string)
            #expect(try await world.read("/api/sales/new-message-id").json["id"]?.string != id)
            let send = Self.text.with("id", .string(id))
            let full = "true_5521988887777@c.us_\(id)"
            #expect(try await world.waha("sendText", send).json["id"] == .string(full))
            #expect(try await world.waha("sendText", send).json["id"] == .string(full))
            #expect(try await world.texts("+5521988887777").count == 2)
        }
    }

    @Test func `a message is looked up by its hash or its whole id, in its chat alone`() async throws {
        try await World.run { world async throws in
            let path = "/api/sales/chats/5521988887777%40c.us/messages/"
            #expect(try await world.read(path + "3EB0AB").status == 404)
            _ = try await world.waha("sendText", Self.text.with("id", "3EB0AB"))
            let found = try await world.read(path + "3EB0AB")
            #expect(found.status == 200)
            #expect(found.json["body"] == "Olá, Ana")
            #expect(try await world.read(path + "true_5521988887777@c.us_3EB0AB").json["id"] == found.json["id"])
            #expect(try await world.read("/api/sales/chats/5521900000000%40c.us/messages/3EB0AB").status == 404)
        }
    }

    @Test func `unknown members are dropped, missing ones told`() async throws {
        try await World.run { world async throws in
            #expect(try await world.waha("sendText", Self.text.with("colour", "blue")).status == 201)
            let answer = try await world.waha("sendText", ["session": "sales"])
            #expect(answer.status == 400)
            #expect(answer.json["statusCode"] == 400)
            #expect(answer.json["message"]?.array?.count == 3)
        }
    }

    @Test func `a wrong key is 401 in WAHA's words`() async throws {
        try await World.run { world async throws in
            for fields in [[:], ["X-Api-Key": "nope"]] {
                let answer = try await world.call("POST", "/api/sendText", Self.text, fields: fields)
                #expect(answer.status == 401)
                #expect(answer.json == ["message": "Unauthorized", "statusCode": 401])
            }
            #expect(try await world.call("POST", "/api/sendText?x-api-key=key", Self.text).status == 201)
        }
    }

    @Test func `a session that does not work sends nothing and says so`() async throws {
        try await World.run { world async throws in
            world.listen()
            let set = try await world.control("session", ["session": "sales", "status": "FAILED"])
            #expect(set.json["status"] == "FAILED")
            let event = try await world.hook.posts(1)[0].json
            #expect(event["event"] == "session.status")
            #expect(event["payload"]?["status"] == "FAILED")
            for answer in [
                try await world.waha("sendText", Self.text), try await world.read("/api/sales/new-message-id"),
                try await world.read("/api/contacts/check-exists?phone=5521988887777&session=sales"),
                try await world.waha("sendSeen", ["session": "sales", "chatId": "5521988887777@c.us"]),
            ] {
                #expect(answer.status == 422)
                #expect(answer.json["session"] == "sales")
                #expect(answer.json["status"] == "FAILED")
                #expect(answer.json["expected"] == ["WORKING"])
            }
            #expect(try await world.control("messages").json["messages"] == [])
            #expect(try await world.waha("sessions/sales/restart", [:]).json["status"] == "WORKING")
            #expect(try await world.waha("sendText", Self.text).status == 201)
        }
    }

    @Test func `a session tells itself, and one that is not there is 404`() async throws {
        try await World.run { world async throws in
            let session = try await world.read("/api/sessions/sales")
            #expect(session.json["name"] == "sales")
            #expect(session.json["status"] == "WORKING")
            #expect(session.json["me"]?["id"] == "5511999887766@c.us")
            #expect(try await world.read("/api/sessions").json.array?.count == 1)
            #expect(try await world.read("/api/sessions/none").status == 404)
            #expect(try await world.waha("sendText", Self.text.with("session", "none")).status == 404)
            #expect(try await world.read("/api/server/version").json["version"] == "2026.7.1")
        }
    }

    @Test func `a logged-out session shows a code to pair`() async throws {
        try await World.run { world async throws in
            #expect(try await world.read("/api/sales/auth/qr").status == 422)
            _ = try await world.waha("sessions/sales/logout", [:])
            #expect(try await world.read("/api/sales/auth/qr?format=raw").json["value"]?.string?.isEmpty == false)
            guard
                case .answer(200, let picture) = try await world.raw(
                    "GET", "/api/sales/auth/qr", fields: World.apiKey)
            else {
                Issue.record("no picture")
                return
            }
            #expect(picture.starts(with: [0x89, 0x50, 0x4E, 0x47]))
            let code = try await world.waha("sales/auth/request-code", ["phoneNumber": "5511999887766"])
            #expect(code.json["code"] == "ABCD-ABCD")
        }
    }

    @Test(
        arguments: [
            (
                "sendImage",
                ["file": ["url": "https://example.com/a.png", "mimetype": "image/png"], "caption": "Veja"], "Veja"
            ),
            ("sendFile", ["file": ["data": "AA==", "mimetype": "text/plain"]], ""),
            (
                "sendVideo",
                [
                    "file": ["url": "https://example.com/a.mp4", "mimetype": "video/mp4"], "convert": true,
                    "caption": "v",
                ], "v"
            ),
            ("sendLocation", ["latitude": -22, "longitude": -43, "title": "Praia"], "Praia"),
            ("sendPoll", ["poll": ["name": "Quando?", "options": ["a", "b"], "multipleAnswers": false]], "Quando?"),
        ] as [(String, JSONValue, String)])
    func `other kinds are sent too`(_ path: String, _ body: JSONValue, words: String) async throws {
        try await World.run { world async throws in
            let addressed = body.with("session", "sales").with("chatId", "5521988887777@c.us")
            #expect(try await world.waha(path, addressed).status == 201)
            #expect(try await world.texts("5521988887777") == [words])
            #expect(try await world.waha(path, ["session": "sales", "chatId": "5521988887777@c.us"]).status == 400)
        }
    }

    @Test func `media sends ignore a given id, and buttons do not exist`() async throws {
        try await World.run { world async throws in
            let image: JSONValue = [
                "session": "sales", "chatId": "5521988887777@c.us",
                "file": ["url": "https://example.com/a.png", "mimetype": "image/png"], "id": "3EB0MINE",
            ]
            let id = try await world.waha("sendImage", image).json["id"]?.string
            #expect(id?.hasSuffix("3EB0MINE") == false)
            #expect(try await world.waha("sendButtons", Self.text).status == 422)
        }
    }

    @Test func `a session subscribed to every message hears its own`() async throws {
        try await World.run({ configuration in
            guard case .waha(var session) = configuration.phones[1] else { return }
            session.events = ["message.any"]
            configuration.phones[1] = .waha(session)
        }) { world async throws in
            world.listen()
            let id = try await world.waha("sendText", Self.text).json["id"]
            let event = try await world.hook.posts(1)[0].json
            #expect(event["event"] == "message.any")
            #expect(event["payload"]?["id"] == id)
            #expect(event["payload"]?["source"] == "api")
        }
    }
}
