import Domain
import HTTP
import JSON
import Testing

@testable import leadwire

/// `PUT /leads/{id}/stage`, `/won` and `/lost`, and tags by name.
@Suite struct LeadsMoveTests {
    private static let ana = "/api/v1/leads/1"

    @Test func `a lead goes from stage to stage, and each move is told once`() async throws {
        try await Stage.run { stage in
            let since = try await stage.lastEvent()
            let moved = try await stage.put("\(Self.ana)/stage", ["stage_id": 2])
            #expect(moved.status == 200, "\(moved.text)")
            #expect(moved.data["stage"] == ["id": 2, "name": "Qualificado"])
            #expect(moved.data["stage_id"] == 2)
            let same = try await stage.put("\(Self.ana)/stage", ["stage_id": 2, "pipeline_id": 1])
            #expect(same.json == moved.json)
            // By PATCH too, with its other changes in one version.
            let patched = try await stage.patch(Self.ana, ["stage_id": 3, "name": "Ana S."])
            #expect(patched.data["version"] == 3)
            let events = try await stage.events(after: since)
            #expect(events.map(\.type) == ["lead.stage_changed", "lead.stage_changed", "lead.updated"])
            #expect(events[0].data == ["lead": moved.data])
            #expect(events[0].previous == ["stage_id": 1])
            #expect(events[2].previous == ["stage_id": 2, "name": "Ana Souza"])
        }
    }

    @Test func `won, lost and open again`() async throws {
        try await Stage.run { stage in
            let reason = try await stage.post("/api/v1/lost-reasons", ["name": "Preço"]).data["id"] ?? .null
            let since = try await stage.lastEvent()
            let won = try await stage.put("\(Self.ana)/won", ["value": 6500])
            #expect(won.status == 200, "\(won.text)")
            #expect(won.data["status"] == "won")
            #expect(won.data["stage"]?["name"] == "Ganho")
            #expect(won.data["value"] == 6500)
            #expect(won.data["won_at"]?.string == stage.now.text)
            let lost = try await stage.put("\(Self.ana)/lost", ["stage_id": 5, "reason_id": reason])
            #expect(lost.data["status"] == "lost")
            #expect(lost.data["lost_reason_id"] == reason)
            #expect(lost.data["won_at"]?.isNull == true)
            let open = try await stage.put("\(Self.ana)/stage", ["stage_id": 1])
            #expect(open.data["status"] == "open")
            #expect(open.data["lost_reason_id"]?.isNull == true)
            let events = try await stage.events(after: since)
            #expect(
                events.map(\.type) == [
                    "lead.stage_changed", "lead.won", "lead.stage_changed", "lead.lost", "lead.stage_changed",
                ])
            #expect(events[1].data == ["lead": won.data])
            #expect(events[1].previous?["value"] == 5000)
            #expect(events[3].previous?["status"] == "won")
        }
    }

    @Test func `a place or a reason that there is not is refused`() async throws {
        try await Stage.run { stage in
            let rows = try await stage.rows()
            for (path, body, fault) in [
                ("stage", [:], "/stage_id required"), ("stage", ["stage_id": 99], "/stage_id not_found"),
                ("stage", ["stage_id": 6], "/stage_id not_found"),
                ("stage", ["stage_id": 1, "pipeline_id": 2], "/pipeline_id not_found"),
                ("won", ["stage_id": 1], "/stage_id not_allowed"), ("lost", ["stage_id": 4], "/stage_id not_allowed"),
                ("lost", ["reason_id": 999], "/reason_id not_found"),
                ("won", ["value": .decimal("0.001")], "/value out_of_range"),
                ("won", ["reason_id": 1], "/reason_id unknown_field"),
            ] as [(String, JSONValue, String)] {
                let answer = try await stage.put("\(Self.ana)/\(path)", body)
                #expect(answer.status == 422, "\(path)")
                #expect(answer.faults == [fault], "\(path) \(answer.text)")
            }
            #expect(try await stage.rows() == rows)
        }
    }

    @Test func `tags come and go by name`() async throws {
        try await Stage.run { stage in
            let added = try await stage.post("\(Self.ana)/tags", ["tags": ["quente", "vip", "quente"]])
            #expect(added.data["tags"] == ["vip", "quente"], "\(added.text)")
            #expect(added.data["version"] == 2)
            let again = try await stage.post("\(Self.ana)/tags", ["tags": ["quente"]])
            #expect(again.json == added.json)
            let gone = try await stage.request(
                .delete, "\(Self.ana)/tags", body: Array(#"{"tags": ["vip", "nunca"]}"#.utf8))
            #expect(gone.data["tags"] == ["quente"])
            for body in [[:], ["tags": .null], ["tags": "vip"]] as [JSONValue] {
                #expect(try await stage.post("\(Self.ana)/tags", body).status == 422)
            }
        }
    }

    @Test func `a lead that is made is told in the shape in which it is read`() async throws {
        try await Stage.run { stage in
            let since = try await stage.lastEvent()
            let made = try await stage.post(
                "/api/v1/leads",
                [
                    "name": "Kenji", "phone": "+81312345678", "currency": "JPY", "value": 1500, "tags": ["a", "b"],
                    "birthday": "1990-02-28", "stage_id": 4,
                ])
            #expect(made.data["status"] == "won", "\(made.text)")
            let cents = try await stage.post(
                "/api/v1/leads", ["name": "Lia", "value": .decimal("0.05"), "currency": "KWD"])
            let events = try await stage.events(after: since)
            #expect(events.map(\.type) == ["contact.created", "lead.created", "contact.created", "lead.created"])
            #expect(events[1].data == ["lead": made.data])
            #expect(events[3].data == ["lead": cents.data])
            #expect(events[0].data["contact"]?["id"] == made.data["contact_id"])
            #expect(events[0].data["contact"]?["birthday"] == "1990-02-28")
        }
    }
}
