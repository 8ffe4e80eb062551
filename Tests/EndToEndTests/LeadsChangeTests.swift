import Domain
import HTTP
import JSON
import TestSupport
import Testing

@testable import leadwire

/// `PATCH`, `PUT` and `DELETE /leads/{id}`, and what brings it back.
@Suite struct LeadsChangeTests {
    private static let ana = "/api/v1/leads/1"

    @Test func `what the body names changes, and nothing else`() async throws {
        try await Stage.run { stage in
            let before = try await stage.get(Self.ana).data
            stage.clock.advance(by: .seconds(1))
            let since = try await stage.lastEvent()
            let answer = try await stage.patch(
                Self.ana,
                [
                    "name": "Ana S.", "external_id": "crm-1", "company": "Souza ME", "birthday": "1980-05-06",
                    "value": .decimal("12.5"), "source": .null, "tags": ["novo", "vip"], "notes": "x",
                    "utm_source": "s",
                ])
            #expect(answer.status == 200, "\(answer.text)")
            let after = answer.data
            #expect(try await stage.get(Self.ana).data == after)
            #expect(answer.fields["ETag"] == (try await stage.get(Self.ana)).fields["ETag"])
            #expect(after["version"] == 2)
            #expect(after["updated_at"]?.string == stage.now.text)
            for (key, value) in [
                ("name", "Ana S."), ("external_id", "crm-1"), ("company", "Souza ME"), ("birthday", "1980-05-06"),
                ("value", .decimal("12.5")), ("source", .null), ("tags", ["novo", "vip"]), ("notes", "x"),
                ("utm_source", "s"),
                ("phone", "+5511987651001"), ("email", "ana.souza@example.com"),
            ] as [(String, JSONValue)] { #expect(after[key] == value, "\(key)") }

            let events = try await stage.events(after: since)
            #expect(events.map(\.type) == ["contact.updated", "lead.updated"])
            #expect(events[0].data["contact"]?["company"] == "Souza ME")
            #expect(events[0].previous == ["company": .null, "birthday": .null])
            #expect(events[1].data == ["lead": after])
            #expect(events[1].previous?["name"] == before["name"])
            #expect(events[1].previous?["value"] == 5000)
            #expect(events[1].previous?["phone"] == nil)
        }
    }

    @Test func `what is there already makes no version, no event and no line in the log`() async throws {
        try await Stage.run { stage in
            let before = try await stage.get(Self.ana)
            stage.clock.advance(by: .seconds(1))
            let rows = try await stage.rows()
            for body in [
                [:], ["name": "Ana Souza", "phone": "11 98765-1001", "tags": ["vip"], "value": .decimal("5000.0")],
                ["company": .null, "email": "ana.souza@example.com"],
            ] as [JSONValue] {
                let answer = try await stage.put(Self.ana, body)
                #expect(answer.json == before.json, "\(answer.text)")
            }
            #expect(try await stage.rows() == rows)
        }
    }

    @Test func `every fault is told at once, and nothing is changed`() async throws {
        try await Stage.run { stage in
            let rows = try await stage.rows()
            let answer = try await stage.patch(
                "\(Self.ana)?x=1",
                [
                    "name": .null, "phone": "abc", "email": "a", "birthday": "ontem", "currency": "brl", "tags": [1],
                    "id": 3, "stage_id": 0,
                ])
            #expect(answer.status == 422)
            #expect(
                Set(answer.faults) == [
                    "?x unknown_parameter", "/name required", "/phone invalid_phone", "/email invalid_email",
                    "/birthday invalid_format", "/currency invalid_format", "/tags/0 wrong_type", "/id unknown_field",
                    "/stage_id out_of_range",
                ], "\(answer.faults)")
            #expect(try await stage.patch(Self.ana, ["value": .decimal("1.005")]).faults == ["/value out_of_range"])
            #expect(try await stage.patch(Self.ana, ["stage_id": 99]).faults == ["/stage_id not_found"])
            #expect(try await stage.rows() == rows)
        }
    }

