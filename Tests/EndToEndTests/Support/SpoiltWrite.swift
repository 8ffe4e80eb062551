import EventLoop
import HTTP
import JSON

/// A route that writes, asked anew for each call to the database that is spoilt.
struct SpoiltWrite: Sendable {
    struct Asked: Sendable {
        let method: HTTPMethod
        let path: String
        var body: JSONValue?
        /// Instead of a body of JSON.
        var file: (bytes: [UInt8], type: String)?
    }

    let name: String
    /// Makes what the request acts upon, by a name that is its own, and says what is asked.
    let ready: @Reactor @Sendable (Stage, String) async throws -> Asked

    init(_ name: String, _ ready: @escaping @Reactor @Sendable (Stage, String) async throws -> Asked) {
        self.name = name
        self.ready = ready
    }

    /// What is asked acts upon something that was made by this request.
    private init(
        _ name: String, made path: String, _ body: @escaping @Sendable (String) -> JSONValue,
        _ method: HTTPMethod, _ suffix: String = "", _ change: JSONValue? = nil
    ) {
        self.init(name) { stage, tag in
            Asked(method: method, path: "\(path)/\(try await Self.made(path, body(tag), stage))\(suffix)", body: change)
        }
    }

    private init(_ name: String, _ path: String, _ body: @escaping @Sendable (String) -> JSONValue) {
        self.init(name) { _, tag in Asked(method: .post, path: path, body: body(tag)) }
    }

    @Reactor
    static func made(_ path: String, _ body: JSONValue, _ stage: Stage) async throws -> Int64 {
        let answer = try await stage.post(path, body)
        guard answer.status < 300, let id = answer.data["id"]?.int64 else {
            throw StageError(what: "\(path): \(answer.status) \(answer.text)")
        }
        return id
    }

    static let all = leads + contacts + pipelines + people + sequences + sending + arriving

    private static let leads: [SpoiltWrite] = {
        let path = "/api/v1/leads"
        let body: @Sendable (String) -> JSONValue = { ["name": .string($0), "tags": ["a", "b"]] }
        return [
            SpoiltWrite("PATCH lead", made: path, body, .patch, "", ["notes": "Liga depois."]),
            SpoiltWrite("DELETE lead", made: path, body, .delete),
            SpoiltWrite("restore") { stage, tag in
                let id = try await made(path, body(tag), stage)
                _ = try await stage.delete("\(path)/\(id)")
                return Asked(method: .post, path: "\(path)/\(id)/restore")
            },
            SpoiltWrite("stage", made: path, body, .put, "/stage", ["stage_id": 2]),
            SpoiltWrite("won", made: path, body, .put, "/won", ["value": 1200]),
            SpoiltWrite("lost", made: path, body, .put, "/lost", [:]),
            SpoiltWrite("POST tags", made: path, body, .post, "/tags", ["tags": ["vip"]]),
            SpoiltWrite("DELETE tags", made: path, body, .delete, "/tags", ["tags": ["a"]]),
            SpoiltWrite("upsert", path + "/upsert") { ["external_id": .string($0), "name": "Rui"] },
            SpoiltWrite("batch of leads", path + "/batch") { tag in
                ["leads": .array((0..<3).map { ["external_id": .string("\(tag)-\($0)"), "name": "Rui"] })]
            },
            SpoiltWrite("erase", made: path, body, .post, "/erase"),
        ]
    }()

    private static let contacts: [SpoiltWrite] = {
        let path = "/api/v1/contacts"
        let body: @Sendable (String) -> JSONValue = { tag in
            ["name": .string(tag), "identifiers": [["kind": "external_id", "value": .string(tag)]]]
        }
        let pair: @Reactor @Sendable (Stage, String) async throws -> JSONValue = { stage, tag in
            let winner = try await made(path, body(tag + "-w"), stage)
            let loser = try await made(path, body(tag + "-l"), stage)
            return ["winner_id": .number(JSONNumber(winner)), "loser_id": .number(JSONNumber(loser))]
        }
        return [
            SpoiltWrite("POST contact", path, body),
            SpoiltWrite("PATCH contact", made: path, body, .patch, "", ["company": "Ramos"]),
            SpoiltWrite("erase contact", made: path, body, .post, "/erase"),
            SpoiltWrite("POST identifier") { stage, tag in
                let id = try await made(path, body(tag), stage)
                return Asked(
                    method: .post, path: "\(path)/\(id)/identifiers",
                    body: ["kind": "email", "value": .string("\(tag)@example.com")])
            },
            SpoiltWrite("DELETE identifier") { stage, tag in
                let id = try await made(path, body(tag), stage)
                return Asked(method: .delete, path: "\(path)/\(id)/identifiers?kind=external_id&value=\(tag)")
            },
            SpoiltWrite("merge") { stage, tag in
                Asked(method: .post, path: path + "/merge", body: try await pair(stage, tag))
            },
            SpoiltWrite("unmerge") { stage, tag in
                let body = try await pair(stage, tag)
                _ = try await stage.post(path + "/merge", body)
                return Asked(method: .post, path: path + "/unmerge", body: body)
            },
        ]
    }()

