import Postgres

extension StorageError {
    /// Whether the database could not do now what may work in a moment.
    package static func isPassing(_ error: any Error) -> Bool {
        guard let error = error as? PostgresError else { return error is LeadStore.LostRace }
        return error.isUnavailable || error.isRetryable
    }

    /// Whether it is of what was to be written, and not of the database or of the moment: data exceptions, broken
    /// constraints and exceeded limits (PostgreSQL, appendix A, classes 22, 23 and 54), or what no database said.
    package static func isOfData(_ error: any Error) -> Bool {
        guard let error = error as? PostgresError else { return true }
        return error.sqlState.map { ["22", "23", "54"].contains($0.prefix(2)) } ?? false
    }
}
