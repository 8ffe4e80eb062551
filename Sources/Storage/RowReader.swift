import Domain
import JSON
import Postgres

/// Reads a row's columns one after the other, in the order of the SELECT list.
struct RowReader {
    private let row: PostgresRow
    private var column = 0

    init(_ row: PostgresRow) { self.row = row }

    private mutating func next() -> Int {
        defer { column += 1 }
        return column
    }

    mutating func int() throws -> Int64 { try row.int(next()) }
    mutating func intOrNil() throws -> Int64? { try row.intOrNil(next()) }
    mutating func text() throws -> String { try row.text(next()) }
    mutating func textOrNil() throws -> String? { try row.textOrNil(next()) }
    mutating func bool() throws -> Bool { try row.bool(next()) }
    mutating func bytes() throws -> [UInt8] { try row.bytes(next()) }
    mutating func bytesOrNil() throws -> [UInt8]? { try row.bytesOrNil(next()) }
    mutating func textArray() throws -> [String] { try row.textArray(next()) }
    mutating func textArrayOrNil() throws -> [String]? { try row.textArrayOrNil(next()) }
    mutating func intArrayOrNil() throws -> [Int64]? {
        let column = next()
        return try row.isNull(column) ? nil : row.intArray(column)
    }
    mutating func timestamp() throws -> Timestamp { Timestamp(microseconds: try row.timestamp(next())) }
    mutating func timestampOrNil() throws -> Timestamp? {
        try row.timestampOrNil(next()).map { Timestamp(microseconds: $0) }
    }
    mutating func id<Entity>(_: Entity.Type = Entity.self) throws -> Identifier<Entity> { Identifier(try int()) }
    mutating func idOrNil<Entity>(_: Entity.Type = Entity.self) throws -> Identifier<Entity>? {
        try intOrNil().map { Identifier($0) }
    }
    mutating func json() throws -> JSONValue { try Self.parse(try text()) }
    mutating func jsonOrNil() throws -> JSONValue? { try textOrNil().map { try Self.parse($0) } }

    /// A value of a set that both the schema's CHECK and the code name.
    mutating func word<Word: RawRepresentable>(_: Word.Type = Word.self) throws -> Word where Word.RawValue == String {
        let text = try text()
        guard let word = Word(rawValue: text) else { throw StorageError.unknownWord(text, of: "\(Word.self)") }
        return word
    }

    private static func parse(_ text: String) throws -> JSONValue { try JSONParser.parse(Array(text.utf8)) }
}

/// What the database holds that this version cannot read.
package enum StorageError: Error, Sendable, CustomStringConvertible {
    case unknownWord(String, of: String)
    case missing(String)

    /// What was read before no longer stands; it has to be read again.
    package struct Outdated: Error {
        package init() {}
    }

    package var description: String {
        switch self {
        case .unknownWord(let word, let kind): "the database holds a \(kind) that this version does not know: \(word)"
        case .missing(let what): "the database answered without \(what)"
        }
    }
}

extension PostgresValue {
    static func id<Entity>(_ id: Identifier<Entity>) -> PostgresValue { .int(id.rawValue) }
    static func id<Entity>(_ id: Identifier<Entity>?) -> PostgresValue { id.map { .int($0.rawValue) } ?? .null }
    static func time(_ time: Timestamp) -> PostgresValue { .timestamp(time.microseconds) }
    static func time(_ time: Timestamp?) -> PostgresValue { time.map { .timestamp($0.microseconds) } ?? .null }
    static func word(_ text: String?) -> PostgresValue { text.map { .text($0) } ?? .null }
    static func ids<Entity>(_ ids: [Identifier<Entity>]) -> PostgresValue { .intArray(ids.map(\.rawValue)) }
    static func ids<Entity>(_ ids: [Identifier<Entity>?]) -> PostgresValue { .intArray(ids.map { $0?.rawValue }) }
    /// nil is NULL.
    static func ids<Entity>(_ ids: Set<Identifier<Entity>>?) -> PostgresValue {
        ids.map { .intArray($0.map(\.rawValue).sorted()) } ?? .null
    }
    static func times(_ times: [Timestamp]) -> PostgresValue { .timestampArray(times.map(\.microseconds)) }
    static func times(_ times: [Timestamp?]) -> PostgresValue { .timestampArray(times.map { $0?.microseconds }) }
    static func integer(_ value: Int64?) -> PostgresValue { value.map { .int($0) } ?? .null }
    static func tree(_ value: JSONValue?) -> PostgresValue { value.map { .json($0.serialized()) } ?? .null }
}
