package import Domain
import Postgres

extension LeadStore {
    /// Lends every lead of one moment, one after the other, in the order in which they were made: a slow reader holds up
    /// the database, and memory stays that of a few hundred rows. It has a connection to itself all the while.
    ///
    /// - Parameter filter: its order does not count.
    @PostgresActor
    package func export(
        _ filter: LeadFilter, of account: Account.ID, _ each: @PostgresActor (LeadRecord) async throws -> Void
    ) async throws {
        let (statement, parameters) = Self.export(filter, of: account)
        try await pool.stream(statement, parameters) { rows in
            while let row = try await rows.next() { try await each(LeadRecord(row)) }
        }
    }

    static func export(_ filter: LeadFilter, of account: Account.ID) -> (Statement, [PostgresValue]) {
        var filter = filter
        filter.order = .newest
        var selection = LeadSelection(filter, of: account)
        let statement = selection.all()
        return (statement, selection.parameters)
    }

    /// How many such readings may be under way at once: half of the connections that can be had for oneself, so that
    /// writes find one of the others.
    @PostgresActor package var exportLimit: Int { max(1, pool.configuration.exclusive / 2) }
}
