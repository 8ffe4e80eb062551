import JSON
import Simulator
import Testing

@Suite struct ControlTests {
    @Test func `a phone's messages are found by any form of its number, in order`() async throws {
        try await World.run { world async throws in
            for number in ["+5521988887777", "+552188887777", "+5521900001111"] {
                _ = try await world.graph(Sample.template("aviso_simples", to: number))
            }
            for form in ["+5521988887777", "%2B5521988887777", "5521988887777", "552188887777"] {
                let messages = try await world.control("messages?to=\(form)").json["messages"]?.array
                #expect(messages?.compactMap { $0["to"]?.string } == ["+5521988887777", "+552188887777"])
            }
            #expect(try await world.control("messages").json["messages"]?.array?.count == 3)
            #expect(try await world.control("messages", method: "DELETE").status == 200)
            #expect(try await world.control("messages").json["messages"] == [])
        }
    }

    @Test func `memory is bounded, and the newest messages stay`() async throws {
        try await World.run({ $0.memory = 20 }) { world async throws in
            for number in 10...40 {
                _ = try await world.graph(Sample.template("aviso_simples", to: "+55219888811\(number)"))
            }
            let messages = try await world.control("messages").json["messages"]?.array
            #expect((messages?.count ?? 0) <= 20)
            #expect(messages?.last?["to"] == "+5521988881140")
            #expect(try await world.texts("+5521988881140").count == 1)
            #expect(try await world.texts("+5521988881110").isEmpty)
        }
    }

    @Test func `calls are counted by path and by recipient, refused ones too, the control API's not`() async throws {
        try await World.run { world async throws in
            #expect(try await world.control("calls").json["total"] == 0)
            _ = try await world.graph(Sample.template("aviso_simples"))
            _ = try await world.graph(Sample.template("oferta_pausada"))
            _ = try await world.call("POST", "/v23.0/1065/messages", [:])
            _ = try await world.read("/api/sales/chats/5521988887777%40c.us/messages/3EB0")
            let calls = try await world.control("calls").json
            #expect(calls["total"] == 4)
            #expect(calls["calls"]?["POST /v23.0/1065/messages"] == 3)
            #expect(calls["calls"]?["GET /api/sales/chats/{chatId}/messages/{id}"] == 1)
            #expect(try await world.control("calls?to=+5521988887777").json["sends"] == 2)
            #expect(try await world.control("calls?to=+5521988887778").json["sends"] == 0)
            _ = try await world.control("calls", method: "DELETE")
            #expect(try await world.control("calls").json["total"] == 0)
        }
    }

    @Test func `scripted faults spoil the next sends in order, then end`() async throws {
        try await World.run { world async throws in
            let script: JSONValue = [
                "next": [
                    "throughput", "none", ["fault": "loses_answer", "provider": "cloud_api"],
                    ["code": 131_016, "status": 500, "message": "(#131016) Service unavailable"],
                ]
            ]
            #expect(try await world.control("faults", script).json["waiting"] == 4)
            let send = Sample.template("aviso_simples")
            #expect(try await world.graph(send).code == 130_429)
            #expect(try await world.graph(send).status == 200)
            guard case .reset = try await world.rawGraph(send) else {
                Issue.record("answered")
                return
            }
            let refused = try await world.graph(send)
            #expect(refused.status == 500)
            #expect(refused.code == 131_016)
            #expect(try await world.graph(send).status == 200)
            #expect(try await world.texts("5521988887777").count == 3)
        }
    }