    private static let pipelines: [SpoiltWrite] = {
        let path = "/api/v1/pipelines"
        let body: @Sendable (String) -> JSONValue = {
            ["name": .string($0), "stages": [["name": "Contrato"], ["name": "Entrega"]]]
        }
        let name: @Sendable (String) -> JSONValue = { ["name": .string($0)] }
        return [
            SpoiltWrite("POST pipeline", path, body),
            SpoiltWrite("PATCH pipeline", made: path, body, .patch, "", ["name": "Entregas"]),
            SpoiltWrite("DELETE pipeline", made: path, body, .delete),
            SpoiltWrite("POST stage", made: path, body, .post, "/stages", ["name": "Arquivo"]),
            SpoiltWrite("PATCH stage") { stage, tag in
                let made = try await stage.post(path, body(tag)).data
                let (pipeline, first) = (made["id"]?.int64 ?? 0, made["stages"]?[0]?["id"]?.int64 ?? 0)
                return Asked(method: .patch, path: "\(path)/\(pipeline)/stages/\(first)", body: ["name": "Encerrado"])
            },
            SpoiltWrite("DELETE stage") { stage, tag in
                let made = try await stage.post(path, body(tag)).data
                let (pipeline, first) = (made["id"]?.int64 ?? 0, made["stages"]?[0]?["id"]?.int64 ?? 0)
                return Asked(method: .delete, path: "\(path)/\(pipeline)/stages/\(first)")
            },
            SpoiltWrite("POST lost reason", "/api/v1/lost-reasons", name),
            SpoiltWrite("PATCH lost reason") { stage, tag in
                let id = try await made("/api/v1/lost-reasons", name(tag), stage)
                return Asked(method: .patch, path: "/api/v1/lost-reasons/\(id)", body: name(tag + " alto"))
            },
            SpoiltWrite("DELETE lost reason", made: "/api/v1/lost-reasons", name, .delete),
            SpoiltWrite("POST custom field", "/api/v1/custom-fields") {
                ["name": .string(word($0)), "field_type": "select", "options": ["A", "B"]]
            },
            SpoiltWrite(
                "PATCH custom field", made: "/api/v1/custom-fields",
                { ["name": .string(word($0)), "field_type": "select", "options": ["A", "B"]] }, .patch, "",
                ["options": ["A", "B", "C"]]),
            SpoiltWrite(
                "DELETE custom field", made: "/api/v1/custom-fields",
                { ["name": .string(word($0)), "field_type": "text"] }, .delete),
        ]
    }()

    /// A custom field's name is a word.
    private static func word(_ tag: String) -> String {
        String(tag.lowercased().map { $0.isLetter || $0.isNumber ? $0 : "_" })
    }

    private static let people: [SpoiltWrite] = {
        let user: @Sendable (String) -> JSONValue = {
            ["name": "Rui Prado", "email": .string("\(word($0))@example.com"), "role": "manager"]
        }
        let task: @Sendable (String) -> JSONValue = {
            ["subject": .string($0), "type": "call", "due_date": "2099-07-10", "lead_id": 1]
        }
        let key: @Sendable (String) -> JSONValue = { ["name": .string($0), "permissions": ["leads:read"]] }
        return [
            SpoiltWrite("PATCH account") { _, tag in
                Asked(method: .patch, path: "/api/v1/account", body: ["name": .string(tag)])
            },
            SpoiltWrite("POST user", "/api/v1/users", user),
            SpoiltWrite("PATCH user", made: "/api/v1/users", user, .patch, "", ["role": "admin"]),
            SpoiltWrite("DELETE user", made: "/api/v1/users", user, .delete),
            SpoiltWrite("POST task", "/api/v1/tasks", task),
            SpoiltWrite("PATCH task", made: "/api/v1/tasks", task, .patch, "", ["due_date": "2099-07-11"]),
            SpoiltWrite("complete", made: "/api/v1/tasks", task, .put, "/complete", ["completed": true]),
            SpoiltWrite("DELETE task", made: "/api/v1/tasks", task, .delete),
            SpoiltWrite("POST key", "/api/v1/api-keys", key),
            SpoiltWrite("PATCH key", made: "/api/v1/api-keys", key, .patch, "", ["rate_per_minute": 90]),
            SpoiltWrite("rotate", made: "/api/v1/api-keys", key, .post, "/rotate", ["overlap_seconds": 60]),
            SpoiltWrite("DELETE key", made: "/api/v1/api-keys", key, .delete),
        ]
    }()

