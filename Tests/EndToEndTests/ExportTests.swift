import API
import Domain
import EventLoop
import HTTP
import JSON
import Postgres
import TestSupport
import Testing

@testable import leadwire

/// `GET /leads/export`
@Suite struct ExportTests {
    private static let path = "/api/v1/leads/export"

    private static func lines(_ answer: Answer) throws -> [JSONValue] {
        try answer.text.split(separator: "\n").map { try JSONParser.parse(Array($0.utf8)) }
    }

    @Test(arguments: Stage.Way.allCases)
    func `every lead comes as the list tells it, on a line of its own`(_ way: Stage.Way) async throws {
        try await Stage.run { stage in
            let answer = try await stage.get(Self.path, way: way)
            #expect(answer.status == 200)
            #expect(answer.fields["Content-Type"] == "application/x-ndjson")
            #expect(answer.fields["Cache-Control"] == "no-store")
            let date = stage.now.text.prefix(10)
            #expect(answer.fields["Content-Disposition"] == "attachment; filename=\"leads-\(date).ndjson\"")
            let listed = try await stage.get("/api/v1/leads?per_page=200").data.array ?? []
            #expect(try Self.lines(answer) == listed.reversed())
            #expect(try await stage.get(Self.path, key: stage.keys.other.text, way: way).text != answer.text)
        }
    }

    @Test func `what narrows the list narrows the export`() async throws {
        try await Stage.run { stage in
            _ = try await stage.request(.delete, "/api/v1/leads/3")
            #expect(try await stage.put("/api/v1/leads/2/won", [:]).status == 200)
            _ = try await stage.post("/api/v1/leads/1/tags", ["tags": ["vip"]])
            for query in [
                "status=archived", "status=won", "tags=vip&tags=raro", "q=Ana", "q=87651001", "source=site",
                "stage_id=1", "pipeline_id=1&status=open", "updated_since=2020-01-01", "created_from=2999-01-01",
                "window=closed", "assigned_to=1", "created_to=2999-01-01",
            ] {
                let listed = try await stage.get("/api/v1/leads?per_page=200&\(query)").data.array ?? []
                let exported = try Self.lines(try await stage.get("\(Self.path)?\(query)"))
                #expect(Set(exported) == Set(listed), "\(query)")
                #expect(exported.count == listed.count)
            }
            for query in ["limit=1", "page=1", "sort=name", "format=xml", "status=x", "include=contact"] {
                #expect(try await stage.get("\(Self.path)?\(query)").status == 422, "\(query)")
            }
        }
    }

