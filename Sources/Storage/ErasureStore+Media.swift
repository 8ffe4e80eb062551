import Domain
import Postgres

/// The person's files: what they sent, and what was sent to nobody else.
@PostgresActor
extension ErasureStore {
    nonisolated static let selectMedia = Statement(
        "erase_find_media",
        """
        SELECT DISTINCT m.media_id
        FROM messages m
        WHERE m.account_id = $1 AND m.id = ANY ($2::bigint[]) AND m.media_id IS NOT NULL
            AND NOT EXISTS (
                SELECT 1 FROM messages o
                WHERE o.account_id = $1 AND o.media_id = m.media_id AND o.id <> ALL ($2::bigint[]))
        """)

    /// What their uploads answered tells their names.
    nonisolated static let deleteUploadKeys = Statement(
        "erase_upload_keys",
        """
        DELETE FROM idempotency_keys k
        WHERE k.account_id = $1 AND k.route = 'POST /media' AND k.body IS NOT NULL AND EXISTS (
            SELECT 1 FROM unnest($2::bytea[]) AS n (part) WHERE position(n.part IN k.body) > 0)
        """)

    /// Their pieces, and where providers have them, go with them.
    nonisolated static let deleteMedia = Statement(
        "erase_media", "DELETE FROM media f WHERE f.account_id = $1 AND f.id = ANY ($2::bigint[])")

    /// Which files go once no message has them.
    func eraseFiles(of messages: PostgresValue, in write: WriteTransaction) async throws -> PostgresValue {
        let account = PostgresValue.id(write.account)
        let files = try await write.transaction.query(Self.selectMedia, [account, messages]).map { try $0.int(0) }
        guard !files.isEmpty else { return .intArray([Int64]()) }
        let answers = files.map { Array("\"data\":{\"id\":\($0),".utf8) }
        try await write.transaction.query(Self.deleteUploadKeys, [account, .bytesArray(answers)])
        return .intArray(files)
    }
}
