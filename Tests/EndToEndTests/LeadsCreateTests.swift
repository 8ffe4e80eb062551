import Domain
import EventLoop
import HTTP
import JSON
import Storage
import Testing

@testable import leadwire

/// `POST /leads`: always a new lead, on the contact that its identifiers name.
@Suite struct LeadsCreateTests {
    @Test func `a lead comes back as it was given`() async throws {
        try await Stage.run { stage in
            let second = try await Self.pipeline(stage)
            let user = try await stage.user("Rui Prado")
            let made = try await stage.request(
                .post, "/api/v1/leads",
                body: Array(
                    #"""
                    {"name": "Bia Reis", "external_id": "crm-17", "phone": "(11) 98765-0200",
                     "email": "Bia.Reis@Example.com", "company": "Reis & Cia", "birthday": "1990-02-28",
                     "value": 1234.5, "currency": "USD", "source": "feira", "tags": ["vip", "a,b", "vip", "ção"],
                     "pipeline_id": \#(second.pipeline), "stage_id": \#(second.stage), "assigned_to": \#(user),
                     "notes": "linha 1\nlinha 2 \"aspas\" \\ 😀", "utm_source": "s", "utm_medium": "m",
                     "utm_campaign": "c", "utm_term": "t", "utm_content": "k", "custom_fields": {}}
                    """#.utf8))
            #expect(made.status == 201, "\(made.text)")
            let id = try #require(made.data["id"]?.int64)
            #expect(made.fields["Location"] == "/api/v1/leads/\(id)")
            let read = try await stage.get("/api/v1/leads/\(id)")
            #expect(read.data == made.data)
            let lead = read.data
            for (key, value) in [
                ("external_id", "crm-17"), ("name", "Bia Reis"), ("phone", "+5511987650200"),
                ("email", "Bia.Reis@Example.com"), ("company", "Reis & Cia"), ("birthday", "1990-02-28"),
                ("currency", "USD"), ("source", "feira"), ("status", "open"),
                ("notes", "linha 1\nlinha 2 \"aspas\" \\ 😀"), ("utm_source", "s"), ("utm_medium", "m"),
                ("utm_campaign", "c"), ("utm_term", "t"), ("utm_content", "k"),
            ] { #expect(lead[key]?.string == value, "\(key)") }
            #expect(lead["value"]?.number?.minorUnits(scale: 2) == 123_450)
            #expect(lead["tags"] == ["vip", "a,b", "ção"])
            #expect(lead["pipeline"] == ["id": JSONValue(second.pipeline), "name": "Pós-venda"])
            #expect(lead["stage"] == ["id": JSONValue(second.stage), "name": "Entrega"])
            #expect(lead["pipeline_id"]?.int64 == second.pipeline)
            #expect(lead["stage_id"]?.int64 == second.stage)
            #expect(lead["assigned_to"]?.int64 == user)
            #expect(lead["custom_fields"] == [:])
            #expect(lead["opted_out"] == false)
            #expect(lead["version"] == 1)
            #expect(lead["created_at"]?.string == stage.now.text)
            for key in ["lost_reason_id", "won_at", "lost_at"] { #expect(lead[key]?.isNull == true, "\(key)") }
        }
    }

    /// A second pipeline with two stages; its second stage.
    private static func pipeline(_ stage: Stage) async throws -> (pipeline: Int64, stage: Int64) {
        let made = try await stage.post(
            "/api/v1/pipelines", ["name": "Pós-venda", "stages": [["name": "Contrato"], ["name": "Entrega"]]])
        let pipeline = try #require(made.data["id"]?.int64)
        let last = try #require(made.data["stages"]?[1]?["id"]?.int64)
        return (pipeline, last)
    }

    @Test func `a lead without more than a name stands in the first stage of the first pipeline`() async throws {
        try await Stage.run { stage in
            let second = try await Self.pipeline(stage)
            let lead = try await stage.post("/api/v1/leads", ["name": "Só um nome"]).data
            #expect(lead["pipeline"]?["name"] == "Vendas")
            #expect(lead["stage"]?["name"] == "Novo")
            #expect(lead["currency"] == "BRL")
            for key in ["phone", "email", "company", "birthday", "value", "external_id", "source", "notes"] {
                #expect(lead[key]?.isNull == true, "\(key)")
            }
            #expect(lead["tags"] == [])
            // The pipeline alone gives its first stage, the stage alone its pipeline.
            let byPipeline = try await stage.post(
                "/api/v1/leads", ["name": "x", "pipeline_id": JSONValue(second.pipeline)])
            #expect(byPipeline.data["stage"]?["name"] == "Contrato")
            let byStage = try await stage.post("/api/v1/leads", ["name": "x", "stage_id": JSONValue(second.stage)])
            #expect(byStage.data["pipeline"]?["name"] == "Pós-venda")
        }
    }

    @Test func `a stage of another pipeline or account is refused, and so is its user`() async throws {
        try await Stage.run { stage in
            let second = try await Self.pipeline(stage)
            let foreign = try #require(
                try await stage.get("/api/v1/leads", key: stage.keys.other.text).data[0]?["stage_id"]?.int64)
            let stranger = try await stage.user("Alheia", of: stage.other)
            let before = try await stage.rows()
            let cases: [(JSONValue, String)] = [
                (["name": "x", "pipeline_id": 1, "stage_id": JSONValue(second.stage)], "/stage_id not_found"),
                (["name": "x", "stage_id": JSONValue(foreign)], "/stage_id not_found"),
                (["name": "x", "pipeline_id": 2], "/pipeline_id not_found"),
                (["name": "x", "pipeline_id": 999], "/pipeline_id not_found"),
                (["name": "x", "stage_id": 999], "/stage_id not_found"),
                (["name": "x", "assigned_to": 999], "/assigned_to not_found"),
                (["name": "x", "assigned_to": JSONValue(stranger)], "/assigned_to not_found"),
            ]
            for (body, fault) in cases {
                let answer = try await stage.post("/api/v1/leads", body)
                #expect(answer.status == 422)
                #expect(answer.faults == [fault], "\(answer.text)")
            }
            let both = try await stage.post("/api/v1/leads", ["name": "x", "stage_id": 999, "assigned_to": 999])
            #expect(both.faults == ["/stage_id not_found", "/assigned_to not_found"])
            #expect(try await stage.rows() == before)
        }
    }

    @Test(arguments: [
        ("11987654321", "+5511987654321"), ("(11) 98765-4321", "+5511987654321"),
        ("+55 11 98765-4321", "+5511987654321"),
        ("005511987654321", "+5511987654321"), ("5511987654321", "+5511987654321"), ("1133334444", "+551133334444"),
        ("+14155552671", "+14155552671"),
    ])
    func `a phone is kept in the international form`(_ given: String, _ kept: String) async throws {
        try await Stage.run { stage in
            let answer = try await stage.post("/api/v1/leads", ["name": "Ana", "phone": .string(given)])
            #expect(answer.status == 201)
            #expect(answer.data["phone"]?.string == kept)
        }
    }

    @Test func `the same person by another form of the number is joined, and only blanks are filled`() async throws {
        try await Stage.run { stage in
            // Ana Souza has name, phone and email, no company, no birthday.
            let ana = try await stage.get("/api/v1/leads/1").data
            let contacts = try await stage.count(.contacts)
            for phone in ["1187651001", "+551187651001", "11 98765-1001", "5511987651001"] {
                let answer = try await stage.post(
                    "/api/v1/leads",
                    [
                        "name": "Outra Ana", "phone": .string(phone), "company": "Souza ME",
                        "birthday": "1980-05-06",
                    ])
                #expect(answer.status == 201, "\(phone): \(answer.text)")
                #expect(answer.data["contact_id"] == ana["contact_id"], "\(phone)")
                #expect(answer.data["name"] == "Outra Ana")
                #expect(answer.data["phone"] == "+5511987651001", "\(phone)")
                #expect(answer.data["email"] == "ana.souza@example.com")
                #expect(answer.data["company"] == "Souza ME")
            }
            let again = try await stage.post(
                "/api/v1/leads",
                ["name": "Ana", "email": "ANA.SOUZA@example.com", "company": "Outra", "birthday": "1999-01-01"])
            #expect(again.data["contact_id"] == ana["contact_id"])
            #expect(again.data["company"] == "Souza ME")
            #expect(again.data["birthday"] == "1980-05-06")
            #expect(again.data["email"] == "ana.souza@example.com")
            #expect(try await stage.count(.contacts) == contacts)
            // The first lead shows its contact's filled blanks, and keeps its own name.
            let now = try await stage.get("/api/v1/leads/1").data
            #expect(now["company"] == "Souza ME")
            #expect(now["name"] == "Ana Souza")
        }
    }

    @Test func `a joined contact is found by the identifier it gained`() async throws {
        try await Stage.run { stage in
            let first = try await stage.post("/api/v1/leads", ["name": "Caio", "phone": "+5511987650210"])
            let both = try await stage.post(
                "/api/v1/leads", ["name": "Caio", "phone": "+5511987650210", "email": "caio@example.com"])
            let byEmail = try await stage.post("/api/v1/leads", ["name": "Caio", "email": "Caio@Example.com"])
            let contact = try #require(first.data["contact_id"])
            #expect(both.data["contact_id"] == contact)
            #expect(byEmail.data["contact_id"] == contact)
            #expect(byEmail.data["phone"] == "+5511987650210")
        }
    }

    @Test func `identifiers of two people are a conflict, and nothing is stored`() async throws {
        try await Stage.run { stage in
            let before = try await stage.rows()
            let answer = try await stage.post(
                "/api/v1/leads", ["name": "Quem?", "phone": "+5511987651001", "email": "bruno.lima@example.com"],
                fields: ["Idempotency-Key": "conflict"])
            #expect(answer.status == 409)
            #expect(answer.code == "identifier_conflict")
            #expect(answer.json["existing_id"]?.int64 != nil)
            #expect(["phone", "email"].contains(answer.json["matched_on"]?.string))
            #expect(try await stage.rows() == before)
        }
    }

    @Test func `an external id belongs to one lead of the account`() async throws {
        try await Stage.run { stage in
            let first = try await stage.post("/api/v1/leads", ["name": "A", "external_id": "e-1"])
            let second = try await stage.post("/api/v1/leads", ["name": "B", "external_id": "e-1"])
            #expect(second.status == 409)
            #expect(second.code == "external_id_taken")
            #expect(second.json["existing_id"] == first.data["id"])
            #expect(second.json["matched_on"] == "external_id")
            let theirs = try await stage.post(
                "/api/v1/leads", ["name": "C", "external_id": "e-1"], key: stage.keys.other.text)
            #expect(theirs.status == 201)
        }
    }

    @Test func `an external id taken by many at once is one lead's`() async throws {
        try await Stage.run { stage in
            let statuses = try await Self.atOnce(20) { _ in
                try await stage.post("/api/v1/leads", ["name": "A", "external_id": "race"]).status
            }
            #expect(statuses.filter { $0 == 201 }.count == 1, "\(statuses)")
            #expect(statuses.filter { $0 == 409 }.count == 19, "\(statuses)")
        }
    }

    /// What `body` gives for 0 ..< count, all under way together.
    @Reactor
    static func atOnce<Result: Sendable>(
        _ count: Int, _ body: @escaping @Reactor @Sendable (Int) async throws -> Result
    ) async throws -> [Result] {
        try await withThrowingTaskGroup(of: Result.self) { group in
            for index in 0..<count { group.addTask { try await body(index) } }
            var results: [Result] = []
            for try await result in group { results.append(result) }
            return results
        }
    }

    @Test func `the same key from twenty clients at once makes one lead`() async throws {
        try await Stage.run { stage in
            let leads = try await stage.count(.leads)
            let body: JSONValue = ["name": "Uma só", "phone": "+5511987650220"]
            let answers = try await Self.atOnce(20) { index in
                try await stage.post(
                    "/api/v1/leads", body, fields: ["Idempotency-Key": "k"], way: index % 2 == 0 ? .memory : .socket)
            }
            let made = answers.filter { $0.status == 201 }
            #expect(answers.allSatisfy { $0.status == 201 || $0.code == "idempotency_key_processing" })
            #expect(Set(made.map { $0.data["id"]?.int64 }).count == 1)
            #expect(made.filter { $0.fields["Idempotent-Replayed"] == nil }.count == 1)
            #expect(try await stage.count(.leads) == leads + 1)

            let replay = try await stage.post("/api/v1/leads", body, fields: ["Idempotency-Key": "k"])
            #expect(replay.status == 201)
            #expect(replay.fields["Idempotent-Replayed"] == "true")
            #expect(replay.json == made[0].json)
            let other = try await stage.post("/api/v1/leads", ["name": "Outra"], fields: ["Idempotency-Key": "k"])
            #expect(other.code == "idempotency_key_conflict")
            #expect(other.status == 409)
            // Another account's key of the same name is its own.
            let theirs = try await stage.post(
                "/api/v1/leads", ["name": "Outra"], key: stage.keys.other.text, fields: ["Idempotency-Key": "k"])
            #expect(theirs.status == 201)
            #expect(theirs.fields["Idempotent-Replayed"] == nil)
        }
    }

    @Test func `a refused body leaves its key free`() async throws {
        try await Stage.run { stage in
            let fields: HTTPFields = ["Idempotency-Key": "again"]
            let wrong = try await stage.post("/api/v1/leads", ["name": 1], fields: fields)
            #expect(wrong.status == 422)
            #expect(
                try await stage.post("/api/v1/leads", ["name": "A", "stage_id": 999], fields: fields).status == 422)
            #expect(try await stage.post("/api/v1/leads", ["name": "A"], fields: fields).status == 201)
        }
    }

    @Test func `thirty new leads of one new person at once share one contact`() async throws {
        try await Stage.run { stage in
            let (leads, contacts) = (try await stage.count(.leads), try await stage.count(.contacts))
            let phones = ["+5511987650230", "1187650230", "11 98765-0230"]
            let answers = try await Self.atOnce(30) { index in
                try await stage.post(
                    "/api/v1/leads", ["name": .string("Gente \(index)"), "phone": .string(phones[index % 3])])
            }
            #expect(answers.allSatisfy { $0.status == 201 }, "\(answers.map(\.status))")
            #expect(Set(answers.map { $0.data["id"]?.int64 }).count == 30)
            #expect(Set(answers.map { $0.data["contact_id"]?.int64 }).count == 1)
            #expect(try await stage.count(.leads) == leads + 30)
            #expect(try await stage.count(.contacts) == contacts + 1)
        }
    }

    @Test(arguments: [
        ("0", 0), ("0.5", 50), ("10.10", 1010), ("5000", 500_000), ("1e3", 100_000), ("-12.34", -1234),
        ("92233720368547758.07", Int64.max),
    ])
    func `money keeps its cents`(_ given: String, _ cents: Int64) async throws {
        try await Stage.run { stage in
            let made = try await stage.request(
                .post, "/api/v1/leads", body: Array(#"{"name": "A", "value": \#(given)}"#.utf8))
            #expect(made.status == 201, "\(made.text)")
            let read = try await stage.get("/api/v1/leads/\(made.data["id"]?.int64 ?? 0)")
            #expect(read.data["value"]?.number?.minorUnits(scale: 2) == cents)
        }
    }
}
