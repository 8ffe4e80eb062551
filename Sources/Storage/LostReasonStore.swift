package import Domain
import JSON
package import Postgres

/// Why leads are lost.
package struct LostReasonStore: Sendable {
    private let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    static let selectAll = Statement(
        "lost_reason_list", "SELECT id, name FROM lost_reasons WHERE account_id = $1 ORDER BY id")

    package func all(of account: Account.ID) async throws -> [LostReason] {
        try await pool.read(Self.selectAll, [.id(account)]).map(Self.reason)
    }

    static let lock = Statement(
        "lost_reason_lock", "SELECT id, name FROM lost_reasons WHERE account_id = $1 AND id = $2 FOR UPDATE")

    @PostgresActor
    package func lock(_ id: LostReason.ID, in write: WriteTransaction) async throws -> LostReason? {
        try await write.transaction.query(Self.lock, [.id(write.account), .id(id)]).first.map(Self.reason)
    }

    static let insert = Statement(
        "lost_reason_insert",
        "INSERT INTO lost_reasons (account_id, name, created_at) VALUES ($1, $2, $3) RETURNING id, name")

    @PostgresActor
    package func insert(_ name: String, in write: WriteTransaction) async throws -> LostReason {
        let rows = try await write.transaction.query(Self.insert, [.id(write.account), .text(name), .time(write.now)])
        guard let row = rows.first else { throw StorageError.missing("the new reason") }
        let reason = try Self.reason(row)
        write.audit(.create, of: .lostReason, reason.id.rawValue)
        return reason
    }

    static let update = Statement(
        "lost_reason_update", "UPDATE lost_reasons SET name = $3 WHERE account_id = $1 AND id = $2")

    @PostgresActor
    package func rename(_ reason: LostReason, to name: String, in write: WriteTransaction) async throws -> LostReason {
        guard name != reason.name else { return reason }
        try await write.transaction.query(Self.update, [.id(write.account), .id(reason.id), .text(name)])
        write.audit(
            .update, of: .lostReason, reason.id.rawValue,
            changes: .changes([("name", .string(reason.name), .string(name))]))
        return LostReason(id: reason.id, name: name)
    }

    static let countLeads = Statement(
        "lost_reason_leads", "SELECT count(*) FROM leads WHERE account_id = $1 AND lost_reason_id = $2")

    @PostgresActor
    package func leadCount(_ id: LostReason.ID, in write: WriteTransaction) async throws -> Int {
        Int(try await write.transaction.query(Self.countLeads, [.id(write.account), .id(id)]).first?.int(0) ?? 0)
    }

    static let delete = Statement(
        "lost_reason_delete", "DELETE FROM lost_reasons WHERE account_id = $1 AND id = $2")

    @PostgresActor
    package func delete(_ id: LostReason.ID, in write: WriteTransaction) async throws {
        try await write.transaction.query(Self.delete, [.id(write.account), .id(id)])
        write.audit(.delete, of: .lostReason, id.rawValue)
    }

    private static func reason(_ row: PostgresRow) throws -> LostReason {
        LostReason(id: LostReason.ID(try row.int(0)), name: try row.text(1))
    }
}
