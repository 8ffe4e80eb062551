package import EventLoop

/// What transactions are isolated to, for those who write over several calls and need know nothing of the loop.
package typealias PostgresActor = Reactor

/// What a transaction promises about what others do meanwhile.
package struct TransactionKind: Sendable, Hashable {
    let begin: Statement

    package static let readCommitted = TransactionKind(begin: Statement("lw_begin", "BEGIN"))
    /// Every statement sees the same state of the database; for exports.
    package static let snapshot = TransactionKind(
        begin: Statement("lw_begin_snapshot", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"))
    package static let serializable = TransactionKind(
        begin: Statement("lw_begin_serializable", "BEGIN ISOLATION LEVEL SERIALIZABLE"))
}

/// An open transaction on a connection of its own; `BEGIN` leaves together with the first statement.
@Reactor
package final class PostgresTransaction {
    private let session: PostgresSession
    private let kind: TransactionKind
    private var hasBegun = false

    private static let commit = Statement("lw_commit", "COMMIT")
    private static let rollback = Statement("lw_rollback", "ROLLBACK")

    init(_ session: PostgresSession, _ kind: TransactionKind) {
        self.session = session
        self.kind = kind
    }

    @discardableResult
    package func query(
        _ statement: Statement, _ parameters: [PostgresValue] = []
    ) async throws(PostgresError) -> PostgresRows {
        let results = try await query([(statement, parameters)])
        return results[0]
    }

    /// Sends several statements in one round trip.
    @discardableResult
    package func query(_ steps: [(Statement, [PostgresValue])]) async throws(PostgresError) -> [PostgresRows] {
        guard !hasBegun, !steps.isEmpty else { return try await session.query(steps) }
        // What is never sent does not begin a transaction either.
        for (_, parameters) in steps { try Parameters.check(parameters) }
        hasBegun = true
        return Array(try await session.query([(kind.begin, [])] + steps).dropFirst())
    }

    func commit() async throws(PostgresError) {
        guard hasBegun else { return }
        let result = try await session.query(Self.commit)
        // After an error that the body swallowed, COMMIT succeeds and rolls back.
        guard result.result.command == "COMMIT" else {
            throw PostgresError(
                .server("25P02"), certainty: .rejected, message: "the transaction had failed and was rolled back",
                sqlState: "25P02")
        }
    }

    /// If it fails, the connection is not clean and will be closed, which rolls back too.
    func rollback() async {
        guard hasBegun else { return }
        _ = try? await session.query(Self.rollback)
    }
}
