package import EventLoop

/// What transactions are isolated to, for those who write over several calls and need know nothing of the loop.
package typealias PostgresActor = Reactor

/// What a transaction promises about what others do meanwhile.
package struct TransactionKind: Sendable, Hashable {
    let begin: Statement
    /// Nothing is lost with it.
    var isReadOnly = false

    package static let readCommitted = TransactionKind(begin: Statement("lw_begin", "BEGIN"))
    /// Every statement sees the same state of the database; for exports.
    package static let snapshot = TransactionKind(
        begin: Statement("lw_begin_snapshot", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"), isReadOnly: true)
    package static let serializable = TransactionKind(
        begin: Statement("lw_begin_serializable", "BEGIN ISOLATION LEVEL SERIALIZABLE"))
}

/// An open transaction on a connection of its own; `BEGIN` leaves together with the first statement.
@Reactor
package final class PostgresTransaction {
    private let session: PostgresSession
    private let kind: TransactionKind
    /// Said behind `BEGIN`, where the connection did not say it when it was made.
    private let limits: [(Statement, [PostgresValue])]
    private var hasBegun = false

    private static let commit = Statement("lw_commit", "COMMIT")
    private static let rollback = Statement("lw_rollback", "ROLLBACK")

    init(_ session: PostgresSession, _ kind: TransactionKind, limits: [(Statement, [PostgresValue])]) {
        self.session = session
        self.kind = kind
        self.limits = limits
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
        return Array(try await session.query([(kind.begin, [])] + limits + steps).dropFirst(1 + limits.count))
    }

    /// Lends the rows of a statement as they arrive: a result of any size takes the memory of a few hundred rows, and
    /// a slow reader holds up the server, not the process. The statement's time limit is off.
    ///
    /// When `body` returns before the last row, the server is asked to stop; with that the transaction has failed.
    package func stream<Result>(
        _ statement: Statement, _ parameters: [PostgresValue] = [],
        _ body: @Reactor (PostgresRowStream) async throws -> Result
    ) async throws -> Result {
        try await query(Self.noLimit)
        return try await session.stream(statement, parameters, body)
    }

    /// The reader's pace decides how long it takes; but one that is stuck does not hold the transaction for ever.
    private static let noLimit = Statement(
        "lw_stream",
        """
        SELECT set_config('statement_timeout', '0', true),
            set_config('idle_in_transaction_session_timeout', '60s', true)
        """)

    func commit() async throws(PostgresError) {
        guard hasBegun else { return }
        // Its caller was cancelled: nothing is to happen that it does not hear of.
        guard !Task.isCancelled else {
            await rollback()
            throw .cancelled(.rejected)
        }
        let result = try await session.finish(with: Self.commit)
        // After an error that the body swallowed, COMMIT succeeds and rolls back.
        guard kind.isReadOnly || result.result.command == "COMMIT" else {
            throw PostgresError(
                .server("25P02"), certainty: .rejected, message: "the transaction had failed and was rolled back",
                sqlState: "25P02")
        }
    }

    /// If it fails, the connection is not clean and will be closed, which rolls back too.
    func rollback() async {
        guard hasBegun else { return }
        _ = try? await session.finish(with: Self.rollback)
    }
}
