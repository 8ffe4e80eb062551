import Domain
import EventLoop
import HTTP
import JSON
import Postgres
import Storage
import TestSupport
import Testing

@testable import leadwire

/// `POST /leads/import` and what becomes of it.
@Suite struct ImportTests {
    @Test func `lines are taken in as a batch takes them, each with its verdict`() async throws {
        try await Stage.run { stage in
            let since = try await stage.lastEvent()
            let answer = try await stage.imports(
                """
                {"name": "Rita Alves", "phone": "11987650601", "external_id": "i-1", "tags": ["a", "b"]}
                {"external_id": "i-1", "value": 10.5}

                {"external_id": "i-1", "value": 10.5}
                {"name": "Sem número", "phone": "abc", "stufe": 1}
                {"name": "Rita e Ana", "phone": "11987650601", "email": "ana.souza@example.com"}
                {"phone": "11987650602"}
                [1]
                {"name": "Meia
                {"name": "Duas", "name": "vezes"}
                """)
            #expect(answer.status == 202, "\(answer.text)")
            let queued = try #require(answer.data["import"])
            #expect(queued["status"] == "queued")
            #expect(queued["received"] == 9)
            #expect(answer.fields["Cache-Control"] == "no-store")
            #expect(answer.fields["Location"] == "/api/v1/imports/\(queued["id"]?.int64 ?? 0)")
            let ended = try await stage.ended(answer)
            #expect(
                try await stage.reports(of: ended) == [
                    "1 created", "2 updated", "4 unchanged",
                    "5 invalid validation_failed /phone invalid_phone /stufe unknown_field",
                    "6 conflict identifier_conflict", "7 invalid validation_failed /name required",
                    "8 invalid validation_failed  wrong_type", "9 invalid malformed_json /name unexpected_end",
                    "10 invalid malformed_json /name duplicate_key",
                ])
            #expect(ended["status"] == "completed")
            for (count, value) in [
                ("processed", 9), ("created", 1), ("updated", 1), ("unchanged", 1), ("conflict", 1), ("invalid", 5),
                ("erased", 0), ("line", 10),
            ] { #expect(ended[count] == JSONValue(value), "\(count)") }
            #expect(ended["failure"] == .null)
            #expect(ended["finished_at"] != .null)
            let found = try await stage.get("/api/v1/leads?q=Rita%20Alves").data
            #expect(found.array?.count == 1)
            #expect(found[0]?["value"] == .decimal("10.5"))
            let events = try await stage.events(after: since)
            // What a batch makes of one lead is told once, as it then is.
            #expect(events.map(\.type) == ["contact.created", "lead.created"])
            #expect(events[1].data["lead"]?["value"] == .decimal("10.5"))
            let line = try await stage.get("/api/v1/imports/\(ended["id"]?.int64 ?? 0)/lines?result=updated").data[0]
            #expect(line?["lead_id"] == found[0]?["id"])
            #expect(line?["matched_on"] == "external_id")
            #expect(line?["details"] == [])
            let broken = try await stage.get("/api/v1/imports/\(ended["id"]?.int64 ?? 0)/lines?cursor=MS44").data[0]
            #expect(broken?["line"] == 9)
            #expect(broken?["details"]?[0]?["line"] == 9)
            let log = try await stage.get("/api/v1/audit-log?entity=import").data
            #expect(log[0]?["action"] == "import.create")
            #expect(log[0]?["api_key_id"] != .null)
            #expect(try await stage.sql("SELECT 1 FROM import_chunks").isEmpty)
        }
    }

