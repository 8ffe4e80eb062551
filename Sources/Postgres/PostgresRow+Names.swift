// The accessors by column name; a name costs a search along the columns.
extension PostgresRow {
    package func isNull(_ name: String) throws(PostgresError) -> Bool { try isNull(index(name)) }
    package func int(_ name: String) throws(PostgresError) -> Int64 { try int(index(name)) }
    package func intOrNil(_ name: String) throws(PostgresError) -> Int64? { try intOrNil(index(name)) }
    package func text(_ name: String) throws(PostgresError) -> String { try text(index(name)) }
    package func textOrNil(_ name: String) throws(PostgresError) -> String? { try textOrNil(index(name)) }
    package func bool(_ name: String) throws(PostgresError) -> Bool { try bool(index(name)) }
    package func boolOrNil(_ name: String) throws(PostgresError) -> Bool? { try boolOrNil(index(name)) }
    package func timestamp(_ name: String) throws(PostgresError) -> Int64 { try timestamp(index(name)) }
    package func timestampOrNil(_ name: String) throws(PostgresError) -> Int64? { try timestampOrNil(index(name)) }
    package func bytes(_ name: String) throws(PostgresError) -> [UInt8] { try bytes(index(name)) }
    package func bytesOrNil(_ name: String) throws(PostgresError) -> [UInt8]? { try bytesOrNil(index(name)) }
    package func json(_ name: String) throws(PostgresError) -> [UInt8] { try json(index(name)) }
    package func jsonOrNil(_ name: String) throws(PostgresError) -> [UInt8]? { try jsonOrNil(index(name)) }
    package func double(_ name: String) throws(PostgresError) -> Double { try double(index(name)) }
    package func doubleOrNil(_ name: String) throws(PostgresError) -> Double? { try doubleOrNil(index(name)) }
    package func textArray(_ name: String) throws(PostgresError) -> [String] { try textArray(index(name)) }
    package func textArrayOrNil(_ name: String) throws(PostgresError) -> [String]? { try textArrayOrNil(index(name)) }
    package func intArray(_ name: String) throws(PostgresError) -> [Int64] { try intArray(index(name)) }
    package func intArrayOrNil(_ name: String) throws(PostgresError) -> [Int64]? { try intArrayOrNil(index(name)) }
    package func timestampArray(_ name: String) throws(PostgresError) -> [Int64] { try timestampArray(index(name)) }

    private func index(_ name: String) throws(PostgresError) -> Int {
        guard let column = result.column(named: name) else { throw failure("there is no column \(name)") }
        return column
    }
}
