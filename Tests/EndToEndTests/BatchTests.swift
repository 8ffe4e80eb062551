import Domain
import HTTP
import JSON
import Postgres
import Storage
import Testing

@testable import leadwire

/// `POST /whatsapp/batches`: judged, made, worked off, explained.
@Suite struct BatchTests {
    @Test func `two hundred get their message each, and the ledger explains everybody`() async throws {
        try await Stage.run { stage in
            let crowd = try await stage.crowd(200)
            let theirs = try #require(
                try await stage.get("/api/v1/leads", key: stage.keys.other.text).data[0]?["id"]?.int64)
            var recipients = crowd.map { Stage.recipient($0, "Lead \($0)") }
            recipients.insert(contentsOf: [Stage.recipient(999_999), Stage.recipient(theirs)], at: 100)
            recipients.append(Stage.recipient(20))
            recipients.append(["lead_id": 1, "variables": ["Ana", "a\tb"], "client_reference": "r-1"])
            let made = try await stage.batch(
                recipients, extra: JSONObject([("name", "Julho")]), fields: ["Idempotency-Key": "b"])
            #expect(made.status == 201, "\(made.text)")
            for (field, value) in [("total", 204), ("pending", 200), ("refused", 4), ("queued", 0), ("skipped", 0)] {
                #expect(made.data[field] == JSONValue(value), "\(field)")
            }
            let known: JSONValue = ["id": 1, "name": "lembrete_proposta", "language": "pt_BR"]
            #expect(made.data["template"] == known)
            let id = try #require(made.data["id"]?.int64)
            #expect(made.fields["Location"] == "/api/v1/whatsapp/batches/\(id)")
            let again = try await stage.batch(
                recipients, extra: JSONObject([("name", "Julho")]), fields: ["Idempotency-Key": "b"])
            #expect(again.body == made.body)
            #expect(again.fields["Idempotent-Replayed"] == "true")

            let ended = try await stage.endedBatch(id)
            #expect(ended["status"] == "completed")
            #expect(ended["queued"] == 200)
            let statuses = (ended["messages"]?.object?.members ?? []).compactMap { $0.value.int64 }
            #expect(statuses.reduce(0, +) == 200)
            let codes: JSONValue = [
                ["code": "not_found", "count": 2], ["code": "binding_failed", "count": 1],
                ["code": "lead_without_phone", "count": 1],
            ]
            #expect(ended["codes"] == codes)
            #expect(
                try await stage.ledger(id, "&state=refused") == [
                    "100 refused not_found", "101 refused not_found", "202 refused lead_without_phone",
                    "203 refused binding_failed",
                ])
            let page = try await stage.get("/api/v1/whatsapp/batches/\(id)/recipients?state=refused")
            let (unknown, foreign, bound) = (page.data[0], page.data[1], page.data[3])
            #expect(unknown?["reason"] == foreign?["reason"])
            #expect(bound?["details"]?.array?.compactMap { $0["pointer"]?.string } == ["/variables/1", "/variables/2"])
            #expect(bound?["client_reference"] == "r-1")

            let all = try await stage.send("\(stage.simulatorURL)/_simulator/messages", .get, [:], [])
            let texts = (all.json["messages"]?.array ?? []).compactMap { $0["text"]?.string }
            #expect(texts.sorted() == crowd.map { "Olá Lead \($0), sua proposta está agendada para 10/07." }.sorted())
            #expect(try await stage.doubled(in: id) == 0)
            #expect(try await Wholeness.faults(in: stage.database.pool).filter { !$0.contains("lead") } == [])
            // What was said to them is the message's now.
            #expect(try await stage.sql("SELECT 1 FROM batch_recipients WHERE variables IS NOT NULL").isEmpty)
            #expect(try await stage.sql("SELECT 1 FROM batches WHERE variables IS NOT NULL").isEmpty)

