package import Domain
import JSON
import Postgres

/// Applies what was kept, batch after batch. Each batch moves the cursor in the transaction that applies it; the lease
/// shares the work among processes, and the row's lock keeps one whose lease ran out from repeating anything.
@PostgresActor
extension ImportStore {
    /// An import that this process works a batch of.
    package struct Claimed: Sendable {
        package let account: Account
        package let id: LeadImport.ID
        package let actor: Actor
        package let format: LeadImport.Format
        package let columns: [String]
        package let isLenient: Bool
        package let language: String
        package let owner: String
        package let chunk: Int64
        /// Lines of the chunk that are done.
        package let offset: Int
    }

    /// Those of one account come one after the other, in the order in which they were accepted, so that a later one
    /// finds what an earlier one made; among accounts whoever has waited longest is next.
    nonisolated static let claim = Statement(
        "import_claim",
        """
        WITH due AS (
            SELECT q.account_id, q.id
            FROM imports q
            JOIN accounts a ON a.id = q.account_id AND a.status = 'active'
            WHERE q.status IN ('queued', 'running') AND (q.lease_until IS NULL OR q.lease_until < $1)
                AND NOT EXISTS (
                    SELECT 1 FROM imports e
                    WHERE e.account_id = q.account_id AND e.status IN ('queued', 'running')
                        AND ((e.queued_at, e.id) < (q.queued_at, q.id) OR (e.id <> q.id AND e.lease_until >= $1)))
            ORDER BY q.turn_at
            LIMIT 1
            FOR UPDATE OF q SKIP LOCKED
        ), claimed AS (
            UPDATE imports i SET status = 'running', lease_owner = $2, lease_until = $3, turn_at = $1,
                started_at = COALESCE(i.started_at, $1)
            FROM due
            WHERE i.account_id = due.account_id AND i.id = due.id
            RETURNING i.*
        )
        SELECT i.id, i.format, i.columns, i.is_lenient, i.language, i.api_key_id, i.request_id, i.next_chunk,
            i.next_offset, a.id, a.name, a.plan, a.status, a.locale, a.timezone, a.default_country, a.currency
        FROM claimed i
        JOIN accounts a ON a.id = i.account_id
        """)

    /// The next batch of somebody's import; nil when nobody's waits.
    package func claim(owner: String, until lease: Timestamp, now: Timestamp) async throws -> Claimed? {
        try await pool.write(Self.claim, [.time(now), .text(owner), .time(lease)]).first.map {
            try Self.claimed($0, owner)
        }
    }

    @inline(never)
    nonisolated private static func claimed(_ row: PostgresRow, _ owner: String) throws -> Claimed {
        var r = RowReader(row)
        let (id, format): (LeadImport.ID, LeadImport.Format) = (try r.id(), try r.word())
        let columns = try r.textArrayOrNil() ?? []
        let (isLenient, language) = (try r.bool(), try r.text())
        let (key, request): (APIKey.ID?, String?) = (try r.idOrNil(), try r.textOrNil())
        let (chunk, offset) = (try r.int(), Int(try r.int()))
        let account = try AccountStore.account(&r)
        return Claimed(
            account: account, id: id, actor: Actor(account: account.id, apiKeyID: key, requestID: request),
            format: format, columns: columns, isLenient: isLenient, language: language, owner: owner, chunk: chunk,
            offset: offset)
    }

    nonisolated static let selectChunk = Statement(
        "import_chunk_get",
        """
        SELECT k.line_numbers, k.faults, k.lines
        FROM import_chunks k
        WHERE k.account_id = $1 AND k.import_id = $2 AND k.number = $3
        """)

    package func lines(of claimed: Claimed) async throws -> [ImportLine] {
        let rows = try await pool.read(
            Self.selectChunk, [.id(claimed.account.id), .id(claimed.id), .int(claimed.chunk)])
        guard let row = rows.first else { throw StorageError.missing("the lines of an import") }
        return try Self.lines(row, from: 0)
    }

    /// - Parameter column: where the numbers stand, faults and texts behind them.
    @inline(never)
    nonisolated static func lines(_ row: PostgresRow, from column: Int) throws -> [ImportLine] {
        let numbers = try row.intArray(column)
        let faults = try row.textArray(column + 1)
        let texts = try row.bytes(column + 2).split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        // Behind the last line feed stands nothing.
        guard faults.count == numbers.count, texts.count == numbers.count + 1 else {
            throw StorageError.missing("a line of an import")
        }
        return numbers.indices.map { index in
            ImportLine(
                number: Int(numbers[index]), text: Array(texts[index]),
                fault: faults[index].isEmpty ? nil : ImportLine.Fault(rawValue: faults[index]) ?? .erased)
        }
    }

    nonisolated static let hold = Statement(
        "import_hold",
        """
        SELECT i.id
        FROM imports i
        WHERE i.account_id = $1 AND i.id = $2 AND i.status = 'running' AND i.lease_owner = $3 AND i.next_chunk = $4
            AND i.next_offset = $5
        FOR NO KEY UPDATE
        """)

    /// Whether the batch is still this process's to apply, and stays so to the end of the transaction.
    package func hold(_ claimed: Claimed, in write: WriteTransaction) async throws -> Bool {
        try await !write.transaction.query(
            Self.hold,
            [
                .id(claimed.account.id), .id(claimed.id), .text(claimed.owner), .int(claimed.chunk),
                .int(claimed.offset),
            ]
        ).isEmpty
    }

