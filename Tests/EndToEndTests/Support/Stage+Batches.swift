import Domain
import EventLoop
import HTTP
import JSON
import Postgres
import Storage
import TestSupport
import Testing

@testable import leadwire

extension Stage {
    /// What a batch of the demo's first template says to a lead.
    static func recipient(_ lead: Int64, _ name: String = "Ana", data: String = "10/07") -> JSONValue {
        ["lead_id": JSONValue(lead), "variables": [.string(name), "proposta", .string(data)]]
    }

    /// `POST /whatsapp/batches`
    func batch(
        _ recipients: [JSONValue], template: Int64 = 1, extra: JSONObject = JSONObject(), key: String?? = .none,
        fields: HTTPFields = [:], query: String = "", at process: Application? = nil
    ) async throws -> Answer {
        var members: [(String, JSONValue)] = [
            ("template_id", JSONValue(template)), ("recipients", .array(recipients)),
        ]
        members += extra.members.map { ($0.key, $0.value) }
        return try await request(
            .post, "/api/v1/whatsapp/batches\(query)", body: JSONValue.object(JSONObject(members)).serialized(),
            key: key, fields: fields, at: process)
    }

    /// A batch that is made; its id.
    func madeBatch(_ recipients: [JSONValue], extra: JSONObject = JSONObject()) async throws -> Int64 {
        let answer = try await batch(recipients, extra: extra)
        guard answer.status == 201, let id = answer.data["id"]?.int64 else {
            throw StageError(what: "no batch: \(answer.text)")
        }
        return id
    }

    func batch(_ id: Int64) async throws -> JSONValue { try await get("/api/v1/whatsapp/batches/\(id)").data }

    func order(_ what: String, _ id: Int64) async throws -> Answer {
        try await request(.post, "/api/v1/whatsapp/batches/\(id)/\(what)")
    }

    /// Once everybody has had their turn, and their messages are out.
    func endedBatch(_ id: Int64) async throws -> JSONValue {
        try await runsDry(
            "batch \(id)",
            """
            SELECT (SELECT count(*) FROM batch_recipients r WHERE r.batch_id = $1 AND r.state = 'pending')
                + (SELECT count(*) FROM outbox o WHERE o.batch_id = $1)
            """, id)
        return try await batch(id)
    }

    /// Once nothing of it waits in the queue.
    func queueRunsDry(of id: Int64) async throws {
        try await runsDry("the queue", "SELECT count(*) FROM outbox o WHERE o.batch_id = $1", id)
    }

    /// Waits while the count goes down, however long each step takes on a busy machine; the clock goes on meanwhile, for
    /// an attempt that the provider could not take waits for its time.
    private func runsDry(_ what: String, _ sql: String, _ id: Int64) async throws {
        var left = Int64.max
        while left > 0 {
            var now = left
            try await eventually("\(what) goes on") {
                clock.advance(by: .milliseconds(10))
                now = try await self.sql(sql, [.int(id)])[0].int(0)
                return now < left
            }
            left = now
        }
    }

    /// `index state code` of each recipient.
    func ledger(_ id: Int64, _ query: String = "") async throws -> [String] {
        let answer = try await get("/api/v1/whatsapp/batches/\(id)/recipients?limit=500\(query)")
        return (answer.data.array ?? []).map { entry in
            let parts = [entry["index"]?.number?.text, entry["state"]?.string, entry["code"]?.string]
            return parts.compactMap { $0 }.joined(separator: " ")
        }
    }

    /// So many new leads, with phones that the simulator has no rule for; their ids.
    static let crowdSQL = """
        WITH c AS (
            INSERT INTO contacts (account_id, name, phone, created_at, updated_at)
            SELECT $1, 'Pessoa ' || n, '+55319' || (4000 + n / 8000) || (1001 + n % 8000), now(), now()
            FROM generate_series(1, $2) AS n
            RETURNING id, name
        )
        INSERT INTO leads (account_id, contact_id, name, pipeline_id, stage_id, currency, created_at, updated_at)
        SELECT $1, c.id, c.name, s.pipeline_id, s.id, 'BRL', now(), now()
        FROM c, (SELECT id, pipeline_id FROM stages WHERE account_id = $1 ORDER BY id LIMIT 1) s
        ORDER BY c.id
        RETURNING id
        """

    func crowd(_ count: Int) async throws -> [Int64] {
        try await sql(Self.crowdSQL, [.int(demo.rawValue), .int(Int64(count))]).map { try $0.int(0) }
    }

    /// No recipient is without their message, and no message without its recipient.
    func doubled(in id: Int64) async throws -> Int64 {
        try await sql(
            """
            SELECT (SELECT count(*) FROM messages m WHERE m.template_id IS NOT NULL)
                - (SELECT count(DISTINCT r.message_id) FROM batch_recipients r WHERE r.batch_id = $1
                    AND r.state = 'queued')
            """, [.int(id)]
        )[0].int(0)
    }
}
