import EventLoop
import JSON
import Testing

@Suite struct ServiceWindowTests {
    private static let day: Int64 = 24 * 3_600 * 1_000_000

    @Test func `a contact's message opens 24 hours of free text, to the second`() async throws {
        try await World.run { world async throws in
            #expect(try await world.graph(Sample.text("+5521988887777")).code == 131_047)
            try await world.openWindow("+5521988887777")
            world.time.withLock { $0 += Self.day - 1 }
            #expect(try await world.graph(Sample.text("+5521988887777")).status == 200)
            world.time.withLock { $0 += 1 }
            #expect(try await world.graph(Sample.text("+5521988887777")).code == 131_047)
        }
    }

    @Test func `the window counts from the message's own time`() async throws {
        try await World.run { world async throws in
            let old: JSONValue = [
                "instance_phone": "+5521987654321", "from": "+5521988887777", "text": "oi",
                "timestamp": "2026-02-28T12:00:00Z",
            ]
            _ = try await world.control("inbound", old)
            #expect(try await world.graph(Sample.text("+5521988887777")).code == 131_047)
            _ = try await world.control("inbound", old.with("timestamp", 1_772_280_001))
            #expect(try await world.graph(Sample.text("+5521988887777")).status == 200)
        }
    }

    @Test func `a window belongs to one contact, in either form of its number`() async throws {
        try await World.run { world async throws in
            try await world.openWindow("+552188887777")
            #expect(try await world.graph(Sample.text("+5521988887777")).status == 200)
            #expect(try await world.graph(Sample.text("+5521988887778")).code == 131_047)
        }
    }

    @Test func `a template needs no window and opens none`() async throws {
        try await World.run { world async throws in
            let template = try await world.graph(Sample.template("aviso_simples"))
            #expect(template.status == 200)
            #expect(try await world.graph(Sample.text("+5521988887777")).code == 131_047)
        }
    }

    @Test func `the window can be left out`() async throws {
        try await World.run { world async throws in
            let answer = try await world.control("settings", ["service_window": false])
            #expect(answer.json["service_window"] == false)
            #expect(try await world.graph(Sample.text("+5521988887777")).status == 200)
        }
    }
}
