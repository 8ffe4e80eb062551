import Domain
import EventLoop
import HTTP
import JSON
import TestSupport
import Testing

@testable import leadwire

/// What narrows `GET /leads`, the orders it comes in, and what `include` adds.
@Suite struct LeadsFilterTests {
    private static let path = "/api/v1/leads"

    private static func ids(_ answer: Answer) -> [Int64] { answer.data.array?.compactMap { $0["id"]?.int64 } ?? [] }

    /// Every page of it, by cursor.
    @Reactor
    private static func all(_ query: String, limit: Int = 3, _ stage: Stage) async throws -> [Int64] {
        var ids: [Int64] = []
        var next = "\(path)?\(query)&limit=\(limit)"
        for _ in 0..<50 {
            let page = try await stage.get(next)
            guard page.status == 200 else { throw StageError(what: page.text) }
            ids += Self.ids(page)
            guard let link = page.fields["Link"] else { break }
            next = String(link.dropFirst().prefix { $0 != ">" })
        }
        return ids
    }

    @Test func `each filter narrows by itself and with the others, by both ways of paging`() async throws {
        try await Stage.run { stage in
            let second = try await stage.post("/api/v1/pipelines", ["name": "B", "stages": [["name": "X"]]])
            let pipeline = try #require(second.data["id"]?.int64)
            let owner = try await stage.user("Rui Prado")
            let other = try await stage.post(
                path,
                [
                    "name": "Noutro", "pipeline_id": JSONValue(pipeline), "assigned_to": JSONValue(owner),
                    "tags": ["vip", "b"],
                ])
            let id = try #require(other.data["id"]?.int64)
            _ = try await stage.put("\(path)/3/won", [:])
            _ = try await stage.put("\(path)/5/lost", [:])
            _ = try await stage.request(.delete, "\(path)/8")
            for (query, ids) in [
                ("pipeline_id=\(pipeline)", [id]), ("assigned_to=\(owner)", [id]), ("source=an%C3%BAncio", [13, 4]),
                ("status=won", [3]), ("status=lost", [5]), ("status=archived", [8]), ("tags=vip", [id, 9, 1]),
                ("tags=vip&tags=campanha", [id, 17, 9, 4, 1]), ("tags[]=retorno", [9]), ("tags[0]=b&tags[1]=x", [id]),
                ("tags=vip&pipeline_id=1", [9, 1]), ("tags=vip&q=ana", [1]), ("source=feira", []),
                ("q=feira&status=archived", []), ("source=feira&status=archived", [8]), ("tags=nunca", []),
                ("stage_id=4&status=won", [3]), ("q=an&tags=vip", [1]),
            ] as [(String, [Int64])] {
                #expect(try await Self.all(query, limit: 2, stage) == ids, "\(query) by cursor")
                let page = try await stage.get("\(path)?\(query)&per_page=2")
                #expect(Self.ids(page) == Array(ids.prefix(2)), "\(query)")
                #expect(page.json["meta"]?["total"]?.int64 == Int64(ids.count), "\(query)")
                let last = try await stage.get("\(path)?\(query)&per_page=2&page=2")
                #expect(Self.ids(last) == Array(ids.dropFirst(2).prefix(2)), "\(query), page 2")
            }
        }
    }

    private var path: String { Self.path }

    @Test(arguments: ["created_at", "-created_at", "updated_at", "-updated_at", "name", "-name", "value", "-value"])
    func `a list in any order gives each lead once, ties among them`(_ sort: String) async throws {
        try await Stage.run { stage in
            stage.clock.advance(by: .seconds(60))
            for id in [7, 2] { _ = try await stage.patch("\(path)/\(id)", ["name": "Bruno Lima", "notes": "x"]) }
            let ids = try await Self.all("sort=\(sort)", stage)
            #expect(ids.count == 20)
            #expect(Set(ids) == Set(1...20))
            let whole = try await stage.get("\(path)?sort=\(sort)&limit=500")
            #expect(Self.ids(whole) == ids)
            #expect(Self.ids(try await stage.get("\(path)?sort=\(sort)&per_page=200")) == ids)
            let key = sort.hasPrefix("-") ? String(sort.dropFirst()) : sort
            let values = whole.data.array?.map { lead in
                key == "value" ? String(format(lead[key]?.number?.minorUnits(scale: 2) ?? 0)) : lead[key]?.string ?? ""
            }
            #expect(values == (sort.hasPrefix("-") ? values?.sorted(by: >) : values?.sorted()))
        }
    }

    /// So that texts are in the order of the numbers.
    private func format(_ number: Int64) -> String {
        let text = String(number)
        return String(repeating: "0", count: 12 - text.count) + text
    }

    @Test func `created and changed bound a range, and a change counts from thirty seconds before`() async throws {
        try await Stage.run { stage in
            stage.clock.advance(by: .seconds(3600))
            stage.alignClock()
            let from = stage.now
            let made = try await stage.lead(phone: nil, name: "Nova")
            _ = try await stage.patch("\(path)/5", ["notes": "x"])
            stage.clock.advance(by: .seconds(29))
            let late = stage.now
            stage.clock.advance(by: .seconds(2))
            let later = stage.now
            #expect(try await Self.all("updated_since=\(from.text)", stage) == [5, made])
            #expect(try await Self.all("updated_since=\(late.text)", stage) == [5, made])
            #expect(try await Self.all("updated_since=\(later.text)", stage) == [])
            #expect(Self.ids(try await stage.get("\(path)?updated_since=\(from.text)")) == [made, 5])
            #expect(try await Self.all("created_from=\(from.text)", stage) == [made])
            #expect(try await Self.all("created_to=\(from.text)", limit: 50, stage).count == 21)
            let day = from.text.prefix(10)
            #expect(try await Self.all("created_from=\(day)&created_to=\(day)", limit: 50, stage).contains(made))
        }
    }

