package import Domain
import Postgres

/// A file on its way here: each piece is written by itself, so that no transaction waits for whoever sends it, and
/// nobody sees it before it is whole.
extension MediaStore {
    static let insert = Statement(
        "media_begin",
        """
        INSERT INTO media (account_id, source, state, kind, mime_type, filename, api_key_id, created_at)
        VALUES ($1, $2, 'partial', $3, $4, $5, $6, $7)
        RETURNING id
        """)

    package func begin(_ file: Beginning, of account: Account.ID, now: Timestamp) async throws -> Medium.ID {
        let rows = try await pool.write(
            Self.insert,
            [
                .id(account), .text(file.source.rawValue), .text(file.kind.rawValue), .text(file.mimeType),
                .word(file.filename), .id(file.apiKeyID), .time(now),
            ])
        guard let row = rows.first else { throw StorageError.missing("the new file") }
        return Medium.ID(try row.int(0))
    }

    static let insertChunk = Statement(
        "media_add_chunk",
        """
        INSERT INTO media_chunks (account_id, media_id, number, data)
        SELECT $1, f.id, $3, $4
        FROM media f
        WHERE f.account_id = $1 AND f.id = $2 AND f.state IN ('partial', 'pending')
        ON CONFLICT (account_id, media_id, number) DO UPDATE SET data = EXCLUDED.data
        RETURNING 1
        """)

    /// - Throws: `StorageError.Outdated` when the file was cleared away meanwhile.
    package func append(_ chunk: [UInt8], number: Int, to id: Medium.ID, of account: Account.ID) async throws {
        let rows = try await pool.write(
            Self.insertChunk, [.id(account), .id(id), .int(number), .bytes(chunk)])
        if rows.isEmpty { throw StorageError.Outdated() }
    }

    /// Writes the file as it comes; its size.
    ///
    /// - Parameter next: the next piece, of any size; nil at the end.
    @PostgresActor
    package func fill(
        _ id: Medium.ID, of account: Account.ID, _ intake: MediaIntake,
        next: @PostgresActor () async throws -> [UInt8]?
    ) async throws -> Int {
        var intake = intake
        var number = 0
        while let piece = try await next() {
            for chunk in try intake.take(piece) {
                try await append(chunk, number: number, to: id, of: account)
                number += 1
            }
        }
        if let last = try intake.end() { try await append(last, number: number, to: id, of: account) }
        return intake.size
    }

    static let complete = Statement(
        "media_complete",
        """
        UPDATE media f SET state = 'stored', size = $3, sha256 = $4
        WHERE f.account_id = $1 AND f.id = $2 AND f.state = 'partial'
        RETURNING \(columns)
        """)

    /// From now on it is there.
    @PostgresActor
    package func complete(
        _ id: Medium.ID, size: Int, sha256: [UInt8], in write: WriteTransaction
    ) async throws -> Medium {
        let rows = try await write.transaction.query(
            Self.complete, [.id(write.account), .id(id), .int(size), .bytes(sha256)])
        guard let row = rows.first else { throw StorageError.missing("the file") }
        write.audit(.create, of: .media, id.rawValue)
        return try Self.entry(row).medium
    }

    package func complete(
        _ id: Medium.ID, size: Int, sha256: [UInt8], of account: Account.ID
    ) async throws -> Medium {
        let rows = try await pool.write(Self.complete, [.id(account), .id(id), .int(size), .bytes(sha256)])
        guard let row = rows.first else { throw StorageError.Outdated() }
        return try Self.entry(row).medium
    }

    static let deletePartial = Statement(
        "media_drop", "DELETE FROM media f WHERE f.account_id = $1 AND f.id = $2 AND f.state = 'partial'")

    /// What came of a file that never became whole.
    package func drop(_ id: Medium.ID, of account: Account.ID) async throws {
        _ = try await pool.write(Self.deletePartial, [.id(account), .id(id)])
    }

    // MARK: What has outlived its use

    static let deleteAbandoned = Statement(
        "media_forget_partial",
        """
        DELETE FROM media f
        WHERE f.created_at < $1 AND f.state = 'partial'
        """)

    static let deleteUnused = Statement(
        "media_forget_unused",
        """
        DELETE FROM media f
        WHERE (f.account_id, f.id) IN (
            SELECT u.account_id, u.id
            FROM media u
            WHERE u.created_at < $1 AND u.state = 'stored'
                AND NOT EXISTS (
                    SELECT 1 FROM messages m WHERE m.account_id = u.account_id AND m.media_id = u.id)
            ORDER BY u.created_at
            LIMIT $2)
        """)

    /// - Parameters:
    ///   - partial: those that were begun before it, and did not arrive.
    ///   - unused: those that came before it, and no message has.
    package func forget(partial: Timestamp, unused: Timestamp, limit: Int) async throws {
        _ = try await pool.write(Self.deleteAbandoned, [.time(partial)])
        _ = try await pool.write(Self.deleteUnused, [.time(unused), .int(limit)])
    }
}
