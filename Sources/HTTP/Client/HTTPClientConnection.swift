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

    let site: HTTPOriginSite
    /// Whether it has served a request before.
    private(set) var isUsed = false
    /// Whether it has served more than one: the server keeps its promise to stay.
    private var hasStayed = false
    /// When it was last given back.
    var restsSince = MonotonicTime.now
    /// In a shorter rest no server's patience ends; after a longer one its end may lie in the socket, untold.
    private static let shortRest = Duration.milliseconds(1)
    /// Told when the peer ends, or breaks the peace of, an idle connection.
    var onIdleEnd: (@Reactor (HTTPClientConnection) -> Void)?

    private let transport: any ByteTransport
    private var registration: Registration?
    /// Whose exchange it is; nil while it is idle.
    private var call: HTTPClientCall?
    /// Stays armed from one exchange to the next, and asks the call that it then finds.
    private var timer: LoopTimer?
    /// The request's length in bytes, how much of it is out, and all of it if it did not go out at once.
    private var length = 0
    private var written = 0
    private var outgoing: [UInt8] = []
    private var hasWrittenAhead = false
    /// What of a body that is made as it goes out is still to come.
    private var upload = UploadProgress.none
    /// The request itself asked for the end of the connection.
    private var closesAfter = false
    private var parser = HTTPResponseParser(toHEAD: false, maximumBody: 0)
    private var isStreamed = false
    private var isPaused = false
    /// The loop has told that the peer will send no more.
    private var hasPeerEnded = false
    /// The server is about to leave an idle connection.
    private var usableUntil: MonotonicTime?

    /// One for all connections: what is read is taken up before the next read.
    private static let buffer = UnsafeMutableRawBufferPointer.allocate(
        byteCount: TransportBuffer.byteCount, alignment: 16)
    /// One for all connections, too: what does not go out at once is copied.
    private static let output = OutputBuffer()

    init(site: HTTPOriginSite, transport: any ByteTransport) throws(SystemError) {
        self.site = site
        self.transport = transport
        registration = try EventLoop.shared.register(transport.fd, [.read, .peerClosed], self)
    }

    var isClosed: Bool { registration == nil }
    var wasWritten: Bool { written > 0 || hasWrittenAhead || upload.hasBegun }
    private var certainty: HTTPClientError.Certainty { wasWritten ? .unknown : .notSent }

    /// Whether a request may be written: one that is written after the peer's end would be left without a verdict.
    ///
    /// The loop tells of an idle connection's end, and of one that comes with an answer, before anybody can ask for the
    /// connection. The socket itself is asked only where that is not enough: after a rest; where a server answered,
    /// promised to stay, and may leave a moment later; and where the loop may not have told all.
    /// - Parameter looksAnew: something was learnt in this turn of the loop, after it had told.
    func isAlive(looksAnew: Bool = false) -> Bool {
        guard !isClosed else { return false }
        if let usableUntil, usableUntil <= .now {
            close()
            return false
        }
        let isFresh = MonotonicTime.now - restsSince < Self.shortRest
        if hasStayed, isFresh, !looksAnew, EventLoop.shared.hasSeenAll { return true }
        return isSilent()
    }

    /// Asks the socket; closes what is no longer at peace.
    private func isSilent() -> Bool {
        guard case .wouldBlock = transport.read(into: Self.buffer) else {
            close()
            return false
        }
        return true
    }

    /// The answer is given out as it comes where the call has a `download`.
    func exchange(_ call: HTTPClientCall) {
        let request = call.request
        self.call = call
        hasWrittenAhead = false
        usableUntil = nil
        isStreamed = call.download != nil
        closesAfter = request.fields.closesConnection
        parser = HTTPResponseParser(toHEAD: request.method == .head, maximumBody: request.maximumResponseBody)
        let encoder = HTTPRequestEncoder(request)
        let memory = Self.output.memory(for: encoder.bound)
        written = 0
        upload = request.upload.map { .waiting($0, 0, left: $0.length) } ?? .none
        length = encoder.write(into: memory)
        let bytes = UnsafeRawBufferPointer(rebasing: memory[..<length])
        let result = transport.write(bytes)
        if case .bytes(length) = result {
            written = length
            return pullUpload()
        }
        outgoing = Array(bytes)
        wrote(result)
    }

    func ready(_ readiness: Readiness) {
        if readiness.hasPeerEnded { hasPeerEnded = true }
        guard call != nil else {
            // TLS may have something to say to itself: a ticket, a change of keys.
            if !isSilent() { onIdleEnd?(self) }
            return
        }
        if readiness.takesOutput { flush() }
        guard call != nil, readiness.bringsInput else { return }
        // A connection that is over would be announced without end.
        if readiness.isOver { isPaused = false }
        takeInput()
    }

    // MARK: Deadlines

    func fireTimer(by due: MonotonicTime) {
        if let timer, timer.isPending, timer.deadline <= due { return }
        timer?.cancel()
        timer = EventLoop.shared.schedule(at: due) { [weak self] in self?.call?.timerFired() }
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
        var interest: Readiness = []
        if !isPaused { interest = [.read, .peerClosed] }
        if written < length { interest.insert(.write) }
        EventLoop.shared.update(registration, interest)
    }

    // MARK: Input and output

    /// Frees the descriptor; an exchange in flight is dropped without a word.
    func close() {
        guard let registration else { return }
        self.registration = nil
        call = nil
        timer?.cancel()
        timer = nil
        EventLoop.shared.deregister(registration)
        transport.close()
    }

    private func flush() {
        guard written < length, registration != nil else { return }
        wrote(outgoing.withUnsafeBytes { transport.write(UnsafeRawBufferPointer(rebasing: $0[written...])) })
    }

    private func wrote(_ result: Carriage) {
        if transport.hasWrittenAhead { hasWrittenAhead = true }
        switch result {
        case .bytes(let count):
            written += count
            watch()
            if written == length { pullUpload() }
        case .wouldBlock: watch()
        case .end, .truncated, .refused: break
        case .failed(let words):
            // A server that refuses a long body answers and closes while it is still being written.
            if wasWritten { takeInput() }
            if call != nil { fail(.reset, words) }
        }
    }

    /// Asks for the next piece of the body, once all before it is out.
    private func pullUpload() {
        guard case .waiting(let source, let number, let left) = upload, left > 0, let call else { return }
        upload = .pulling(source, number, left: left)
        spawn {
            let piece = try? await source.piece(number)
            self.send(piece ?? [], of: call)
        }
    }

    private func send(_ piece: [UInt8], of call: HTTPClientCall) {
        // The exchange may be over, and the connection another's.
        guard self.call === call, case .pulling(let source, let number, let left) = upload else { return }
        guard !piece.isEmpty, piece.count <= left else { return fail(.bodyUnreadable) }
        upload = .waiting(source, number + 1, left: left - piece.count)
        outgoing = piece
        (written, length) = (0, piece.count)
        flush()
    }

    private func takeInput() {
        while true {
            switch transport.read(into: Self.buffer) {
            case .bytes(let count):
                parse(UnsafeRawBufferPointer(rebasing: Self.buffer[..<count]))
                // A short read has emptied the socket; the loop tells of what comes later.
                guard call != nil, !isPaused, count == Self.buffer.count || transport.hasUntoldEnd else { return }
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
        if !hadBegun { call?.hasBegun() }
        if isStreamed, parser.start != nil { call?.take(from: self) }
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
        let reusable =
            parser.keepsAlive && written == length && upload.isOver && !closesAfter && !hasPeerEnded
            && !transport.hasUntoldEnd
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
        guard let call else { return }
        self.call = nil
        if !outgoing.isEmpty { outgoing = [] }
        let wasHeldUp = isPaused || written < length
        (written, length) = (0, 0)
        upload = .none
        isPaused = false
        hasStayed = isUsed
        isUsed = true
        if !keep {
            close()
        } else if wasHeldUp {
            watch()
        }
        call.ended(ending, self)
    }
}

extension HTTPFields {
    /// The sender asks for the end of the connection.
    fileprivate var closesConnection: Bool {
        for slot in slots where slot.nameCount == 10 && matches(slot, ignoringCaseOf: "connection") {
            return hasValue(slot, ignoringCaseOf: "close")
        }
        return false
    }
}

/// How far a body is that is made as it goes out; bytes.
private enum UploadProgress {
    case none
    /// The piece before is on its way. Can transition to: pulling, none.
    case waiting(HTTPClientUpload, Int, left: Int)
    /// The piece of this number is being made. Can transition to: waiting, none.
    case pulling(HTTPClientUpload, Int, left: Int)

    /// Nothing more has to go out after what is on its way.
    var isOver: Bool {
        switch self {
        case .none: true
        case .waiting(_, _, let left): left == 0
        case .pulling: false
        }
    }

    /// A piece was asked for, so that all before it is out.
    var hasBegun: Bool {
        switch self {
        case .none: false
        case .waiting(_, let number, _): number > 0
        case .pulling: true
        }
    }
}
