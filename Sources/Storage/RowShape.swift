import Domain
import JSON
import Postgres

/// How a row is told in JSON: its members in their order, each from a column.
///
/// PostgreSQL's text of a field goes into the JSON as it is. A list is mostly such text, and making values of it in
/// between would cost several times what writing it does.
package struct RowShape<Column: RawRepresentable>: Sendable where Column.RawValue == Int {
    package struct Member: Sendable {
        fileprivate indirect enum Form: Sendable {
            case literal
            case text
            case texts
            case boolean
            case instant
            case money(currency: Int)
            /// Null as a whole if its column is.
            case object([Member])
        }

        fileprivate let key: StaticString
        fileprivate let column: Int
        fileprivate let form: Form

        /// A number, or a value of `jsonb`.
        package static func literal(_ key: StaticString, _ column: Column) -> Member {
            Member(key: key, column: column.rawValue, form: .literal)
        }

        package static func text(_ key: StaticString, _ column: Column) -> Member {
            Member(key: key, column: column.rawValue, form: .text)
        }

        /// An array of texts.
        package static func texts(_ key: StaticString, _ column: Column) -> Member {
            Member(key: key, column: column.rawValue, form: .texts)
        }

        package static func boolean(_ key: StaticString, _ column: Column) -> Member {
            Member(key: key, column: column.rawValue, form: .boolean)
        }

        /// RFC 3339 in UTC with milliseconds.
        package static func instant(_ key: StaticString, _ column: Column) -> Member {
            Member(key: key, column: column.rawValue, form: .instant)
        }

        /// An integer of minor units, as a number of units of the currency that stands in another column.
        package static func money(_ key: StaticString, _ column: Column, currency: Column) -> Member {
            Member(key: key, column: column.rawValue, form: .money(currency: currency.rawValue))
        }

        /// - Parameter column: null if there is no such object.
        package static func object(_ key: StaticString, _ column: Column, _ members: [Member]) -> Member {
            Member(key: key, column: column.rawValue, form: .object(members))
        }
    }

    private let members: [Member]

    package init(_ members: [Member]) { self.members = members }

    /// Writes the members; the object around them is the caller's, who may have more to tell in it.
    func write(_ row: PostgresRow, to json: inout JSONWriter) {
        row.withFields { Self.write(members, $0, to: &json) }
    }

    private static func write(_ members: [Member], _ fields: PostgresFields, to json: inout JSONWriter) {
        for member in members {
            json.key(member.key)
            guard let field = fields[member.column] else {
                json.null()
                continue
            }
            switch member.form {
            case .literal: json.raw(field)
            case .text: json.string(utf8: field)
            case .texts: json.texts(field)
            case .boolean: json.bool(field.first == UInt8(ascii: "t"))
            case .instant: json.instant(field)
            case .money(let currency): json.money(field, currency: fields[currency])
            case .object(let members):
                json.beginObject()
                write(members, fields, to: &json)
                json.endObject()
            }
        }
    }
}
