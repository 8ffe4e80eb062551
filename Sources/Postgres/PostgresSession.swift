package import EventLoop

/// A connection that its caller has to itself for a while.
@Reactor
package final class PostgresSession {
    private var connection: Connection?

    init(_ connection: Connection) { self.connection = connection }

    /// Runs one statement and waits for it.
    @discardableResult
    package func query(
        _ statement: Statement, _ parameters: [PostgresValue] = []
    ) async throws(PostgresError) -> PostgresRows {
        let results = try await query([(statement, parameters)])
        return results[0]
    }

    /// Sends several statements in one round trip; outside a transaction they are one. If the task is cancelled, the
    /// server is asked to stop, and this returns when it has.
    @discardableResult
    package func query(_ steps: [(Statement, [PostgresValue])]) async throws(PostgresError) -> [PostgresRows] {
        guard !steps.isEmpty else { return [] }
        for (_, parameters) in steps { try Parameters.check(parameters) }
        let connection = try usable()
        guard !Task.isCancelled else { throw .cancelled(.notSent) }
        let request = Request(steps, .write)
        let outcome = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                request.await(continuation)
                connection.send(request)
            }
        } onCancel: {
            spawn { if request.cancel() { connection.cancel(request) } }
        }
        await connection.stopRequestsEnded()
        return try Self.told(outcome, request)
    }

    /// As `query`, whatever becomes of the task: for what ends a transaction.
    func finish(with statement: Statement) async throws(PostgresError) -> PostgresRows {
        let connection = try usable()
        let request = Request([(statement, [])], .write)
        let outcome = await withUnsafeContinuation { continuation in
            request.await(continuation)
            connection.send(request)
        }
        return try outcome.get()[0]
    }

    /// Lends the rows of one statement as they arrive. When `body` returns before the last, the server is asked to
    /// stop, and what still comes is dropped.
    func stream<Result>(
        _ statement: Statement, _ parameters: [PostgresValue],
        _ body: @Reactor (PostgresRowStream) async throws -> Result
    ) async throws -> Result {
        try Parameters.check(parameters)
        let connection = try usable()
        guard !Task.isCancelled else { throw PostgresError.cancelled(.notSent) }
        let stream = PostgresRowStream()
        let request = Request([(statement, parameters)], .write, stream: stream)
        connection.send(request, to: stream)
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(
                try await withTaskCancellationHandler {
                    try await body(stream)
                } onCancel: {
                    spawn { if request.cancel() { connection.cancel(request) } }
                })
        } catch {
            result = .failure(Self.told(error, request))
        }
        if !stream.hasEnded {
            connection.cancel(request)
            stream.discard()
            await stream.ended()
        }
        await connection.stopRequestsEnded()
        return try result.get()
    }

    private func usable() throws(PostgresError) -> Connection {
        guard let connection, connection.isOpen else {
            throw PostgresError(
                .connectionLost, certainty: .notSent, message: "the connection was lost, or given back already")
        }
        return connection
    }

    /// To whom cancelled it, a statement that was stopped is a cancelled one.
    private static func told(_ outcome: Request.Outcome, _ request: Request) throws(PostgresError) -> [PostgresRows] {
        do {
            return try outcome.get()
        } catch {
            guard request.isCancelled, error.code == .timeout else { throw error }
            throw .cancelled(error.certainty)
        }
    }

    private static func told(_ error: any Error, _ request: Request) -> any Error {
        guard request.isCancelled, let stopped = error as? PostgresError, stopped.code == .timeout else { return error }
        return PostgresError.cancelled(stopped.certainty)
    }

    /// What the caller kept of it is of no use from here on.
    func end() { connection = nil }
}
