import Postgres
import TestSupport

@testable import Storage

/// Carries out a line of SQL, and tells the first column of its rows.
typealias SQLSession = @Sendable (String) async throws -> [String]

/// Lends a database with the schema, and a session of it: always the same connection.
func withSQLSession(
    _ body: @escaping @Sendable (_ run: SQLSession, _ pool: PostgresPool) async throws -> Void
) async throws {
    try await withTestDatabase(migrations: Schema.migrations) { pool in
        try await pool.withConnection { session in
            try await body(
                { sql in
                    try await session.query(Statement("session", sql, isPrepared: false)).map { try $0.text(0) }
                }, pool)
        }
    }
}
