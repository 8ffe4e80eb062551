package import Domain
import Postgres

extension LeadStore {
    static let selectExisting = Statement(
        "lead_exists", "SELECT id FROM leads WHERE account_id = $1 AND id = $2 AND archived_at IS NULL")

    /// Whether the account has the lead, and it is not archived.
    @PostgresActor
    package func exists(_ id: Lead.ID, in write: WriteTransaction) async throws -> Bool {
        try await !write.transaction.query(Self.selectExisting, [.id(write.account), .id(id)]).isEmpty
    }
}