    private static let sequences: [SpoiltWrite] = {
        let path = "/api/v1/sequences"
        let body: @Sendable (String) -> JSONValue = {
            [
                "name": .string($0),
                "steps": [["delay_minutes": 60, "type": "message", "config": ["message": "Oi!"]]],
            ]
        }
        let enrolled: @Reactor @Sendable (Stage, String) async throws -> Asked = { stage, tag in
            let (sequence, lead) = (try await made(path, body(tag), stage), try await stage.lead(phone: nil))
            return Asked(
                method: .post, path: "/api/v1/leads/\(lead)/sequences",
                body: ["sequence_id": .number(JSONNumber(sequence))])
        }
        return [
            SpoiltWrite("POST sequence", path, body),
            SpoiltWrite("PATCH sequence", made: path, body, .patch, "", ["description": "Depois"]),
            SpoiltWrite("DELETE sequence", made: path, body, .delete),
            SpoiltWrite("enrol", enrolled),
            SpoiltWrite("leave") { stage, tag in
                let asked = try await enrolled(stage, tag)
                _ = try await stage.post(asked.path, asked.body ?? .null)
                return Asked(method: .delete, path: asked.path, body: asked.body)
            },
        ]
    }()

    private static let sending: [SpoiltWrite] = {
        let path = "/api/v1/whatsapp/batches"
        // Its turn never comes while it is asked about.
        let body: @Sendable (String) -> JSONValue = {
            [
                "name": .string($0), "template_id": 1, "variables": ["a", "b", "c"], "lead_ids": [1],
                "send_at": "2099-01-01T00:00:00Z",
            ]
        }
        return [
            SpoiltWrite("POST batch", path, body),
            SpoiltWrite("pause", made: path, body, .post, "/pause"),
            SpoiltWrite("resume") { stage, tag in
                let id = try await made(path, body(tag), stage)
                _ = try await stage.request(.post, "\(path)/\(id)/pause")
                return Asked(method: .post, path: "\(path)/\(id)/resume")
            },
            SpoiltWrite("cancel a batch", made: path, body, .post, "/cancel"),
            SpoiltWrite("cancel a message") { @Reactor stage, tag in
                let sent = try await Self.sent(stage, tag, extra: JSONObject([("send_at", "2099-01-01T00:00:00Z")]))
                return Asked(method: .post, path: "/api/v1/messages/\(try stage.id(of: sent))/cancel")
            },
            SpoiltWrite("retry") { stage, tag in
                let message = try await failed(stage, tag)
                return Asked(method: .post, path: "/api/v1/messages/\(message)/retry", body: [:])
            },
            SpoiltWrite("resolve") { stage, tag in
                // No report of the provider settles what the operator is to settle.
                try await stage.control("settings", ["statuses": false])
                try await stage.spoilNext("loses_answer")
                let lost = try await Self.sent(stage, tag)
                guard lost.message["status"] == "unknown" else { throw StageError(what: "known: \(lost.text)") }
                return Asked(
                    method: .post, path: "/api/v1/messages/\(try stage.id(of: lost))/resolve",
                    body: ["outcome": "sent"])
            },
            SpoiltWrite("PATCH instance") { _, tag in
                let budget = 1 + tag.utf8.reduce(0) { ($0 * 31 + Int($1)) % 999_983 }
                return Asked(
                    method: .patch, path: "/api/v1/whatsapp/instances/1",
                    body: ["daily_budget": .number(JSONNumber(Int64(budget)))])
            },
            SpoiltWrite("PATCH conversation") { stage, tag in
                let sent = try await Self.sent(stage, tag)
                let thread = sent.message["conversation_id"]?.int64 ?? 0
                _ = try await stage.patch("/api/v1/conversations/\(thread)", ["status": "open"])
                return Asked(method: .patch, path: "/api/v1/conversations/\(thread)", body: ["status": "closed"])
            },
        ]
    }()

    @Reactor
    private static func failed(_ stage: Stage, _ tag: String) async throws -> Int64 {
        try await stage.refuseNext(131_026)
        return try stage.id(of: try await sent(stage, tag))
    }

    /// To one of many, whose pace nothing else has used up.
    @Reactor
    private static func sent(_ stage: Stage, _ tag: String, extra: JSONObject = JSONObject([])) async throws -> Answer {
        // By its end a number may play a part of its own at the provider; this one plays none.
        let number = 1000 + tag.utf8.reduce(0) { ($0 * 31 + Int($1)) % 8999 }
        let lead = try await stage.lead(phone: "+55119\(number)7777")
        return try await stage.sendTemplate(1, ["Ana", .string(tag), "10/07"], lead: lead, extra: extra)
    }
}
