package import Domain
import Postgres

/// Keeps the lines of a body while they come in. Nothing of them is applied before `accept`.
@PostgresActor
extension ImportStore {
    /// What is known of an import before its first line.
    package struct Request: Sendable {
        package var format: LeadImport.Format
        /// The header of CSV.
        package var columns: [String]?
        package var isLenient: Bool
        /// `en` or `pt`.
        package var language: String
        /// Names the process in the lease.
        package var owner: String

        package init(
            format: LeadImport.Format, columns: [String]?, isLenient: Bool, language: String, owner: String
        ) {
            self.format = format
            self.columns = columns
            self.isLenient = isLenient
            self.language = language
            self.owner = owner
        }
    }

    /// It is no longer received: it was canceled, or took longer than its lease.
    package struct Closed: Error {}

    nonisolated static let insert = Statement(
        "import_insert",
        """
        INSERT INTO imports (
            account_id, status, format, columns, is_lenient, language, api_key_id, request_id, lease_owner, lease_until,
            created_at)
        VALUES ($1, 'receiving', $2, $3, $4, $5, $6, $7, $8, $9, $10)
        RETURNING id
        """)

    nonisolated static let insertChunk = Statement(
        "import_chunk_insert",
        """
        WITH held AS (
            UPDATE imports i SET lease_until = $4, chunks = i.chunks + 1, received = i.received + cardinality($5::integer[])
            WHERE i.account_id = $1 AND i.id = $2 AND i.status = 'receiving' AND i.lease_owner = $3
            RETURNING i.id, i.chunks - 1 AS number
        )
        INSERT INTO import_chunks (account_id, import_id, number, line_numbers, faults, lines)
        SELECT $1, held.id, held.number, $5, $6, $7 FROM held
        RETURNING number
        """)

    nonisolated static let renew = Statement(
        "import_renew",
        """
        UPDATE imports i SET lease_until = $4
        WHERE i.account_id = $1 AND i.id = $2 AND i.status = 'receiving' AND i.lease_owner = $3
        RETURNING i.id
        """)

    nonisolated static let acceptance = Statement(
        "import_accept",
        """
        UPDATE imports i SET status = CASE WHEN i.chunks > 0 THEN 'queued' ELSE 'completed' END,
            lease_owner = NULL, lease_until = NULL, turn_at = $4, queued_at = $4,
            finished_at = CASE WHEN i.chunks > 0 THEN NULL ELSE $4::timestamptz END
        WHERE i.account_id = $1 AND i.id = $2 AND i.status = 'receiving' AND i.lease_owner = $3
        RETURNING \(columns)
        """)

    nonisolated static let fail = Statement(
        "import_fail",
        """
        WITH failed AS (
            UPDATE imports i SET status = 'failed', failure = $4, lease_owner = NULL, lease_until = NULL,
                finished_at = $5
            WHERE i.account_id = $1 AND i.id = $2 AND i.status = 'receiving' AND i.lease_owner = $3
            RETURNING i.id
        )
        DELETE FROM import_chunks k USING failed WHERE k.account_id = $1 AND k.import_id = failed.id
        """)

    /// Of processes that stopped while they received; of all accounts.
    nonisolated static let failLapsed = Statement(
        "import_fail_lapsed",
        """
        WITH lapsed AS (
            UPDATE imports i SET status = 'failed', failure = 'interrupted', lease_owner = NULL, lease_until = NULL,
                finished_at = $1
            WHERE i.status = 'receiving' AND i.lease_until < $1
            RETURNING i.account_id, i.id
        ), gone AS (
            DELETE FROM import_chunks k USING lapsed WHERE k.account_id = lapsed.account_id AND k.import_id = lapsed.id
        )
        SELECT count(*) FROM lapsed
        """)

    package func begin(_ request: Request, by actor: Actor, until lease: Timestamp, now: Timestamp) async throws
        -> LeadImport.ID
    {
        try Self.id(await pool.write(Self.insert, Self.insertion(request, actor, lease, now)))
    }

