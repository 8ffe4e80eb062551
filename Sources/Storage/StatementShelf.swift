import Postgres
import Synchronization

/// Statements that are put together from a handful of parts, each once: putting a page of SQL together costs more than
/// all else that a read does before it is sent.
final class StatementShelf: Sendable {
    private let statements = Mutex<[String: Statement]>([:])

    /// - Parameter sql: asked once for each name. What varies in it are parts of the source, so that names are few.
    func named(_ name: String, _ sql: () -> String) -> Statement {
        statements.withLock { statements in
            if let statement = statements[name] { return statement }
            let statement = Statement(name, sql())
            statements[name] = statement
            return statement
        }
    }
}
