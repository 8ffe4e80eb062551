package import Domain
import JSON
import Postgres

@PostgresActor
extension ConversationStore {
    nonisolated static let lock = Statement("conversation_lock", "\(selectOne.sql)\nFOR UPDATE OF v")

    /// For the length of the transaction no message comes in or goes out, and nobody else settles the thread.
    package func lock(_ id: Conversation.ID, in write: WriteTransaction) async throws -> ConversationRecord? {
        try await write.transaction.query(Self.lock, [.id(write.account), .id(id)]).first.map(Self.record)
    }

    /// Whether something can be assigned to the user.
    package func canAssign(to user: User.ID, in write: WriteTransaction) async throws -> Bool {
        try await !write.transaction.query(UserStore.selectIDs, [.id(write.account), .intArray([user.rawValue])])
            .isEmpty
    }

    nonisolated static let update = Statement(
        "conversation_update",
        """
        UPDATE conversations v SET status = $3, assigned_to = $4, unread = $5,
            read_at = CASE WHEN $6 THEN $7 ELSE v.read_at END
        WHERE v.account_id = $1 AND v.id = $2
        """)

    /// Nothing is written, told or logged when nothing changes.
    ///
    /// - Parameter old: as it was locked.
    package func update(
        _ old: ConversationRecord, to state: Conversation.State, in write: WriteTransaction
    ) async throws -> ConversationRecord {
        guard state != old.state else { return old }
        let isRead = state.unread < old.state.unread
        try await write.transaction.query(
            Self.update,
            [
                .id(write.account), .id(old.id), .text(state.status.rawValue), .id(state.assignedTo),
                .int(state.unread), .bool(isRead), .time(write.now),
            ])
        let rows = try await write.transaction.query(Self.selectOne, [.id(write.account), .id(old.id)])
        guard let new = try rows.first.map(Self.record) else { throw StorageError.missing("the conversation") }
        func id(_ user: User.ID?) -> JSONValue { user.map { .number(JSONNumber($0.rawValue)) } ?? .null }
        func number(_ value: Int64) -> JSONValue { .number(JSONNumber(value)) }
        write.audit(
            .update, of: .conversation, old.id.rawValue,
            changes: .changes([
                ("status", .string(old.state.status.rawValue), .string(state.status.rawValue)),
                ("assigned_to", id(old.state.assignedTo), id(state.assignedTo)),
                ("unread", number(old.state.unread), number(state.unread)),
            ]))
        return new
    }
}
