import Postgres
import Storage

/// The server's own statements, by the names that it prepares them under.
enum BenchStatements {
    static let keyByHash = named("api_key_by_hash")
    static let lead = named("lead_get")
    static let page = named("lead_cursor_21")
    /// The same page, each lead looked up with its contact, stage and pipeline.
    static let pageByJoins = named("lead_cursor_by_joins")
    static let accept = named("send_accept")
    /// What an event tells of the message `m`.
    static let messageEvent = StatementCatalog.messageEventData

    private static func named(_ name: String) -> Statement {
        guard let statement = StatementCatalog.all.first(where: { $0.name == name }) else {
            preconditionFailure("the server has no statement \(name)")
        }
        return statement
    }

    /// The page takes filters that are not used as nulls, then where it begins and how long it is.
    static func pageArguments(_ account: String, _ before: String, _ limit: String) -> [String] {
        let places = page.sql.matches(of: /\$(\d+)/).compactMap { Int($0.1) }.max() ?? 3
        return [account] + Array(repeating: "NULL", count: places - 3) + [before, limit]
    }
}
