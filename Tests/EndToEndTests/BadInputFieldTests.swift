import API
import Domain
import HTTP
import JSON
import Testing

@testable import leadwire

/// What can be read and is not right: every fault of a body at once, each with its place.
@Suite struct BadInputFieldTests {
    @Test func `a lead with everything wrong hears of everything`() async throws {
        try await Stage.run { stage in
            let before = try await stage.rows()
            let answer = try await stage.request(
                .post, "/api/v1/leads",
                body: Array(
                    #"""
                    {"name": 5, "external_id": true, "phone": "12", "email": "nobody", "company": [],
                     "birthday": "2024-02-30", "pipeline_id": 9223372036854775808, "stage_id": "1", "value": "10",
                     "currency": "real", "source": {}, "tags": ["a", 1, "\u0000", ""], "assigned_to": -1,
                     "notes": "\u0000", "utm_source": 1, "utm_medium": 2, "utm_campaign": 3, "utm_term": 4,
                     "utm_content": 5, "custom_fields": {"cor": "azul"}, "nome": "Ana", "a/b~c": 1, "\u0615x": 1}
                    """#.utf8))
            #expect(answer.status == 422)
            #expect(answer.code == "validation_failed")
            #expect(
                Set(answer.faults) == [
                    "/name wrong_type", "/external_id wrong_type", "/phone invalid_phone", "/email invalid_email",
                    "/company wrong_type", "/birthday invalid_format", "/pipeline_id out_of_range",
                    "/stage_id wrong_type", "/value wrong_type", "/currency too_long", "/source wrong_type",
                    "/tags/1 wrong_type", "/tags/2 invalid_character", "/tags/3 too_long", "/assigned_to out_of_range",
                    "/notes invalid_character", "/utm_source wrong_type", "/utm_medium wrong_type",
                    "/utm_campaign wrong_type", "/utm_term wrong_type", "/utm_content wrong_type",
                    "/custom_fields/cor unknown_field", "/nome unknown_field", "/a~1b~0c unknown_field",
                    "/\u{615}x unknown_field",
                ], "\(answer.faults.sorted())")
            #expect(answer.json["errors"]?["tags.1"]?.array?.count == 1)
            #expect(answer.json["errors"]?["a/b~c"]?.array?.count == 1)
            // A mark that belongs to the character before it is the key's all the same.
            #expect(answer.json["errors"]?["\u{615}x"]?.array?.count == 1)
            #expect(try await stage.rows() == before)
        }
    }

    @Test func `a send with everything wrong hears of everything`() async throws {
        try await Stage.run { stage in
            let before = try await stage.rows()
            let text = try await stage.request(
                .post, "/api/v1/leads/1/send-whatsapp",
                body: Array(
                    #"""
                    {"message": "\u0000", "type": "sticker", "instance_id": 1.5, "reply_to": 9223372036854775808,
                     "client_reference": 1, "sent_by": [], "send_at": "tomorrow", "valid_until": "2001-01-01",
                     "fallback": {"variables": "a", "x": 1}, "media": {}, "colour": "red"}
                    """#.utf8))
            #expect(text.status == 422)
            #expect(
                Set(text.faults) == [
                    "/message invalid_character", "/type not_supported", "/instance_id wrong_type",
                    "/reply_to out_of_range", "/client_reference wrong_type", "/sent_by wrong_type",
                    "/send_at invalid_format", "/valid_until in_the_past", "/fallback/template_id required",
                    "/fallback/variables wrong_type", "/fallback/x unknown_field", "/media required",
                    "/colour unknown_field",
                ], "\(text.faults.sorted())")
            let template = try await stage.request(
                .post, "/api/v1/leads/1/send-whatsapp-template",
                body: Array(
                    #"""
                    {"template_id": "1", "template": {"name": 1, "locale": "pt"}, "variables": ["\u0000"],
                     "header_media": {"id": "1", "link": "https://a.example"}, "message": "Oi"}
                    """#.utf8))
            #expect(template.status == 422)
            #expect(
                Set(template.faults) == [
                    "/template_id wrong_type", "/template exclusive", "/template/name wrong_type",
                    "/template/language required", "/template/locale unknown_field",
                    "/variables/0 invalid_character", "/header_media required", "/message unknown_field",
                ], "\(template.faults.sorted())")
            #expect(try await stage.rows() == before)
        }
    }

    @Test func `numbers of every size are taken or refused, never guessed`() async throws {
        try await Stage.run { stage in
            let cases: [(String, String?)] = [
                ("9007199254740991", "not_found"), ("9007199254740992", "out_of_range"),
                ("9223372036854775807", "out_of_range"), ("9223372036854775808", "out_of_range"),
                ("123456789012345678901234567890", "out_of_range"), ("0", "out_of_range"), ("-1", "out_of_range"),
                ("-9223372036854775809", nil), ("1.5", "wrong_type"), ("1e30", nil), ("true", "wrong_type"),
            ]
            for (number, code) in cases {
                let answer = try await stage.request(
                    .post, "/api/v1/leads", body: Array(#"{"name": "Ana", "pipeline_id": \#(number)}"#.utf8))
                #expect(answer.status == 422, "\(number)")
                #expect(answer.details.first?["pointer"] == "/pipeline_id", "\(number)")
                if let code { #expect(answer.details.first?["code"]?.string == code, "\(number)") }
            }
            for number in ["0.001", "92233720368547758.08", "1e400", "-1e400", "123456789012345678901234567890"] {
                let answer = try await stage.request(
                    .post, "/api/v1/leads", body: Array(#"{"name": "Ana", "value": \#(number)}"#.utf8))
                #expect(answer.status == 422, "\(number)")
                #expect(answer.details.first?["pointer"] == "/value")
            }
        }
    }

    @Test func `dates at the ends of time are taken or refused`() async throws {
        try await Stage.run { stage in
            for (date, status) in [
                ("0001-01-01", 201), ("9999-12-31", 201), ("0000-01-01", 422), ("2023-02-29", 422), ("2024-02-29", 201),
                ("2024-13-01", 422), ("24-01-01", 422), ("2024-01-01T00:00:00Z", 422), ("+10000-01-01", 422),
            ] {
                let answer = try await stage.post("/api/v1/leads", ["name": "Ana", "birthday": .string(date)])
                #expect(answer.status == status, "\(date): \(answer.text)")
                if status == 201 { #expect(answer.data["birthday"]?.string == date) }
            }
            for instant in [
                "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "10000-01-01T00:00:00Z", "2024-01-01T25:00:00Z",
            ] {
                let answer = try await stage.sendText(
                    "Oi", instance: 1, extra: JSONObject([("send_at", .string(instant))]))
                #expect(answer.status == 422, "\(instant)")
                #expect(answer.faults == ["/send_at invalid_format"], "\(instant)")
            }
        }
    }

    @Test func `lengths are counted in Unicode scalars`() async throws {
        try await Stage.run { stage in
            let family = "👨‍👩‍👧‍👦"
            #expect(family.unicodeScalars.count == 7)
            for (name, status) in [
                (String(repeating: "é", count: 255), 201), (String(repeating: "é", count: 256), 422),
                (String(repeating: family, count: 36), 201), (String(repeating: family, count: 37), 422),
            ] {
                let answer = try await stage.post("/api/v1/leads", ["name": .string(name)])
                #expect(answer.status == status)
                if status == 201 { #expect(answer.data["name"]?.string == name) }
            }
            let long = String(repeating: "a", count: 4097)
            let lead = try await stage.lead(phone: "+5511987650110")
            #expect(try await stage.sendText(long, lead: lead, instance: 1).faults == ["/message too_long"])
            #expect(try await stage.sendText(String(long.dropLast()), lead: lead, instance: 1).status == 201)
        }
    }

    @Test func `a lenient caller is told of unknown fields and parameters, and served`() async throws {
        try await Stage.run { stage in
            let lenient: HTTPFields = ["Prefer": "handling=lenient"]
            let lead = try await stage.post(
                "/api/v1/leads?origem=x",
                ["name": "Ana", "nome": "Ana", "custom_fields": ["cor": "azul"], "a/b": 1], fields: lenient)
            #expect(lead.status == 201)
            #expect(
                Set(lead.json["warnings"]?.array?.compactMap(\.string) ?? []) == [
                    "/nome", "/custom_fields/cor", "/a~1b", "?origem",
                ])
            let id = try #require(lead.data["id"]?.int64)
            let template = try await stage.post(
                "/api/v1/leads/\(id)/whatsapp/preflight",
                [
                    "template": ["name": "lembrete_proposta", "language": "pt_BR", "x": 1],
                    "variables": ["a", "b", "c"], "y": 2,
                ], fields: lenient)
            #expect(template.status == 200, "\(template.text)")
            #expect(
                Set(template.data["warnings"]?.array?.compactMap(\.string) ?? []) == ["/template/x", "/y"])
            let fallback = try await stage.sendText(
                "Oi", instance: 2,
                extra: JSONObject([("fallback", ["template_id": 1, "variables": ["a", "b", "c"], "z": 1])]),
                fields: lenient,
                query: "?dry_run=true")
            #expect(fallback.status == 200, "\(fallback.text)")
            #expect(fallback.json["warnings"] == ["/fallback/z"])
            for path in ["/api/v1/leads?cor=x", "/api/v1/leads/1?cor=x", "/api/v1/whatsapp/templates?cor=x"] {
                let list = try await stage.request(.get, path, fields: lenient)
                #expect(list.status == 200, "\(path)")
                #expect(list.json["warnings"] == ["?cor"], "\(path)")
            }
            // Lenient of what is unknown, not of what is wrong.
            let wrong = try await stage.post("/api/v1/leads", ["name": 1, "nome": 1], fields: lenient)
            #expect(wrong.faults == ["/name wrong_type"])
        }
    }

    @Test func `a query with everything wrong hears of everything`() async throws {
        try await Stage.run { stage in
            let cases: [(String, Set<String>)] = [
                (
                    "/api/v1/leads?stage_id=x&q=a&q=b&page=0&per_page=201&cor=x",
                    [
                        "?stage_id wrong_type", "?q repeated", "?page out_of_range", "?per_page out_of_range",
                        "?cor unknown_parameter",
                    ]
                ),
                ("/api/v1/leads?limit=501&cursor=!!", ["?limit out_of_range", "?cursor invalid_cursor"]),
                ("/api/v1/leads?page=2&limit=10", ["?cursor exclusive"]),
                ("/api/v1/leads?stage_id=9223372036854775808", ["?stage_id out_of_range"]),
                ("/api/v1/leads?stage_id=9007199254740992", ["?stage_id out_of_range"]),
                ("/api/v1/leads?stage_id=-1&page=1.5", ["?stage_id wrong_type", "?page wrong_type"]),
                ("/api/v1/leads?q=%00", ["?q invalid_encoding"]),
                ("/api/v1/leads?q=\(String(repeating: "a", count: 256))", ["?q too_long"]),
                (
                    "/api/v1/whatsapp/templates?status=approved&instance_id=0&language=\(String(repeating: "a", count: 21))",
                    ["?status not_allowed", "?instance_id out_of_range", "?language too_long"]
                ),
                ("/api/v1/whatsapp/instances?page=1", ["?page unknown_parameter"]),
                ("/api/v1/leads/1?include=everything", ["?include not_allowed"]),
                ("/api/v1/messages/1?x", ["?x unknown_parameter"]),
                ("/api/v1/me?x=1", ["?x unknown_parameter"]),
            ]
            for (path, faults) in cases {
                let answer = try await stage.get(path)
                #expect(answer.status == 422, "\(path)")
                #expect(Set(answer.faults) == faults, "\(path): \(answer.faults)")
            }
            for query in ["q=%", "q=%zz", "%zz=1", "q=%ff", "q=%ED%A0%80"] {
                let answer = try await stage.get("/api/v1/leads?\(query)")
                #expect([400, 422].contains(answer.status), "\(query)")
                #expect(answer.json["code"]?.string != nil)
            }
            let dry = try await stage.sendText("Oi", query: "?dry_run=maybe&x=1")
            #expect(Set(dry.faults) == ["?dry_run wrong_type", "?x unknown_parameter"])
        }
    }

    @Test func `faults of the query and of the body are told together`() async throws {
        try await Stage.run { stage in
            let lead = try await stage.post("/api/v1/leads?cor=x", ["name": 1])
            #expect(Set(lead.faults) == ["?cor unknown_parameter", "/name wrong_type"], "\(lead.faults)")
            let send = try await stage.sendText("", query: "?dry_run=maybe")
            #expect(Set(send.faults) == ["?dry_run wrong_type", "/message blank"], "\(send.faults)")
            let preflight = try await stage.post("/api/v1/leads/1/whatsapp/preflight?cor=x", ["message": 1])
            #expect(Set(preflight.faults) == ["?cor unknown_parameter", "/message wrong_type"], "\(preflight.faults)")
        }
    }

    @Test(arguments: ["", String(repeating: "k", count: 256), "a\tb", "é"])
    func `an idempotency key that cannot be is 400`(_ key: String) async throws {
        try await Stage.run { stage in
            let before = try await stage.rows()
            let answer = try await stage.post("/api/v1/leads", ["name": "Ana"], fields: ["Idempotency-Key": key])
            #expect(answer.status == 400)
            #expect(answer.code == "idempotency_key_invalid")
            #expect(try await stage.rows() == before)
        }
    }
}
