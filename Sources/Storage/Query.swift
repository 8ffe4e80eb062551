import Postgres

/// One trip to the database that only reads: what it asks, and what the answer means.
///
/// A value, so that a route can say what it reads and how it tells it without waiting for anything itself.
package struct Query<Answer: Sendable>: Sendable {
    let steps: [(Statement, [PostgresValue])]
    let read: @Sendable ([PostgresRows]) throws -> Answer

    init(
        _ steps: [(Statement, [PostgresValue])], _ read: @escaping @Sendable ([PostgresRows]) throws -> Answer
    ) {
        self.steps = steps
        self.read = read
    }

    /// The same trip, its answer told otherwise.
    package func map<Other: Sendable>(_ tell: @escaping @Sendable (Answer) throws -> Other) -> Query<Other> {
        Query<Other>(steps) { [read] in try tell(try read($0)) }
    }

    /// Both in the same trip.
    package func with<Other: Sendable>(_ other: Query<Other>) -> Query<(Answer, Other)> {
        let own = steps.count
        return Query<(Answer, Other)>(steps + other.steps) { [read] results in
            (try read(Array(results[..<own])), try other.read(Array(results[own...])))
        }
    }

    /// Asks nothing, and knows the answer.
    package static func known(_ answer: Answer) -> Query { Query([]) { _ in answer } }
}

extension Database {
    package func run<Answer>(_ query: Query<Answer>) async throws -> Answer {
        try query.read(try await pool.read(query.steps))
    }

    /// The same without a task.
    ///
    /// - Parameter completion: called once, and never before this returns.
    @PostgresActor
    package func run<Answer>(
        _ query: Query<Answer>, then completion: @escaping @PostgresActor (Result<Answer, any Error>) -> Void
    ) {
        pool.read(query.steps) { outcome in
            completion(Result { try query.read(try outcome.get()) })
        }
    }
}
