package import Domain
package import JSON
package import Postgres

/// The addresses that providers' webhooks come to, and the bodies that came.
package struct HookStore: Sendable {
    private let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    package struct Hook: Sendable {
        package let id: Int64
        package let provider: Instance.Provider
        package let sealedSecrets: String
    }

    static let insert = Statement(
        "hook_insert",
        """
        INSERT INTO hooks (provider, token_hash, secrets, created_at)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (token_hash) DO UPDATE SET secrets = EXCLUDED.secrets
        RETURNING id
        """)

    package func create(
        _ provider: Instance.Provider, tokenHash: [UInt8], sealedSecrets: String, now: Timestamp
    ) async throws -> Int64 {
        let rows = try await pool.write(
            Self.insert, [.text(provider.rawValue), .bytes(tokenHash), .text(sealedSecrets), .time(now)])
        guard let row = rows.first else { throw StorageError.missing("the new hook") }
        return try row.int(0)
    }

    static let selectByToken = Statement(
        "hook_by_token", "SELECT id, provider, secrets FROM hooks WHERE token_hash = $1")

    package func find(tokenHash: [UInt8]) async throws -> Hook? {
        guard let row = try await pool.read(Self.selectByToken, [.bytes(tokenHash)]).first else { return nil }
        var reader = RowReader(row)
        return Hook(id: try reader.int(), provider: try reader.word(), sealedSecrets: try reader.text())
    }

    static let insertBody = Statement(
        "hook_body_insert",
        "INSERT INTO hook_bodies (hook_id, received_at, body) VALUES ($1, $2, $3) RETURNING id")

    /// Durable before the provider is answered.
    package func keep(_ body: [UInt8], of hook: Int64, now: Timestamp) async throws -> Int64 {
        guard let row = try await pool.write(Self.insertBody, [.int(hook), .time(now), .bytes(body)]).first else {
            throw StorageError.missing("the stored body")
        }
        return try row.int(0)
    }

    /// A stored body that has not been processed: the process that took it died.
    package struct Pending: Sendable {
        package let hook: Hook
        package let id: Int64
        package let receivedAt: Timestamp
        package let body: [UInt8]

        package init(hook: Hook, id: Int64, receivedAt: Timestamp, body: [UInt8]) {
            self.hook = hook
            self.id = id
            self.receivedAt = receivedAt
            self.body = body
        }
    }

    static let selectPending = Statement(
        "hook_body_pending",
        """
        SELECT h.id, h.provider, h.secrets, b.id, b.received_at, b.body
        FROM hook_bodies b
        JOIN hooks h ON h.id = b.hook_id
        WHERE b.state = 'pending' AND b.received_at < $1
        ORDER BY b.id
        LIMIT $2
        """)

    package func pending(before time: Timestamp, limit: Int) async throws -> [Pending] {
        try await pool.read(Self.selectPending, [.time(time), .int(Int64(limit))]).map { row in
            var reader = RowReader(row)
            return Pending(
                hook: Hook(id: try reader.int(), provider: try reader.word(), sealedSecrets: try reader.text()),
                id: try reader.int(), receivedAt: try reader.timestamp(), body: try reader.bytes())
        }
    }

    static let updateProcessed = Statement(
        "hook_body_processed",
        """
        UPDATE hook_bodies SET state = $4, failures = $5, processed_at = $6
        WHERE hook_id = $1 AND id = $2 AND received_at = $3
        """)

    package func finish(
        _ id: Int64, of hook: Int64, receivedAt: Timestamp, failures: [JSONValue], now: Timestamp
    ) async throws {
        _ = try await pool.write(
            Self.updateProcessed,
            [
                .int(hook), .int(id), .time(receivedAt), .text(failures.isEmpty ? "done" : "failed"),
                .tree(failures.isEmpty ? nil : .array(failures)), .time(now),
            ])
    }
}
