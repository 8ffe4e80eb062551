/// PostgreSQL's text of a row's fields, without a copy; lives as long as the call that lends it.
package struct PostgresFields {
    // Unmanaged, because counting references at every field costs as much as reading it.
    private let result: Unmanaged<QueryResult>
    private let row: Int32

    init(result: Unmanaged<QueryResult>, row: Int32) {
        self.result = result
        self.row = row
    }

    /// nil for NULL, and for a column that is not there.
    package subscript(_ column: Int) -> UnsafeBufferPointer<UInt8>? {
        result._withUnsafeGuaranteedRef { result in
            column >= 0 && column < result.columnCount ? result.field(row, column) : nil
        }
    }
}

extension PostgresFields {
    /// The elements of a one-dimensional array of texts; nil if the field is none, or holds a NULL.
    package static func texts(_ field: UnsafeBufferPointer<UInt8>) -> [String]? {
        guard let elements = ArrayText.parse(field) else { return nil }
        let texts = elements.compactMap { $0.map { String(decoding: $0, as: UTF8.self) } }
        return texts.count == elements.count ? texts : nil
    }

    /// Of a `timestamptz`, since 1970 UTC; nil if the field is none.
    package static func microseconds(_ field: UnsafeBufferPointer<UInt8>) -> Int64? { TimestampText.parse(field) }
}
