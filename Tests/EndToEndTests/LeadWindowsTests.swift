import Domain
import HTTP
import JSON
import TestSupport
import Testing

/// Where a lead's contact may be written to freely.
@Suite struct LeadWindowsTests {
    private static let path = "/api/v1/leads/1/windows"
    private static let never: JSONValue = [
        "instance_id": 1, "state": "closed", "last_inbound_at": .null, "expires_at": .null, "seconds_left": 0,
    ]

    @Test func `each instance has its window, and the one that is open ends to the microsecond`() async throws {
        try await Stage.run { stage in
            stage.alignClock()
            let wrote = stage.now
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone, sent: wrote)
            func states(_ query: String = "") async throws -> [String] {
                try await stage.get("\(Self.path)\(query)").data.array?.compactMap { $0["state"]?.string } ?? []
            }
            let first = try await stage.get(Self.path)
            #expect(
                first.data == [
                    Self.never,
                    [
                        "instance_id": 2, "state": "open", "last_inbound_at": .string(wrote.text),
                        "expires_at": .string((wrote + .seconds(86_400)).text), "seconds_left": 86_400,
                    ],
                ], "\(first.text)")
            #expect(first.json["meta"] == nil)
            let page = try await stage.get("\(Self.path)?limit=1")
            #expect(page.data == [Self.never])
            #expect(page.json["meta"]?["has_more"] == true)

            stage.clock.advance(by: .seconds(23 * 3600) + .microseconds(-1))
            #expect(try await states() == ["closed", "open"])
            stage.clock.advance(by: .microseconds(1))
            #expect(try await states() == ["closed", "closing"])
            let included = try await stage.get("/api/v1/leads/1?include=windows").data["windows"]
            #expect(included == .array([try await stage.get(Self.path).data[1] ?? .null]))
            stage.clock.advance(by: .seconds(3600) + .microseconds(-1))
            #expect(try await states() == ["closed", "closing"])
            #expect(try await stage.get(Self.path).data[1]?["seconds_left"] == 1)
            #expect(try await stage.sendText("Oi", instance: 2, query: "?dry_run=true").status == 200)
            stage.clock.advance(by: .microseconds(1))
            #expect(try await states() == ["closed", "closed"])
            #expect(try await stage.get(Self.path).data[1]?["expires_at"]?.string == (wrote + .seconds(86_400)).text)
            #expect(try await stage.sendText("Oi", instance: 2).code == "window_closed")
        }
    }

    @Test func `a list of windows that close agrees with them at every edge`() async throws {
        try await Stage.run { stage in
            stage.alignClock()
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone, sent: stage.now)
            func listed(_ query: String) async throws -> Bool {
                try await stage.get("/api/v1/leads?\(query)").data.array?.contains { $0["id"] == 1 } == true
            }
            // Two hours left, and a microsecond more or less.
            stage.clock.advance(by: .seconds(22 * 3600) + .microseconds(-1))
            #expect(try await !listed("window=closing&within=2h"))
            #expect(try await listed("window=open"))
            stage.clock.advance(by: .microseconds(1))
            for within in ["2h", "120", "120m"] {
                #expect(try await listed("window=closing&within=\(within)"), "\(within)")
            }
            #expect(try await !listed("window=closing&within=119m"))
            #expect(try await !listed("window=closing"))
            #expect(try await listed("window=closing&within=24h"))
            stage.clock.advance(by: .seconds(2 * 3600) + .microseconds(-1))
            #expect(try await listed("window=closing&within=1"))
            #expect(try await !listed("window=closed"))
            stage.clock.advance(by: .microseconds(1))
            #expect(try await !listed("window=closing&within=24h"))
            #expect(try await !listed("window=open"))
            #expect(try await listed("window=closed"))
            for (within, fault) in [
                ("25h", "out_of_range"), ("0h", "out_of_range"), ("1441", "out_of_range"), ("h", "invalid_format"),
                ("2d", "invalid_format"), ("-1", "invalid_format"), ("1.5h", "invalid_format"),
                ("99999999999999999999", "out_of_range"),
            ] {
                let answer = try await stage.get("/api/v1/leads?window=closing&within=\(within)")
                #expect(answer.faults == ["?within \(fault)"], "\(within)")
            }
        }
    }

    @Test func `a bound key sees its instances, and no stranger the lead`() async throws {
        try await Stage.run { stage in
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone)
            let bound = try await stage.newKey(instances: [Stage.waha]).token
            #expect(try await stage.get(Self.path, key: bound).data == [Self.never])
            let nothing = try await stage.newKey(instances: []).token
            #expect(try await stage.get(Self.path, key: nothing).data == [])
            let blind = try await stage.newKey([.leadsRead, .messagesRead]).token
            #expect(try await stage.get(Self.path, key: blind).json["required_permission"] == "whatsapp:read")
            let (foreign, unknown) = try await stage.alike(
                .get, Self.path, "/api/v1/leads/999/windows", key: stage.newKey(of: stage.other).token)
            #expect(foreign.status == 404)
            #expect(foreign.body == unknown.body)
            _ = try await stage.delete("/api/v1/leads/1")
            #expect(try await stage.get(Self.path).status == 404)
        }
    }
}
