/// A bound parameter.
///
/// Everything travels in PostgreSQL's text format with its type left open, so the statement decides: `$1::bigint`, or
/// the column it is compared with. Only `bytes` travel in binary, and so do need a `bytea` on the other side.
package enum PostgresValue: Sendable, Hashable {
    case null
    case int(Int64)
    case bool(Bool)
    case text(String)
    case bytes([UInt8])
    /// Microseconds since 1970 UTC; `Int64.max` and `Int64.min` are PostgreSQL's `infinity` and `-infinity`.
    case timestamp(Int64)
    case double(Double)
    /// JSON text, for `json` and `jsonb`.
    case json([UInt8])
    case textArray([String?])
    case intArray([Int64?])
    case boolArray([Bool?])
    case doubleArray([Double?])
    case timestampArray([Int64?])
    case jsonArray([[UInt8]?])
    case bytesArray([[UInt8]?])
}

extension PostgresValue {
    package static func int(_ value: Int64?) -> PostgresValue { value.map { .int($0) } ?? .null }
    package static func int(_ value: Int) -> PostgresValue { .int(Int64(value)) }
    package static func bool(_ value: Bool?) -> PostgresValue { value.map { .bool($0) } ?? .null }
    package static func text(_ value: String?) -> PostgresValue { value.map { .text($0) } ?? .null }
    package static func bytes(_ value: [UInt8]?) -> PostgresValue { value.map { .bytes($0) } ?? .null }
    package static func timestamp(_ value: Int64?) -> PostgresValue { value.map { .timestamp($0) } ?? .null }
    package static func double(_ value: Double?) -> PostgresValue { value.map { .double($0) } ?? .null }
    package static func json(_ value: [UInt8]?) -> PostgresValue { value.map { .json($0) } ?? .null }
    package static func textArray(_ value: [String]) -> PostgresValue { .textArray(value.map(Optional.some)) }
    package static func intArray(_ value: [Int64]) -> PostgresValue { .intArray(value.map(Optional.some)) }
    package static func timestampArray(_ value: [Int64]) -> PostgresValue { .timestampArray(value.map(Optional.some)) }
    package static func jsonArray(_ value: [[UInt8]]) -> PostgresValue { .jsonArray(value.map(Optional.some)) }
    package static func bytesArray(_ value: [[UInt8]]) -> PostgresValue { .bytesArray(value.map(Optional.some)) }
}

extension PostgresValue: ExpressibleByNilLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByStringLiteral, ExpressibleByFloatLiteral
{
    package init(nilLiteral: ()) { self = .null }
    package init(integerLiteral value: Int64) { self = .int(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(stringLiteral value: String) { self = .text(value) }
    package init(floatLiteral value: Double) { self = .double(value) }
}