    @Test func `a pass over changes sees each lead once while they go on changing`() async throws {
        try await Stage.run { stage in
            stage.clock.advance(by: .seconds(60))
            var seen: [Int64] = []
            var next = "\(path)?updated_since=2020-01-01&limit=4"
            while true {
                let page = try await stage.get(next)
                seen += Self.ids(page)
                stage.clock.advance(by: .seconds(1))
                for id in seen.suffix(2) {
                    _ = try await stage.patch("\(path)/\(id)", ["notes": .string(stage.now.text)])
                }
                guard let link = page.fields["Link"] else { break }
                next = String(link.dropFirst().prefix { $0 != ">" })
            }
            #expect(seen.count == 20)
            #expect(Set(seen).count == 20)
        }
    }

    @Test func `a window is open, closing or closed by what the contact wrote last`() async throws {
        try await Stage.run { stage in
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone)
            stage.clock.advance(by: .seconds(3600))
            try await stage.hears(from: "+5511987651002", at: Stage.cloudPhone)
            #expect(try await Self.all("window=open", stage) == [1, 2])
            #expect(try await Self.all("window=open&sort=-updated_at", limit: 1, stage).count == 2)
            #expect(try await Self.all("window=open&include=contact&tags=vip", limit: 1, stage) == [1])
            #expect(try await stage.get("\(path)?window=open").json["meta"]?["total"] == 2)
            #expect(try await stage.get("\(path)?sort=window").faults == ["?sort not_allowed"])
            #expect(try await Self.all("window=closed", stage).count == 18)
            stage.clock.advance(by: .seconds(22 * 3600 + 1800))
            #expect(try await Self.all("window=closing", stage) == [1])
            #expect(try await Self.all("window=closing&within=20", stage) == [])
            #expect(try await Self.all("window=closing&within=1440", limit: 1, stage) == [1, 2])
            stage.clock.advance(by: .seconds(3600))
            #expect(try await Self.all("window=open", stage) == [2])
            // A key that does not see the number sees no window of it.
            let key = try await stage.newKey(instances: [Stage.waha])
            #expect(Self.ids(try await stage.get("\(path)?window=open&limit=5", key: key.token)) == [])
        }
    }

    @Test func `include adds what the key may see`() async throws {
        try await Stage.run { stage in
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone)
            let plain = try await stage.get("\(path)/1")
            let full = try await stage.get("\(path)/1?include=contact,conversations,windows")
            #expect(full.data["contact"]?["email"] == "ana.souza@example.com", "\(full.text)")
            #expect(full.data["conversations"]?[0]?["instance_id"] == 2)
            let window = try await stage.post(
                "\(path)/1/whatsapp/preflight", ["message": "Oi", "instance_id": 2]
            ).data["window"]
            #expect(full.data["windows"] == .array([window ?? .null]))
            #expect(full.fields["ETag"] != plain.fields["ETag"])
            let same = try await stage.request(
                .get, "\(path)/1?include=contact,conversations,windows",
                fields: ["If-None-Match": full.fields["ETag"] ?? ""])
            #expect(same.status == 304)
            let listed = try await stage.get("\(path)?q=souza&include=windows,contact")
            #expect(listed.data[0]?["windows"] == full.data["windows"])
            #expect(listed.data[0]?["contact"] == full.data["contact"])
            #expect(try await stage.get("\(path)?include=conversations&limit=1").data[0]?["conversations"] == [])

            let reader = try await stage.newKey([.leadsRead])
            let denied = try await stage.get("\(path)/1?include=conversations", key: reader.token)
            #expect(denied.status == 403)
            #expect(denied.json["required_permission"] == "messages:read")
            #expect(try await stage.get("\(path)?include=contact", key: reader.token).status == 200)
            let bound = try await stage.newKey(instances: [Stage.waha])
            let blind = try await stage.get("\(path)/1?include=conversations,windows", key: bound.token)
            #expect(blind.data["conversations"] == [])
            #expect(blind.data["windows"] == [])
            #expect(try await stage.get("\(path)/1?include=everything").faults == ["?include not_allowed"])
        }
    }

    @Test func `a parameter that says nothing is refused, all at once`() async throws {
        try await Stage.run { stage in
            let answer = try await stage.get(
                "\(path)?pipeline_id=x&status=new&tags=\(String(repeating: "x", count: 65))&updated_since=ontem&window=ajar&within=0&sort=age&created_to=1"
            )
            #expect(
                Set(answer.faults) == [
                    "?pipeline_id wrong_type", "?status not_allowed", "?tags too_long",
                    "?updated_since invalid_format", "?window not_allowed", "?within out_of_range", "?sort not_allowed",
                    "?created_to invalid_format",
                ], "\(answer.faults)")
            // A cursor of one order is none of another.
            let page = try await stage.get("\(path)?sort=name&limit=2")
            let cursor = try #require(page.json["meta"]?["next_cursor"]?.string)
            for query in [
                "sort=value&cursor=\(cursor)", "cursor=\(cursor)", "sort=name&cursor=MS4y", "sort=name&cursor=Mi4",
            ] {
                #expect(try await stage.get("\(path)?\(query)").faults == ["?cursor invalid_cursor"], "\(query)")
            }
        }
    }
}
