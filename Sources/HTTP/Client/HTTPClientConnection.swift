import EventLoop

/// One established connection: writes a request, reads its response, and watches for the peer's end in between.
@Reactor
final class HTTPClientConnection: ReadinessHandler {
    /// How an exchange, or the idle time after one, ended.
    enum Ending {
        case response(HTTPClientResponse, reusable: Bool)
        /// `hasBegun`: a byte of a response came.
        case failure(HTTPClientError.Code, HTTPClientError.Certainty, detail: String?, hasBegun: Bool)
    }

    /// What an exchange tells before it ends.
    enum Progress {
        /// A byte of a response came.
        case firstByte
        /// Of a body that is read as it comes: the head is there, and perhaps more of the body than before.
        case piece
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
    private var hasWrittenAhead = false
    /// The request itself asked for the end of the connection.
    private var closesAfter = false
    private var parser = HTTPResponseParser(toHEAD: false, maximumBody: 0)
    private var onProgress: (@Reactor (Progress) -> Void)?
    private var onEnding: (@Reactor (Ending) -> Void)?
    private var isStreamed = false
    private var isPaused = false
    /// The server is about to leave an idle connection.
    private var usableUntil: MonotonicTime?

    /// One for all connections: what is read is taken up before the next read.
    private static let buffer = UnsafeMutableRawBufferPointer.allocate(
        byteCount: TransportBuffer.byteCount, alignment: 16)

    init(origin: HTTPURL.Origin, transport: any ByteTransport) throws(SystemError) {
        self.origin = origin
        self.transport = transport
        registration = try EventLoop.shared.register(transport.fd, .read, self)
    }

    var isClosed: Bool { registration == nil }
    var wasWritten: Bool { written > 0 || hasWrittenAhead }
    private var certainty: HTTPClientError.Certainty { wasWritten ? .unknown : .notSent }

    /// Looks for an end that the peer has sent and the loop has not yet reported: a request written after it would
    /// end without a verdict.
    func isAlive() -> Bool {
        guard !isClosed else { return false }
        if let usableUntil, usableUntil <= .now {
            close()
            return false
        }
        guard case .wouldBlock = transport.read(into: Self.buffer) else {
            close()
            return false
        }
        return true
    }

    /// - Parameter streams: the body is not collected: `takeBody` gives it out as it comes.
    func exchange(
        _ request: HTTPClientRequest, streams: Bool = false, onProgress: @escaping @Reactor (Progress) -> Void,
        onEnding: @escaping @Reactor (Ending) -> Void
    ) {
        outgoing = request.serialized()
        written = 0
        hasWrittenAhead = false
        usableUntil = nil
        isStreamed = streams
        closesAfter = request.fields["Connection"]?.equalsIgnoringCase("close") == true
        parser = HTTPResponseParser(toHEAD: request.method == .head, maximumBody: request.maximumResponseBody)
        self.onProgress = onProgress
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
        // A connection that is over would be announced without end.
        if !readiness.isDisjoint(with: [.hangUp, .error]) { isPaused = false }
        takeInput()
    }

    // MARK: A body that is read as it comes

    /// Status and fields, once they are there.
    var start: HTTPClientResponse? { parser.start }

    func takeBody() -> [UInt8] { parser.takeBody() }

    /// Takes nothing more from the server until `resume`.
    func pause() {
        guard !isPaused else { return }
        isPaused = true
        watch()
    }

    func resume() {
        guard isPaused else { return }
        isPaused = false
        watch()
        if transport.hasUntoldEnd { takeInput() }
    }

    private func watch() {
        guard let registration else { return }
        let read: Readiness = isPaused ? [] : .read
        EventLoop.shared.update(registration, written < outgoing.count ? read.union(.write) : read)
    }

    // MARK: Input and output

    /// Frees the descriptor; an exchange in flight is dropped without a word.
    func close() {
        guard let registration else { return }
        self.registration = nil
        onProgress = nil
        onEnding = nil
        EventLoop.shared.deregister(registration)
        transport.close()
    }

    private func flush() {
        guard written < outgoing.count, registration != nil else { return }
        let result = outgoing.withUnsafeBytes { transport.write(UnsafeRawBufferPointer(rebasing: $0[written...])) }
        if transport.hasWrittenAhead { hasWrittenAhead = true }
        switch result {
        case .bytes(let count):
            written += count
            watch()
        case .wouldBlock: watch()
        case .end, .truncated, .refused: break
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
                guard onEnding != nil, !isPaused, count == Self.buffer.count || transport.hasUntoldEnd else { return }
            case .wouldBlock: return
            case .end: return endOfInput()
            case .truncated: return fail(.closedEarly, "without a word of its end")
            // The end of the handshake in TLS 1.3: the server has read nothing of a request yet.
            case .refused(let words) where !isUsed && !parser.hasBegun:
                return finish(.failure(.tlsHandshake, .rejected, detail: words, hasBegun: false), keep: false)
            case .refused(let words): return fail(.reset, words)
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
        if !hadBegun { onProgress?(.firstByte) }
        if isStreamed, parser.start != nil { onProgress?(.piece) }
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
        if let seconds = parser.keepAliveSeconds {
            // A request that meets the server's own close is lost: so much earlier it is not sent.
            let promised = Duration.seconds(min(max(seconds, 0), 3600))
            usableUntil = .now + (promised - min(.seconds(1), promised / 2))
        }
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
        finish(.failure(code, certainty, detail: detail, hasBegun: parser.hasBegun), keep: false)
    }

    private func finish(_ ending: Ending, keep: Bool) {
        let onEnding = onEnding
        self.onEnding = nil
        onProgress = nil
        outgoing = []
        written = 0
        isPaused = false
        isUsed = true
        if keep { watch() } else { close() }
        onEnding?(ending)
    }
}