    package func append(
        _ lines: [ImportLine], to id: LeadImport.ID, _ owner: String, of account: Account.ID, until lease: Timestamp
    ) async throws {
        guard try await !pool.write(Self.insertChunk, Self.chunk(lines, id, owner, account, lease)).isEmpty else {
            throw Closed()
        }
    }

    package func renew(
        _ id: LeadImport.ID, _ owner: String, of account: Account.ID, until lease: Timestamp
    ) async throws {
        let held = try await pool.write(Self.renew, [.id(account), .id(id), .text(owner), .time(lease)])
        guard !held.isEmpty else { throw Closed() }
    }

    /// All has arrived: from the commit on it will be worked, whatever happens to this process.
    ///
    /// - Parameters:
    ///   - id: nil if nothing was kept yet: then all of it is `rest`.
    ///   - rest: the lines that are not kept yet.
    package func accept(
        _ id: LeadImport.ID?, _ request: Request, rest: [ImportLine], in write: WriteTransaction
    ) async throws -> LeadImport {
        let lease = write.now + .seconds(60)
        var known = id
        if known == nil {
            known = try Self.id(
                await write.transaction.query(Self.insert, Self.insertion(request, write.actor, lease, write.now)))
        }
        guard let id = known else { throw StorageError.missing("the new import") }
        if !rest.isEmpty {
            let kept = try await write.transaction.query(
                Self.insertChunk, Self.chunk(rest, id, request.owner, write.account, lease))
            guard !kept.isEmpty else { throw Closed() }
        }
        let rows = try await write.transaction.query(
            Self.acceptance, [.id(write.account), .id(id), .text(request.owner), .time(write.now)])
        guard let row = rows.first else { throw Closed() }
        write.audit(.create, of: .leadImport, id.rawValue)
        return try Self.imported(row)
    }

    package func fail(
        _ id: LeadImport.ID, _ owner: String, of account: Account.ID, _ failure: LeadImport.Failure, now: Timestamp
    ) async throws {
        try await pool.write(
            Self.fail, [.id(account), .id(id), .text(owner), .text(failure.rawValue), .time(now)])
    }

    /// How many failed because their process stopped.
    package func failLapsed(now: Timestamp) async throws -> Int {
        Int(try await pool.write(Self.failLapsed, [.time(now)]).first?.int(0) ?? 0)
    }

    nonisolated private static func id(_ rows: PostgresRows) throws -> LeadImport.ID {
        guard let row = rows.first else { throw StorageError.missing("the new import") }
        return LeadImport.ID(try row.int(0))
    }

    nonisolated private static func insertion(
        _ request: Request, _ actor: Actor, _ lease: Timestamp, _ now: Timestamp
    ) -> [PostgresValue] {
        [
            .id(actor.account), .text(request.format.rawValue), request.columns.map { .textArray($0) } ?? .null,
            .bool(request.isLenient), .text(request.language), .id(actor.apiKeyID), .word(actor.requestID),
            .text(request.owner), .time(lease), .time(now),
        ]
    }

    nonisolated private static func chunk(
        _ lines: [ImportLine], _ id: LeadImport.ID, _ owner: String, _ account: Account.ID, _ lease: Timestamp
    ) -> [PostgresValue] {
        [.id(account), .id(id), .text(owner), .time(lease)] + kept(lines)
    }

    /// Numbers, faults and texts of lines, as a chunk has them.
    nonisolated static func kept(_ lines: [ImportLine]) -> [PostgresValue] {
        var texts: [UInt8] = []
        texts.reserveCapacity(lines.reduce(0) { $0 + $1.text.count + 1 })
        for line in lines {
            texts += line.text
            texts.append(UInt8(ascii: "\n"))
        }
        return [
            .intArray(lines.map { Int64($0.number) }), .textArray(lines.map { $0.fault?.rawValue ?? "" }),
            .bytes(texts),
        ]
    }
}
