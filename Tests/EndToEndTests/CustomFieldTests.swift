import Domain
import EventLoop
import HTTP
import JSON
import Postgres
import Testing

@testable import leadwire

/// Custom fields, and the values that leads are given.
@Suite struct CustomFieldTests {
    private static let path = "/api/v1/custom-fields"
    private static let leads = "/api/v1/leads"

    @Reactor
    private static func make(
        _ stage: Stage, _ name: String, _ type: String, _ members: [(String, JSONValue)] = []
    ) async throws -> Int64 {
        let body = JSONObject([("name", .string(name)), ("field_type", .string(type))] + members)
        let made = try await stage.post(path, .object(body))
        guard made.status == 201, let id = made.data["id"]?.int64 else { throw StageError(what: made.text) }
        return id
    }

    @Test func `a field is made, listed in its order, changed and taken away in Syncro's shape`() async throws {
        try await Stage.run { stage in
            let made = try await stage.post(
                Self.path, ["name": "plano", "label": "Plano", "field_type": "select", "options": ["A", "B", "A"]])
            #expect(made.status == 201, "\(made.text)")
            #expect(
                made.data.object?.keys == [
                    "id", "name", "label", "field_type", "options", "is_required", "is_active", "show_on_card",
                    "sort_order",
                ])
            #expect(made.data["options"] == ["A", "B"])
            let id = try #require(made.data["id"]?.int64)
            let second = try await Self.make(stage, "nps", "number", [("sort_order", 0)])
            let third = try await Self.make(stage, "vip", "checkbox", [("is_active", false)])
            func ids(_ query: String) async throws -> [Int64] {
                try await stage.get("\(Self.path)\(query)").data.array?.compactMap { $0["id"]?.int64 } ?? []
            }
            #expect(try await ids("") == [second, id, third])
            #expect(try await ids("?active_only=true") == [second, id])
            #expect(try await ids("?limit=2") == [id, second])
            #expect(try await stage.get("\(Self.path)/\(id)").data == made.data)

            // A PUT of the whole as it was read changes what differs.
            var whole = try #require(made.data.object)
            whole["id"] = nil
            whole["label"] = "Plano atual"
            whole["options"] = ["B"]
            let changed = try await stage.change("\(Self.path)/\(id)", .object(whole), .put)
            #expect(changed.status == 200, "\(changed.text)")
            #expect(changed.data["label"] == "Plano atual")
            #expect(changed.data["options"] == ["B"])
            let log = try await stage.audited("custom_field", id)
            #expect(log.first?.changes == ["label": ["Plano", "Plano atual"], "options": [["A", "B"], ["B"]]])
            #expect(try await stage.delete("\(Self.path)/\(id)").json == ["success": true])
            #expect(try await stage.get("\(Self.path)/\(id)").status == 404)
        }
    }

    @Test func `a lead keeps typed values and refuses others, all at once with the body's own faults`() async throws {
        try await Stage.run { stage in
            _ = try await Self.make(stage, "texto", "text")
            _ = try await Self.make(stage, "numero", "number")
            _ = try await Self.make(stage, "valor", "currency")
            _ = try await Self.make(stage, "dia", "date")
            _ = try await Self.make(stage, "plano", "select", [("options", ["A", "B"])])
            _ = try await Self.make(stage, "temas", "multiselect", [("options", ["x", "y"])])
            _ = try await Self.make(stage, "vip", "checkbox")
            let values: JSONValue = [
                "texto": "olá", "numero": 5, "valor": 10, "dia": "2026-12-31", "plano": "A", "temas": ["y"],
                "vip": false,
            ]
            let made = try await stage.post(Self.leads, ["name": "x", "custom_fields": values])
            #expect(made.status == 201, "\(made.text)")
            #expect(made.data["custom_fields"] == values)
            let id = try #require(made.data["id"]?.int64)
            #expect(try await stage.get("\(Self.leads)/\(id)").data["custom_fields"] == values)

            let wrong: JSONValue = [
                "texto": 1, "numero": "5", "valor": "x", "dia": "31/12", "plano": "C", "temas": ["z"], "vip": 1,
                "outro": 1,
            ]
            let faults: Set<String> = [
                "/custom_fields/texto wrong_type", "/custom_fields/numero wrong_type",
                "/custom_fields/valor wrong_type", "/custom_fields/dia invalid_format",
                "/custom_fields/plano not_allowed", "/custom_fields/temas/0 not_allowed",
                "/custom_fields/vip wrong_type", "/custom_fields/outro unknown_field",
            ]
            let before = try await stage.rows()
            let refused = try await stage.post(Self.leads, ["name": "x", "custom_fields": wrong])
            #expect(Set(refused.faults) == faults, "\(refused.text)")
            let both = try await stage.post(Self.leads, ["nome": "x", "custom_fields": wrong])
            #expect(Set(both.faults) == faults.union(["/name required", "/nome unknown_field"]))
            let ids = try await stage.post(
                Self.leads, ["name": "x", "stage_id": 999, "assigned_to": 999, "custom_fields": wrong])
            #expect(Set(ids.faults) == faults.union(["/stage_id not_found", "/assigned_to not_found"]))
            #expect(try await stage.rows() == before)
        }
    }

    @Test func `a required field must be given, even where the body names none`() async throws {
        try await Stage.run { stage in
            let id = try await Self.make(stage, "origem", "text", [("is_required", true)])
            for body in [["name": "x"], ["name": "x", "custom_fields": [:]], ["name": "x", "custom_fields": .null]]
                as [JSONValue]
            {
                #expect(try await stage.post(Self.leads, body).faults == ["/custom_fields/origem required"])
            }
            #expect(
                try await stage.post(Self.leads, ["name": "x", "custom_fields": ["origem": "feira"]]).status == 201)
            _ = try await stage.change("\(Self.path)/\(id)", ["is_active": false])
            #expect(try await stage.post(Self.leads, ["name": "x"]).status == 201)
            let inactive = try await stage.post(Self.leads, ["name": "x", "custom_fields": ["origem": "y"]])
            #expect(inactive.faults == ["/custom_fields/origem inactive"])
            // What is the other account's business is no business of ours.
            let stranger = try await stage.newKey(of: stage.other).token
            let theirs = try await stage.post(Self.leads, ["name": "x"], key: stranger)
            #expect(theirs.status == 201, "\(theirs.text)")
        }
    }

    @Test func `a lenient caller's unknown keys are left out and told`() async throws {
        try await Stage.run { stage in
            _ = try await Self.make(stage, "vip", "checkbox")
            let made = try await stage.post(
                Self.leads, ["name": "x", "nome": "y", "custom_fields": ["vip": true, "a/b": 1]],
                fields: ["Prefer": "handling=lenient"])
            #expect(made.status == 201, "\(made.text)")
            #expect(made.data["custom_fields"] == ["vip": true])
            #expect(made.json["warnings"] == ["/nome", "/custom_fields/a~1b"])
        }
    }

    @Test func `a field that leads or templates use goes only by force, and then with what used it`() async throws {
        try await Stage.run { stage in
            let id = try await Self.make(stage, "plano", "text")
            let kept = try await Self.make(stage, "outro", "text")
            let lead = try await stage.post(
                Self.leads, ["name": "x", "custom_fields": ["plano": "Pro", "outro": "z"]])
            let leadPath = "\(Self.leads)/\(try #require(lead.data["id"]?.int64))"
            try await stage.sql(
                """
                UPDATE templates SET mappings =
                    '[{"source": "lead.custom_fields.plano"}, null, {"source": "lead.first_name"}]'
                WHERE account_id = $1 AND id = 1
                """, [.int(stage.demo.rawValue)])
            let refused = try await stage.delete("\(Self.path)/\(id)")
            #expect(refused.code == "in_use", "\(refused.text)")
            #expect(refused.json["template_ids"] == [1])
            #expect(refused.json["message"] == "Isto ainda está em uso (leads: 1; templates: lembrete_proposta).")
            #expect(try await stage.get("\(Self.path)/\(id)").status == 200)

            #expect(try await stage.delete("\(Self.path)/\(id)?force=true").status == 200)
            let after = try await stage.get(leadPath)
            #expect(after.data["custom_fields"] == ["outro": "z"])
            #expect(after.data["version"] == 2)
            let mappings = try await stage.sql(
                "SELECT mappings::text FROM templates WHERE account_id = $1 AND id = 1", [.int(stage.demo.rawValue)])
            let left = try #require(try mappings.first.map { try JSONParser.parse(Array($0.text(0).utf8)) })
            #expect(left == [.null, .null, ["source": "lead.first_name"]])
            let counted = try await stage.delete("\(Self.path)/\(kept)")
            #expect(counted.json["message"] == "Isto ainda está em uso (leads: 1).")
            #expect(counted.json["template_ids"] == nil)
        }
    }

    @Test func `name and type stay as they are, and options go with their types`() async throws {
        try await Stage.run { stage in
            let id = try await Self.make(stage, "plano", "select", [("options", ["A"])])
            let changed = try await stage.change(
                "\(Self.path)/\(id)", ["name": "outro", "field_type": "text", "options": []])
            #expect(
                Set(changed.faults) == ["/name not_allowed", "/field_type not_allowed", "/options required"])
            let same = try await stage.change("\(Self.path)/\(id)", ["name": "plano", "field_type": "select"])
            #expect(same.status == 200)
            #expect(
                try await stage.post(Self.path, ["name": "a", "field_type": "select"]).faults == ["/options required"])
            #expect(
                try await stage.post(Self.path, ["name": "a", "field_type": "text", "options": ["x"]]).faults
                    == ["/options not_allowed"])
            let wrong = try await stage.post(
                Self.path, ["name": "a b", "field_type": "color", "options": [1], "sort_order": -1, "is_required": 1])
            #expect(
                Set(wrong.faults) == [
                    "/name invalid_format", "/field_type not_allowed", "/options/0 wrong_type",
                    "/sort_order out_of_range", "/is_required wrong_type",
                ])
        }
    }

    @Test func `a name is given once, however many ask at once, and 200 are enough`() async throws {
        try await Stage.run { stage in
            let answers = try await together(12) { _ in
                try await stage.post(Self.path, ["name": "um", "field_type": "text"])
            }
            #expect(answers.count { $0.status == 201 } == 1)
            let refused = try #require(answers.first { $0.status == 409 })
            #expect(refused.code == "already_exists")
            #expect(refused.json["matched_on"] == "name")
            #expect(refused.json["existing_id"] == answers.first { $0.status == 201 }?.data["id"])
            try await stage.sql(
                """
                INSERT INTO custom_fields (account_id, name, label, field_type, sort_order, created_at, updated_at)
                SELECT $1, 'f' || n, 'f', 'text', n, now(), now() FROM generate_series(2, 200) AS n
                """, [.int(stage.demo.rawValue)])
            let last = try await stage.post(Self.path, ["name": "demais", "field_type": "text"])
            #expect(last.faults == [" too_many"])
        }
    }

    @Test func `a change on what has changed meanwhile is refused, and a key makes one field`() async throws {
        try await Stage.run { stage in
            let answers = try await together(8) { _ in
                try await stage.post(
                    Self.path, ["name": "um", "field_type": "text"], fields: ["Idempotency-Key": "f"])
            }
            #expect(Set(answers.map(\.body)).count == 1)
            #expect(answers[0].status == 201)
            let path = "\(Self.path)/\(try #require(answers[0].data["id"]?.int64))"
            let match: HTTPFields = ["If-Match": try #require(try await stage.get(path).fields["ETag"])]
            #expect(try await stage.change(path, ["label": "a"], fields: match).status == 200)
            #expect(try await stage.change(path, ["label": "b"], fields: match).status == 412)
            #expect(try await stage.delete(path, fields: match).status == 412)
        }
    }
}