    @Test func `a change asked for on what has changed meanwhile is refused`() async throws {
        try await Stage.run { stage in
            let tag = try #require(try await stage.get(Self.ana).fields["ETag"])
            let answers = try await together(8) { index in
                try await stage.patch(Self.ana, ["name": .string("Ana \(index)")], fields: ["If-Match": tag])
            }
            #expect(answers.count { $0.status == 200 } == 1)
            #expect(answers.count { $0.code == "precondition_failed" } == 7)
            let refused = try await stage.request(.delete, Self.ana, fields: ["If-Match": tag])
            #expect(refused.status == 412)
        }
    }

    @Test func `twenty changes at once all happen, one after the other`() async throws {
        try await Stage.run { stage in
            let answers = try await together(20) { index in
                try await stage.post("\(Self.ana)/tags", ["tags": [.string("t\(index)")]])
            }
            #expect(answers.allSatisfy { $0.status == 200 })
            let lead = try await stage.get(Self.ana).data
            #expect(lead["version"] == 21)
            #expect(Set(lead["tags"]?.array ?? []).count == 21)
        }
    }

    @Test func `another's phone or external id is refused, whoever asks first`() async throws {
        try await Stage.run { stage in
            let bruno = try await stage.get("/api/v1/leads/2").data
            let rows = try await stage.rows()
            for phone in ["+5511987651002", "1187651002"] {
                let answer = try await stage.patch(Self.ana, ["name": "x", "phone": .string(phone)])
                #expect(answer.status == 409)
                #expect(answer.code == "identifier_conflict")
                #expect(answer.json["existing_id"] == bruno["contact_id"])
                #expect(answer.json["matched_on"] == "phone")
            }
            #expect(try await stage.rows() == rows)
            #expect(try await stage.patch("/api/v1/leads/2", ["external_id": "e"]).status == 200)
            let taken = try await stage.patch(Self.ana, ["external_id": "e"])
            #expect(taken.code == "external_id_taken")
            #expect(taken.json["existing_id"] == 2)

            let race = try await together(8) { index in
                try await stage.patch("/api/v1/leads/\(3 + index)", ["email": "one@example.com"])
            }
            #expect(race.count { $0.status == 200 } == 1, "\(race.map(\.status))")
            #expect(race.count { $0.code == "identifier_conflict" } == 7)
        }
    }

