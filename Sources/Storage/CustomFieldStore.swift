package import Domain
import JSON
package import Postgres

/// The custom fields of an account's leads.
package struct CustomFieldStore: Sendable {
    private let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    private static let columns =
        "id, name, label, field_type, options, is_required, is_active, show_on_card, sort_order"

    static let selectAll = Statement(
        "custom_field_list",
        "SELECT \(columns) FROM custom_fields WHERE account_id = $1 ORDER BY sort_order, id")

    /// In the order in which people see them.
    package func all(of account: Account.ID) async throws -> [CustomField] {
        try await pool.read(Self.selectAll, [.id(account)]).map(Self.field)
    }

    /// As the transaction sees them; a write that looks something up anyway asks for `selectAll` in that trip.
    @PostgresActor
    package func all(in write: WriteTransaction) async throws -> [CustomField] {
        try await write.transaction.query(Self.selectAll, [.id(write.account)]).map(Self.field)
    }

    static let selectOne = Statement(
        "custom_field_get", "SELECT \(columns) FROM custom_fields WHERE account_id = $1 AND id = $2")

    package func get(_ id: CustomField.ID, of account: Account.ID) async throws -> CustomField? {
        try await pool.read(Self.selectOne, [.id(account), .id(id)]).first.map(Self.field)
    }

    static let lock = Statement("custom_field_lock", "\(selectOne.sql) FOR UPDATE")

    @PostgresActor
    package func lock(_ id: CustomField.ID, in write: WriteTransaction) async throws -> CustomField? {
        try await write.transaction.query(Self.lock, [.id(write.account), .id(id)]).first.map(Self.field)
    }

    static let insert = Statement(
        "custom_field_insert",
        """
        INSERT INTO custom_fields (
            account_id, name, label, field_type, options, is_required, is_active, show_on_card, sort_order,
            created_at, updated_at)
        SELECT $1, $2, $3, $4, $5, $6, $7, $8, COALESCE($9::integer, max(sort_order) + 1, 1), $10, $10
        FROM custom_fields WHERE account_id = $1
        RETURNING \(columns)
        """)

    /// - Parameter sortOrder: nil puts it behind the others.
    @PostgresActor
    package func insert(
        _ field: CustomField, sortOrder: Int?, in write: WriteTransaction
    ) async throws -> CustomField {
        let rows = try await write.transaction.query(
            Self.insert,
            [
                .id(write.account), .text(field.name), .text(field.label), .text(field.type.rawValue),
                .textArray(field.options), .bool(field.isRequired), .bool(field.isActive), .bool(field.showOnCard),
                .integer(sortOrder.map(Int64.init)), .time(write.now),
            ])
        guard let row = rows.first else { throw StorageError.missing("the new custom field") }
        let made = try Self.field(row)
        write.audit(.create, of: .customField, made.id.rawValue)
        return made
    }

    static let update = Statement(
        "custom_field_update",
        """
        UPDATE custom_fields SET
            label = $3, options = $4, is_required = $5, is_active = $6, show_on_card = $7, sort_order = $8,
            updated_at = $9
        WHERE account_id = $1 AND id = $2
        """)

    @PostgresActor
    package func update(_ old: CustomField, to field: CustomField, in write: WriteTransaction) async throws {
        guard field != old else { return }
        try await write.transaction.query(
            Self.update,
            [
                .id(write.account), .id(field.id), .text(field.label), .textArray(field.options),
                .bool(field.isRequired), .bool(field.isActive), .bool(field.showOnCard),
                .int(Int64(field.sortOrder)), .time(write.now),
            ])
        func number(_ value: Int) -> JSONValue { .number(JSONNumber(Int64(value))) }
        write.audit(
            .update, of: .customField, field.id.rawValue,
            changes: .changes([
                ("label", .string(old.label), .string(field.label)),
                (
                    "options", .array(old.options.map { .string($0) }), .array(field.options.map { .string($0) })
                ),
                ("is_required", .bool(old.isRequired), .bool(field.isRequired)),
                ("is_active", .bool(old.isActive), .bool(field.isActive)),
                ("show_on_card", .bool(old.showOnCard), .bool(field.showOnCard)),
                ("sort_order", number(old.sortOrder), number(field.sortOrder)),
            ]))
    }

    static let delete = Statement(
        "custom_field_delete", "DELETE FROM custom_fields WHERE account_id = $1 AND id = $2")

    @PostgresActor
    package func delete(_ id: CustomField.ID, in write: WriteTransaction) async throws {
        try await write.transaction.query(Self.delete, [.id(write.account), .id(id)])
        write.audit(.delete, of: .customField, id.rawValue)
    }

    static func field(_ row: PostgresRow) throws -> CustomField {
        var r = RowReader(row)
        return CustomField(
            id: try r.id(), name: try r.text(), label: try r.text(), type: try r.word(), options: try r.textArray(),
            isRequired: try r.bool(), isActive: try r.bool(), showOnCard: try r.bool(),
            sortOrder: Int(try r.int()))
    }
}
