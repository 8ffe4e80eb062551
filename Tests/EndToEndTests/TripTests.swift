import EventLoop
import HTTP
import JSON
import Postgres
import Storage
import Testing

/// How often the database is asked for one request.
@Suite struct TripTests {
    /// The fewest of several, because the process has duties of its own beside them.
    @Reactor private static func fewest(
        on stage: Stage, _ request: @Reactor (Int) async throws -> Void
    ) async throws -> (reads: Int, writes: Int) {
        var (reads, writes) = (Int.max, Int.max)
        for round in 0..<6 {
            let before = (stage.database.pool.readFigures.trips, stage.database.pool.writeFigures.trips)
            try await request(round)
            reads = min(reads, stage.database.pool.readFigures.trips - before.0)
            writes = min(writes, stage.database.pool.writeFigures.trips - before.1)
        }
        return (reads, writes)
    }

    @Test func `a send asks twice before the provider is called, and once after`() async throws {
        try await Stage.run { stage in
            let lead = try await stage.lead(phone: "+5511987650777")
            let trips = try await Self.fewest(on: stage) { round in
                let answer = try await stage.post(
                    "/api/v1/leads/\(lead)/send-whatsapp-template",
                    ["template_id": 1, "variables": ["Ana", "proposta", "10/07"], "instance_id": 2],
                    fields: ["Idempotency-Key": "trip \(round)"])
                #expect(answer.status == 201)
            }
            #expect(trips.reads == 1)
            #expect(trips.writes == 2)
        }
    }

    @Test func `a read asks once`() async throws {
        try await Stage.run { stage in
            for path in ["/api/v1/leads/1", "/api/v1/leads?limit=20", "/api/v1/leads?per_page=20"] {
                let trips = try await Self.fewest(on: stage) { _ in
                    let answer = try await stage.get(path)
                    #expect(answer.status == 200)
                }
                #expect(trips.reads == 1 && trips.writes == 0, "\(path)")
            }
        }
    }
}