    @Test func `a contact's change shows on each of its leads`() async throws {
        try await Stage.run { stage in
            let second = try await stage.lead(phone: Stage.ana, name: "Outro negócio")
            let since = try await stage.lastEvent()
            let changed = try await stage.patch(Self.ana, ["phone": "+5511987659999", "email": .null])
            #expect(changed.data["version"] == 2)
            let other = try await stage.get("/api/v1/leads/\(second)").data
            #expect(other["phone"] == "+5511987659999")
            #expect(other["email"]?.isNull == true)
            #expect(other["version"] == 2)
            let events = try await stage.events(after: since)
            #expect(
                Set(events.map { "\($0.type) \($0.leadID ?? 0)" }) == [
                    "contact.updated 0", "lead.updated 1", "lead.updated \(second)",
                ])
            let told = try #require(events.first { $0.leadID == second })
            #expect(told.data == ["lead": other])
            #expect(told.previous == ["phone": .string(Stage.ana), "email": "ana.souza@example.com"])
        }
    }

    @Test func `a number that was given up is free for somebody else`() async throws {
        try await Stage.run { stage in
            let ana = try await stage.get(Self.ana).data
            #expect(try await stage.patch(Self.ana, ["phone": "+5511987659999"]).status == 200)
            let newcomer = try await stage.post("/api/v1/leads", ["name": "Nova dona", "phone": .string(Stage.ana)])
            #expect(newcomer.data["contact_id"] != ana["contact_id"])
            #expect(newcomer.data["phone"] == .string(Stage.ana))
            let joined = try await stage.post("/api/v1/leads", ["name": "Ana", "phone": "+551187659999"])
            #expect(joined.data["contact_id"] == ana["contact_id"])
        }
    }

    @Test func `after another number the thread stays with who answered, and an unanswered one goes on on the new`()
        async throws
    {
        try await Stage.run { stage in
            // Ana has written: the provider's address is hers, and her window is open.
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone)
            #expect(try await stage.patch(Self.ana, ["phone": "+5511987659999"]).status == 200)
            #expect(try await stage.window(of: 1) == "open")
            let toAna = try await stage.post(
                "/api/v1/leads/1/whatsapp/preflight", ["message": "Oi", "instance_id": 2])
            #expect(toAna.data["recipient"]?.string?.hasSuffix("5511987651001") == true, "\(toAna.text)")

            // Bruno was written to and has not answered.
            _ = try await stage.sendText("Oi", lead: 2, instance: 1)
            #expect(try await stage.patch("/api/v1/leads/2", ["phone": "+5511987658888"]).status == 200)
            let toBruno = try await stage.post(
                "/api/v1/leads/2/whatsapp/preflight", ["message": "Oi", "instance_id": 1])
            #expect(toBruno.data["recipient"] == "+5511987658888", "\(toBruno.text)")
        }
    }

    @Test func `an archived lead is gone until it is restored as it was`() async throws {
        try await Stage.run { stage in
            _ = try await stage.put("\(Self.ana)/won", [:])
            let before = try await stage.get(Self.ana).data
            let since = try await stage.lastEvent()
            #expect(try await stage.request(.delete, Self.ana).json == ["success": true])
            for answer in [
                try await stage.get(Self.ana), try await stage.patch(Self.ana, ["name": "x"]),
                try await stage.request(.delete, Self.ana), try await stage.put("\(Self.ana)/stage", ["stage_id": 2]),
                try await stage.post("\(Self.ana)/tags", ["tags": ["x"]]), try await stage.sendText("Oi", lead: 1),
            ] { #expect(answer.status == 404, "\(answer.text)") }
            let back = try await stage.post("\(Self.ana)/restore", [:])
            #expect(back.status == 200, "\(back.text)")
            #expect(back.data["status"] == "won")
            #expect(back.data["version"] == 4)
            #expect(back.data["won_at"] == before["won_at"])
            #expect(try await stage.post("\(Self.ana)/restore", [:]).data == back.data)
            #expect(try await stage.post("/api/v1/leads/777777/restore", [:]).status == 404)
            let events = try await stage.events(after: since)
            #expect(events.map(\.type) == ["lead.deleted", "lead.updated"])
            #expect(events[0].data["lead"]?["status"] == "archived")
            #expect(events[1].previous == ["status": "archived"])
            let log = try await stage.get("/api/v1/audit-log?entity=lead&entity_id=1").data.array ?? []
            #expect(log.prefix(3).map { $0["action"] } == ["lead.restore", "lead.delete", "lead.update"])
        }
    }

    @Test func `another account's lead is nobody's`() async throws {
        try await Stage.run { stage in
            let rows = try await stage.rows()
            let key = stage.keys.other.text
            for (method, path, body) in [
                (.patch, "", ["name": "x"]), (.put, "", ["name": "x"]), (.delete, "", nil), (.post, "/restore", nil),
                (.put, "/stage", ["stage_id": 2]), (.put, "/won", [:]), (.put, "/lost", [:]),
                (.post, "/tags", ["tags": ["x"]]), (.delete, "/tags", ["tags": ["vip"]]),
            ] as [(HTTPMethod, String, JSONValue?)] {
                let (theirs, unknown) = try await stage.alike(
                    method, "\(Self.ana)\(path)", "/api/v1/leads/777777\(path)", body: body, key: key)
                #expect(theirs.status == 404, "\(method) \(path)")
                #expect(theirs.body == unknown.body, "\(method) \(path)")
            }
            #expect(try await stage.rows() == rows)
        }
    }
}
