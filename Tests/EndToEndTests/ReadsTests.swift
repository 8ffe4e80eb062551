import Domain
import HTTP
import JSON
import Storage
import Testing

@testable import leadwire

/// What the Syncro page documents, with its own values; and the filters.
@Suite struct ReadsTests {
    /// The documented members, in place of whatever else stands beside them.
    private static func documented(_ value: JSONValue?, _ example: JSONValue) -> Bool {
        example.object?.members.allSatisfy { value?[$0.key] == $0.value } ?? false
    }

    private static func ids(_ answer: Answer) -> [Int64] { answer.data.array?.compactMap { $0["id"]?.int64 } ?? [] }

    private static let instances: [JSONValue] = [
        [
            "id": 1, "provider": "waha", "display_name": "Número principal", "phone_number": "+5511999887766",
            "is_primary": true, "status": "connected", "supports_templates": false, "supports_buttons": false,
            "has_window_restriction": false,
        ],
        [
            "id": 2, "provider": "cloud_api", "display_name": "API Oficial", "phone_number": "+5521987654321",
            "is_primary": false, "status": "connected", "supports_templates": true, "supports_buttons": true,
            "has_window_restriction": true,
        ],
    ]

    @Test(arguments: Stage.Way.allCases)
    func `the documented instances are listed and shown`(_ way: Stage.Way) async throws {
        try await Stage.run { stage in
            let list = try await stage.get("/api/v1/whatsapp/instances", way: way)
            #expect(list.status == 200)
            #expect(list.json["success"] == true)
            #expect(list.data.array?.count == 2)
            for (index, example) in Self.instances.enumerated() {
                #expect(Self.documented(list.data[index], example), "\(list.text)")
                let shown = try await stage.get("/api/v1/whatsapp/instances/\(index + 1)", way: way)
                #expect(shown.data == list.data[index])
            }
            #expect(list.data[1]?["quality_rating"] == "GREEN")
            #expect(list.data[0]?["health"] == "ok")
            #expect(list.data[0]?["last_inbound_at"]?.isNull == true)
        }
    }

    private static let template: JSONValue = [
        "id": 1, "name": "lembrete_proposta", "language": "pt_BR", "category": "UTILITY", "status": "APPROVED",
        "whatsapp_instance_id": 2, "variables": ["nome", "titulo", "data"],
        "components": [["type": "BODY", "text": "Olá {{1}}, sua {{2}} está agendada para {{3}}."]],
        "quality_rating": "GREEN",
    ]

    @Test func `the documented template is listed and shown`() async throws {
        try await Stage.run { stage in
            let list = try await stage.get("/api/v1/whatsapp/templates?status=APPROVED")
            #expect(Self.documented(list.data[0], Self.template), "\(list.text.prefix(500))")
            let shown = try await stage.get("/api/v1/whatsapp/templates/1")
            #expect(shown.data == list.data[0])
            #expect(shown.data["parameter_format"] == "positional")
            #expect(shown.data["variable_schema"]?.array?.count == 3)
            let first = try #require(shown.data["variable_schema"]?[0])
            #expect(first["key"] == "body.1")
            #expect(first["component"] == "body")
            #expect(first["type"] == "text")
            #expect(first["label"] == "nome")
        }
    }

    @Test func `every filter of templates keeps what it says`() async throws {
        try await Stage.run { stage in
            let all = try await stage.get("/api/v1/whatsapp/templates").data.array ?? []
            #expect(all.count >= 12)
            func expected(_ matches: (JSONValue) -> Bool) -> [Int64] {
                all.filter(matches).compactMap { $0["id"]?.int64 }
            }
            for status in Template.Status.allCases {
                let answer = try await stage.get("/api/v1/whatsapp/templates?status=\(status.rawValue)")
                #expect(Self.ids(answer) == expected { $0["status"]?.string == status.rawValue }, "\(status)")
            }
            #expect(!expected { $0["status"] == "PENDING" }.isEmpty && !expected { $0["status"] == "PAUSED" }.isEmpty)
            for (query, key, value) in [
                ("language=en_US", "language", "en_US"), ("language=pt_BR", "language", "pt_BR"),
                ("category=MARKETING", "category", "MARKETING"),
                ("category=AUTHENTICATION", "category", "AUTHENTICATION"),
                ("name=lembrete_proposta", "name", "lembrete_proposta"), ("name=nenhum", "name", "nenhum"),
            ] {
                let answer = try await stage.get("/api/v1/whatsapp/templates?\(query)")
                #expect(Self.ids(answer) == expected { $0[key]?.string == value }, "\(query)")
            }
            let together = try await stage.get(
                "/api/v1/whatsapp/templates?name=lembrete_proposta&language=pt_BR&status=APPROVED&category=UTILITY&instance_id=2"
            )
            #expect(Self.ids(together) == [1])
            #expect(try await Self.ids(stage.get("/api/v1/whatsapp/templates?instance_id=2")) == expected { _ in true })
            // The unofficial number has none, and neither has an instance that is not ours or is not there.
            for instance in [1, 3, 999] {
                let answer = try await stage.get("/api/v1/whatsapp/templates?instance_id=\(instance)")
                #expect(answer.status == 200)
                #expect(answer.data == [], "\(instance)")
            }
        }
    }

    @Test(arguments: ["/api/v1/whatsapp/templates", "/api/v1/whatsapp/instances"])
    func `a list that comes whole comes by cursor when asked`(_ path: String) async throws {
        try await Stage.run { stage in
            let whole = try await stage.get(path)
            #expect(whole.json["meta"] == nil)
            var seen: [JSONValue] = []
            var next: String? = "\(path)?limit=1"
            while let page = next {
                let answer = try await stage.get(page)
                #expect(answer.data.array?.count == 1)
                seen += answer.data.array ?? []
                next = answer.fields["Link"].map { String($0.dropFirst().prefix { $0 != ">" }) }
                #expect((next != nil) == (answer.json["meta"]?["has_more"] == true))
            }
            #expect(.array(seen) == whole.data)
        }
    }

    @Test func `a message reads as its send answered`() async throws {
        try await Stage.run { stage in
            let lead = try await stage.lead(phone: "+5511987650240")
            let sent = try await stage.sendText(
                "Oi 😀 \"aspas\"", lead: lead, instance: 1,
                extra: JSONObject([("client_reference", "ref-1"), ("sent_by", "Ana")]))
            #expect(sent.status == 201)
            let id = try #require(sent.message["id"]?.int64)
            #expect(sent.fields["Location"] == "/api/v1/messages/\(id)")
            let read = try await stage.get("/api/v1/messages/\(id)").data
            for key in [
                "id", "lead_id", "conversation_id", "instance_id", "direction", "type", "text", "template",
                "client_reference", "provider_message_id", "attempts", "error", "queued_at", "accepted_at",
            ] { #expect(read[key] == sent.message[key], "\(key)") }
            #expect(read["client_reference"] == "ref-1")
            #expect(read["direction"] == "outbound")
            #expect(read["template"]?.isNull == true)
        }
    }
}
