import Domain
import Postgres
import Storage

extension Stage {
    /// A user of the demo account, unless said otherwise.
    func user(_ name: String, of account: Account.ID? = nil) async throws -> Int64 {
        let rows = try await sql(
            """
            INSERT INTO users (account_id, name, email, role, created_at, updated_at)
            VALUES ($1, $2, $2 || '@example.com', 'manager', $3, $3) RETURNING id
            """, [.int((account ?? demo).rawValue), .text(name), .timestamp(now.microseconds)])
        guard let id = try rows.first?.int(0) else { throw StageError(what: "no user") }
        return id
    }
}
