import Domain
import HTTP
import JSON
import Postgres
import Storage
import TestSupport
import Testing

/// What happened with a lead, newest first.
@Suite struct TimelineTests {
    private static let path = "/api/v1/leads/1/timeline"

    private static func titles(_ answer: Answer) -> [String] {
        (answer.data.array ?? []).map { "\($0["type"]?.string ?? "?") \($0["event"]?.string ?? "?")" }
    }

    @Test func `a message, a move, a task and a change are told as they are told elsewhere`() async throws {
        try await Stage.run { stage in
            let key = try await stage.newKey()
            // The demo's rows are a moment younger than the clock, which stands.
            stage.clock.advance(by: .seconds(60))
            stage.alignClock()
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone, "Quero comprar")
            stage.clock.advance(by: .seconds(1))
            let sent = try await stage.sendText("Oi Ana", instance: 2, key: key.token)
            #expect(sent.status == 201, "\(sent.text)")
            stage.clock.advance(by: .seconds(1))
            let body: JSONValue = ["lead_id": 1, "subject": "Ligar", "type": "call", "due_date": "2030-01-01"]
            let task = try await stage.post("/api/v1/tasks", body, key: key.token)
            stage.clock.advance(by: .seconds(1))
            _ = try await stage.request(
                .put, "/api/v1/tasks/\(task.data["id"]?.int64 ?? 0)/complete", key: key.token)
            stage.clock.advance(by: .seconds(1))
            _ = try await stage.patch("/api/v1/leads/1", ["notes": "quente", "value": 9000], key: key.token)
            stage.clock.advance(by: .seconds(1))
            _ = try await stage.put("/api/v1/leads/1/stage", ["stage_id": 2], key: key.token)
            stage.clock.advance(by: .seconds(1))
            _ = try await stage.put("/api/v1/leads/1/won", [:], key: key.token)

            let told = try await stage.get(Self.path)
            #expect(told.status == 200, "\(told.text)")
            #expect(
                Self.titles(told) == [
                    "move lead.won", "move lead.stage_changed", "move lead.stage_changed", "change lead.updated",
                    "task task.completed", "task task.created", "message message.queued", "message message.received",
                    "change lead.created",
                ])
            let items = told.data.array ?? []
            for item in items.dropLast(2) { #expect(item["api_key_id"] == JSONValue(key.id.rawValue), "\(item)") }
            for item in items.suffix(2) { #expect(item["api_key_id"] == .null, "\(item)") }
            #expect(
                items.map { $0["created_at"]?.string ?? "" }
                    == items.map { $0["created_at"]?.string ?? "" }
                    .sorted(by: >))

            #expect(items[0]["move"]?["from"]?["status"] == "open")
            #expect(items[0]["move"]?["to"]?["status"] == "won")
            #expect(items[2]["move"]?["from"]?["stage"] == ["id": 1, "name": "Novo"])
            #expect(items[2]["move"]?["to"]?["stage"]?["id"] == 2)
            #expect(items[2]["move"]?["changes"] == ["stage_id": [1, 2]])
            #expect(
                items[3]["change"] == ["changes": ["notes": [.null, "quente"], "value": [5000, 9000]]],
                "\(items[3])")
            #expect(items[5]["task"] == task.data)
            #expect(items[4]["task"]?["status"] == "completed")
            let message = try await stage.message(sent)
            #expect(items[6]["message"]?["id"] == message["id"])
            #expect(items[6]["created_at"] == message["queued_at"])
            #expect(items[7]["message"]?["text"] == "Quero comprar")
            #expect(items[8]["change"] == ["changes": [:]])
            #expect(told.json["meta"] == ["next_cursor": .null, "has_more": false])
        }
    }

    @Test func `a message stands in it as it stands by itself, however often its status changes`() async throws {
        try await Stage.run { stage in
            let sent = try await stage.sendTemplate(1, ["Ana", "proposta", "10/07"])
            try await stage.eventually("it is delivered") { try await stage.messageStatus(sent) == "delivered" }
            let item = try await stage.get("\(Self.path)?types=message").data[0]
            #expect(item?["message"] == (try await stage.message(sent)))
            #expect(try await stage.get("\(Self.path)?types=message").data.array?.count == 1)
        }
    }

    @Test func `pages by cursor give each item once, those of one instant among them`() async throws {
        try await Stage.run { stage in
            // All at the instant at which the stage stands still, in both tables.
            for number in 0..<7 {
                _ = try await stage.patch("/api/v1/leads/1", ["notes": .string("\(number)")])
                _ = try await stage.sendText("\(number)", instance: 1)
            }
            let whole = try await stage.get("\(Self.path)?limit=500").data.array ?? []
            #expect(whole.count == 15)
            for limit in 1...4 {
                var seen: [JSONValue] = []
                var next = "\(Self.path)?limit=\(limit)"
                while true {
                    let page = try await stage.get(next)
                    #expect(page.data.array?.count ?? 0 <= limit)
                    seen += page.data.array ?? []
                    // What comes meanwhile is newer than the page, and for the next pass.
                    if seen.count < 5 {
                        stage.clock.advance(by: .seconds(1))
                        _ = try await stage.patch("/api/v1/leads/1", ["notes": .string(stage.now.text)])
                    }
                    guard let link = page.fields["Link"] else { break }
                    next = String(link.dropFirst().prefix { $0 != ">" })
                }
                let names = seen.map { "\($0["type"]?.string ?? "") \($0["id"]?.int64 ?? 0)" }
                #expect(Set(names).count == names.count)
                let found = Set(seen.compactMap { $0["id"]?.int64 })
                let missed = whole.compactMap { $0["id"]?.int64 }.filter { !found.contains($0) }
                #expect(missed == [])
            }
        }
    }

    @Test func `a kind is told alone, and no other word is taken`() async throws {
        try await Stage.run { stage in
            _ = try await stage.patch("/api/v1/leads/1", ["notes": "x"])
            _ = try await stage.put("/api/v1/leads/1/stage", ["stage_id": 2])
            _ = try await stage.sendText("Oi", instance: 1)
            #expect(Self.titles(try await stage.get("\(Self.path)?types=move")) == ["move lead.stage_changed"])
            #expect(
                Set(Self.titles(try await stage.get("\(Self.path)?types[]=message&types[]=move"))) == [
                    "message message.queued", "move lead.stage_changed",
                ])
            #expect(Self.titles(try await stage.get("\(Self.path)?types=task")) == [])
            #expect(try await stage.get("\(Self.path)?types=note").faults == ["?types not_allowed"])
            #expect(
                try await stage.get("\(Self.path)?cursor=MS4x&limit=0&sort=id").faults.sorted() == [
                    "?cursor invalid_cursor", "?limit out_of_range", "?sort unknown_parameter",
                ])
        }
    }

    @Test func `a bound key sees the messages of its instances, and no stranger sees anything`() async throws {
        try await Stage.run { stage in
            _ = try await stage.sendText("Por fora", instance: 1)
            _ = try await stage.sendTemplate(1, ["Ana", "proposta", "10/07"])
            let bound = try await stage.newKey(instances: [Stage.cloud]).token
            let seen = try await stage.get("\(Self.path)?types=message", key: bound)
            #expect(seen.data.array?.map { $0["message"]?["instance_id"] } == [2])
            #expect(try await stage.get("\(Self.path)?types=change", key: bound).data.array?.count == 1)

            let blind = try await stage.newKey(Set(Permission.allCases).subtracting([.messagesRead])).token
            let denied = try await stage.get(Self.path, key: blind)
            #expect(denied.status == 403)
            #expect(denied.json["required_permission"] == "messages:read")
            let (foreign, unknown) = try await stage.alike(
                .get, Self.path, "/api/v1/leads/999/timeline", key: stage.newKey(of: stage.other).token)
            #expect(foreign.status == 404)
            #expect(foreign.body == unknown.body)
        }
    }

    @Test func `an archived lead tells nothing until it is back`() async throws {
        try await Stage.run { stage in
            stage.clock.advance(by: .seconds(60))
            _ = try await stage.delete("/api/v1/leads/1")
            #expect(try await stage.get(Self.path).status == 404)
            stage.clock.advance(by: .seconds(1))
            _ = try await stage.post("/api/v1/leads/1/restore", .null)
            let back = try await stage.get(Self.path)
            #expect(Self.titles(back) == ["change lead.updated", "change lead.deleted", "change lead.created"])
            #expect(back.data[0]?["change"]?["changes"] == ["status": ["archived", "open"]])
        }
    }

    @Test func `what is the contact's shows on the lead with the key that changed it`() async throws {
        try await Stage.run { stage in
            let key = try await stage.newKey()
            stage.clock.advance(by: .seconds(60))
            let contact = try await stage.get("/api/v1/leads/1").data["contact_id"]?.int64 ?? 0
            _ = try await stage.patch("/api/v1/contacts/\(contact)", ["company": "Ana & Cia"], key: key.token)
            let item = try await stage.get("\(Self.path)?types=change").data[0]
            #expect(item?["change"] == ["changes": ["company": [.null, "Ana & Cia"]]], "\(item ?? .null)")
            #expect(item?["api_key_id"] == JSONValue(key.id.rawValue))
        }
    }

    @Test func `a merged contact's lead keeps its story, and an erased person has none`() async throws {
        try await Stage.run { stage in
            _ = try await stage.sendTemplate(1, ["Ana", "proposta", "10/07"])
            let pair: JSONValue = ["winner_id": 2, "loser_id": 1]
            #expect(try await stage.post("/api/v1/contacts/merge", pair).status == 200)
            let told = try await stage.get(Self.path)
            #expect(told.data.array?.compactMap { $0["message"]?["text"]?.string }.count == 1)
            #expect(told.text.contains(#""contact_id": [1, 2]"#))

            #expect(try await stage.post("/api/v1/leads/2/erase", .null).status == 200)
            for lead in [1, 2] { #expect(try await stage.get("/api/v1/leads/\(lead)/timeline").status == 404) }
        }
    }

    @Test func `what was scrubbed of another's story stands there and says nothing`() async throws {
        try await Stage.run { stage in
            // Lead 2's contact was one with Ana's for a while, and shows her company in its story.
            _ = try await stage.patch("/api/v1/leads/1", ["company": "Souza Rendas"])
            let pair: JSONValue = ["winner_id": 2, "loser_id": 1]
            #expect(try await stage.post("/api/v1/contacts/merge", pair).status == 200)
            stage.clock.advance(by: .seconds(1))
            _ = try await stage.patch("/api/v1/leads/2", ["notes": "ligar para Ana Souza"])
            #expect(try await stage.post("/api/v1/contacts/unmerge", pair).status == 200)
            #expect(try await stage.get("/api/v1/leads/2/timeline").text.contains("Ana Souza"))
            #expect(try await stage.post("/api/v1/leads/1/erase", .null).status == 200)
            let told = try await stage.get("/api/v1/leads/2/timeline")
            #expect(told.status == 200)
            #expect(!told.text.contains("Ana Souza"))
            #expect(told.data.array?.contains { $0["change"] == .null } == true, "\(told.text)")
        }
    }
}
