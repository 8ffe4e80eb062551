package import Domain
import Postgres

/// Files of received messages: known with their message, fetched after it.
extension MediaStore {
    static let insertExpected = Statement(
        "media_expect",
        """
        INSERT INTO media (account_id, source, state, kind, mime_type, filename, instance_id, created_at)
        VALUES ($1, 'inbound', 'pending', $2, $3, $4, $5, $6)
        RETURNING id
        """)

    /// nil where there is none.
    static func expect(
        _ file: InboundMedia?, by instance: Instance.ID, of account: Account.ID, now: Timestamp,
        in transaction: PostgresTransaction
    ) async throws -> Medium? {
        guard let file else { return nil }
        let rows = try await transaction.query(
            insertExpected,
            [
                .id(account), .text(file.kind.rawValue), .text(file.mimeType), .word(file.filename), .id(instance),
                .time(now),
            ])
        guard let row = rows.first else { throw StorageError.missing("the received file") }
        return Medium(
            id: Medium.ID(try row.int(0)), source: .inbound, kind: file.kind, mimeType: file.mimeType,
            filename: file.filename, size: 0, sha256: [], instanceID: instance, createdAt: now)
    }

    static let insertFetch = Statement(
        "media_fetch_put",
        """
        INSERT INTO media_fetches (account_id, media_id, message_id, instance_id, place, sha256, run_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        """)

    static let deleteExpected = Statement(
        "media_unexpect", "DELETE FROM media f WHERE f.account_id = $1 AND f.id = $2 AND f.state = 'pending'")

    /// Of a message that was here before, the file is too.
    static func settle(
        _ medium: Medium, _ file: InboundMedia?, for message: PostgresRow?, of account: Account.ID,
        now: Timestamp, in transaction: PostgresTransaction
    ) async throws {
        guard let file, let message, let instance = medium.instanceID else {
            try await transaction.query(deleteExpected, [.id(account), .id(medium.id)])
            return
        }
        try await transaction.query(
            insertFetch,
            [
                .id(account), .id(medium.id), .int(try message.int(0)), .id(instance), .text(file.place),
                file.sha256.map { .bytes($0) } ?? .null, .time(now),
            ])
    }

    // MARK: Fetching

    /// A file that this process is to fetch.
    package struct Fetch: Sendable {
        package let account: Account.ID
        package let id: Medium.ID
        package let instanceID: Instance.ID
        package let place: String
        package let sha256: [UInt8]?
        /// This one among them.
        package let attempts: Int
        package let createdAt: Timestamp
    }

    static let claimFetches = Statement(
        "media_fetch_claim",
        """
        WITH due AS (
            SELECT q.account_id, q.media_id
            FROM media_fetches q
            WHERE q.run_at <= $1
            ORDER BY q.run_at
            LIMIT $3
            FOR UPDATE SKIP LOCKED
        )
        UPDATE media_fetches q SET run_at = $2, attempts = q.attempts + 1
        FROM due, media f
        WHERE q.account_id = due.account_id AND q.media_id = due.media_id AND f.account_id = due.account_id
            AND f.id = due.media_id
        RETURNING q.account_id, q.media_id, q.instance_id, q.place, q.sha256, q.attempts, f.created_at
        """)

    /// - Parameter lease: when whoever is still at it is taken for dead.
    package func claimFetches(now: Timestamp, until lease: Timestamp, limit: Int) async throws -> [Fetch] {
        try await pool.write(Self.claimFetches, [.time(now), .time(lease), .int(limit)]).map(Self.fetch)
    }

    @inline(never)
    private static func fetch(_ row: PostgresRow) throws -> Fetch {
        var r = RowReader(row)
        return Fetch(
            account: try r.id(), id: try r.id(), instanceID: try r.id(), place: try r.text(),
            sha256: try r.bytesOrNil(), attempts: Int(try r.int()), createdAt: try r.timestamp())
    }

    static let deleteChunks = Statement(
        "media_clear", "DELETE FROM media_chunks c WHERE c.account_id = $1 AND c.media_id = $2")

    /// What an attempt that did not end left behind.
    package func clear(_ id: Medium.ID, of account: Account.ID) async throws {
        _ = try await pool.write(Self.deleteChunks, [.id(account), .id(id)])
    }

    /// The file, the message that shows it, and the end of the errand, at once.
    static let finishFetch = Statement(
        "media_fetch_done",
        """
        WITH file AS (
            UPDATE media f SET state = 'stored', size = $3, sha256 = $4
            WHERE f.account_id = $1 AND f.id = $2 AND f.state = 'pending'
            RETURNING f.id
        ), done AS (
            DELETE FROM media_fetches q WHERE q.account_id = $1 AND q.media_id = $2
        )
        UPDATE messages m SET details = m.details || jsonb_build_object('media',
            (m.details->'media') || jsonb_build_object('size', $3::bigint, 'sha256', encode($4::bytea, 'hex')))
        FROM file
        WHERE m.account_id = $1 AND m.media_id = file.id AND m.details IS NOT NULL
        """)

    package func finish(_ fetch: Fetch, size: Int, sha256: [UInt8]) async throws {
        _ = try await pool.write(Self.finishFetch, [.id(fetch.account), .id(fetch.id), .int(size), .bytes(sha256)])
    }

    static let delayFetch = Statement(
        "media_fetch_later",
        "UPDATE media_fetches q SET run_at = $3 WHERE q.account_id = $1 AND q.media_id = $2")

    package func delay(_ fetch: Fetch, until time: Timestamp) async throws {
        _ = try await pool.write(Self.delayFetch, [.id(fetch.account), .id(fetch.id), .time(time)])
    }

    static let failFetch = Statement(
        "media_fetch_failed",
        """
        WITH gone AS (
            DELETE FROM media_fetches q WHERE q.account_id = $1 AND q.media_id = $2
        ), pieces AS (
            DELETE FROM media_chunks c WHERE c.account_id = $1 AND c.media_id = $2
        )
        UPDATE media f SET state = 'failed' WHERE f.account_id = $1 AND f.id = $2 AND f.state = 'pending'
        """)

    package func fail(_ fetch: Fetch) async throws {
        _ = try await pool.write(Self.failFetch, [.id(fetch.account), .id(fetch.id)])
    }
}
