import Postgres

extension StorageError {
    /// Whether the database could not do now what may work in a moment.
    package static func isPassing(_ error: any Error) -> Bool {
        guard let error = error as? PostgresError else { return false }
        return error.isUnavailable || error.isRetryable
    }
}
