package import Domain
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

    /// An item of a body that could not be applied.
    package struct Failure: Sendable, Hashable {
        /// Its place among the items.
        package let item: Int
        /// What the provider calls the number that it is for.
        package let providerKey: String?
        package let reason: String

        package init(item: Int, providerKey: String?, reason: String) {
            self.item = item
            self.providerKey = providerKey
            self.reason = reason
        }
    }

    /// A body that is processed once more, for its process died or something was taken out of it, may have had other
    /// failures the last time.
    static let updateProcessed = Statement(
        "hook_body_processed",
        """
        WITH processed AS (
            UPDATE hook_bodies SET state = $4, processed_at = $5
            WHERE hook_id = $1 AND id = $2 AND received_at = $3
        ), former AS (
            DELETE FROM inbound_failures f
            WHERE f.hook_id = $1 AND f.body_id = $2 AND f.received_at = $3 AND f.item <> ALL ($6::bigint[])
        )
        INSERT INTO inbound_failures (hook_id, body_id, received_at, item, provider_key, reason, tried_at)
        SELECT $1, $2, $3, r.item, r.provider_key, r.reason, $5
        FROM unnest($6::bigint[], $7::text[], $8::text[]) AS r (item, provider_key, reason)
        ON CONFLICT (hook_id, body_id, item, received_at) DO UPDATE SET
            provider_key = EXCLUDED.provider_key, reason = EXCLUDED.reason, tried_at = EXCLUDED.tried_at,
            state = 'failed', due_at = NULL
        """)

    package func finish(
        _ id: Int64, of hook: Int64, receivedAt: Timestamp, failures: [Failure], now: Timestamp
    ) async throws {
        try await pool.write(
            Self.updateProcessed,
            [
                .int(hook), .int(id), .time(receivedAt), .text(failures.isEmpty ? "done" : "failed"), .time(now),
                .intArray(failures.map { Int64($0.item) }), .textArray(failures.map(\.providerKey)),
                .textArray(failures.map(\.reason)),
            ])
    }
}
