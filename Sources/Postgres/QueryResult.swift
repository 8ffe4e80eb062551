import CPostgres
import Glibc

/// Owns a `PGresult`.
final class QueryResult: @unchecked Sendable {
    // Unchecked, because libpq never changes a PGresult once it is returned ("Behavior in Threaded Programs").
    private let pointer: OpaquePointer
    let rowCount: Int
    let columnCount: Int

    /// Takes over the pointer.
    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
        rowCount = Int(PQntuples(pointer))
        columnCount = Int(PQnfields(pointer))
    }

    deinit { PQclear(pointer) }

    /// Bytes of memory.
    var size: Int { PQresultMemorySize(pointer) }

    enum Status {
        case rows
        /// One row of a statement in single-row mode; its end comes as `rows`.
        case row
        case failure
        case aborted
        case sync
        case unexpected
    }

    var status: Status {
        switch PQresultStatus(pointer) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: .rows
        case PGRES_SINGLE_TUPLE: .row
        case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE: .failure
        case PGRES_PIPELINE_ABORTED: .aborted
        case PGRES_PIPELINE_SYNC: .sync
        default: .unexpected
        }
    }

    var affectedRows: Int { Int(String(cString: PQcmdTuples(pointer))) ?? 0 }
    /// The command tag: `COMMIT`, `ROLLBACK`, `INSERT 0 1`.
    var command: String { String(cString: PQcmdStatus(pointer)) }

    func columnName(_ column: Int) -> String { String(cString: PQfname(pointer, Int32(column))) }

    func column(named name: String) -> Int? {
        (0..<columnCount).first { column in
            guard let own = PQfname(pointer, Int32(column)) else { return false }
            return name.utf8.elementsEqual(UnsafeRawBufferPointer(start: own, count: strlen(own)))
        }
    }

    /// The text of a field, which lives as long as this object; nil for NULL.
    func field(_ row: Int32, _ column: Int) -> UnsafeBufferPointer<UInt8>? {
        let column = Int32(column)
        let length = PQgetlength(pointer, row, column)
        if length == 0, PQgetisnull(pointer, row, column) == 1 { return nil }
        let start = UnsafeRawPointer(PQgetvalue(pointer, row, column))
        return UnsafeBufferPointer(start: start?.assumingMemoryBound(to: UInt8.self), count: Int(length))
    }

    // MARK: Errors

    /// The error report of a failed command; nil if libpq made it, because the connection broke.
    var serverError: PostgresError? {
        guard let state = diagnostic("C") else { return nil }
        return PostgresError(serverState: state, constraint: diagnostic("n"), message: diagnostic("M") ?? "")
    }

    /// The server closes the connection after it.
    var isFatal: Bool {
        let severity = diagnostic("V")
        return severity == "FATAL" || severity == "PANIC"
    }

    var errorMessage: String { String(cString: PQresultErrorMessage(pointer)) }

    /// A field of the error report by its code in the protocol (manual, section 55.8): severity V, SQLSTATE C,
    /// message M, constraint n. DETAIL, which quotes rows, is never read.
    private func diagnostic(_ code: Unicode.Scalar) -> String? {
        PQresultErrorField(pointer, Int32(code.value)).map { String(cString: $0) }
    }
}
