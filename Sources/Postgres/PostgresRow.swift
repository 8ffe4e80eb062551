/// One row, decoded as it is asked for, by position.
///
/// Positions begin at 0. Every accessor throws if the text does not fit the type; those without `OrNil` also if the
/// field is NULL.
package struct PostgresRow: Sendable {
    let result: QueryResult
    let row: Int32

    package func isNull(_ column: Int) throws(PostgresError) -> Bool { try field(column) == nil }

    package func int(_ column: Int) throws(PostgresError) -> Int64 { try require(intOrNil(column), column) }
    package func intOrNil(_ column: Int) throws(PostgresError) -> Int64? { try decode(column, FieldText.int) }

    package func text(_ column: Int) throws(PostgresError) -> String { try require(textOrNil(column), column) }
    /// Of any type: PostgreSQL's text of the value.
    package func textOrNil(_ column: Int) throws(PostgresError) -> String? { try decode(column, FieldText.text) }

    package func bool(_ column: Int) throws(PostgresError) -> Bool { try require(boolOrNil(column), column) }
    package func boolOrNil(_ column: Int) throws(PostgresError) -> Bool? { try decode(column, FieldText.bool) }

    /// Microseconds since 1970 UTC.
    package func timestamp(_ column: Int) throws(PostgresError) -> Int64 { try require(timestampOrNil(column), column) }
    package func timestampOrNil(_ column: Int) throws(PostgresError) -> Int64? {
        try decode(column, TimestampText.parse)
    }

    /// Of a `bytea`.
    package func bytes(_ column: Int) throws(PostgresError) -> [UInt8] { try require(bytesOrNil(column), column) }
    package func bytesOrNil(_ column: Int) throws(PostgresError) -> [UInt8]? { try decode(column, FieldText.bytes) }

    /// The UTF-8 text of a `json` or `jsonb`.
    package func json(_ column: Int) throws(PostgresError) -> [UInt8] { try require(jsonOrNil(column), column) }
    package func jsonOrNil(_ column: Int) throws(PostgresError) -> [UInt8]? { try decode(column) { Array($0) } }

    package func double(_ column: Int) throws(PostgresError) -> Double { try require(doubleOrNil(column), column) }
    package func doubleOrNil(_ column: Int) throws(PostgresError) -> Double? { try decode(column, FieldText.double) }

    package func textArray(_ column: Int) throws(PostgresError) -> [String] {
        try require(textArrayOrNil(column), column)
    }
    package func textArrayOrNil(_ column: Int) throws(PostgresError) -> [String]? {
        try array(column, FieldText.text)
    }

    package func intArray(_ column: Int) throws(PostgresError) -> [Int64] { try require(intArrayOrNil(column), column) }
    package func intArrayOrNil(_ column: Int) throws(PostgresError) -> [Int64]? { try array(column, FieldText.int) }

    package func timestampArray(_ column: Int) throws(PostgresError) -> [Int64] {
        try require(array(column, TimestampText.parse), column)
    }

    /// The field's text without a copy; nil for NULL. The bytes are gone when `body` returns.
    package func withBytes<Result>(
        _ column: Int, _ body: (UnsafeBufferPointer<UInt8>?) -> Result
    ) throws(PostgresError) -> Result {
        let bytes = try field(column)
        return withExtendedLifetime(result) { body(bytes) }
    }

    /// Lends the row's fields as they came, which is cheaper than a call for each; they are gone when `body` returns.
    package func withFields<Result, Failure: Error>(
        _ body: (PostgresFields) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(result) {} }
        return try body(PostgresFields(result: Unmanaged.passUnretained(result), row: row))
    }

    // MARK: Steps

    private func field(_ column: Int) throws(PostgresError) -> UnsafeBufferPointer<UInt8>? {
        guard column >= 0, column < result.columnCount else {
            throw failure("there is no column \(column)")
        }
        return result.field(row, column)
    }

    private func decode<Value>(
        _ column: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Value?
    ) throws(PostgresError) -> Value? {
        guard let bytes = try field(column) else { return nil }
        guard let value = withExtendedLifetime(result, { body(bytes) }) else {
            throw failure("column \(column) (\(result.columnName(column))) does not hold a \(Value.self)")
        }
        return value
    }

    private func array<Element>(
        _ column: Int, _ element: (UnsafeBufferPointer<UInt8>) -> Element?
    ) throws(PostgresError) -> [Element]? {
        try decode(column) { text in
            guard let parsed = ArrayText.parse(text) else { return nil }
            var elements: [Element] = []
            elements.reserveCapacity(parsed.count)
            for bytes in parsed {
                guard let bytes, let value = bytes.withUnsafeBufferPointer(element) else { return nil }
                elements.append(value)
            }
            return elements
        }
    }

    private func require<Value>(_ value: Value?, _ column: Int) throws(PostgresError) -> Value {
        guard let value else {
            throw failure("column \(column) (\(result.columnName(column))) is null")
        }
        return value
    }

    func failure(_ message: String) -> PostgresError {
        PostgresError(.decoding, certainty: .rejected, message: message)
    }
}
