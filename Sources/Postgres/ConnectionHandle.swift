import CPostgres
import Glibc

/// Owns a `PGconn`: the calls to libpq and nothing else.
final class ConnectionHandle: @unchecked Sendable {
    // Unchecked, because only the connection that holds it calls it, and that lives on the reactor.
    private let pointer: OpaquePointer
    private var parameters = Parameters()

    /// Begins to connect; nil if there is no memory for it.
    init?(_ options: [(keyword: String, value: String)]) {
        let keywords = options.map { strdup($0.keyword) } + [nil]
        let values = options.map { strdup($0.value) } + [nil]
        defer { for string in keywords + values { free(string) } }
        let started = PQconnectStartParams(
            keywords.map { UnsafePointer($0) }, values.map { UnsafePointer($0) }, 0)
        guard let started else { return nil }
        pointer = started
        // By default notices go to stderr, and they may quote values.
        PQsetNoticeReceiver(pointer, dropNotice, nil)
    }

    /// Says good-bye, if there is somebody, and closes the socket: its registration must be gone.
    deinit { PQfinish(pointer) }

    // MARK: Connecting

    enum Progress {
        case wantsRead
        case wantsWrite
        case connected
        case failed
    }

    var hasFailed: Bool { PQstatus(pointer) == CONNECTION_BAD }
    var descriptor: Int32 { PQsocket(pointer) }
    var isIdle: Bool { PQtransactionStatus(pointer) == PQTRANS_IDLE }
    var isInTransaction: Bool {
        let status = PQtransactionStatus(pointer)
        return status == PQTRANS_INTRANS || status == PQTRANS_INERROR
    }

    var errorMessage: String {
        let text = String(cString: PQerrorMessage(pointer))
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    func pollConnect() -> Progress {
        switch PQconnectPoll(pointer) {
        case PGRES_POLLING_READING: .wantsRead
        case PGRES_POLLING_WRITING: .wantsWrite
        case PGRES_POLLING_OK: .connected
        default: .failed
        }
    }

    func enterPipelineMode() -> Bool { PQsetnonblocking(pointer, 1) == 0 && PQenterPipelineMode(pointer) == 1 }
    func enterNonBlockingMode() -> Bool { PQsetnonblocking(pointer, 1) == 0 }

    // MARK: Sending

    func sendPrepare(_ statement: Statement) -> Bool {
        PQsendPrepare(pointer, statement.name, statement.sql, 0, nil) == 1
    }

    func send(_ statement: Statement, _ values: [PostgresValue]) -> Bool {
        guard !values.isEmpty else {
            return PQsendQueryPrepared(pointer, statement.name, 0, nil, nil, nil, 0) == 1
        }
        parameters.encode(values)
        return parameters.bytes.withUnsafeBufferPointer { bytes in
            let base = UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self)
            let pointers = parameters.offsets.map { offset in offset.flatMap { base?.advanced(by: $0) } }
            return PQsendQueryPrepared(
                pointer, statement.name, Int32(values.count), pointers, parameters.lengths, parameters.formats, 0) == 1
        }
    }

    /// Any number of statements, outside pipeline mode.
    func sendScript(_ sql: String) -> Bool { PQsendQuery(pointer, sql) == 1 }

    func sendSync() -> Bool { PQpipelineSync(pointer) == 1 }

    /// True once everything has left; nil if the connection is broken.
    func flush() -> Bool? {
        switch PQflush(pointer) {
        case 0: true
        case 1: false
        default: nil
        }
    }

    // MARK: Receiving

    func consumeInput() -> Bool { PQconsumeInput(pointer) == 1 }

    /// True if asking for the next result would block.
    var isBusy: Bool { PQisBusy(pointer) == 1 }

    func nextResult() -> QueryResult? { PQgetResult(pointer).map { QueryResult($0) } }

    /// What stops the running statement; it connects anew, so it blocks.
    var cancellation: Cancellation? { PQgetCancel(pointer).map { Cancellation($0) } }
}

/// Owns a `PGcancel`.
final class Cancellation: @unchecked Sendable {
    // Unchecked, because PQcancel may be called from any thread (manual, "Canceling Queries in Progress").
    private let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { PQfreeCancel(pointer) }

    func send() {
        var message = [CChar](repeating: 0, count: 256)
        _ = PQcancel(pointer, &message, Int32(message.count))
    }
}

/// At file scope, because C calls it.
private func dropNotice(_: UnsafeMutableRawPointer?, _: OpaquePointer?) {}
