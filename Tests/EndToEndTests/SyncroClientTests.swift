import Domain
import EventLoop
import HTTP
import JSON
import Storage
import TestSupport
import Testing

@testable import leadwire

/// A client that was written to Syncro's documentation, over a socket: it finds every field that it reads.
@Suite struct SyncroClientTests {
    /// What the cases name: a user, a reason, fields of each type, and on lead 1 everything that a lead can have.
    @Reactor
    private static func prepare(_ stage: Stage) async throws {
        #expect(try await stage.user("Rui Prado") == 1)
        #expect(try await stage.post("/api/v1/lost-reasons", ["name": "Preço"]).data["id"] == 1)
        for (name, type): (String, String) in [
            ("orcamento", "number"), ("visita", "date"), ("aceita", "checkbox"), ("planos", "multiselect"),
            ("cargo", "text"), ("preco", "currency"), ("canal", "select"),
        ] {
            var members: [(String, JSONValue)] = [
                ("name", .string(name)), ("label", .string(name)), ("field_type", .string(type)),
            ]
            if type.hasSuffix("select") { members.append(("options", ["A", "B", "C"])) }
            let made = try await stage.post("/api/v1/custom-fields", .object(JSONObject(members)))
            #expect(made.status == 201, "\(made.text)")
        }
        let changed = try await stage.patch(
            "/api/v1/leads/1",
            [
                "assigned_to": 1, "birthday": "1990-05-01", "notes": "n", "utm_source": "google",
                "custom_fields": ["canal": "A", "preco": .decimal("10.5")],
            ])
        #expect(changed.status == 200, "\(changed.text)")
        let task: JSONValue = [
            "subject": "Ligar", "type": "call", "due_date": "2030-06-01", "due_time": "14:30", "priority": "high",
            "lead_id": 1, "assigned_to": 1,
        ]
        #expect(try await stage.post("/api/v1/tasks", task).status == 201)
        let mandatory: JSONValue = [
            "subject": "Obrigatória", "type": "call", "due_date": "2030-06-01", "lead_id": 2, "is_mandatory": true,
        ]
        #expect(try await stage.post("/api/v1/tasks", mandatory).status == 201)
        // The sixth lead's number is one that the provider refuses.
        #expect(try await stage.patch("/api/v1/leads/6", ["phone": "+5531987650001"]).status == 200)
    }

    @Test func `every documented request is answered in its documented shape`() async throws {
        try await Stage.run { stage in
            try await Self.prepare(stage)
            for one in SyncroClientCases.reads + SyncroClientCases.writes {
                let answer = try await stage.request(
                    one.method, "/api/v1\(one.path)", body: one.body?.serialized(), way: .socket)
                #expect(answer.status == one.status, "\(one.title): \(answer.text)")
                #expect(answer.fields["Content-Type"]?.hasPrefix("application/json") == true, "\(one.title)")
                #expect(one.shape.faults(in: answer.json) == [], "\(one.title): \(answer.text)")
            }
        }
    }

    @Test func `tags narrow by any of them, and custom values stand under their names`() async throws {
        try await Stage.run { stage in
            try await Self.prepare(stage)
            let tagged = try await stage.get("/api/v1/leads?tags[]=vip&tags[]=retorno", way: .socket)
            #expect(Set(tagged.data.array?.compactMap { $0["id"]?.int64 } ?? []) == [1, 9])
            let lead = try await stage.get("/api/v1/leads/1", way: .socket).data
            #expect(lead["custom_fields"] == ["canal": "A", "preco": .decimal("10.5")])
            let fields = try await stage.get("/api/v1/custom-fields", way: .socket).data.array ?? []
            #expect(
                Set(fields.compactMap { $0["field_type"]?.string }) == [
                    "text", "number", "currency", "date", "select", "multiselect", "checkbox",
                ])
        }
    }

    @Test func `who may not is told so as documented`() async throws {
        try await Stage.run { stage in
            let expired = try await stage.newKey(expiresAt: stage.now + .seconds(1)).token
            stage.clock.advance(by: .seconds(2))
            for key: String? in [nil, "crm_unknown", expired] {
                let answer = try await stage.get("/api/v1/leads", key: .some(key), way: .socket)
                #expect(answer.status == 401)
                #expect(AnswerShape(["message": "text"]).faults(in: answer.json) == [])
            }
            for (permission, path) in [
                (Permission.leadsRead, "/leads"), (.pipelinesRead, "/pipelines"), (.customFieldsRead, "/custom-fields"),
                (.tasksRead, "/tasks"), (.whatsappRead, "/whatsapp/instances"), (.whatsappRead, "/whatsapp/templates"),
                (.usersRead, "/account"), (.usersRead, "/users"), (.sequencesRead, "/sequences"),
            ] {
                let key = try await stage.newKey(Set(Permission.allCases).subtracting([permission])).token
                let answer = try await stage.get("/api/v1\(path)", key: key, way: .socket)
                #expect(answer.status == 403, "\(path)")
                #expect(answer.json["required_permission"]?.string == permission.rawValue, "\(path)")
                #expect(AnswerShape(["message": "text"]).faults(in: answer.json) == [])
            }
            let few = try await stage.newKey(rate: 1).token
            stage.toNextMinute()
            _ = try await stage.get("/api/v1/leads", key: few, way: .socket)
            let limited = try await stage.get("/api/v1/leads", key: few, way: .socket)
            #expect(limited.status == 429)
            #expect(AnswerShape(["message": "text", "retry_after": "int"]).faults(in: limited.json) == [])

            let key = try await stage.newKey(of: stage.other).token
            _ = try await stage.database.accounts.set(.suspended, of: stage.other, now: stage.now)
            let suspended = try await stage.get("/api/v1/leads", key: key, way: .socket)
            #expect(suspended.status == 403)
            #expect(AnswerShape(["message": "text"]).faults(in: suspended.json) == [])
        }
    }

    @Test func `a shape that is not kept is seen`() {
        let shape = AnswerShape(["id": "int", "at": "instant", "list": [["name": "text?"]], "word": "=a"])
        let kept: JSONValue = ["id": 1, "at": "2026-01-01T00:00:00.000Z", "list": [["name": .null]], "word": "a"]
        #expect(shape.faults(in: kept) == [])
        for (key, wrong) in [
            ("id", "1"), ("at", "2026-01-01 00:00:00"), ("list", []), ("list", [["name": 1]]), ("list", [[:]]),
            ("word", "b"),
        ] as [(String, JSONValue)] {
            guard case .object(var spoilt) = kept else { return }
            spoilt[key] = wrong
            #expect(shape.faults(in: .object(spoilt)).count == 1, "\(key)")
        }
    }
}
