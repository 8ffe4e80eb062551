import Crypto
import Domain
import HTTP
import JSON
import Postgres
import Storage
import TestSupport
import Testing

@testable import leadwire

/// A person is taken out of everything that is kept, and kept out.
@Suite struct ErasureTests {
    private static let phone = "+5511987654444"
    private static let official = "+5521987654321"

    @Test func `after an erasure a dump holds nothing of the person`() async throws {
        try await Stage.run { stage in
            let lead = try await stage.zuleica()
            let person = try #require(try await stage.get("/api/v1/leads/\(lead)").data["contact_id"]?.int64)
            try await stage.hears(from: Self.phone, at: Self.official, "Palavra-recebida")
            _ = try await stage.sendText("Palavra-enviada", lead: lead, instance: 2, fields: ["Idempotency-Key": "s-1"])
            _ = try await stage.sendText("Palavra-por-fora", lead: lead, instance: 1)
            _ = try await stage.sendTemplate(1, ["Zuleica", "palavra-modelo", "10/07"], lead: lead)
            let task: JSONValue = [
                "lead_id": JSONValue(lead), "subject": "Palavra-tarefa", "type": "call", "due_date": "2030-01-01",
            ]
            #expect(try await stage.post("/api/v1/tasks", task).status == 201)
            // Her other number, under which she was another contact for a while, and a stranger who was one with her.
            _ = try await stage.post(
                "/api/v1/contacts/merge", ["winner_id": JSONValue(person), "loser_id": 1])
            for pair in [(person, 2), (3, person)] as [(Int64, Int64)] {
                let body: JSONValue = ["winner_id": JSONValue(pair.0), "loser_id": JSONValue(pair.1)]
                #expect(try await stage.post("/api/v1/contacts/merge", body).status == 200)
                #expect(try await stage.post("/api/v1/contacts/unmerge", body).status == 200)
            }
            try await stage.eventually("the statuses are in") {
                try await stage.sql("SELECT 1 FROM messages WHERE status IN ('sending', 'accepted', 'sent')").isEmpty
            }
            _ = try await stage.storedBodies()
            try await stage.set(Stage.waha, .disconnected)
            let waiting = try await stage.sendText("Palavra-na-fila", lead: lead, instance: 1)
            let words = [
                "87654444", "Zuleica", "Quaresma", "zuleica@", "Palavra", "palavra-modelo", "Ana Souza", "87651001",
                "ana.souza", "erp-zu",
            ]
            for word in words { #expect(try await stage.dump().holds(word), "\(word) is nowhere to begin with") }

            let erased = try await stage.post("/api/v1/leads/\(lead)/erase", .null, fields: ["Idempotency-Key": "e"])
            #expect(erased.status == 200, "\(erased.text)")
            #expect(erased.data["lead_ids"]?.array?.count == 2)
            #expect(erased.data["messages"] == 5)
            #expect(erased.data["canceled"] == 1)
            let dump = try await stage.dump()
            for word in words { #expect(!dump.holds(word), "\(word): \(dump.places(of: word))") }

            #expect(try await stage.message(waiting)["status"] == "canceled")
            #expect(try await stage.message(waiting)["error"]?["title"] == "The person was erased")
            #expect(try await stage.count(.outbox) == 0)
            for path in ["leads/\(lead)", "leads/\(lead)/personal-data", "contacts/\(person)", "contacts/1"] {
                #expect(try await stage.get("/api/v1/\(path)").status == 404, "\(path)")
            }
            #expect(try await stage.get("/api/v1/contacts?q=Zul").data == [])
            for rest in ["erase", "restore"] {
                #expect(try await stage.post("/api/v1/leads/\(lead)/\(rest)", .null).status == 404, "\(rest)")
            }
            let again = try await stage.post("/api/v1/leads/\(lead)/erase", .null, fields: ["Idempotency-Key": "e"])
            #expect(again.body == erased.body)
            // Others' are as they were.
            #expect(try await stage.get("/api/v1/leads/2").data["name"] == "Bruno Lima")
            #expect(try await stage.get("/api/v1/contacts/3").data["phone"] == "+5521987651003")
        }
    }

    @Test func `lines of imports that wait tell of the erased no longer, and bring nobody back`() async throws {
        try await Stage.run { stage in
            let told = try await stage.ended(
                try await stage.imports(#"{"name": "X", "zuleica@quaresma.example": 1, "Zuleica Quaresma": 2}"#))
            let lead = try await stage.zuleica()
            try await stage.blockImports()
            let ndjson = try await stage.imports(
                """
                {"name": "Zu", "phone": "(11) 98765-4444", "notes": "Palavra-um"}
                {"name": "Bento Brás", "phone": "11987650641"}
                {"external_id": "erp-zu", "notes": "Palavra-dois"}
                {"name": "Zu", "email": "ZULEICA@quaresma.EXAMPLE", "notes": "Palavra-três"}
                {"name": "Tia", "notes": "Palavra-quatro, é o 5511987654444"}
                {"name": "Meia linha de zuleica@quaresma.example
                """)
            let csv = try await stage.imports(
                "nome;name;phone\nPalavra-cinco;Zu;011 98765.4444\n;Cora Braga;11987650642\n", csv: true,
                fields: ["Prefer": "handling=lenient"])
            let words = ["98765-4444", "98765.4444", "87654444", "Palavra", "erp-zu", "uaresma", "ZULEICA"]
            for word in words { #expect(try await stage.dump().holds(word), "\(word) is nowhere to begin with") }
            #expect(try await stage.post("/api/v1/leads/\(lead)/erase", .null).status == 200)
            let dump = try await stage.dump()
            for word in words { #expect(!dump.holds(word), "\(word): \(dump.places(of: word))") }
            #expect(try await stage.reports(of: told) == ["1 invalid"])

            try await stage.unblockImports()
            #expect(
                try await stage.reports(of: try await stage.ended(ndjson)) == [
                    "1 erased validation_failed  erased", "2 created", "3 erased validation_failed  erased",
                    "4 erased validation_failed  erased", "5 erased validation_failed  erased",
                    "6 erased validation_failed  erased",
                ])
            #expect(
                try await stage.reports(of: try await stage.ended(csv)) == [
                    "2 erased validation_failed  erased", "3 created",
                ])
            // What comes later meets the tombstone.
            let later = try await stage.ended(try await stage.imports(#"{"name": "Zu", "phone": "1187654444"}"#))
            #expect(later["erased"] == 1)
            #expect(try await stage.reports(of: later) == ["1 erased erased"])
            #expect(try await stage.sql("SELECT 1 FROM leads WHERE name IN ('Zu', 'Tia')").isEmpty)
        }
    }

    @Test func `no request brings the erased back, whatever the form of the number`() async throws {
        try await Stage.run { stage in
            let lead = try await stage.zuleica(fields: ["Idempotency-Key": "z"])
            #expect(try await stage.post("/api/v1/leads/\(lead)/erase", .null).status == 200)
            let before = try await stage.rows(without: [.idempotencyKeys])
            for (body, kind) in [
                (["name": "Z", "phone": "+551187654444"], "phone"), (["name": "Z", "phone": "11 98765-4444"], "phone"),
                (["name": "Z", "email": "ZULEICA@quaresma.example"], "email"),
                (["name": "Z", "external_id": "erp-zu"], "external_id"),
                (["name": "Z", "phone": "+5511912340000", "email": "zuleica@quaresma.example"], "email"),
            ] as [(JSONValue, String)] {
                let refused = try await stage.post("/api/v1/leads", body)
                #expect(refused.status == 409)
                #expect(refused.code == "erased", "\(refused.text)")
                #expect(refused.json["matched_on"] == .string(kind))
            }
            let number: JSONValue = ["kind": "wa_id", "value": "551187654444"]
            for refused in [
                try await stage.post("/api/v1/contacts", ["identifiers": [number]]),
                try await stage.post("/api/v1/contacts/2/identifiers", number),
                try await stage.patch("/api/v1/contacts/2", ["phone": .string(Self.phone)]),
                try await stage.patch("/api/v1/leads/2", ["phone": .string(Self.phone)]),
            ] {
                #expect(refused.code == "erased", "\(refused.text)")
            }
            #expect(try await stage.rows(without: [.idempotencyKeys]) == before)
            // The answer that told of them is gone, and the key is not free.
            let replayed = try await stage.post(
                "/api/v1/leads", Stage.zuleicaBody, fields: ["Idempotency-Key": "z"])
            #expect(replayed.code == "erased", "\(replayed.text)")
            #expect(replayed.fields["Idempotent-Replayed"] == "true")
            // Another account knows nothing of it.
            #expect(
                try await stage.post("/api/v1/leads", Stage.zuleicaBody, key: stage.keys.other.text).status == 201)
        }
    }

    @Test func `who writes again by themselves is a contact like any other`() async throws {
        try await Stage.run { stage in
            let lead = try await stage.zuleica()
            try await stage.hears(from: Self.phone, at: Self.official, "SAIR")
            #expect(try await stage.post("/api/v1/leads/\(lead)/erase", .null).status == 200)
            try await stage.hears(from: Self.phone, at: Self.official, "Mudei de ideia")
            let found = try await stage.get("/api/v1/contacts?phone=\(Self.phone.dropFirst())").data
            #expect(found.array?.count == 1)
            #expect(found[0]?["opted_out"] == false)
            let joined = try await stage.post("/api/v1/leads", ["name": "Z", "phone": .string(Self.phone)])
            #expect(joined.status == 201, "\(joined.text)")
            #expect(joined.data["contact_id"] == found[0]?["id"])
        }
    }

    @Test func `a body that tells of others too loses only the person's items`() async throws {
        try await Stage.run { stage in
            let lead = try await stage.zuleica()
            let hers = stage.inboundText("Dela", from: "5511987654444", id: "wamid.hers")
            let his = stage.inboundText("Dele", from: "5511987651002", id: "wamid.his")
            _ = try await stage.cloudHook(stage.envelope([("messages", [hers, his])]))
            _ = try await stage.cloudHook(stage.envelope([("messages", [his])]))
            _ = try await stage.storedBodies()
            let erased = try await stage.post("/api/v1/leads/\(lead)/erase", .null)
            #expect(erased.data["webhook_bodies_rewritten"] == 1)
            #expect(erased.data["webhook_bodies_deleted"] == 0)
            let bodies = try await stage.storedBodies().map { try JSONParser.parse($0.body) }
            #expect(bodies.count == 2)
            #expect(bodies[0] == stage.envelope([("messages", [his])]))
            #expect(bodies[1] == bodies[0])
        }
    }

    @Test func `all that is kept of a person is told, and of nobody else`() async throws {
        try await Stage.run { stage in
            let lead = try await stage.zuleica()
            try await stage.hears(from: Self.phone, at: Self.official, "SAIR")
            try await stage.hears(from: "+5511987651001", at: Self.official, "De Ana")
            _ = try await stage.ended(
                try await stage.imports(
                    """
                    {"phone": "+5511987651001", "company": "Outra"}
                    {"phone": "\(Self.phone)", "company": "Quaresma Ltda."}
                    """))
            let answer = try await stage.get("/api/v1/leads/\(lead)/personal-data")
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer.fields["Cache-Control"] == "no-store")
            #expect(
                answer.data.object?.keys == [
                    "contact", "leads", "consents", "conversations", "messages", "media", "batches", "tasks",
                    "merges", "imports", "events", "audit_log",
                ])
            let data = answer.data
            #expect(data["contact"]?["opted_out"] == true)
            #expect(data["leads"]?[0]?["notes"] == "Palavra-nota")
            #expect(data["consents"]?[0]?["state"] == "stopped")
            #expect(data["messages"]?[0]?["text"] == "SAIR")
            #expect(data["messages"]?[0]?["content"] != .null)
            #expect(data["conversations"]?[0]?["recipient_value"] == "5511987654444")
            #expect(data["events"]?.array?.isEmpty == false)
            #expect(data["imports"]?.array?.count == 1)
            #expect(data["imports"]?[0]?["line"] == 2)
            #expect(data["imports"]?[0]?["result"] == "updated")
            #expect(data["audit_log"]?[0]?["action"] == "lead.create")
            #expect(!answer.text.contains("Ana"))
            // Archived, it is told as well.
            _ = try await stage.request(.delete, "/api/v1/leads/\(lead)")
            #expect(try await stage.get("/api/v1/leads/\(lead)/personal-data").status == 200)
        }
    }

    @Test func `another account's leads answer like ids that do not exist, and the permission is needed`() async throws
    {
        try await Stage.run { stage in
            let before = try await stage.rows()
            let weak = try await stage.newKey(Set(Permission.allCases).subtracting([.privacyManage])).token
            for (method, rest) in [(HTTPMethod.get, "personal-data"), (.post, "erase")] {
                let (foreign, unknown) = try await stage.alike(
                    method, "/api/v1/leads/1/\(rest)", "/api/v1/leads/999999/\(rest)", key: stage.keys.other.text)
                #expect(foreign.status == 404)
                #expect(foreign.body == unknown.body)
                let denied = try await stage.request(method, "/api/v1/leads/1/\(rest)", key: weak)
                #expect(denied.json["required_permission"] == "privacy:manage")
            }
            #expect(try await stage.rows() == before)
        }
    }

    @Test func `a send or a message under way while a person is erased leaves nothing behind`() async throws {
        try await Stage.run { stage in
            let lead = try await stage.zuleica()
            try await stage.hears(from: Self.phone, at: Self.official, "Palavra")
            let answers = try await together(13) { index -> Answer in
                switch index {
                case 6: try await stage.post("/api/v1/leads/\(lead)/erase", .null)
                case 9: try await stage.patch("/api/v1/leads/\(lead)", ["notes": "Palavra"])
                default: try await stage.sendText("Palavra \(index)", lead: lead, instance: index % 2 == 0 ? 1 : 2)
                }
            }
            #expect(answers[6].status == 200, "\(answers[6].text)")
            #expect(answers.allSatisfy { $0.status < 500 }, "\(answers.map(\.text))")
            try await stage.eventually("nothing waits") { try await stage.count(.outbox) == 0 }
            let left = try await stage.sql(
                """
                SELECT count(*) FROM messages m LEFT JOIN contacts c ON c.id = m.contact_id
                WHERE c.id IS NULL OR (c.erased_at IS NOT NULL AND concat(
                    m.text, m.content::text, m.provider_message_id, m.recipient_value, m.preset_provider_id) <> '')
                """
            ).first?.int(0)
            #expect(left == 0)
            #expect(try await stage.sql("SELECT 1 FROM contact_identifiers WHERE value LIKE '%87654444'").isEmpty)
            #expect(try await stage.sql("SELECT 1 FROM events WHERE data::text LIKE '%Palavra%'").isEmpty)
        }
    }
}
