import HTTP
import JSON
import Postgres
import Storage
import TestSupport
import Testing

@testable import leadwire

/// The whole service behind PgBouncer in transaction mode.
@Suite(.enabled(if: TestPooler.program != nil, "PgBouncer is not installed"))
struct PooledServiceTests {
    @Test func `leads, sends, webhooks and replays work through a pooler`() async throws {
        try await withTestDatabase(migrations: Schema.migrations) { direct in
            let pooler = try await TestPooler.start()
            var configuration = direct.configuration
            configuration.connectionString += " " + pooler.address
            configuration.isPooled = true
            let pool = PostgresPool(configuration)
            do {
                try await pool.start()
                try await Stage.run(on: pool) { stage in
                    let lead = try await stage.post(
                        "/api/v1/leads", ["name": "Bia", "phone": "+5511987650001"], fields: ["Idempotency-Key": "a"])
                    #expect(lead.status == 201, "\(lead.text)")
                    let again = try await stage.post(
                        "/api/v1/leads", ["name": "Bia", "phone": "+5511987650001"], fields: ["Idempotency-Key": "a"])
                    #expect(again.fields["Idempotent-Replayed"] == "true")
                    let answers = try await together(20) { number in
                        try await stage.sendText("n \(number)", instance: 1)
                    }
                    for answer in answers { #expect([201, 202].contains(answer.status), "\(answer.text)") }
                    let template = try await stage.sendTemplate(1, ["Ana", "proposta", "10/07"])
                    #expect(template.status == 201, "\(template.text)")
                    try await stage.hears(from: Stage.ana, at: Stage.cloudPhone)
                    #expect(try await stage.get("/api/v1/leads?page=1").status == 200)
                    try await stage.eventuallyWithTime("everything has gone out") {
                        try await stage.count(.outbox) == 0
                    }
                    #expect(try await Wholeness.faults(in: direct) == [])
                }
            } catch {
                await pool.stop()
                await pooler.stop()
                throw error
            }
            await pool.stop()
            await pooler.stop()
        }
    }
}
