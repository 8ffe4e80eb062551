import Domain
import EventLoop
import HTTP
import JSON
import Testing

@testable import leadwire

/// Sequences with their steps, and the leads on their way through them.
@Suite struct SequenceTests {
    private static let path = "/api/v1/sequences"
    private static let lead = "/api/v1/leads/1/sequences"
    private static let steps: JSONValue = [
        ["delay_minutes": 60, "type": "message", "config": ["message": "Oi", "fallback": ["template_id": 1]]],
        ["type": "template", "config": ["template_id": 1, "variables": ["a", "b", "c"]], "is_active": false],
        ["delay_minutes": 5, "type": "task", "config": ["subject": "Ligar", "type": "call"]],
    ]

    @Reactor
    private static func make(_ stage: Stage, _ members: [(String, JSONValue)] = []) async throws -> Int64 {
        let made = try await stage.post(path, .object(JSONObject([("name", "Retomada")] + members)))
        guard made.status == 201, let id = made.data["id"]?.int64 else { throw StageError(what: made.text) }
        return id
    }

    @Test func `a sequence is made with its steps, read, changed and taken away`() async throws {
        try await Stage.run { stage in
            let made = try await stage.post(Self.path, ["name": "Retomada", "steps": Self.steps])
            #expect(made.status == 201, "\(made.text)")
            let sequence = made.data
            for (key, value) in [
                ("description", .null), ("is_active", true), ("channel", "whatsapp"), ("exit_on_reply", true),
                ("exit_on_stage_change", false), ("stats_enrolled", 0), ("stats_completed", 0),
            ] as [(String, JSONValue)] { #expect(sequence[key] == value, "\(key)") }
            let steps = try #require(sequence["steps"]?.array)
            #expect(steps.map { $0["position"] } == [1, 2, 3])
            #expect(steps.map { $0["delay_minutes"] } == [60, 0, 5])
            #expect(steps.map { $0["is_active"] } == [true, false, true])
            #expect(
                steps[0]["config"] == ["message": "Oi", "fallback": ["template_id": 1, "variables": []]])
            #expect(
                steps[2]["config"]
                    == ["subject": "Ligar", "type": "call", "priority": "medium", "due_in_days": 0])
            let id = try #require(sequence["id"]?.int64)
            let path = "\(Self.path)/\(id)"
            #expect(made.fields["Location"] == path)
            #expect(try await stage.get(path).data == sequence)
            #expect(try await stage.get(Self.path).data == [sequence])

            // The steps as they were read, in another order.
            let turned = try await stage.change(path, ["steps": .array(steps.reversed())], .put)
            #expect(turned.status == 200, "\(turned.text)")
            #expect(turned.data["steps"]?.array?.map { $0["type"] } == ["task", "template", "message"])
            #expect(turned.data["steps"]?.array?.map { $0["position"] } == [1, 2, 3])
            let cleared = try await stage.change(path, ["steps": [], "description": "d", "is_active": false])
            #expect(cleared.data["steps"] == [])
            #expect(cleared.data["name"] == "Retomada")
            #expect(try await stage.change(path, ["description": .null]).data["description"] == .null)
            #expect(try await stage.delete(path).json == ["success": true])
            #expect(try await stage.get(path).status == 404)
            let log = try await stage.audited("sequence", id)
            let updates = Array(repeating: "sequence.update", count: 3)
            #expect(log.map(\.action) == ["sequence.delete"] + updates + ["sequence.create"])
        }
    }

    @Test func `a lead is enrolled once at a time, leaves, and may come back`() async throws {
        try await Stage.run { stage in
            let id = try await Self.make(stage, [("steps", Self.steps)])
            let body: JSONValue = ["sequence_id": JSONValue(id)]
            let answers = try await together(8) { _ in try await stage.post(Self.lead, body) }
            #expect(answers.count { $0.status == 201 } == 1)
            let made = try #require(answers.first { $0.status == 201 })
            for refused in answers where refused.status != 201 {
                #expect(refused.code == "already_exists")
                #expect(refused.json["matched_on"] == "sequence_id")
                #expect(refused.json["existing_id"] == made.data["id"])
            }
            #expect(made.data["status"] == "active")
            #expect(made.data["sequence"] == ["id": JSONValue(id), "name": "Retomada"])
            #expect(made.data["next_step_at"]?.string == (stage.now + .seconds(3_600)).text)
            #expect(try await stage.get(Self.lead).data == [made.data])
            #expect(try await stage.get("\(Self.path)/\(id)").data["stats_enrolled"] == 1)

            #expect(try await stage.change(Self.lead, body, .delete).json == ["success": true])
            #expect(try await stage.change(Self.lead, body, .delete).status == 404)
            let left = try await stage.get(Self.lead).data[0]
            #expect(left?["status"] == "exited")
            #expect(left?["exit_reason"] == "left")
            #expect(left?["next_step_at"] == .null)
            #expect(left?["exited_at"]?.string == stage.now.text)
            #expect(try await stage.post(Self.lead, body).status == 201)
            #expect(try await stage.get(Self.lead).data.array?.map { $0["status"] } == ["exited", "active"])
        }
    }

    @Test func `a sequence with leads in it goes by force only, and an inactive one is not entered`() async throws {
        try await Stage.run { stage in
            let id = try await Self.make(stage)
            let body: JSONValue = ["sequence_id": JSONValue(id)]
            let made = try await stage.post(Self.lead, body)
            #expect(made.data["next_step_at"] == .null, "\(made.text)")
            let refused = try await stage.delete("\(Self.path)/\(id)")
            #expect(refused.code == "in_use")
            #expect(refused.json["message"] == "Isto ainda está em uso (leads: 1).")
            #expect(try await stage.delete("\(Self.path)/\(id)?force=true").status == 200)
            #expect(try await stage.get(Self.lead).data == [])

            let idle = try await Self.make(stage, [("is_active", false)])
            #expect(
                try await stage.post(Self.lead, ["sequence_id": JSONValue(idle)]).faults == ["/sequence_id inactive"])
        }
    }

    @Test func `every fault of a sequence is told at once`() async throws {
        try await Stage.run { stage in
            let refused = try await stage.post(
                Self.path,
                [
                    "channel": "email",
                    "steps": [
                        ["type": "dance", "config": [:]], ["delay_minutes": -1, "type": "message", "config": [:]],
                        ["type": "message"], ["type": "template", "config": ["template_id": "1", "x": 1]], 7,
                        ["type": "message", "config": ["message": "a", "fallback": ["variables": "b"]]],
                        ["type": "template", "config": ["template_id": 1, "variables": ["a", 1, .null, "b\u{0}"]]],
                        ["type": "template", "config": ["template_id": 1, "variables": ["a/b": 1]]],
                    ],
                ])
            #expect(
                Set(refused.faults) == [
                    "/name required", "/channel not_allowed", "/steps/0/type not_allowed",
                    "/steps/1/delay_minutes out_of_range", "/steps/1/config/message required",
                    "/steps/2/config required", "/steps/3/config/template_id wrong_type",
                    "/steps/3/config/x unknown_field", "/steps/4 wrong_type",
                    "/steps/5/config/fallback/template_id required", "/steps/5/config/fallback/variables wrong_type",
                    "/steps/6/config/variables/1 wrong_type", "/steps/6/config/variables/3 invalid_character",
                    "/steps/7/config/variables/a~1b wrong_type",
                ], "\(refused.faults)")
            let theirs = try #require(
                try await stage.get("/api/v1/whatsapp/templates", key: stage.keys.other.text).data[0]?["id"]?.int64)
            let missing = try await stage.post(
                Self.path,
                [
                    "name": "x",
                    "steps": [
                        ["type": "template", "config": ["template_id": JSONValue(theirs)]],
                        ["type": "message", "config": ["message": "a", "fallback": ["template_id": 999]]],
                    ],
                ])
            #expect(
                missing.faults == [
                    "/steps/0/config/template_id not_found", "/steps/1/config/fallback/template_id not_found",
                ])
            #expect(try await stage.post(Self.lead, [:]).faults == ["/sequence_id required"])
            #expect(try await stage.post(Self.lead, ["sequence_id": 999]).faults == ["/sequence_id not_found"])
        }
    }

    @Test func `a change on what has changed meanwhile is refused, and a key enrols once`() async throws {
        try await Stage.run { stage in
            let id = try await Self.make(stage)
            let path = "\(Self.path)/\(id)"
            let match: HTTPFields = ["If-Match": try #require(try await stage.get(path).fields["ETag"])]
            #expect(try await stage.change(path, ["name": "a"], fields: match).status == 200)
            #expect(try await stage.change(path, ["name": "b"], fields: match).status == 412)
            #expect(try await stage.delete(path, fields: match).status == 412)
            let answers = try await together(6) { _ in
                try await stage.post(
                    Self.lead, ["sequence_id": JSONValue(id)], fields: ["Idempotency-Key": "e"])
            }
            #expect(Set(answers.map(\.body)).count == 1)
            #expect(answers[0].status == 201)
        }
    }
}
