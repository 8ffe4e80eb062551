package import Domain
package import JSON
import Postgres

/// What every read of a contact selects, in this order.
package enum ContactColumn: Int, Sendable, CaseIterable {
    case id, name, phone, email, company, birthday, optedOut, marketingStopped, identifiers, createdAt, updatedAt
    case version

    /// From the contact `c`.
    var sql: String {
        switch self {
        case .id: "c.id"
        case .name: "c.name"
        case .phone: "c.phone"
        case .email: "c.email"
        case .company: "c.company"
        case .birthday: "c.birthday"
        case .optedOut: "c.opted_out_at IS NOT NULL"
        case .marketingStopped: "c.marketing_stopped_at IS NOT NULL"
        case .identifiers:
            """
            (SELECT COALESCE(jsonb_agg(jsonb_build_object(
                    'kind', i.kind, 'scope', NULLIF(i.scope, ''), 'value', i.value, 'evidence', i.evidence,
                    'created_at', \(MessageStore.instant("i.created_at")))
                    ORDER BY i.kind, i.created_at, i.match_key), '[]')
                FROM contact_identifiers i WHERE i.account_id = $1 AND i.contact_id = c.id)
            """
        case .createdAt: "c.created_at"
        case .updatedAt: "c.updated_at"
        case .version: "c.version"
        }
    }
}

/// A contact as the database told it; its fields are read when they are asked for.
package struct ContactRecord: Sendable {
    let row: PostgresRow

    init(_ row: PostgresRow) { self.row = row }

    package var id: Contact.ID {
        get throws { Contact.ID(try row.int(ContactColumn.id.rawValue)) }
    }

    /// Its own fields, read.
    var contact: Contact {
        get throws {
            func text(_ column: ContactColumn) throws -> String? { try row.textOrNil(column.rawValue) }
            return Contact(
                id: try id, name: try text(.name), phone: try text(.phone), email: try text(.email),
                company: try text(.company), birthday: try text(.birthday))
        }
    }

    /// Writes the members of the shape; the object around them is the caller's.
    package func write(_ shape: RowShape<ContactColumn>, to json: inout JSONWriter) { shape.write(row, to: &json) }
}
