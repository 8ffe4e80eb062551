import Domain
import EventLoop
import HTTP
import JSON
import TestSupport
import Testing

@testable import leadwire

/// `POST /leads/upsert` and `/leads/batch`.
@Suite struct LeadsUpsertTests {
    private static let path = "/api/v1/leads/upsert"
    private static let batch = "/api/v1/leads/batch"

    @Test func `a lead is made once, found again, and changed only by news`() async throws {
        try await Stage.run { stage in
            let body: JSONValue = [
                "external_id": "crm-9", "name": "Bia Reis", "phone": "+5511987650200", "email": "bia@example.com",
                "value": .decimal("10.5"), "tags": ["a"],
            ]
            let made = try await stage.post(Self.path, body)
            #expect(made.status == 201, "\(made.text)")
            #expect(made.json["meta"] == ["outcome": "created", "matched_on": .null])
            #expect(made.fields["Location"] == "/api/v1/leads/\(made.data["id"]?.int64 ?? 0)")
            stage.clock.advance(by: .seconds(1))
            let rows = try await stage.rows()
            let same = try await stage.post(Self.path, body)
            #expect(same.status == 200)
            #expect(same.json["meta"] == ["outcome": "unchanged", "matched_on": "external_id"])
            #expect(same.data == made.data)
            #expect(try await stage.rows() == rows)

            let since = try await stage.lastEvent()
            let news = try await stage.post(Self.path, ["phone": "1187650200", "notes": "x", "company": "Reis ME"])
            #expect(news.json["meta"] == ["outcome": "updated", "matched_on": "phone"])
            #expect(news.data["phone"] == "+5511987650200")
            #expect(news.data["version"] == 2)
            #expect(try await stage.get("/api/v1/leads/\(made.data["id"]?.int64 ?? 0)").data == news.data)
            let events = try await stage.events(after: since)
            #expect(events.map(\.type) == ["contact.updated", "lead.updated"])
            #expect(events[1].data == ["lead": news.data])
            #expect(events[1].previous == ["notes": .null, "company": .null])
        }
    }

    @Test func `sixty-four clients on one phone in its variants make one contact and one lead`() async throws {
        try await Stage.run { stage in
            let (leads, contacts) = (try await stage.count(.leads), try await stage.count(.contacts))
            let phones = ["+5511987650230", "1187650230", "11 98765-0230", "5511987650230"]
            let answers = try await together(64) { index in
                let one: JSONValue = ["name": "Gente", "phone": .string(phones[index % 4])]
                return index % 3 == 0
                    ? try await stage.post(Self.batch, ["leads": [one]])
                    : try await stage.post(Self.path, one, way: index % 2 == 0 ? .memory : .socket)
            }
            #expect(answers.allSatisfy { [200, 201].contains($0.status) }, "\(answers.map(\.status))")
            let ids = answers.map { $0.data["id"]?.int64 ?? $0.data[0]?["id"]?.int64 }
            #expect(Set(ids).count == 1)
            let outcomes = answers.map { ($0.json["meta"]?["outcome"] ?? $0.data[0]?["outcome"])?.string }
            #expect(outcomes.count { $0 == "created" } == 1)
            #expect(outcomes.count { $0 == "unchanged" } == 63, "\(outcomes)")
            #expect(try await stage.count(.leads) == leads + 1)
            #expect(try await stage.count(.contacts) == contacts + 1)
        }
    }

