import CPostgres
import EventLoop
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
        // What the server says against a connection reaches us as text alone: in this form the SQLSTATE is in it.
        PQsetErrorVerbosity(pointer, PQERRORS_VERBOSE)
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

    /// Where it ended up, of all the addresses that it may have tried.
    var serverAddress: SocketAddress? {
        guard let host = PQhost(pointer), let ip = PQhostaddr(pointer), let port = PQport(pointer) else { return nil }
        guard ip.pointee == 0 else {
            return UInt16(String(cString: port)).flatMap { SocketAddress(ip: String(cString: ip), port: $0) }
        }
        return SocketAddress(unixPath: "\(String(cString: host))/.s.PGSQL.\(String(cString: port))")
    }

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

    /// Why the connection could not be made.
    var connectFailure: ConnectFailure { ConnectFailure(errorMessage) }

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
        return withEncoded(values) { pointers in
            PQsendQueryPrepared(
                pointer, statement.name, Int32(values.count), pointers, parameters.lengths, parameters.formats, 0) == 1
        }
    }

    /// Without a name: nothing of it stays on the server's side.
    func sendUnnamed(_ statement: Statement, _ values: [PostgresValue]) -> Bool {
        guard !values.isEmpty else {
            return PQsendQueryParams(pointer, statement.sql, 0, nil, nil, nil, nil, 0) == 1
        }
        return withEncoded(values) { pointers in
            PQsendQueryParams(
                pointer, statement.sql, Int32(values.count), nil, pointers, parameters.lengths, parameters.formats, 0)
                == 1
        }
    }

    private func withEncoded(_ values: [PostgresValue], _ send: ([UnsafePointer<CChar>?]) -> Bool) -> Bool {
        parameters.encode(values)
        return parameters.bytes.withUnsafeBufferPointer { bytes in
            let base = UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self)
            return send(parameters.offsets.map { offset in offset.flatMap { base?.advanced(by: $0) } })
        }
    }

    /// Has the rows of the statement just sent come one by one; it must be the only one under way.
    func enterSingleRowMode() -> Bool { PQsetSingleRowMode(pointer) == 1 }

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

    /// True if bytes were taken off the socket that libpq has not been given yet: no readiness will tell of them.
    var hasUnreadInput: Bool {
        // A record of TLS can be larger than the room that libpq had for it when it read: never with servers before
        // 17, which send 8 kB at a time.
        guard let tls = PQsslStruct(pointer, "OpenSSL") else { return false }
        return (unreadBytesOfTLS?(tls) ?? 0) > 0
    }

    /// True if asking for the next result would block.
    var isBusy: Bool { PQisBusy(pointer) == 1 }

    func nextResult() -> QueryResult? { PQgetResult(pointer).map { QueryResult($0) } }

    /// What stops the running statement; it connects anew, so it blocks.
    var cancellation: Cancellation? { PQgetCancel(pointer).map { Cancellation($0) } }
}

/// OpenSSL's `SSL_pending`, out of the library that libpq itself has loaded.
private let unreadBytesOfTLS: (@convention(c) (UnsafeMutableRawPointer) -> Int32)? =
    dlsym(nil, "SSL_pending").map { unsafeBitCast($0, to: (@convention(c) (UnsafeMutableRawPointer) -> Int32).self) }

/// At file scope, because C calls it.
private func dropNotice(_: UnsafeMutableRawPointer?, _: OpaquePointer?) {}