            // Every recipient by cursor, each once, in their order.
            var (path, seen) = ("/api/v1/whatsapp/batches/\(id)/recipients?limit=90", [Int64]())
            while true {
                let page = try await stage.get(path)
                seen += page.data.array?.compactMap { $0["index"]?.int64 } ?? []
                guard let next = page.json["meta"]?["next_cursor"]?.string else { break }
                path = "/api/v1/whatsapp/batches/\(id)/recipients?limit=90&cursor=\(next)"
            }
            #expect(seen == Array(0..<204))
            #expect(try await stage.audited("batch", id).map(\.action) == ["batch.create"])
        }
    }

    @Test func `a dry run and a preflight tell the same of everybody, and leave nothing`() async throws {
        try await Stage.run { stage in
            let recipients: [JSONValue] = [
                Stage.recipient(1), Stage.recipient(20), ["lead_id": 2, "variables": ["Bruno"]], ["lead_id": 888_888],
            ]
            let before = try await stage.traces()
            let dry = try await stage.batch(recipients, fields: ["Idempotency-Key": "d"], query: "?dry_run=true")
            #expect(dry.status == 200, "\(dry.text)")
            let reader = try await stage.newKey([.whatsappRead]).token
            let told = try await stage.post(
                "/api/v1/whatsapp/batches/preflight", ["template_id": 1, "recipients": .array(recipients)], key: reader)
            #expect(told.data == dry.data)
            #expect(dry.data["allowed"] == false)
            #expect(dry.data["acceptable"] == 1)
            #expect(dry.data["truncated"] == false)
            let codes = dry.data["recipients"]?.array?.map { "\($0["index"] ?? .null) \($0["code"]?.string ?? "")" }
            #expect(
                codes?.map { $0.split(separator: " ").last } == ["lead_without_phone", "binding_failed", "not_found"])
            // Each is what the single send would have said.
            for (index, lead) in [(1, 20), (2, 2)] as [(Int, Int64)] {
                let variables = recipients[index]["variables"] ?? .null
                let single = try await stage.sendTemplate(1, variables, lead: lead, query: "?dry_run=true")
                let one = try #require(dry.data["recipients"]?.array?.first { $0["index"] == JSONValue(index) })
                #expect(single.code == one["code"]?.string)
                #expect(single.json["details"] ?? [] == one["details"])
            }
            #expect(try await stage.traces() == before)
            #expect(try await stage.sql("SELECT 1 FROM batches").isEmpty)
        }
    }

    @Test func `all or nothing is nothing when one cannot be sent to`() async throws {
        try await Stage.run { stage in
            let all = JSONObject([("all_or_nothing", true)])
            let refused = try await stage.batch(
                [Stage.recipient(1), Stage.recipient(20), ["lead_id": 2, "variables": ["Bruno"]]], extra: all)
            #expect(refused.status == 422)
            #expect(refused.code == "batch_refused")
            #expect(
                refused.faults == [
                    "/recipients/1 lead_without_phone", "/recipients/2/variables/1 missing",
                    "/recipients/2/variables/2 missing",
                ])
            #expect(try await stage.sql("SELECT 1 FROM batches").isEmpty)
            #expect(try await stage.batch([Stage.recipient(1), Stage.recipient(2)], extra: all).status == 201)
        }
    }

    @Test func `what is wrong with the body is told with its place, and nothing is made`() async throws {
        try await Stage.run { stage in
            let path = "/api/v1/whatsapp/batches"
            let cases: [(JSONValue, [String])] = [
                (["template_id": 1, "lead_ids": [1, 2, 1]], ["/lead_ids/2 repeated"]),
                (
                    ["template_id": 1, "recipients": [["lead_id": 1], ["lead_id": 1], ["lead": 2]]],
                    [
                        "/recipients/1/lead_id repeated", "/recipients/2/lead_id required",
                        "/recipients/2/lead unknown_field",
                    ]
                ),
                (["template_id": 1, "lead_ids": [1], "recipients": [["lead_id": 1]]], ["/recipients required"]),
                (["template_id": 1], ["/recipients required"]),
                (["template_id": 1, "lead_ids": []], ["/lead_ids required"]),
                (["lead_ids": [1]], ["/template_id required"]),
                (["template_id": 1, "lead_ids": [1], "valid_until": "2020-01-01"], ["/valid_until in_the_past"]),
                (
                    ["template_id": 1, "recipients": [["lead_id": 1, "variables": "Ana"]]],
                    ["/recipients/0/variables wrong_type"]
                ),
                (["template_id": 999, "lead_ids": [1]], ["/template_id not_found"]),
                (
                    ["template_id": 1, "variables": ["a", "b", "c"], "instance_id": 999, "lead_ids": [1]],
                    ["/instance_id not_found"]
                ),
                (["template_id": 1, "lead_ids": .array((1...10_001).map { JSONValue($0) })], ["/lead_ids too_many"]),
            ]
            for (body, faults) in cases {
                let answer = try await stage.post(path, body)
                #expect(answer.status == 422, "\(answer.text)")
                #expect(answer.faults == faults)
            }
            // A thousand faults are told as their first hundred.
            let many = try await stage.post(
                path, ["template_id": 1, "recipients": .array((1...1000).map { _ in ["lead": 1] })])
            #expect(many.details.count == 100)
            #expect(try await stage.sql("SELECT 1 FROM batches").isEmpty)
        }
    }

    @Test func `shared variables, a lead's own, and mappings with defaults fill the slots in this order`() async throws
    {
        try await Stage.run { stage in
            try await stage.sql(
                """
                UPDATE templates SET mappings = '[{"source": "lead.first_name", "default": "cliente"}, null,
                    {"source": "lead.custom_fields.dia", "default": "hoje"}]' WHERE account_id = $1 AND id = 1
                """, [.int(stage.demo.rawValue)])
            try await stage.sql(
                "UPDATE leads SET custom_fields = '{\"dia\": \"sexta\"}' WHERE account_id = $1 AND id = 2",
                [.int(stage.demo.rawValue)])
            let shared = JSONObject([("variables", ["titulo": "visita"])])
            let id = try await stage.madeBatch(
                [
                    ["lead_id": 1], ["lead_id": 2, "variables": ["titulo": "oferta"]],
                    ["lead_id": 3, "variables": ["nome": "Dona Carla"]],
                    ["lead_id": 4, "variables": [.null, "x", "y"]],
                ], extra: shared)
            #expect(try await stage.endedBatch(id)["queued"] == 4)
            let phones = [Stage.ana, "+5511987651002", "+5521987651003", "+5521987651004"]
            var texts: [String?] = []
            for phone in phones { texts.append(try await stage.received(phone).last?["text"]?.string) }
            #expect(
                texts == [
                    "Olá Ana, sua visita está agendada para hoje.", "Olá Bruno, sua oferta está agendada para sexta.",
                    "Olá Dona Carla, sua visita está agendada para hoje.", "Olá Diego, sua x está agendada para y.",
                ])
            // A single send has the same of them, and says where it came from.
            let told = try await stage.post(
                "/api/v1/leads/2/whatsapp/preflight", ["template_id": 1, "variables": [.null, "oferta"]])
            #expect(told.data["rendered"]?["body"]?.string == texts[1])
            let sources = told.data["variables"]?.array?.compactMap { $0["source"]?.string }
            #expect(sources == ["lead.first_name", "given", "lead.custom_fields.dia"])
        }
    }

    @Test func `two leads of one person are written to one after the other`() async throws {
        try await Stage.run { stage in
            let phone = "+5531940000777"
            let leads = [try await stage.lead(phone: phone), try await stage.lead(phone: phone)]
            let id = try await stage.madeBatch([Stage.recipient(leads[0], "Um"), Stage.recipient(leads[1], "Dois")])
            #expect(try await stage.endedBatch(id)["queued"] == 2)
            let names = try await stage.received(phone).compactMap { $0["text"]?.string?.split(separator: ",").first }
            #expect(names == ["Olá Um", "Olá Dois"])
        }
    }

    @Test func `a key bound to a number sees the batches of that number alone`() async throws {
        try await Stage.run { stage in
            let cloud = JSONObject([("instance_id", 2)])
            let (any, own) = (
                try await stage.madeBatch([Stage.recipient(1)]),
                try await stage.madeBatch([Stage.recipient(2)], extra: cloud)
            )
            let bound = try await stage.newKey(instances: [Stage.cloud]).token
            let stranger = try await stage.newKey(instances: [Stage.waha]).token
            let made = try await stage.batch([Stage.recipient(3)], key: bound)
            #expect(made.status == 201, "\(made.text)")
            let third = try #require(made.data["id"]?.int64)
            func ids(_ key: String) async throws -> [Int64] {
                try await stage.get("/api/v1/whatsapp/batches", key: key).data.array?.compactMap { $0["id"]?.int64 }
                    ?? []
            }
            #expect(try await ids(bound) == [third, own])
            #expect(try await ids(stranger) == [])
            #expect(try await ids(stage.keys.full.text) == [third, own, any])
            for (key, id) in [(bound, any), (stranger, own), (stage.keys.other.text, own)] {
                let path = "/api/v1/whatsapp/batches/"
                for (method, rest) in [
                    (HTTPMethod.get, ""), (.get, "/recipients"), (.post, "/pause"), (.post, "/resume"),
                    (.post, "/cancel"),
                ] {
                    let (hidden, none) = try await stage.alike(
                        method, "\(path)\(id)\(rest)", "\(path)999999\(rest)", key: key)
                    #expect(hidden.status == 404, "\(method) \(rest)")
                    #expect(hidden.body == none.body, "\(method) \(rest)")
                }
            }
            #expect(try await stage.batch([Stage.recipient(4)], key: stranger).status == 422)
        }
    }
}
