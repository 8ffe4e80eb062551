package import Domain
import Postgres

/// What imports hold of a person: lines that wait, and reports.
@PostgresActor
extension ImportStore {
    nonisolated static let selectChunks = Statement(
        "erase_find_chunks",
        """
        SELECT k.import_id, k.number, k.line_numbers, k.faults, k.lines
        FROM import_chunks k
        WHERE k.account_id = $1 AND (k.import_id, k.number) > ($2::bigint, $3::integer)
        ORDER BY k.import_id, k.number
        LIMIT 1
        """)

    nonisolated static let selectReading = Statement(
        "erase_find_imports",
        "SELECT i.format, i.columns, i.is_lenient FROM imports i WHERE i.account_id = $1 AND i.id = $2")

    nonisolated static let updateChunk = Statement(
        "erase_chunk",
        """
        UPDATE import_chunks k SET line_numbers = $4, faults = $5, lines = $6
        WHERE k.account_id = $1 AND k.import_id = $2 AND k.number = $3
        """)

    nonisolated static let scrubReports = Statement(
        "erase_reports",
        """
        UPDATE import_lines n SET report = NULL
        WHERE n.account_id = $1 AND n.report IS NOT NULL AND EXISTS (
            SELECT 1 FROM unnest($2::text[]) AS w (part) WHERE position(w.part IN n.report::text) > 0)
        """)

    /// How a waiting line is to be read.
    package struct Reading: Sendable, Hashable {
        package let format: LeadImport.Format
        package let columns: [String]
        package let isLenient: Bool
    }

    /// Empties the waiting lines that tell of the person; their verdict will be that the person is erased.
    ///
    /// - Parameters:
    ///   - words: what a report names them by.
    ///   - isTheirs: judges the lines of a chunk, in their order; away from the loop, for they may be many.
    package func erase(
        _ words: [String], in write: WriteTransaction,
        where areTheirs: @PostgresActor ([ImportLine], Reading) async throws -> [Bool]
    ) async throws {
        let account = PostgresValue.id(write.account)
        try await write.transaction.query(Self.scrubReports, [account, .textArray(words)])
        var readings: [Int64: Reading] = [:]
        var last: [PostgresValue] = [.int(0), .int(-1)]
        while let row = try await write.transaction.query(Self.selectChunks, [account] + last).first {
            let (id, number) = (try row.int(0), try row.int(1))
            last = [.int(id), .int(number)]
            if readings[id] == nil {
                let found = try await write.transaction.query(Self.selectReading, [account, .int(id)]).first
                readings[id] = try found.map(Self.reading)
            }
            guard let reading = readings[id] else { continue }
            let lines = try Self.lines(row, from: 2)
            let marks = try await areTheirs(lines, reading)
            guard marks.contains(true) else { continue }
            let rest = zip(lines, marks).map { line, isTheirs in
                isTheirs ? ImportLine(number: line.number, text: [], fault: .erased) : line
            }
            try await write.transaction.query(Self.updateChunk, [account] + last + Self.kept(rest))
        }
    }

    @inline(never)
    nonisolated private static func reading(_ row: PostgresRow) throws -> Reading {
        var r = RowReader(row)
        return Reading(format: try r.word(), columns: try r.textArrayOrNil() ?? [], isLenient: try r.bool())
    }
}
