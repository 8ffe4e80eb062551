import Domain
import Postgres

/// A list whose newest come first, told by pages: by number with the total, or behind a position.
package struct Listing<Row: Sendable>: Sendable {
    /// Before the names of its statements.
    private let name: String
    private let selection: NewestFirst
    private let columns: String
    private let joins: String
    private let read: @Sendable (PostgresRow) throws -> Row

    /// - Parameters:
    ///   - columns: those of a row, in SQL.
    ///   - joins: what they need beside it.
    init(
        _ name: String, _ selection: NewestFirst, _ columns: String, joins: String = "",
        read: @escaping @Sendable (PostgresRow) throws -> Row
    ) {
        self.name = name
        self.selection = selection
        self.columns = columns
        self.joins = joins
        self.read = read
    }

    func step(after position: ListPosition?, rows: Int, passed: Int) -> (Statement, [PostgresValue]) {
        var list = selection
        if let position { list.goOn(behind: position) }
        let statement = list.page("\(name)_list", rows: rows, after: passed, columns, joins: joins)
        return (statement, list.parameters)
    }

    var count: (Statement, [PostgresValue]) { (selection.count("\(name)_count"), selection.parameters) }

    /// One page by number, with the total.
    package func page(_ page: Int, perPage: Int) -> Query<(rows: [Row], total: Int)> {
        Query([step(after: nil, rows: perPage, passed: (page - 1) * perPage), count]) { [read] results in
            (try results[0].map(read), try results[1].first.map { Int(try $0.int(0)) } ?? 0)
        }
    }

    /// Those behind a position.
    package func rows(after position: ListPosition?, limit: Int) -> Query<[Row]> {
        Query([step(after: position, rows: limit, passed: 0)]) { [read] in try $0[0].map(read) }
    }
}
