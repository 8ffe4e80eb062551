import Domain
import HTTP
import JSON
import Postgres
import Storage
import Testing

@testable import leadwire

/// `GET /leads`: pages by number, pages by cursor, and what narrows them.
@Suite struct LeadsListTests {
    private static func ids(_ answer: Answer) -> [Int64] { answer.data.array?.compactMap { $0["id"]?.int64 } ?? [] }

    private static func names(_ answer: Answer) -> [String] {
        answer.data.array?.compactMap { $0["name"]?.string } ?? []
    }

    @Test func `pages by number say how much there is`() async throws {
        try await Stage.run { stage in
            let first = try await stage.get("/api/v1/leads?page=1&per_page=8")
            #expect(
                first.json["meta"] == [
                    "total": 20, "per_page": 8, "current_page": 1, "last_page": 3, "has_more": true,
                ])
            let second = try await stage.get("/api/v1/leads?page=2&per_page=8")
            let third = try await stage.get("/api/v1/leads?page=3&per_page=8")
            #expect(third.json["meta"]?["has_more"] == false)
            #expect(Set(Self.ids(first) + Self.ids(second) + Self.ids(third)) == Set(1...20))
            #expect([first, second, third].map { Self.ids($0).count } == [8, 8, 4])
            let beyond = try await stage.get("/api/v1/leads?page=99&per_page=8")
            #expect(beyond.status == 200)
            #expect(Self.ids(beyond).isEmpty)
            #expect(beyond.json["meta"]?["total"] == 20)
            let whole = try await stage.get("/api/v1/leads")
            #expect(
                whole.json["meta"] == [
                    "total": 20, "per_page": 50, "current_page": 1, "last_page": 1, "has_more": false,
                ])
        }
    }

    @Test func `a cursor gives every lead once while others come and go`() async throws {
        try await Stage.run { stage in
            var seen: [Int64] = []
            var path = "/api/v1/leads?limit=3"
            var pages = 0
            while true {
                let page = try await stage.get(path)
                #expect(page.status == 200)
                seen += Self.ids(page)
                pages += 1
                // New leads come first in the list: a page number would now repeat rows.
                _ = try await stage.lead(phone: nil, name: "Nova \(pages)")
                guard page.json["meta"]?["has_more"] == true else {
                    #expect(page.json["meta"]?["next_cursor"]?.isNull == true)
                    #expect(page.fields["Link"] == nil)
                    break
                }
                let cursor = try #require(page.json["meta"]?["next_cursor"]?.string)
                let link = try #require(page.fields["Link"])
                #expect(link == "</api/v1/leads?limit=3&cursor=\(cursor)>; rel=\"next\"")
                path = String(link.dropFirst().prefix { $0 != ">" })
            }
            #expect(pages == 7)
            #expect(seen.count == 20)
            #expect(Set(seen) == Set(1...20))
        }
    }

    @Test func `a link keeps what narrowed the list`() async throws {
        try await Stage.run { stage in
            let page = try await stage.get("/api/v1/leads?q=a&limit=2&stage_id=1")
            let link = try #require(page.fields["Link"])
            #expect(link.contains("q=a") && link.contains("stage_id=1") && link.contains("rel=\"next\""))
            let next = try await stage.get(String(link.dropFirst().prefix { $0 != ">" }))
            #expect(next.status == 200)
            #expect(Set(Self.ids(next)).isDisjoint(with: Self.ids(page)))
        }
    }

    @Test func `q finds parts of name, email and phone`() async throws {
        try await Stage.run { stage in
            for (q, names) in [
                ("souza", ["Ana Souza"]), ("SOUZA", ["Ana Souza"]), ("ana.souza%40", ["Ana Souza"]),
                ("vitoria.campos", ["Vitória Campos"]), ("87651003", ["Carla Mendes"]),
                ("%2B5521987651003", ["Carla Mendes"]), ("(21)%2098765-1003", ["Carla Mendes"]),
                ("21%2098765-1003", ["Carla Mendes"]), ("ninguem", []), ("João", ["João Pedro Reis"]),
            ] {
                let answer = try await stage.get("/api/v1/leads?q=\(Self.encoded(q))")
                #expect(Self.names(answer) == names, "\(q)")
                #expect(answer.json["meta"]?["total"]?.int64 == Int64(names.count), "\(q)")
            }
        }
    }

    /// Non-ASCII in percent-escapes; the rest is written as it goes out.
    private static func encoded(_ text: String) -> String {
        text.utf8.map { $0 < 0x80 ? String(UnicodeScalar($0)) : "%" + String($0, radix: 16) }.joined()
    }

    @Test func `the signs of a pattern are letters like others`() async throws {
        try await Stage.run { stage in
            for name in ["100% certo", "a_b", "c\\d", "axb", "1000 certo"] {
                _ = try await stage.lead(phone: nil, name: name)
            }
            for (q, names) in [
                ("%25", ["100% certo"]), ("_", ["a_b"]), ("%5C", ["c\\d"]), ("100%25", ["100% certo"]),
                ("a_b", ["a_b"]), ("%25%25", []), ("%5C_", []), ("%5C%25", []), ("'", []), ("%22", []),
            ] {
                #expect(try await Self.names(stage.get("/api/v1/leads?q=\(q)")) == names, "\(q)")
                #expect(try await Self.names(stage.get("/api/v1/leads?q=\(q)&limit=500")) == names, "\(q) by cursor")
            }
        }
    }

    @Test func `two digits find no phone, for they would find everybody`() async throws {
        try await Stage.run { stage in
            let two = try await stage.get("/api/v1/leads?q=55")
            #expect(Self.ids(two).isEmpty)
            #expect(try await Self.ids(stage.get("/api/v1/leads?q=8765")).count == 19)
        }
    }

    @Test func `a stage narrows the list`() async throws {
        try await Stage.run { stage in
            let lead = try await stage.post("/api/v1/leads", ["name": "Na proposta", "stage_id": 3])
            let inStage = try await stage.get("/api/v1/leads?stage_id=3")
            #expect(Self.ids(inStage) == [lead.data["id"]?.int64])
            #expect(inStage.data[0]?["stage"]?["name"] == "Proposta")
            #expect(inStage.json["meta"]?["total"] == 1)
            #expect(try await stage.get("/api/v1/leads?stage_id=1").json["meta"]?["total"] == 20)
            #expect(try await Self.ids(stage.get("/api/v1/leads?stage_id=3&q=ana")).isEmpty)
            #expect(try await stage.get("/api/v1/leads?stage_id=4").data == [])
        }
    }

    private static let archive = Statement(
        "test_archive", "UPDATE leads SET archived_at = now() WHERE account_id = $1 AND id = 1 RETURNING id")

    @Test func `an archived lead is gone from every door`() async throws {
        try await Stage.run { stage in
            try await stage.database.pool.write(Self.archive, [.int(stage.demo.rawValue)])
            let (archived, unknown) = try await stage.alike(.get, "/api/v1/leads/1", "/api/v1/leads/777777")
            #expect(archived.status == 404)
            #expect(archived.body == unknown.body)
            #expect(try await Self.ids(stage.get("/api/v1/leads?q=souza")).isEmpty)
            #expect(try await stage.get("/api/v1/leads").json["meta"]?["total"] == 19)
            #expect(try await !Self.ids(stage.get("/api/v1/leads?limit=500")).contains(1))
            let before = try await stage.rows()
            #expect(try await stage.sendText("Oi", lead: 1, instance: 1).status == 404)
            #expect(try await stage.sendTemplate(1, ["a", "b", "c"], lead: 1).status == 404)
            #expect(try await stage.post("/api/v1/leads/1/whatsapp/preflight", ["message": "Oi"]).status == 404)
            #expect(try await stage.rows() == before)
        }
    }
}
