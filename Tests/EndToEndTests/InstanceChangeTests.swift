import Domain
import EventLoop
import HTTP
import JSON
import Postgres
import Testing

@testable import leadwire

/// What an admin sets of a number over the API.
@Suite struct InstanceChangeTests {
    private static let waha = "/api/v1/whatsapp/instances/1"
    private static let cloud = "/api/v1/whatsapp/instances/2"
    private static let fields = ["hourly_budget", "daily_budget", "least_gap_ms", "most_gap_ms"]

    @Test func `a WAHA number's limits are set one by one, shown, and cleared by null`() async throws {
        try await Stage.run { stage in
            let before = try await stage.get(Self.waha).data
            for field in Self.fields { #expect(before[field] == .null) }
            let set = try await stage.patch(
                Self.waha, ["hourly_budget": 3, "least_gap_ms": 0, "most_gap_ms": 1500])
            #expect(set.status == 200, "\(set.text)")
            #expect(Self.fields.map { set.data[$0] } == [3, .null, 0, 1500])
            #expect(stage.undocumented(set, "updateInstance") == [])
            let more = try await stage.patch(Self.waha, ["daily_budget": 9, "most_gap_ms": 2000])
            #expect(Self.fields.map { more.data[$0] } == [3, 9, 0, 2000])
            #expect(try await stage.get(Self.waha).data == more.data)
            let cleared = try await stage.patch(
                Self.waha, ["hourly_budget": .null, "daily_budget": .null, "least_gap_ms": .null, "most_gap_ms": .null])
            #expect(cleared.data == before)
            let lines = try await stage.sql(
                "SELECT changes::text FROM audit_log WHERE entity = 'instance' AND entity_id = 1 ORDER BY id")
            #expect(lines.count == 3)
            let changes = try lines[1].text(0)
            #expect(changes.contains(#""daily_budget": [null, 9]"#), "\(changes)")
        }
    }

    @Test func `its budget holds at once, and what waited goes when it is cleared`() async throws {
        try await Stage.run { stage in
            #expect(try await stage.patch(Self.waha, ["hourly_budget": 1]).status == 200)
            #expect(try await stage.sendText("1", lead: 1, instance: 1).status == 201)
            let waits = try await stage.sendText("2", lead: 2, instance: 1)
            #expect(waits.status == 202)
            #expect(try await stage.trace(waits).data["waiting"]?["reason"] == "number_pace")
            #expect(try await stage.patch(Self.waha, ["hourly_budget": .null]).status == 200)
            try await stage.eventually("it goes") { try await stage.message(waits)["accepted_at"] != .null }
        }
    }

    @Test func `what does not fit is told by its field`() async throws {
        try await Stage.run { stage in
            let most: JSONValue = 86_400_001
            for (body, faults) in [
                (
                    ["hourly_budget": 0, "daily_budget": "many"],
                    ["/hourly_budget out_of_range", "/daily_budget wrong_type"]
                ),
                (
                    ["least_gap_ms": -1, "most_gap_ms": most],
                    ["/least_gap_ms out_of_range", "/most_gap_ms out_of_range"]
                ),
                (["least_gap_ms": 5], ["/most_gap_ms required"]), (["most_gap_ms": 5], ["/least_gap_ms required"]),
                (["least_gap_ms": 6, "most_gap_ms": 5], ["/most_gap_ms out_of_range"]),
                (["throughput": 5], ["/throughput unknown_field"]),
            ] as [(JSONValue, [String])] {
                let answer = try await stage.patch(Self.waha, body)
                #expect(answer.status == 422)
                #expect(answer.faults == faults, "\(answer.text)")
                #expect(stage.undocumented(answer, "updateInstance") == [])
            }
            let official = try await stage.patch(Self.cloud, ["hourly_budget": 5, "most_gap_ms": .null])
            #expect(official.status == 422)
            #expect(official.faults == ["/hourly_budget not_allowed", "/most_gap_ms not_allowed"])
            #expect(try await stage.patch(Self.cloud, [:]).status == 200)
            #expect(try await stage.patch("/api/v1/whatsapp/instances/99", [:]).status == 404)
        }
    }

    @Test func `it takes whatsapp manage, on a number that the key sees, as it was seen`() async throws {
        try await Stage.run { stage in
            let body: JSONValue = ["hourly_budget": 5]
            let weak = try await stage.newKey([.whatsappRead, .whatsappWrite]).token
            #expect(try await stage.patch(Self.waha, body, key: .some(weak)).code == "permission_denied")
            let elsewhere = try await stage.newKey([.whatsappManage], instances: [Stage.cloud]).token
            #expect(try await stage.patch(Self.waha, body, key: .some(elsewhere)).status == 404)
            let other = try await stage.patch(Self.waha, body, key: .some(stage.keys.other.text))
            #expect(other.status == 404)
            let tag = try #require(try await stage.get(Self.waha).fields["ETag"])
            #expect(try await stage.patch(Self.waha, body, fields: ["If-Match": tag]).status == 200)
            #expect(try await stage.patch(Self.waha, ["hourly_budget": 6], fields: ["If-Match": tag]).status == 412)
        }
    }
}
