import EventLoop

/// One established connection: writes a request, reads its response, and watches for the peer's end in between.
@Reactor
final class HTTPClientConnection: ReadinessHandler {
    /// How an exchange, or the idle time after one, ended.
    enum Ending {
        case response(HTTPClientResponse, reusable: Bool)
        /// `wasWritten`: a byte of the request went out. `hasBegun`: a byte of a response came.
        case failure(HTTPClientError.Code, detail: String?, wasWritten: Bool, hasBegun: Bool)
    }

    let origin: HTTPURL.Origin
    /// Whether it has served a request before.
    private(set) var isUsed = false
    /// Told when the peer ends, or breaks the peace of, an idle connection.
    var onIdleEnd: (@Reactor (HTTPClientConnection) -> Void)?

    private let transport: any ByteTransport
    private var registration: Registration?
    private var outgoing: [UInt8] = []
    private var written = 0
    private var isWrittenAhead = false
    /// The request itself asked for the end of the connection.
    private var closesAfter = false
    private var parser = HTTPResponseParser(toHEAD: false, maximumBody: 0)
    private var onFirstByte: (@Reactor () -> Void)?
    private var onEnding: (@Reactor (Ending) -> Void)?

    /// One for all connections: what is read is taken up before the next read.
    private static let buffer = UnsafeMutableRawBufferPointer.allocate(
        byteCount: TransportBuffer.byteCount, alignment: 16)

    init(origin: HTTPURL.Origin, transport: any ByteTransport) throws(SystemError) {
        self.origin = origin
        self.transport = transport
        registration = try EventLoop.shared.register(transport.fd, .read, self)
    }

    var isClosed: Bool { registration == nil }
    var wasWritten: Bool { written > 0 || isWrittenAhead }

    /// Looks for an end that the peer has sent and the loop has not yet reported: a request written after it would
    /// end without a verdict.
    func isAlive() -> Bool {
        guard !isClosed else { return false }
        guard case .wouldBlock = transport.read(into: Self.buffer) else {
            close()
            return false
        }
        return true
    }

    func exchange(
        _ request: HTTPClientRequest, onFirstByte: @escaping @Reactor () -> Void,
        onEnding: @escaping @Reactor (Ending) -> Void
    ) {
        outgoing = request.serialized()
        written = 0
        isWrittenAhead = false
        closesAfter = request.fields["Connection"]?.equalsIgnoringCase("close") == true
        parser = HTTPResponseParser(toHEAD: request.method == .head, maximumBody: request.maximumResponseBody)
        self.onFirstByte = onFirstByte
        self.onEnding = onEnding
        flush()
    }

    func ready(_ readiness: Readiness) {
        guard onEnding != nil else {
            // TLS may have something to say to itself: a ticket, a change of keys.
            if !isAlive() { onIdleEnd?(self) }
            return
        }
        if readiness.contains(.write) { flush() }
        guard onEnding != nil, !readiness.isDisjoint(with: [.read, .hangUp, .error]) else { return }
        takeInput()
    }

    /// Frees the descriptor; an exchange in flight is dropped without a word.
    func close() {
        guard let registration else { return }
        self.registration = nil
        onFirstByte = nil
        onEnding = nil
        EventLoop.shared.deregister(registration)
        transport.close()
    }

    private func flush() {
        guard written < outgoing.count, let registration else { return }
        let result = outgoing.withUnsafeBytes { transport.write(UnsafeRawBufferPointer(rebasing: $0[written...])) }
        if transport.writtenAhead > 0 { isWrittenAhead = true }
        switch result {
        case .bytes(let count):
            written += count
            EventLoop.shared.update(registration, written < outgoing.count ? [.read, .write] : .read)
        case .wouldBlock: EventLoop.shared.update(registration, [.read, .write])
        case .end, .truncated: break
        case .failed(let words):
            // A server that refuses a long body answers and closes while it is still being written.
            if wasWritten { takeInput() }
            if onEnding != nil { fail(.reset, words) }
        }
    }

    private func takeInput() {
        while true {
            switch transport.read(into: Self.buffer) {
            case .bytes(let count):
                parse(UnsafeRawBufferPointer(rebasing: Self.buffer[..<count]))
                // A short read has emptied the socket; the loop tells of what comes later.
                guard onEnding != nil, count == Self.buffer.count || transport.hasUntoldEnd else { return }
            case .wouldBlock: return
            case .end: return endOfInput()
            case .truncated: return fail(.closedEarly, "without a word of its end")
            case .failed(let words): return fail(.reset, words)
            }
        }
    }

    private func parse(_ input: UnsafeRawBufferPointer) {
        let hadBegun = parser.hasBegun
        do throws(HTTPResponseFault) {
            try parser.consume(input)
        } catch {
            return refuse(error)
        }
        if parser.isDone { return succeed() }
        if !hadBegun { onFirstByte?() }
    }

    private func endOfInput() {
        do throws(HTTPResponseFault) {
            try parser.end()
        } catch {
            return refuse(error)
        }
        succeed()
    }

    private func succeed() {
        guard let response = parser.response else { return }
        // An answer before the request was all out: the rest of it would be taken for another request.
        let reusable = parser.keepsAlive && written == outgoing.count && !closesAfter
        finish(.response(response, reusable: reusable), keep: reusable)
    }

    private func refuse(_ fault: HTTPResponseFault) {
        switch fault {
        case .closedEarly: fail(.closedEarly)
        case .bodyTooLarge: fail(.responseTooLarge)
        default: fail(.malformedResponse, fault.rawValue)
        }
    }

    private func fail(_ code: HTTPClientError.Code, _ detail: String? = nil) {
        finish(
            .failure(code, detail: detail, wasWritten: wasWritten, hasBegun: parser.hasBegun), keep: false)
    }

    private func finish(_ ending: Ending, keep: Bool) {
        let onEnding = onEnding
        self.onEnding = nil
        onFirstByte = nil
        outgoing = []
        isUsed = true
        if !keep { close() }
        onEnding?(ending)
    }
}
