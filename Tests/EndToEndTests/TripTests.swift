import EventLoop
import HTTP
import JSON
import Postgres
import Storage
import Testing

/// How often the database is asked for one request.
@Suite struct TripTests {
    /// What the process asks by itself or for a provider, beside any request.
    nonisolated private static let duties = [
        "outbox_", "parked_", "api_key_", "rate_", "instance_", "hook_", "partition_", "ping",
        "idempotency_forget", "media_forget", "import_", "batch_", "inbound_", "number_pace_",
    ]

    /// The trips that were made for `request`, each as its statements.
    @Reactor private static func trips(
        on stage: Stage, for request: @Reactor () async throws -> Void
    ) async throws -> [[String]] {
        var trips: [[String]] = []
        stage.database.pool.onTrip = { names in
            if !names.allSatisfy({ name in duties.contains { name.hasPrefix($0) } }) { trips.append(names) }
        }
        try await request()
        stage.database.pool.onTrip = nil
        return trips
    }

    @Test func `a send asks twice before the provider is called, and once after`() async throws {
        try await Stage.run { stage in
            let lead = try await stage.lead(phone: "+5511987650777")
            let trips = try await Self.trips(on: stage) {
                let answer = try await stage.sendTemplate(
                    1, ["Ana", "proposta", "10/07"], lead: lead, fields: ["Idempotency-Key": "trip"])
                #expect(answer.status == 201)
            }
            #expect(trips.count == 3, "\(trips)")
            #expect(trips.first?.contains("send_leads") == true && trips.first?.contains("send_keys") == true)
            #expect(trips.dropFirst() == [["send_accept"], ["attempt_accepted"]])
        }
    }

    @Test func `the custom fields of a new lead cost no trip`() async throws {
        try await Stage.run { stage in
            func trips(_ fields: JSONValue) async throws -> [[String]] {
                try await Self.trips(on: stage) {
                    let made = try await stage.post("/api/v1/leads", ["name": "x", "custom_fields": fields])
                    #expect(made.status == 201, "\(made.text)")
                }
            }
            let before = try await trips([:])
            for name in ["a", "b"] {
                let made = try await stage.post("/api/v1/custom-fields", ["name": .string(name), "field_type": "text"])
                #expect(made.status == 201)
            }
            let after = try await trips(["a": "x", "b": "y"])
            #expect(after == before)
        }
    }

    @Test func `a read asks once`() async throws {
        try await Stage.run { stage in
            for path in ["/api/v1/leads/1", "/api/v1/leads?limit=20", "/api/v1/leads?per_page=20"] {
                let trips = try await Self.trips(on: stage) {
                    let answer = try await stage.get(path)
                    #expect(answer.status == 200)
                }
                #expect(trips.count == 1, "\(path): \(trips)")
            }
        }
    }
}