    @Test func `CSV as spreadsheets write it is read by its header`() async throws {
        try await Stage.run { stage in
            for field: JSONValue in [
                ["name": "plano", "field_type": "select", "options": ["Ouro", "Prata"]],
                ["name": "cores", "field_type": "multiselect", "options": ["azul", "verde"]],
                ["name": "peso", "field_type": "number"], ["name": "ativo", "field_type": "checkbox"],
            ] { #expect(try await stage.post("/api/v1/custom-fields", field).status == 201) }
            let header = [
                "name", "phone", "tags", "value", "notes", "custom_fields.plano", "custom_fields.cores",
                "custom_fields.peso", "custom_fields.ativo", "",
            ]
            let text =
                "\u{feff}" + header.joined(separator: ";") + "\r\n"
                + "Rita;(11) 98765-0611;vip; 12.50;\"linha 1\r\nlinha \"\"2\"\"\";Ouro;azul;1.5;TRUE;\r\n"
                + "'=Nome;11987650612;\"a; b\";;;;\"azul;verde\";;0;\r\n" + ";;;;;;;;;\r\n"
                + "Ruim;11987650613;;1,5;;Bronze;;x;talvez;\r\n" + "Mais;11987650614;;;;;;;;;algo\r\n"
                + "Aspas\";11987650615;;;;;;;;\r\n"
            let answer = try await stage.imports(text, csv: true)
            #expect(answer.status == 202, "\(answer.text)")
            let ended = try await stage.ended(answer)
            #expect(
                try await stage.reports(of: ended) == [
                    "2 created", "4 created",
                    "6 invalid validation_failed /value wrong_type",
                    "7 invalid validation_failed  too_many", "8 invalid validation_failed  unexpected_quote",
                ])
            let rita = try #require(try await stage.get("/api/v1/leads?q=87650611").data[0])
            #expect(rita["notes"] == "linha 1\r\nlinha \"2\"")
            #expect(rita["tags"] == ["vip"])
            #expect(rita["value"] == .decimal("12.5"))
            #expect(
                rita["custom_fields"] == ["plano": "Ouro", "cores": ["azul"], "peso": .decimal("1.5"), "ativo": true])
            let other = try #require(try await stage.get("/api/v1/leads?q=87650612").data[0])
            #expect(other["name"] == "=Nome")
            #expect(other["tags"] == ["a", "b"])
            #expect(other["custom_fields"] == ["cores": ["azul", "verde"], "ativo": false])
        }
    }

    @Test func `a header that cannot be understood is refused with all that is wrong, and nothing is kept`()
        async throws
    {
        try await Stage.run { stage in
            let rows = String(repeating: "Ana,1,2,3,4\n", count: 2000)
            for way in Stage.Way.allCases {
                let bad = try await stage.imports("name,nome,phone,phone,idade\n" + rows, csv: true, way: way)
                #expect(bad.status == 422, "\(bad.text)")
                #expect(bad.faults == ["/nome unknown_field", "/phone repeated", "/idade unknown_field"])
            }
            #expect(try await stage.imports("na\"me\nAna\n", csv: true).faults == [" unexpected_quote"])
            #expect(try await stage.imports("", csv: true).faults == [" required"])
            #expect(try await stage.sql("SELECT 1 FROM imports").isEmpty)
            #expect(try await stage.sql("SELECT 1 FROM import_chunks").isEmpty)

            let lenient = try await stage.imports(
                "name,nome,idade\nRita,x,30\n", csv: true, fields: ["Prefer": "handling=lenient"])
            #expect(lenient.json["warnings"] == ["/nome", "/idade"])
            #expect(try await stage.ended(lenient)["created"] == 1)
        }
    }

    @Test func `a lenient caller's unknown fields are told on their lines`() async throws {
        try await Stage.run { stage in
            let answer = try await stage.imports(
                #"{"name": "Rita", "idade": 3, "custom_fields": {"x": 1}}"#,
                fields: ["Prefer": "handling=lenient"])
            let ended = try await stage.ended(answer)
            #expect(ended["lenient"] == true)
            let line = try await stage.get("/api/v1/imports/\(ended["id"]?.int64 ?? 0)/lines").data[0]
            #expect(line?["result"] == "created")
            #expect(line?["warnings"] == ["/idade", "/custom_fields/x"])
        }
    }

    @Test func `an empty body is an import of nothing, and other types and codings are 415`() async throws {
        try await Stage.run { stage in
            for body in ["", "\n \r\n"] {
                let empty = try await stage.imports(body)
                #expect(empty.status == 202)
                #expect(empty.data["import"]?["status"] == "completed")
            }
            for fields: HTTPFields in [
                ["Content-Type": "application/json"], ["Content-Type": "text/csv; charset=iso-8859-1"],
                ["Content-Type": "text/csv", "Content-Encoding": "gzip"], ["Content-Type": "x"],
            ] { #expect(try await stage.imports("name\nAna", fields: fields).status == 415) }
            #expect(try await stage.imports("{}", fields: ["Content-Type": "application/ndjson"]).status == 202)
            let query = try await stage.request(
                .post, "/api/v1/leads/import?dry=1", body: [], fields: ["Content-Type": "text/csv"])
            #expect(query.faults == ["?dry unknown_parameter"])
        }
    }

    @Test func `under a key the same body is one import, whoever is first, and another is refused`() async throws {
        try await Stage.run { stage in
            let body = (1...1200).map { #"{"name": "Gente \#($0)", "external_id": "k-\#($0)"}"# }
                .joined(separator: "\n")
            let answers = try await together(6) { index in
                var answer: Answer
                repeat {
                    answer = try await stage.imports(
                        body, fields: ["Idempotency-Key": "once"], way: index % 2 == 0 ? .memory : .socket)
                } while answer.code == "idempotency_key_processing"
                return answer
            }
            #expect(answers.allSatisfy { $0.status == 202 }, "\(answers.map(\.text))")
            #expect(Set(answers.map { $0.data["import"]?["id"]?.int64 }).count == 1)
            #expect(answers.count { $0.fields["Idempotent-Replayed"] == nil } == 1)
            #expect(Set(answers.map { $0.fields["Location"] }).count == 1)
            let other = try await stage.imports(body + "\n", fields: ["Idempotency-Key": "once"])
            #expect(other.status == 409)
            #expect(other.code == "idempotency_key_conflict")
            let ended = try await stage.ended(answers[0])
            #expect(ended["created"] == 1200)
            #expect(try await stage.sql("SELECT 1 FROM leads WHERE external_id LIKE 'k-%'").count == 1200)
            // The twins' bodies are gone.
            #expect(try await stage.sql("SELECT 1 FROM import_chunks").isEmpty)
            #expect(try await stage.sql("SELECT 1 FROM imports WHERE status <> 'failed'").count == 1)
        }
    }

    @Test func `a body that is cut short is told as failed, and nothing of it is applied`() async throws {
        try await Stage.run { stage in
            let leads = try await stage.count(.leads)
            let client = try WireClient(port: try #require(UInt16(stage.url.split(separator: ":").last ?? "")))
            client.send(
                "POST /api/v1/leads/import HTTP/1.1\r\nHost: a\r\nX-API-Key: \(stage.keys.full.text)\r\n"
                    + "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n")
            let line = #"{"name": "Meio caminho"}"# + "\n"
            let piece = String(repeating: line, count: 600)
            client.send("\(String(piece.utf8.count, radix: 16))\r\n\(piece)\r\n")
            try await stage.eventually("the first lines are kept") {
                try await stage.get("/api/v1/imports").data[0]?["received"] == 500
            }
            #expect(try await stage.get("/api/v1/imports?status=receiving").data[0]?["processed"] == 0)
            client.close()
            let id = try #require(try await stage.get("/api/v1/imports").data[0]?["id"]?.int64)
            let ended = try await stage.endedImport(id)
            #expect(ended["status"] == "failed")
            #expect(ended["failure"]?["code"] == "incomplete_body")
            #expect(try await stage.count(.leads) == leads)
            #expect(try await stage.sql("SELECT 1 FROM import_chunks").isEmpty)
        }
    }

    @Test func `what a stopped process was receiving is given up when its lease is over`() async throws {
        try await Stage.run { stage in
            try await stage.sql(
                """
                WITH i AS (
                    INSERT INTO imports (account_id, id, status, format, is_lenient, language, lease_owner, lease_until,
                        chunks, received, created_at)
                    VALUES ($1, 77, 'receiving', 'ndjson', false, 'en', 'gone', $2, 1, 1, $3) RETURNING account_id, id)
                INSERT INTO import_chunks (account_id, import_id, number, line_numbers, faults, lines)
                SELECT account_id, id, 0, '{1}', '{""}', '{}' FROM i
                """,
                [
                    .int(stage.demo.rawValue), .timestamp((stage.now + .seconds(90)).microseconds),
                    .timestamp(stage.now.microseconds),
                ])
            #expect(try await stage.get("/api/v1/imports/77").data["status"] == "receiving")
            stage.clock.advance(by: .seconds(91))
            let ended = try await stage.endedImport(77)
            #expect(ended["failure"]?["code"] == "interrupted")
            #expect(try await stage.sql("SELECT 1 FROM import_chunks").isEmpty)
        }
    }

    @Test func `an import that is canceled applies no more, and canceling twice changes nothing`() async throws {
        try await Stage.run { stage in
            try await stage.blockImports()
            let leads = try await stage.count(.leads)
            let answer = try await stage.imports(#"{"name": "Nunca"}"#)
            let path = "/api/v1/imports/\(answer.data["import"]?["id"]?.int64 ?? 0)"
            let canceled = try await stage.request(.post, path + "/cancel")
            #expect(canceled.status == 200)
            #expect(canceled.data["status"] == "canceled")
            #expect(canceled.data["finished_at"] != .null)
            stage.clock.advance(by: .seconds(1))
            #expect(try await stage.request(.post, path + "/cancel").data == canceled.data)
            try await stage.unblockImports()
            let later = try await stage.ended(try await stage.imports(#"{"name": "Depois"}"#))
            #expect(later["created"] == 1)
            #expect(try await stage.count(.leads) == leads + 1)
            #expect(try await stage.get("\(path)/lines").data == [])
            let over = try await stage.request(.post, "/api/v1/imports/\(later["id"]?.int64 ?? 0)/cancel")
            #expect(over.data["status"] == "completed")
        }
    }

    @Test func `a line that the database cannot hold is told, and the others are applied`() async throws {
        try await Stage.run { stage in
            try await stage.sql("ALTER TABLE leads ADD CONSTRAINT poison CHECK (name NOT LIKE 'veneno%')")
            let names = (1...40).map { $0 == 7 || $0 == 40 ? "veneno \($0)" : "Bom \($0)" }
            let ended = try await stage.ended(
                try await stage.imports(names.map { #"{"name": "\#($0)"}"# }.joined(separator: "\n")))
            #expect(ended["status"] == "completed")
            #expect(ended["created"] == 38)
            #expect(
                try await stage.reports(of: ended, "&result=invalid") == [
                    "7 invalid internal_error", "40 invalid internal_error",
                ])
            #expect(try await stage.sql("SELECT 1 FROM leads WHERE name LIKE 'Bom %'").count == 38)
        }
    }

    @Test func `imports of one account are worked in their order by any number of processes`() async throws {
        try await Stage.run { stage in
            try await stage.withReplica { replica in
                var answers: [Answer] = []
                for round in 1...6 {
                    let body = (1...700).map { #"{"external_id": "o-\#($0)", "name": "G", "value": \#(round)}"# }
                        .joined(separator: "\n")
                    answers.append(
                        try await stage.imports(body.utf8, at: round % 2 == 0 ? replica : stage.application))
                }
                for (index, answer) in answers.enumerated() {
                    let ended = try await stage.ended(answer)
                    #expect(ended[index == 0 ? "created" : "updated"] == 700, "\(ended)")
                }
                let values = try await stage.sql(
                    "SELECT count(*), min(value_minor), max(value_minor) FROM leads WHERE external_id LIKE 'o-%'")
                #expect(try values[0].int(0) == 700)
                #expect(try values[0].int(1) == 600)
                #expect(try values[0].int(2) == 600)
            }
        }
    }

    @Test func `whoever's lease ran out may not apply the batch that another has taken over`() async throws {
        try await Stage.run { stage in
            try await stage.blockImports()
            #expect(try await stage.imports(#"{"name": "Uma vez"}"#).status == 202)
            await stage.application.stop()
            try await stage.unblockImports()
            let store = stage.database.imports
            let (now, later) = (stage.now, stage.now + .seconds(11))
            let first = try #require(try await store.claim(owner: "a", until: now + .seconds(10), now: now))
            #expect(try await store.claim(owner: "b", until: now + .seconds(10), now: now) == nil)
            let second = try #require(try await store.claim(owner: "b", until: later + .seconds(10), now: later))
            for (claimed, isTheirs) in [(first, false), (second, true), (second, false)] {
                let line = try #require(try await store.lines(of: second).first)
                let report = ImportStore.Report(
                    line: Int64(line.number), result: .unchanged, leadID: nil, matchedOn: nil, told: nil)
                try await stage.database.write(by: claimed.actor, now: later) { write in
                    let holds = try await store.hold(claimed, in: write)
                    #expect(holds == isTheirs)
                    // The lines stay for the last look.
                    if holds { try await store.advance(claimed, by: [report], isRest: false, in: write) }
                }
            }
        }
    }

    @Test func `another account's imports answer like ids that do not exist, and permissions are needed`()
        async throws
    {
        try await Stage.run { stage in
            let ended = try await stage.ended(try await stage.imports(#"{"name": "Rita"}"#))
            let id = ended["id"]?.int64 ?? 0
            for (method, rest) in [(HTTPMethod.get, ""), (.get, "/lines"), (.post, "/cancel")] {
                let (foreign, unknown) = try await stage.alike(
                    method, "/api/v1/imports/\(id)\(rest)", "/api/v1/imports/999999\(rest)",
                    key: stage.keys.other.text)
                #expect(foreign.status == 404)
                #expect(foreign.body == unknown.body)
            }
            #expect(try await stage.get("/api/v1/imports", key: stage.keys.other.text).data == [])
            let reader = try await stage.newKey([.leadsRead]).token
            let denied = try await stage.imports("{}", key: reader)
            #expect(denied.json["required_permission"] == "leads:write")
            #expect(
                try await stage.request(.post, "/api/v1/imports/\(id)/cancel", key: reader).json["required_permission"]
                    == "leads:write")
            #expect(try await stage.get("/api/v1/imports/\(id)", key: reader).status == 200)
            let writer = try await stage.newKey([.leadsWrite]).token
            #expect(
                try await stage.get("/api/v1/leads/export", key: writer).json["required_permission"] == "leads:read")
            #expect(try await stage.imports("{}", key: .some(nil)).status == 401)
        }
    }

    @Test func `lists of imports and of lines go on by their cursors`() async throws {
        try await Stage.run { stage in
            for number in 1...3 {
                let body = (1...5).map { #"{"name": "G \#(number) \#($0)"}"# }.joined(separator: "\n")
                _ = try await stage.ended(try await stage.imports(body))
            }
            var ids: [Int64] = []
            var path: String? = "/api/v1/imports?limit=2"
            while let one = path {
                let page = try await stage.get(one)
                ids += (page.data.array ?? []).compactMap { $0["id"]?.int64 }
                path = page.json["meta"]?["next_cursor"]?.string.map { "/api/v1/imports?limit=2&cursor=\($0)" }
            }
            #expect(ids.count == 3)
            #expect(ids == ids.sorted(by: >))
            var lines: [Int64] = []
            let base = "/api/v1/imports/\(ids[0])/lines?result=created&limit=2"
            path = base
            while let one = path {
                let page = try await stage.get(one)
                lines += (page.data.array ?? []).compactMap { $0["line"]?.int64 }
                path = page.json["meta"]?["next_cursor"]?.string.map { "\(base)&cursor=\($0)" }
            }
            #expect(lines == [1, 2, 3, 4, 5])
            #expect(try await stage.get("/api/v1/imports/\(ids[0])/lines?result=x").status == 422)
        }
    }

    @Test func `reports are kept for a month`() async throws {
        try await Stage.run { stage in
            let ended = try await stage.ended(try await stage.imports(#"{"name": "Rita"}"#))
            let id = LeadImport.ID(ended["id"]?.int64 ?? 0)
            let imports = stage.database.imports
            try await imports.forget(before: stage.now)
            #expect(try await stage.get("/api/v1/imports/\(id)").status == 200)
            try await imports.forget(before: stage.now + .seconds(1))
            #expect(try await stage.get("/api/v1/imports/\(id)").status == 404)
            #expect(try await stage.sql("SELECT 1 FROM import_lines").isEmpty)
        }
    }
}
