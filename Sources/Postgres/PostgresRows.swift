/// What one statement returned.
package struct PostgresRows: Sendable, RandomAccessCollection {
    let result: QueryResult
    package let count: Int

    init(_ result: QueryResult) {
        self.result = result
        count = result.rowCount
    }

    /// Rows inserted, updated, deleted or selected.
    package var affectedRows: Int { result.affectedRows }
    package var columns: [String] { (0..<result.columnCount).map(result.columnName) }

    package var startIndex: Int { 0 }
    package var endIndex: Int { count }

    package subscript(index: Int) -> PostgresRow {
        precondition(index >= 0 && index < count, "row out of range")
        return PostgresRow(result: result, row: Int32(index))
    }
}