    nonisolated static let insertReports = Statement(
        "import_report",
        """
        INSERT INTO import_lines (account_id, import_id, line, result, lead_id, matched_on, report)
        SELECT $1, $2, r.line, r.result, r.lead_id, r.matched_on, r.report
        FROM unnest($3::integer[], $4::text[], $5::bigint[], $6::text[], $7::jsonb[])
            AS r (line, result, lead_id, matched_on, report)
        """)

    nonisolated static let deleteChunk = Statement(
        "import_chunk_delete",
        "DELETE FROM import_chunks k WHERE k.account_id = $1 AND k.import_id = $2 AND k.number = $3")

    /// The lease ends with the batch: the next one is whosever turn it is.
    nonisolated static let advance = Statement(
        "import_advance",
        """
        UPDATE imports i SET next_chunk = $3, next_offset = $4, line = $5, created = i.created + $6,
            updated = i.updated + $7, unchanged = i.unchanged + $8, conflict = i.conflict + $9,
            invalid = i.invalid + $10, erased = i.erased + $11, lease_owner = NULL, lease_until = NULL,
            status = CASE WHEN i.chunks = $3 THEN 'completed' ELSE i.status END,
            finished_at = CASE WHEN i.chunks = $3 THEN $12::timestamptz END
        WHERE i.account_id = $1 AND i.id = $2
        """)

    /// Writes down what became of the lines, and moves the cursor behind them.
    ///
    /// - Parameter isRest: nothing is left of the chunk.
    package func advance(
        _ claimed: Claimed, by reports: [Report], isRest: Bool, in write: WriteTransaction
    ) async throws {
        let counts = Dictionary(grouping: reports, by: \.result).mapValues(\.count)
        let own: [PostgresValue] = [.id(claimed.account.id), .id(claimed.id)]
        var steps: [(Statement, [PostgresValue])] = [
            (
                Self.insertReports,
                own + [
                    .intArray(reports.map(\.line)), .textArray(reports.map(\.result.rawValue)),
                    .intArray(reports.map { $0.leadID?.rawValue }), .textArray(reports.map(\.matchedOn)),
                    .jsonArray(reports.map { $0.told?.serialized() }),
                ]
            )
        ]
        if isRest { steps.append((Self.deleteChunk, own + [.int(claimed.chunk)])) }
        let line = reports.last?.line ?? 0
        steps.append(
            (
                Self.advance,
                own + [
                    .int(isRest ? claimed.chunk + 1 : claimed.chunk), .int(isRest ? 0 : claimed.offset + reports.count),
                    .int(line),
                ] + LeadUpsert.Outcome.allCases.map { .int(counts[$0] ?? 0) } + [.time(write.now)]
            ))
        try await write.transaction.query(steps)
    }

    nonisolated static let release = Statement(
        "import_release",
        """
        UPDATE imports i SET lease_owner = NULL, lease_until = NULL
        WHERE i.account_id = $1 AND i.id = $2 AND i.lease_owner = $3
        """)

    /// Gives the batch back untouched.
    package func release(_ claimed: Claimed) async throws {
        try await pool.write(
            Self.release, [.id(claimed.account.id), .id(claimed.id), .text(claimed.owner)])
    }

    nonisolated static let lock = Statement("import_lock", "\(selectOne.sql) FOR NO KEY UPDATE")

    nonisolated static let cancel = Statement(
        "import_cancel",
        """
        UPDATE imports i SET status = 'canceled', lease_owner = NULL, lease_until = NULL, finished_at = $3
        WHERE i.account_id = $1 AND i.id = $2
        RETURNING \(columns)
        """)

    nonisolated static let deleteChunks = Statement(
        "import_chunks_delete", "DELETE FROM import_chunks k WHERE k.account_id = $1 AND k.import_id = $2")

    /// What is applied stays, the rest is dropped; one that has ended stays as it is. nil when there is none.
    package func cancel(_ id: LeadImport.ID, in write: WriteTransaction) async throws -> LeadImport? {
        let own: [PostgresValue] = [.id(write.account), .id(id)]
        guard let row = try await write.transaction.query(Self.lock, own).first else { return nil }
        let found = try Self.imported(row)
        guard !found.status.isFinal else { return found }
        let results = try await write.transaction.query([
            (Self.cancel, own + [.time(write.now)]), (Self.deleteChunks, own),
        ])
        write.audit(
            .update, of: .leadImport, id.rawValue,
            changes: .changes([
                ("status", .string(found.status.rawValue), .string(LeadImport.Status.canceled.rawValue))
            ]))
        return try results[0].first.map(Self.imported)
    }

    nonisolated static let deleteLines = Statement(
        "import_forget_lines",
        """
        DELETE FROM import_lines WHERE (account_id, import_id, line) IN (
            SELECT n.account_id, n.import_id, n.line
            FROM imports i
            JOIN import_lines n ON n.account_id = i.account_id AND n.import_id = i.id
            WHERE i.finished_at < $1
            LIMIT 5000)
        RETURNING 1
        """)

    nonisolated static let deleteOld = Statement(
        "import_forget",
        """
        DELETE FROM imports i
        WHERE i.finished_at < $1 AND NOT EXISTS (
            SELECT 1 FROM import_lines n WHERE n.account_id = i.account_id AND n.import_id = i.id)
        """)

    /// Drops those that ended before `time`, with their reports.
    package func forget(before time: Timestamp) async throws {
        while try await !pool.write(Self.deleteLines, [.time(time)]).isEmpty {}
        try await pool.write(Self.deleteOld, [.time(time)])
    }
}