    @Test func `each item of a batch has its verdict, and a refused one harms no other`() async throws {
        try await Stage.run { stage in
            let rows = try await stage.count(.leads)
            let answer = try await stage.post(
                Self.batch,
                [
                    "leads": [
                        ["external_id": "n1", "name": "Nova", "phone": "+5511987650300"],
                        ["external_id": "n1", "name": "Nova", "notes": "de novo"],
                        ["phone": .string(Stage.ana), "name": "Ana Souza"],
                        ["phone": "1187651002", "source": "feira"],
                        ["name": "Quem?", "phone": .string(Stage.ana), "email": "bruno.lima@example.com"],
                        ["name": 1, "phone": "abc", "shoe": 38], 7, ["phone": "+5511987650301"],
                        ["name": "x", "value": .decimal("0.001")], ["name": "x", "stage_id": 99],
                        ["name": "Sem nada"], ["email": "VITORIA.campos@example.com"],
                    ]
                ])
            #expect(answer.status == 200, "\(answer.text)")
            let items = answer.data.array ?? []
            #expect(items.map { $0["index"]?.int64 } == Array(0...11))
            #expect(
                items.map { $0["outcome"]?.string } == [
                    "created", "updated", "unchanged", "updated", "conflict", "invalid", "invalid", "invalid",
                    "invalid", "invalid", "created", "unchanged",
                ], "\(answer.text)")
            #expect(
                items.map { $0["matched_on"]?.string } == [
                    nil, "external_id", "phone", "phone", nil, nil, nil, nil, nil, nil, nil, "email",
                ])
            #expect(items[0]["id"] == items[1]["id"])
            #expect(items[4]["error"]?["code"] == "identifier_conflict")
            #expect(items[4]["error"]?["existing_id"]?.int64 != nil)
            let pointers = items.map { $0["error"]?["details"]?.array?.compactMap { $0["pointer"]?.string } ?? [] }
            #expect(Set(pointers[5]) == ["/leads/5/name", "/leads/5/phone", "/leads/5/shoe"])
            #expect(pointers[6...9] == [["/leads/6"], ["/leads/7/name"], ["/leads/8/value"], ["/leads/9/stage_id"]])
            #expect(
                answer.json["meta"] == [
                    "total": 12, "created": 2, "updated": 2, "unchanged": 2, "conflict": 1, "invalid": 5, "erased": 0,
                ])
            #expect(try await stage.count(.leads) == rows + 2)
            let nova = try await stage.get("/api/v1/leads/\(items[0]["id"]?.int64 ?? 0)").data
            #expect(nova["notes"] == "de novo")
            #expect(nova["version"] == 1)
            #expect(try await stage.get("/api/v1/leads/2").data["version"] == 2)
        }
    }

    @Test func `five hundred come in, come again, and change, each told once`() async throws {
        try await Stage.run { stage in
            func leads(_ notes: String) -> JSONValue {
                let items = (0..<500).map { index -> JSONValue in
                    [
                        "external_id": .string("b-\(index)"), "name": .string("Pessoa \(index)"),
                        "phone": .string("+55119876\(60_000 + index)"), "notes": .string(notes), "tags": ["lote"],
                    ]
                }
                return ["leads": .array(items)]
            }
            let since = try await stage.lastEvent()
            let first = try await stage.post(Self.batch, leads("um"), fields: ["Idempotency-Key": "b"])
            #expect(first.json["meta"]?["created"] == 500, "\(first.text.prefix(400))")
            let replay = try await stage.post(Self.batch, leads("um"), fields: ["Idempotency-Key": "b"])
            #expect(replay.body == first.body)
            let rows = try await stage.rows(without: [.idempotencyKeys])
            #expect(try await stage.post(Self.batch, leads("um")).json["meta"]?["unchanged"] == 500)
            #expect(try await stage.rows(without: [.idempotencyKeys]) == rows)
            #expect(try await stage.post(Self.batch, leads("dois")).json["meta"]?["updated"] == 500)
            let events = try await stage.events(after: since)
            #expect(events.count { $0.type == "lead.created" } == 500)
            #expect(events.count { $0.type == "lead.updated" } == 500)
            #expect(try await stage.get("/api/v1/leads?tags=lote&per_page=1").json["meta"]?["total"] == 500)
            let tooMany = JSONValue.array((0...500).map { ["name": .string("x\($0)")] })
            #expect(try await stage.post(Self.batch, ["leads": tooMany]).faults == ["/leads too_many"])
        }
    }

    @Test func `batches that overlap in every order settle on one of each`() async throws {
        try await Stage.run { stage in
            let leads = try await stage.count(.leads)
            let answers = try await together(12) { index in
                let order = index % 2 == 0 ? Array(0..<20) : Array((0..<20).reversed())
                let items = order.map { number -> JSONValue in
                    ["name": "G", "phone": .string("+55119876\(70_000 + number)"), "notes": .string("\(index)")]
                }
                return try await stage.post(Self.batch, ["leads": .array(items)])
            }
            #expect(answers.allSatisfy { $0.status == 200 }, "\(answers.map(\.status))")
            let created = answers.compactMap { $0.json["meta"]?["created"]?.int64 }.reduce(0, +)
            #expect(created == 20)
            #expect(try await stage.count(.leads) == leads + 20)
        }
    }

    @Test func `an address that comes in by hook and by API at once is one contact's`() async throws {
        try await Stage.run { stage in
            let contacts = try await stage.count(.contacts)
            let answers = try await together(6) { index in
                let phone = "+5511987650\(400 + index)"
                if index % 2 == 0 { try await stage.writes(from: phone, to: Stage.cloudPhone) }
                let made = try await stage.post(Self.path, ["name": "Eu", "phone": .string(phone)])
                if index % 2 == 1 { try await stage.writes(from: phone, to: Stage.cloudPhone) }
                return made.status
            }
            #expect(answers.allSatisfy { [200, 201].contains($0) })
            _ = try await stage.storedBodies()
            #expect(try await stage.count(.contacts) == contacts + 6)
        }
    }

    @Test func `an archived lead is not brought back by another system`() async throws {
        try await Stage.run { stage in
            _ = try await stage.post(Self.path, ["external_id": "gone", "name": "Foi"])
            let id = try await stage.get("/api/v1/leads?q=foi").data[0]?["id"]?.int64 ?? 0
            _ = try await stage.request(.delete, "/api/v1/leads/\(id)")
            let answer = try await stage.post(Self.path, ["external_id": "gone", "name": "Volta"])
            #expect(answer.status == 409)
            #expect(answer.code == "external_id_taken")
            #expect(answer.json["existing_id"]?.int64 == id)
            #expect(try await stage.post(Self.path, ["phone": "+5511987650500"]).faults == ["/name required"])
            // Another account's ids are its own.
            let theirs = try await stage.post(
                Self.path, ["external_id": "gone", "name": "Deles"], key: stage.keys.other.text)
            #expect(theirs.status == 201)
        }
    }
}