    @Test func `faults of other calls wait for theirs`() async throws {
        try await World.run { world async throws in
            let script: JSONValue = [
                "next": [
                    ["fault": "unreadable_error", "call": "templates"],
                    ["fault": "bad_token", "call": "new_message_id"],
                    ["fault": "unavailable_once", "call": "phone"], ["fault": "nonsense", "call": "look_up"],
                ]
            ]
            _ = try await world.control("faults", script)
            #expect(try await world.graph(Sample.template("aviso_simples")).status == 200)
            #expect(try await world.read("/v23.0/1022/message_templates").status == 500)
            #expect(try await world.read("/v23.0/1022/message_templates").status == 200)
            #expect(try await world.read("/api/sales/new-message-id").status == 401)
            #expect(try await world.read("/v23.0/1065").code == 2)
            #expect(try await world.read("/api/sales/chats/1%40c.us/messages/3EB0").json == .null)
            #expect(try await world.control("faults", ["next": ["slow"]]).json["waiting"] == 1)
            #expect(try await world.control("faults", method: "DELETE").json["waiting"] == 0)
        }
    }

    @Test func `every magic number has a name that a script can use`() async throws {
        #expect(MagicNumber.losesAnswer.name == "loses_answer")
        #expect(MagicNumber.withoutID.name == "without_id")
        for magic in MagicNumber.allCases { #expect(MagicNumber(name: magic.name) == magic) }
    }

    @Test func `a hook that cannot be reached or refuses is told`() async throws {
        try await World.run { world async throws in
            let message: JSONValue = ["instance_phone": "1065", "from": "+5521988887777", "text": "oi"]
            #expect(try await world.control("inbound", message).json["hook"] == .null)
            world.listen()
            world.hook.statuses = [401]
            #expect(try await world.control("inbound", message).json["hook"]?["status"] == 401)
            world.simulator.setWebhookURL("http://127.0.0.1:1/", of: "1065")
            let unreached = try await world.control("inbound", message)
            #expect(unreached.status == 502)
            #expect(unreached.json["error"]?.string?.contains("could not be reached") == true)
        }
    }

    @Test(
        arguments: [
            ("inbound", ["from": "+5521988887777", "text": "oi"], 400, "instance_phone"),
            ("inbound", ["instance_phone": "+5521", "from": "+5521988887777", "text": "oi"], 404, "+5521987654321"),
            ("inbound", ["instance_phone": "1065", "from": "Ana", "text": "oi"], 400, "from"),
            ("inbound", ["instance_phone": "1065", "from": "+5521988887777"], 400, "text"),
            ("inbound", ["instance_phone": "1065", "from": "+5521988887777", "text": "a", "x": 1], 400, "\"x\""),
            (
                "inbound", ["instance_phone": "1065", "from": "+5521988887777", "text": "a", "timestamp": "noon"], 400,
                "timestamp"
            ),
            (
                "inbound", ["instance_phone": "1065", "from": "+5521988887777", "text": "a", "signature": "md5"], 400,
                "escaped"
            ),
            ("status", ["id": "wamid.none", "status": "read"], 404, "instance_phone"),
            ("status", ["id": "wamid.none", "status": "eaten"], 400, "delivered"),
            ("session", ["session": "sales", "status": "SLEEPING"], 400, "WORKING"),
            ("session", ["session": "1065", "status": "WORKING"], 400, "not a WAHA session"),
            ("faults", ["next": ["earthquake"]], 400, "loses_answer"),
            ("faults", ["next": [["fault": "slow", "call": "dance"]]], 400, "look_up"),
            ("faults", ["next": [["fault": "slow", "provider": "pigeon"]]], 400, "waha"),
            ("faults", [:], 400, "next"),
            ("settings", ["gravity": false], 400, "service_window"),
            ("template", ["name": "nenhum", "language": "pt_BR"], 404, "nenhum"),
            ("nothing", [:], 404, "inbound"),
            ("inbound", [], 400, "object"),
        ] as [(String, JSONValue, Int, String)])
    func `a mistake is told in words that help`(
        _ path: String, _ body: JSONValue, status: Int, words: String
    ) async throws {
        try await World.run { world async throws in
            let answer = try await world.control(path, body)
            #expect(answer.status == status)
            #expect(answer.json["error"]?.string?.contains(words) == true, "\(answer.json["error"]?.string ?? "")")
        }
    }
}
