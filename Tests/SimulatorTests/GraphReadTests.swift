import JSON
import Testing

@Suite struct GraphReadTests {
    @Test func `templates come page by page until there is no next`() async throws {
        try await World.run { world async throws in
            var names: [String] = []
            var pages = 0
            var path = "/v23.0/1022/message_templates?fields=id,name,language&limit=5"
            while true {
                let page = try await world.read(path)
                pages += 1
                names += (page.json["data"]?.array ?? []).compactMap { $0["name"]?.string }
                #expect(page.json["paging"]?["cursors"]?["before"] != nil)
                let after = try #require(page.json["paging"]?["cursors"]?["after"]?.string)
                guard let next = page.json["paging"]?["next"]?.string else { break }
                #expect(next.hasPrefix("http://127.0.0.1:\(world.port)/v23.0/1022/message_templates?"))
                #expect(next.contains("after=\(after)") && next.contains("limit=5") && next.contains("fields="))
                path = "/v23.0/1022/message_templates?fields=id,name,language&limit=5&after=\(after)"
            }
            #expect(pages == 3)
            #expect(names.count == 12)
            #expect(names.first == "lembrete_proposta" && names.last == "recusado")
        }
    }

    @Test func `only the fields asked for come, and the id`() async throws {
        try await World.run { world async throws in
            let page = try await world.read(
                "/v23.0/1022/message_templates?fields=name,quality_score,rejected_reason&status=REJECTED")
            let template = try #require(page.json["data"]?[0]?.object)
            #expect(Set(template.keys) == ["id", "name", "quality_score", "rejected_reason"])
            #expect(template["rejected_reason"] == "PROMOTIONAL")
            #expect(template["quality_score"]?["score"] == "UNKNOWN")
            let plain = try await world.read("/v23.0/1022/message_templates?limit=1")
            #expect(plain.json["data"]?[0]?["components"]?[0]?["type"] == "BODY")
            #expect(plain.json["data"]?[0]?["parameter_format"] == "POSITIONAL")
            #expect(plain.json["data"]?[0]?["quality_score"] == nil)
        }
    }

    @Test(arguments: [
        ("status=APPROVED", 8), ("status=approved&language=en_US", 1), ("name=oferta", 2),
        ("category=AUTHENTICATION", 1), ("name=nenhum", 0),
    ])
    func `templates are filtered`(_ query: String, count: Int) async throws {
        try await World.run { world async throws in
            let page = try await world.read("/v23.0/1022/message_templates?\(query)")
            #expect(page.json["data"]?.array?.count == count)
            #expect((page.json["paging"] == nil) == (count == 0))
        }
    }

    @Test(arguments: [
        "/v23.0/1022/message_templates?after=zzz", "/v23.0/1022/message_templates?limit=0",
        "/v23.0/1022/message_templates?fields=shoe_size", "/v23.0/1065?fields=shoe_size", "/v23.0/77", "/v23.0/77/x",
    ])
    func `a read that makes no sense is 100`(_ path: String) async throws {
        try await World.run { world async throws in
            let answer = try await world.read(path)
            #expect(answer.status == 400)
            #expect(answer.code == 100)
        }
    }

    @Test func `a number tells its fields, and an account its numbers`() async throws {
        try await World.run { world async throws in
            let plain = try await world.read("/v99.0/1065")
            #expect(plain.json["id"] == "1065")
            #expect(plain.json["display_phone_number"] == "+5521987654321")
            #expect(plain.json["throughput"] == nil)
            let chosen = try await world.read("/v23.0/1065?fields=status,throughput")
            #expect(chosen.json == ["status": "CONNECTED", "throughput": ["level": "HIGH"], "id": "1065"])
            let all = try await world.read("/v23.0/1022/phone_numbers")
            #expect(all.json["data"]?.array?.count == 1)
            #expect(try await world.call("GET", "/v23.0/1065").code == 190)
        }
    }

    @Test func `paths outside the providers are unknown`() async throws {
        try await World.run { world async throws in
            #expect(try await world.read("/v23.0/1065/shoes").code == 2500)
            #expect(try await world.read("/1065/messages").status == 404)
        }
    }
}