    @Test func `CSV has a header, a column for each custom field, and no formulas`() async throws {
        try await Stage.run { stage in
            _ = try await stage.post("/api/v1/custom-fields", ["name": "plano", "field_type": "text"])
            let body: JSONValue = [
                "name": "=HYPERLINK(\"x\")", "phone": "+5511987650621", "tags": ["-um", "do;is"],
                "notes": "a,\"b\"\nc", "custom_fields": ["plano": "@x"],
            ]
            #expect(try await stage.post("/api/v1/leads", body).status == 201)
            let answer = try await stage.request(
                .get, Self.path + "?q=87650621", fields: ["Accept": "text/csv, */*;q=0.1"])
            #expect(answer.fields["Content-Type"] == "text/csv; charset=utf-8; header=present")
            let expected = [
                "name": "\"'=HYPERLINK(\"\"x\"\")\"", "phone": "+5511987650621",
                "tags": "\"[\"\"-um\"\",\"\"do;is\"\"]\"",
                "notes": "\"a,\"\"b\"\"\nc\"",
            ]
            let header = answer.text.prefix { $0 != "\r\n" }.split(separator: ",", omittingEmptySubsequences: false)
            #expect(header.first == "id")
            #expect(header.last == "custom_fields.plano")
            for cell in expected.values { #expect(answer.text.contains(",\(cell),"), "\(answer.text)") }
            #expect(answer.text.hasSuffix(",'@x\r\n"), "\(answer.text)")
            #expect(answer.text.split(separator: "\r\n").count == 2)
            let json = try await stage.request(
                .get, Self.path + "?format=ndjson&q=87650621", fields: ["Accept": "text/csv"])
            #expect(try Self.lines(json).count == 1)
        }
    }

    @Test(arguments: ["ndjson", "csv"])
    func `an export that is imported again changes nothing`(_ format: String) async throws {
        try await Stage.run { stage in
            for field: JSONValue in [
                ["name": "plano", "field_type": "select", "options": ["Ouro;1", "Prata"]],
                ["name": "cores", "field_type": "multiselect", "options": ["a;b", "verde"]],
                ["name": "peso", "field_type": "number"], ["name": "ativo", "field_type": "checkbox"],
                ["name": "dia", "field_type": "date"], ["name": "velho", "field_type": "text"],
            ] { #expect(try await stage.post("/api/v1/custom-fields", field).status == 201) }
            let leads: [JSONValue] = [
                ["name": "Só o nome"], ["name": "Só o nome"],
                ["name": "=1+1", "notes": "\"a\"\r\n;b,c\td", "tags": ["'x", " y"]],
                ["name": "Mesmo", "phone": "+5511987650631", "value": .decimal("10.50")],
                ["name": "Mesmo", "phone": "+5511987650631", "currency": "JPY", "value": 5],
                [
                    "name": "Tudo", "external_id": "'e-1", "email": "T@x.com", "company": "-", "birthday": "1980-02-29",
                    "source": "@", "utm_source": "+", "utm_medium": "\tm", "utm_campaign": "c;d", "utm_term": "'",
                    "utm_content": "=",
                    "custom_fields": [
                        "plano": "Ouro;1", "cores": ["verde", "a;b"], "peso": .decimal("1.50"), "ativo": false,
                        "dia": "2026-01-01", "velho": "=x",
                    ],
                ],
            ]
            for lead in leads { #expect(try await stage.post("/api/v1/leads", lead).status == 201) }
            // A field that is out of use by now keeps its values.
            let fields = try await stage.get("/api/v1/custom-fields").data.array ?? []
            let old = try #require(fields.first { $0["name"] == "velho" }?["id"]?.int64)
            #expect(try await stage.patch("/api/v1/custom-fields/\(old)", ["is_active": false]).status == 200)
            #expect(try await stage.put("/api/v1/leads/2/won", [:]).status == 200)
            #expect(try await stage.put("/api/v1/leads/3/lost", [:]).status == 200)
            stage.clock.advance(by: .seconds(5))
            let rows = try await stage.rows(without: [.idempotencyKeys])
            let exported = try await stage.get("\(Self.path)?format=\(format)", way: .socket)
            let ended = try await stage.ended(
                try await stage.imports(exported.body, csv: format == "csv", way: .socket))
            #expect(ended["status"] == "completed")
            let reports = try await stage.reports(of: ended)
            #expect(ended["unchanged"] == ended["received"], "\(reports)")
            #expect(try await stage.rows(without: [.idempotencyKeys]) == rows)
            #expect(try await stage.get("\(Self.path)?format=\(format)").body == exported.body)
            let line = try await stage.get("/api/v1/imports/\(ended["id"]?.int64 ?? 0)/lines").data[0]
            #expect(line?["matched_on"] == "id")
        }
    }

    @Test func `another account's export makes that account's leads, whatever ids it names`() async throws {
        try await Stage.run { stage in
            let foreign = try await stage.get(Self.path, key: stage.keys.other.text)
            let names = try Self.lines(foreign).compactMap { $0["name"]?.string }
            #expect(!names.isEmpty)
            // Ours with the id, and another day's creation: another installation's lead.
            let ours = try await stage.get("/api/v1/leads/1").data
            let strange: JSONValue = ["id": 1, "name": "De longe", "created_at": "2020-01-01T00:00:00Z"]
            let text = foreign.text.split(separator: "\n").map { line in
                // Their stages are not ours.
                var lead = (try? JSONParser.parse(Array(line.utf8)))?.object ?? JSONObject()
                for name in ["stage_id", "pipeline_id", "assigned_to", "custom_fields"] { lead[name] = nil }
                return String(decoding: JSONValue.object(lead).serialized(), as: UTF8.self)
            }
            let body = (text + [String(decoding: strange.serialized(), as: UTF8.self)]).joined(separator: "\n")
            let ended = try await stage.ended(try await stage.imports(body))
            let reports = try await stage.reports(of: ended)
            #expect(ended["created"]?.int64 == Int64(names.count + 1), "\(reports)")
            #expect(try await stage.get("/api/v1/leads/1").data == ours)
            let byID = try await stage.ended(try await stage.imports(#"{"id": 1, "notes": "sei qual é"}"#))
            #expect(byID["updated"] == 1)
            _ = try await stage.request(.delete, "/api/v1/leads/1")
            let archived = try await stage.ended(try await stage.imports(#"{"id": 1, "notes": "foi-se"}"#))
            #expect(try await stage.reports(of: archived) == ["1 conflict already_exists"])
        }
    }

    /// An answer that nobody has begun to read.
    @Reactor
    private static func begun(on stage: Stage) async -> HTTPResponse {
        await stage.application.service.answer(
            HTTPRequest(method: .get, target: path, fields: ["X-API-Key": .init(stage.keys.full.text)])
        ).response
    }

    @Test func `more exports than there is room for are told to come back`() async throws {
        try await Stage.run { try await Self.crowd($0) }
    }

    @Reactor
    private static func crowd(_ stage: Stage) async throws {
        var first: HTTPResponse? = await begun(on: stage)
        #expect(first?.status == .ok)
        let second = await begun(on: stage)
        #expect(second.status.code == 503)
        #expect(second.fields["Retry-After"] == "5")
        // Writes go on beside one.
        #expect(try await stage.post("/api/v1/leads", ["name": "Ao lado"]).status == 201)
        // One that nobody reads to the end, or at all, gives its place back.
        first = nil
        #expect(try await stage.request(.head, Self.path, way: .socket).status == 200)
        #expect(try await stage.get(Self.path, way: .socket).status == 200)
        #expect(try await stage.get(Self.path, way: .socket).status == 200)
    }

    @Test func `an export that the database breaks off ends without the last chunk`() async throws {
        try await Stage.run { stage in
            try await stage.sql(
                """
                INSERT INTO leads (
                    account_id, contact_id, name, pipeline_id, stage_id, currency, notes, created_at, updated_at)
                SELECT account_id, contact_id, name, pipeline_id, stage_id, currency, repeat('n', 2000), now(), now()
                FROM leads, generate_series(1, 20000) WHERE account_id = $1 AND id = 1
                """, [.int(stage.demo.rawValue)])
            let client = try WireClient(port: try #require(UInt16(stage.url.split(separator: ":").last ?? "")))
            client.send(
                "GET /api/v1/leads/export HTTP/1.1\r\nHost: a\r\nX-API-Key: \(stage.keys.full.text)\r\n\r\n")
            #expect(await client.receives("\"id\":1,"))
            try await stage.eventually("the export's connection is ended") {
                try await !stage.sql(
                    """
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE datname = current_database() AND query LIKE '%ORDER BY l.id' AND pid <> pg_backend_pid()
                    """
                ).isEmpty
            }
            #expect(await client.ends())
            #expect(client.text.contains("Transfer-Encoding: chunked") || client.text.contains("transfer-encoding"))
            #expect(!client.text.hasSuffix("0\r\n\r\n"))
            #expect(try await stage.get("/api/v1/leads/1").status == 200)
        }
    }
}
