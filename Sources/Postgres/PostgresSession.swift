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

    /// Sends several statements in one round trip; outside a transaction they are one.
    @discardableResult
    package func query(_ steps: [(Statement, [PostgresValue])]) async throws(PostgresError) -> [PostgresRows] {
        guard !steps.isEmpty else { return [] }
        for (_, parameters) in steps { try Parameters.check(parameters) }
        guard let connection, connection.isOpen else {
            throw PostgresError(
                .connectionLost, certainty: .notSent, message: "the connection was lost, or given back already")
        }
        let outcome = await withUnsafeContinuation { continuation in
            connection.send(Request(steps, .write, continuation))
        }
        return try outcome.get()
    }

    /// What the caller kept of it is of no use from here on.
    func end() { connection = nil }
}
