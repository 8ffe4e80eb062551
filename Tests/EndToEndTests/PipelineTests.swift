import Domain
import HTTP
import JSON
import Testing

@testable import leadwire

/// Pipelines, stages and lost reasons: read in Syncro's shape, written whole or by their parts.
@Suite struct PipelineTests {
    private static let path = "/api/v1/pipelines"

    @Test func `the list has Syncro's shape`() async throws {
        try await Stage.run { stage in
            let answer = try await stage.get(Self.path).json
            #expect(answer.object?.keys == ["success", "pipelines", "lost_reasons"])
            let pipeline = try #require(answer["pipelines"]?[0])
            #expect(pipeline["name"] == "Vendas")
            let stages = try #require(pipeline["stages"]?.array)
            #expect(
                stages.map { $0["name"]?.string } == ["Novo", "Qualificado", "Proposta", "Ganho", "Perdido"])
            #expect(stages.map { $0["is_won"]?.bool } == [false, false, false, true, false])
            #expect(stages.map { $0["is_lost"]?.bool } == [false, false, false, false, true])
            #expect(stages[0]["color"] == "#64748b")
        }
    }

    @Test func `a pipeline is made with its stages, renamed, put in another order, and taken away`() async throws {
        try await Stage.run { stage in
            let made = try await stage.post(
                Self.path,
                [
                    "name": "Pós-venda",
                    "stages": [
                        ["name": "Contrato", "color": "#ABCDEF"],
                        [
                            "name": "Entrega", "is_won": true,
                            "required_tasks": [["subject": "Ligar", "type": "call", "due_in_days": 2]],
                        ],
                    ],
                ])
            #expect(made.status == 201, "\(made.text)")
            let id = try #require(made.data["id"]?.int64)
            #expect(made.fields["Location"] == "\(Self.path)/\(id)")
            #expect(made.data["stages"]?[0]?["color"] == "#abcdef")
            #expect(
                made.data["stages"]?[1]?["required_tasks"] == [
                    ["subject": "Ligar", "type": "call", "priority": "medium", "due_in_days": 2]
                ])
            let stages = try #require(made.data["stages"]?.array?.compactMap { $0["id"]?.int64 })

            let renamed = try await stage.request(
                .put, "\(Self.path)/\(id)",
                body: Array(#"{"name": "Entregas", "stage_ids": [\#(stages[1]), \#(stages[0])]}"#.utf8))
            #expect(renamed.data["name"] == "Entregas", "\(renamed.text)")
            #expect(renamed.data["stages"]?.array?.compactMap { $0["id"]?.int64 } == [stages[1], stages[0]])
            #expect(try await stage.get("\(Self.path)/\(id)").data == renamed.data)

            for half in [[stages[0]], [stages[0], stages[0]], stages + [1]] {
                let body = JSONValue.object(
                    JSONObject([("stage_ids", .array(half.map { JSONValue.number(JSONNumber($0)) }))]))
                let refused = try await stage.request(.patch, "\(Self.path)/\(id)", body: body.serialized())
                #expect(refused.faults == ["/stage_ids not_allowed"], "\(half)")
            }

            #expect(try await stage.request(.delete, "\(Self.path)/\(id)").json == ["success": true])
            #expect(try await stage.get("\(Self.path)/\(id)").status == 404)
        }
    }

    @Test func `a stage is added at the end, changed in part, and taken away`() async throws {
        try await Stage.run { stage in
            let added = try await stage.post("\(Self.path)/1/stages", ["name": "Visita"])
            #expect(added.status == 201, "\(added.text)")
            let id = try #require(added.data["id"]?.int64)
            #expect(try await stage.get("\(Self.path)/1").data["stages"]?.array?.last == added.data)

            let changed = try await stage.request(
                .patch, "\(Self.path)/1/stages/\(id)", body: Array(##"{"color": "#112233", "is_lost": true}"##.utf8))
            #expect(changed.data["color"] == "#112233", "\(changed.text)")
            #expect(changed.data["name"] == "Visita")
            let both = try await stage.request(
                .patch, "\(Self.path)/1/stages/\(id)", body: Array(#"{"is_won": true}"#.utf8))
            #expect(both.faults == ["/is_lost exclusive"])
            let cleared = try await stage.request(
                .patch, "\(Self.path)/1/stages/\(id)", body: Array(#"{"name": null}"#.utf8))
            #expect(cleared.faults == ["/name required"])

            #expect(try await stage.request(.delete, "\(Self.path)/1/stages/\(id)").status == 200)
            #expect(try await stage.request(.delete, "\(Self.path)/1/stages/\(id)").status == 404)
            // Another pipeline's stage is none of this one's.
            #expect(try await stage.request(.delete, "\(Self.path)/2/stages/1").status == 404)
        }
    }

    @Test func `what leads are in cannot be taken away`() async throws {
        try await Stage.run { stage in
            for path in ["\(Self.path)/1", "\(Self.path)/1/stages/1"] {
                let refused = try await stage.request(.delete, path)
                #expect(refused.status == 409, "\(path)")
                #expect(refused.code == "in_use", "\(path)")
            }
            #expect(try await stage.get(Self.path).json["pipelines"]?[0]?["stages"]?.array?.count == 5)
        }
    }

    @Test func `a change asked for on what has changed meanwhile is refused`() async throws {
        try await Stage.run { stage in
            let read = try await stage.get("\(Self.path)/1")
            let tag = try #require(read.fields["ETag"])
            func rename(_ name: String, _ tag: String) async throws -> Answer {
                try await stage.request(
                    .patch, "\(Self.path)/1",
                    body: JSONValue.object(JSONObject([("name", .string(name))])).serialized(),
                    fields: ["If-Match": tag])
            }
            let first = try await rename("Um", tag)
            #expect(first.status == 200)
            #expect(first.fields["ETag"] != tag)
            let second = try await rename("Dois", tag)
            #expect(second.status == 412)
            #expect(second.code == "precondition_failed")
            #expect(try await rename("Três", try #require(first.fields["ETag"])).status == 200)
            #expect(try await rename("Quatro", "*").status == 200)
        }
    }

    @Test func `lost reasons are listed, made, renamed and taken away`() async throws {
        try await Stage.run { stage in
            let made = try await stage.post("/api/v1/lost-reasons", ["name": "Preço"])
            #expect(made.status == 201, "\(made.text)")
            let id = try #require(made.data["id"]?.int64)
            let path = "/api/v1/lost-reasons/\(id)"
            #expect(try await stage.get("/api/v1/lost-reasons").data == [made.data])
            #expect(try await stage.get(Self.path).json["lost_reasons"] == [made.data])
            let renamed = try await stage.request(.patch, path, body: Array(#"{"name": "Preço alto"}"#.utf8))
            #expect(renamed.data["name"] == "Preço alto")
            #expect(try await stage.request(.delete, path).status == 200)
            #expect(try await stage.request(.delete, path).status == 404)
        }
    }

    @Test func `a key makes one pipeline, however often it is used`() async throws {
        try await Stage.run { stage in
            let answers = try await together(20) { _ in
                try await stage.post(Self.path, ["name": "Uma só"], fields: ["Idempotency-Key": "p"])
            }
            #expect(Set(answers.map(\.body)).count == 1)
            #expect(answers.count { $0.fields["Idempotent-Replayed"] == nil } == 1)
            let names = try await stage.get(Self.path).json["pipelines"]?.array?.map { $0["name"]?.string }
            #expect(names == ["Vendas", "Uma só"])
        }
    }

    @Test func `every write stands in the audit log with who did it and what changed`() async throws {
        try await Stage.run { stage in
            let made = try await stage.post(Self.path, ["name": "A"], fields: ["X-Request-Id": "made"])
            let id = try #require(made.data["id"]?.int64)
            _ = try await stage.request(.patch, "\(Self.path)/\(id)", body: Array(#"{"name": "B"}"#.utf8))
            // Nothing changes, nothing is told.
            _ = try await stage.request(.patch, "\(Self.path)/\(id)", body: Array(#"{"name": "B"}"#.utf8))
            _ = try await stage.request(.delete, "\(Self.path)/\(id)")
            let log = try await stage.get("/api/v1/audit-log?entity=pipeline&entity_id=\(id)").data.array ?? []
            #expect(
                log.map { $0["action"]?.string } == ["pipeline.delete", "pipeline.update", "pipeline.create"])
            #expect(log.last?["request_id"] == "made")
            #expect(log[1]["changes"] == ["name": ["A", "B"]])
            let key = try await stage.get("/api/v1/me").data["key"]?["id"]
            #expect(log.allSatisfy { $0["api_key_id"] == key })

            let page = try await stage.get("/api/v1/audit-log?entity=pipeline&entity_id=\(id)&limit=2").json
            #expect(page["data"]?.array?.count == 2)
            let cursor = try #require(page["meta"]?["next_cursor"]?.string)
            let rest = try await stage.get("/api/v1/audit-log?entity=pipeline&entity_id=\(id)&limit=2&cursor=\(cursor)")
            #expect(rest.data == .array([log[2]]))
            let theirs = try await stage.get(
                "/api/v1/audit-log?entity=pipeline&entity_id=\(id)", key: stage.keys.other.text)
            #expect(theirs.data == [])
        }
    }

    @Test func `every fault of a body is told at once`() async throws {
        try await Stage.run { stage in
            let answer = try await stage.post(
                Self.path,
                [
                    "name": 1,
                    "stages": [
                        ["name": "a", "color": "red", "is_won": true, "is_lost": true],
                        ["colour": 1, "required_tasks": [["type": "dance", "due_in_days": -1]]], 7,
                    ],
                ])
            #expect(answer.status == 422)
            #expect(
                Set(answer.faults) == [
                    "/name wrong_type", "/stages/0/color invalid_format", "/stages/0/is_lost exclusive",
                    "/stages/1/name required", "/stages/1/colour unknown_field",
                    "/stages/1/required_tasks/0/subject required", "/stages/1/required_tasks/0/type not_allowed",
                    "/stages/1/required_tasks/0/due_in_days out_of_range", "/stages/2 wrong_type",
                ], "\(answer.faults)")
        }
    }
}
