package import Domain
package import Postgres

/// The minute's requests of each key, leased to processes in blocks.
package struct RateStore: Sendable {
    private let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    static let takeBlock = Statement(
        "rate_take",
        """
        INSERT INTO rate_windows AS w (account_id, api_key_id, window_start, taken)
        VALUES ($1, $2, $3, $4::integer)
        ON CONFLICT (account_id, api_key_id, window_start)
        DO UPDATE SET taken = w.taken + $4::integer
        WHERE w.taken < $5::integer
        RETURNING taken
        """)

    /// Takes a block of the minute that begins at `window`; the total taken by all processes so far, the last block
    /// perhaps past `limit`, or nil when the minute has none left.
    package func take(
        _ block: Int, of key: APIKey.ID, account: Account.ID, window: Timestamp, limit: Int
    ) async throws -> Int? {
        try await pool.write(
            Self.takeBlock, [.id(account), .id(key), .time(window), .int(Int64(block)), .int(Int64(limit))]
        ).first.map { Int(try $0.int(0)) }
    }

    static let deleteOld = Statement("rate_forget", "DELETE FROM rate_windows WHERE window_start < $1")

    package func forget(before time: Timestamp) async throws {
        _ = try await pool.write(Self.deleteOld, [.time(time)])
    }
}
