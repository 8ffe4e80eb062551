import Domain
import HTTP
import JSON
import Testing

@testable import leadwire

/// What an account holds its leads to: tasks that a stage wants done, custom fields, people.
@Suite struct LeadsGuardTests {
    private static let ana = "/api/v1/leads/1"

    @Test func `a stage asks for its tasks, and holds the lead until they are done`() async throws {
        try await Stage.run { stage in
            _ = try await stage.patch(
                "/api/v1/pipelines/1/stages/2", ["required_tasks": [["subject": "Ligar", "type": "call"]]])
            #expect(try await stage.put("\(Self.ana)/stage", ["stage_id": 2]).status == 200)
            let tasks = try await stage.get("/api/v1/tasks?lead_id=1").data.array ?? []
            #expect(tasks.map { $0["subject"] } == ["Ligar"])
            let id = try #require(tasks.first?["id"]?.int64)
            let rows = try await stage.rows()
            for (path, body) in [
                ("stage", ["stage_id": 3]), ("won", [:]), ("lost", [:]),
            ] as [(String, JSONValue)] {
                let answer = try await stage.put("\(Self.ana)/\(path)", body)
                #expect(answer.status == 422, "\(path)")
                #expect(answer.code == "blocked")
                #expect(answer.json["blocked"] == true)
                #expect(
                    answer.json["pending_tasks"] == [
                        ["id": JSONValue(id), "subject": "Ligar", "type": "call"]
                    ])
            }
            #expect(try await stage.patch(Self.ana, ["stage_id": 3]).code == "blocked")
            let upsert = try await stage.post("/api/v1/leads/upsert", ["phone": .string(Stage.ana), "stage_id": 3])
            #expect(upsert.code == "blocked")
            let batch = try await stage.post(
                "/api/v1/leads/batch", ["leads": [["phone": .string(Stage.ana), "stage_id": 3]]])
            #expect(batch.data[0]?["outcome"] == "conflict")
            #expect(batch.data[0]?["error"]?["pending_tasks"]?[0]?["id"]?.int64 == id)
            #expect(try await stage.rows() == rows)
            // Everything else may change.
            #expect(try await stage.patch(Self.ana, ["notes": "x"]).status == 200)
            #expect(try await stage.put("/api/v1/tasks/\(id)/complete", [:]).status == 200)
            #expect(try await stage.put("\(Self.ana)/stage", ["stage_id": 3]).status == 200)
            // Coming back asks for nothing twice.
            #expect(try await stage.put("\(Self.ana)/stage", ["stage_id": 2]).status == 200)
            #expect(try await stage.get("/api/v1/tasks?lead_id=1").data.array?.count == 1)
        }
    }

    @Test func `leads that come in by upsert get their stage's tasks`() async throws {
        try await Stage.run { stage in
            _ = try await stage.patch("/api/v1/pipelines/1/stages/1", ["required_tasks": [["subject": "Saudar"]]])
            let answer = try await stage.post(
                "/api/v1/leads/batch", ["leads": [["name": "A"], ["name": "B", "stage_id": 2]]])
            let ids = answer.data.array?.compactMap { $0["id"]?.int64 } ?? []
            #expect(try await stage.get("/api/v1/tasks?lead_id=\(ids[0])").data.array?.count == 1)
            #expect(try await stage.get("/api/v1/tasks?lead_id=\(ids[1])").data.array?.count == 0)
        }
    }

    @Test func `custom values are typed, merged and cleared, and told with the other faults`() async throws {
        try await Stage.run { stage in
            for field in [
                ["name": "seats", "label": "Assentos", "field_type": "number"],
                ["name": "plan", "label": "Plano", "field_type": "select", "options": ["Basic", "Pro"]],
            ] as [JSONValue] { #expect(try await stage.post("/api/v1/custom-fields", field).status == 201) }
            let first = try await stage.patch(Self.ana, ["custom_fields": ["seats": 3, "plan": "Pro"]])
            #expect(first.data["custom_fields"] == ["seats": 3, "plan": "Pro"], "\(first.text)")
            let merged = try await stage.patch(Self.ana, ["custom_fields": ["plan": .null]])
            #expect(merged.data["custom_fields"] == ["seats": 3])
            #expect(merged.data["version"] == 3)
            #expect(try await stage.patch(Self.ana, ["custom_fields": ["seats": 3]]).data["version"] == 3)
            let wrong = try await stage.patch(
                Self.ana, ["birthday": "ontem", "custom_fields": ["seats": "três", "plan": "Max", "x": 1]])
            #expect(
                Set(wrong.faults) == [
                    "/birthday invalid_format", "/custom_fields/seats wrong_type", "/custom_fields/plan not_allowed",
                    "/custom_fields/x unknown_field",
                ], "\(wrong.faults)")
            let lenient = try await stage.patch(
                Self.ana, ["custom_fields": ["x": 1]], fields: ["Prefer": "handling=lenient"])
            #expect(lenient.json["warnings"] == ["/custom_fields/x"])
            let batch = try await stage.post(
                "/api/v1/leads/batch",
                [
                    "leads": [
                        ["name": "A", "custom_fields": ["seats": 2]], ["name": "B", "custom_fields": ["seats": "x"]],
                    ]
                ])
            #expect(batch.data.array?.map { $0["outcome"]?.string } == ["created", "invalid"])
            let pointer = batch.data[1]?["error"]?["details"]?[0]?["pointer"]
            #expect(pointer == "/leads/1/custom_fields/seats", "\(batch.text)")
        }
    }

    @Test func `nobody is assigned who is not there`() async throws {
        try await Stage.run { stage in
            let user = try await stage.post(
                "/api/v1/users", ["name": "Rui", "email": "rui@example.com", "role": "viewer"])
            let id = try #require(user.data["id"])
            #expect(try await stage.patch(Self.ana, ["assigned_to": id]).data["assigned_to"] == id)
            for path in [Self.ana, "/api/v1/leads/2"] {
                #expect(try await stage.patch(path, ["assigned_to": 999]).faults == ["/assigned_to not_found"])
            }
            let upsert = try await stage.post("/api/v1/leads/upsert", ["name": "x", "assigned_to": 999])
            #expect(upsert.faults == ["/assigned_to not_found"])
            #expect(try await stage.patch(Self.ana, ["assigned_to": .null]).data["assigned_to"]?.isNull == true)
        }
    }

    @Test func `include adds the owner, and the tasks as their own list tells them`() async throws {
        try await Stage.run { stage in
            let owner = try await stage.user("Rui Prado")
            _ = try await stage.patch(Self.ana, ["assigned_to": JSONValue(owner)])
            for (subject, day) in [("Depois", "2099-01-02"), ("Antes", "2020-01-01")] {
                let made = try await stage.post(
                    "/api/v1/tasks",
                    [
                        "subject": .string(subject), "type": "call", "due_date": .string(day), "due_time": "09:30",
                        "lead_id": 1,
                    ])
                #expect(made.status == 201, "\(made.text)")
            }
            let lead = try await stage.get("\(Self.ana)?include=owner,tasks").data
            #expect(lead["owner"]?["id"]?.int64 == owner)
            #expect(lead["owner"]?["name"] == "Rui Prado")
            let tasks = try await stage.get("/api/v1/tasks?lead_id=1").data.array ?? []
            let expected = tasks.map { task -> JSONValue in
                .object(
                    JSONObject(
                        (task.object?.members ?? []).filter { !["lead", "assigned_user"].contains($0.key) }
                            .map { ($0.key, $0.value) }))
            }
            #expect(lead["tasks"]?.array?.map { $0["subject"] } == ["Antes", "Depois"])
            #expect(Set(lead["tasks"]?.array ?? []) == Set(expected))
            #expect(try await stage.get("/api/v1/leads/2?include=owner").data["owner"]?.isNull == true)
            let reader = try await stage.newKey([.leadsRead])
            #expect(try await stage.get("\(Self.ana)?include=owner", key: reader.token).status == 200)
            let denied = try await stage.get("\(Self.ana)?include=tasks", key: reader.token)
            #expect(denied.json["required_permission"] == "tasks:read")
        }
    }
}
