import EventLoop

/// One server connection as a value: it is told what happened and says what to do next. It owns no socket, reads no
/// clock, and holds memory only while a request is under way. It is not copyable, so that no copy is made unseen.
struct ConnectionState: ~Copyable, Sendable {
    enum Action: ~Copyable {
        /// Nothing, until something happens or `deadline` passes.
        case wait
        /// Have this request answered; `responseEnded` tells that the answer is written.
        case handle(HTTPRequest)
        /// Send `100 Continue`.
        case sendContinue
        /// Send the answer to this fault; it is the connection's last.
        case refuse(HTTPServerFault)
        /// Say that nothing more will be sent, and go on reading.
        case shutDownWrite
        case close
        /// Close, and let the client know that what it got is not all.
        case reset
    }

    private enum Phase {
        /// → `head`, `handling`, `writing` (a refusal), `closed`
        case idle
        /// → `body`, `handling`, `writing`, `closed`
        case head
        /// → `handling`, `writing`, `closed`
        case body
        /// With `upload` while the body still arrives. → `writing`, `closed`
        case handling
        /// With `upload` while the body still arrives. → `idle`, `lingering`, `closed`
        case writing
        /// The last answer is out; what still comes in is thrown away, so that no reset takes the answer from the
        /// client before it has read it (RFC 9112 § 9.6). → `closed`
        case lingering
        case closed
    }

    /// Beyond this much unread input, reading stops while a request is answered.
    private static let readAhead = 16 * 1024

    private var phase = Phase.idle
    private var parser: RequestParser
    private var since: MonotonicTime
    private var lastProgress: MonotonicTime
    private var pending = PendingInput()
    private var body: [UInt8] = []
    private var bodyReceived = 0
    private var upload: RequestUpload?
    private var lingered = 0
    private var answered = 0
    private var reader = ReaderProgress()
    private var isDraining = false
    private var peerHasEnded = false

    /// Of the request that is being answered.
    private(set) var context = ResponseEncoder.Context()
    /// A refusal has taken the place of the handler's answer, which is to be dropped.
    private(set) var hasRefused = false
    /// What the connection had waited for when its time was up.
    private var expired: ServerMetrics.Timeout?

    init(_ settings: ServerSettings, peer: String, now: MonotonicTime) {
        parser = RequestParser(limits: RequestLimits(settings.configuration), peer: peer)
        since = now
        lastProgress = now
    }

    /// The first octet may come from now on: a handshake before it is over.
    mutating func begin(now: MonotonicTime) { enter(.idle, now) }

    var isClosed: Bool { if case .closed = phase { true } else { false } }

    /// There is input to be looked at once the answer under way is written.
    var hasPendingInput: Bool { !pending.isEmpty }

    /// The request that is being handled has a body that its handler reads.
    var hasUpload: Bool { upload != nil }

    var wantsInput: Bool {
        guard !peerHasEnded else { return false }
        switch phase {
        case .idle, .head, .body, .lingering: return true
        case .handling, .writing:
            if let upload, upload.isOpen { return upload.wantsInput }
            return pending.count < Self.readAhead
        case .closed: return false
        }
    }

    /// When `timedOut` is due; it moves with every event, so ask again.
    func deadline(_ settings: ServerSettings) -> MonotonicTime? {
        let times = settings.times
        switch phase {
        // Who has connected without a word is no client yet whose next request is worth waiting for.
        case .idle: return since.advanced(by: answered == 0 ? min(times.head, times.keepAlive) : times.keepAlive)
        case .head: return since.advanced(by: times.head)
        case .body:
            return times.bodyDeadline(
                since: since, lastProgress: lastProgress, received: bodyReceived, whole: times.body)
        case .handling: return upload?.deadline(times)
        case .writing:
            guard let write = reader.deadline(times) else { return upload?.deadline(times) }
            return upload?.deadline(times).map { min($0, write) } ?? write
        case .lingering: return since.advanced(by: times.linger)
        case .closed: return nil
        }
    }
}

// MARK: Input

extension ConnectionState {
    mutating func receive(
        _ bytes: UnsafeBufferPointer<UInt8>, now: MonotonicTime, _ settings: ServerSettings
    ) -> Action {
        switch phase {
        case .idle, .head, .body:
            lastProgress = now
            return parse(arrived: bytes, now, settings)
        case .handling, .writing:
            guard upload?.isOpen == true else {
                pending.append(bytes)
                return .wait
            }
            return parse(arrived: bytes, now, settings)
        case .lingering:
            lingered += bytes.count
            guard lingered <= settings.configuration.lingerBytes else { return close() }
            return .wait
        case .closed:
            return .wait
        }
    }

    /// The peer has sent all it will send; it may still read.
    mutating func inputEnded(now: MonotonicTime, _ settings: ServerSettings) -> Action {
        peerHasEnded = true
        switch phase {
        case .idle, .head, .body, .lingering: return close()
        // A request whose body is cut short is no request (RFC 9112 § 8).
        case .handling, .writing: return upload?.isOpen == true ? close() : .wait
        case .closed: return .wait
        }
    }

    private mutating func parse(
        arrived bytes: UnsafeBufferPointer<UInt8>, _ now: MonotonicTime, _ settings: ServerSettings
    ) -> Action {
        guard pending.isEmpty else {
            pending.append(bytes)
            return parsePending(now, settings)
        }
        var consumed = 0
        let action = parse(bytes, &consumed, now, settings)
        if consumed < bytes.count { pending.append(UnsafeBufferPointer(rebasing: bytes[consumed...])) }
        return action
    }

    private mutating func parsePending(_ now: MonotonicTime, _ settings: ServerSettings) -> Action {
        // Taken out while it is parsed, so that it is never copied.
        var input = PendingInput()
        swap(&input, &pending)
        var consumed = 0
        var action = Action.wait
        input.withUnread { action = parse($0, &consumed, now, settings) }
        input.drop(consumed)
        if !isClosed { swap(&input, &pending) }
        return action
    }

    private mutating func parse(
        _ input: UnsafeBufferPointer<UInt8>, _ offset: inout Int, _ now: MonotonicTime, _ settings: ServerSettings
    ) -> Action {
        while true {
            let (event, consumed) = parser.next(in: UnsafeBufferPointer(rebasing: input[offset...]))
            let found = offset
            offset += consumed
            switch event {
            case .needsMore:
                if case .idle = phase, offset < input.count || !parser.isBetweenRequests { enter(.head, now) }
                return peerHasEnded ? close() : .wait
            case .head:
                guard let head = parser.head else { return close() }
                context = ResponseEncoder.Context(
                    isHead: head.method == .head, minorVersion: head.minorVersion, keepsAlive: head.keepsAlive)
                guard head.bodyLength != .none else { continue }
                let mode = settings.configuration.bodyMode(head)
                if case .known(let length) = head.bodyLength, length > mode.limit {
                    offset = input.count
                    return refuse(.contentTooLarge(limit: mode.limit), isHead: context.isHead, now)
                }
                parser.bodyLimit = mode.limit
                if case .streamed = mode { return beginUpload(input, &offset, now, settings) }
                enter(.body, now)
                bodyReceived = 0
                // A client that has begun to send the body no longer waits for leave (RFC 9110 § 10.1.1).
                if head.expectsContinue, offset == input.count { return .sendContinue }
            case .body(let range):
                let bytes = input[(found + range.lowerBound)..<(found + range.upperBound)]
                if upload != nil {
                    upload?.receive(bytes, now: now)
                } else {
                    body.append(contentsOf: UnsafeBufferPointer(rebasing: bytes))
                    bodyReceived += range.count
                }
            case .end:
                guard upload == nil else {
                    upload?.finish()
                    return .wait
                }
                guard let head = parser.takeHead() else { return close() }
                var whole: [UInt8] = []
                swap(&whole, &body)
                enter(.handling, now)
                return .handle(HTTPRequest(head: head, body: whole))
            case .fault(let fault):
                offset = input.count
                return fail(fault, now)
            }
        }
    }

    private mutating func fail(_ fault: HTTPServerFault, _ now: MonotonicTime) -> Action {
        switch phase {
        case .body: return refuse(fault, isHead: context.isHead, now)
        case .handling:
            upload?.fail(.refused(fault))
            return refuse(fault, isHead: context.isHead, now)
        // The answer has begun and cannot be taken back.
        case .writing:
            upload?.fail(.refused(fault))
            return .wait
        // Without a head nothing is known of this request: not what the one before it was.
        case .idle, .head, .lingering, .closed: return refuse(fault, isHead: false, now)
        }
    }
}

// MARK: Streamed bodies

extension ConnectionState {
    private mutating func beginUpload(
        _ input: UnsafeBufferPointer<UInt8>, _ offset: inout Int, _ now: MonotonicTime, _ settings: ServerSettings
    ) -> Action {
        guard let head = parser.takeHead() else { return close() }
        upload = RequestUpload(awaitsContinue: head.expectsContinue, now: now)
        enter(.handling, now)
        let next = parse(input, &offset, now, settings)
        // Unless what came with the head is refused already.
        guard case .handling = phase else { return next }
        return .handle(HTTPRequest(head: head, body: []))
    }

    /// Unless it has still to tell its reader what was wrong with it.
    private mutating func dropUpload() {
        if !hasRefused { upload = nil }
    }

    mutating func readUpload(now: MonotonicTime) -> RequestUpload.Read {
        guard let read = upload?.read(now: now) else { return .broken(isClosed ? .incomplete : .answered) }
        return read
    }
}

// MARK: Output

extension ConnectionState {
    /// How the answer to the current request leaves, decided once when it begins: with `Connection: close` or without.
    mutating func beginResponse(
        asksForClose: Bool, now: MonotonicTime, _ settings: ServerSettings
    ) -> ResponseEncoder.Context {
        answered += 1
        context.keepsAlive =
            context.keepsAlive && !asksForClose && !isDraining
            && answered < settings.configuration.requestsPerConnection
            && !(peerHasEnded && pending.isEmpty)
            // What may still come of the body would have to be read to its end first (RFC 9112 § 9.3).
            && upload?.isOpen != true
        enter(.writing, now)
        return context
    }

    /// The socket has taken `count` bytes of output.
    /// - Parameter unacknowledged: bytes the socket holds back, if it took less than it was given.
    mutating func wrote(_ count: Int, unacknowledged: Int?, now: MonotonicTime) {
        reader.wrote(count, unacknowledged: unacknowledged, now: now)
    }

    /// All of the answer is written.
    mutating func responseEnded(now: MonotonicTime, _ settings: ServerSettings) -> Action {
        guard case .writing = phase else { return .wait }
        dropUpload()
        reader.isWaitedFor = false
        guard context.keepsAlive, !isDraining || hasPendingInput else { return finish(now) }
        enter(.idle, now)
        guard hasPendingInput else { return peerHasEnded ? close() : .wait }
        return parsePending(now, settings)
    }

    /// The handler cannot complete the answer that it has begun.
    mutating func responseFailed() -> Action { end(with: .reset) }

    mutating func connectionLost() -> Action { close() }

    private mutating func finish(_ now: MonotonicTime) -> Action {
        guard !peerHasEnded else { return close() }
        pending = PendingInput()
        enter(.lingering, now)
        return .shutDownWrite
    }

    private mutating func refuse(_ fault: HTTPServerFault, isHead: Bool, _ now: MonotonicTime) -> Action {
        context = ResponseEncoder.Context(isHead: isHead, keepsAlive: false)
        hasRefused = true
        _ = parser.takeHead()
        body = []
        pending = PendingInput()
        enter(.writing, now)
        return .refuse(fault)
    }

    private mutating func close() -> Action { end(with: .close) }

    private mutating func end(with action: consuming Action) -> Action {
        if case .closed = phase { return .wait }
        phase = .closed
        _ = parser.takeHead()
        body = []
        dropUpload()
        pending = PendingInput()
        return action
    }

    private mutating func enter(_ phase: Phase, _ now: MonotonicTime) {
        self.phase = phase
        since = now
        lastProgress = now
    }
}

// MARK: Time and draining

extension ConnectionState {
    /// - Parameter unacknowledged: bytes the socket holds back.
    mutating func timedOut(unacknowledged: Int, now: MonotonicTime, _ settings: ServerSettings) -> Action {
        guard let deadline = deadline(settings), deadline <= now else { return .wait }
        switch phase {
        case .idle:
            expired = .idle
            return close()
        case .head:
            expired = .head
            return refuse(.headTimeout, isHead: false, now)
        case .body, .handling:
            expired = .body
            return fail(.bodyTimeout, now)
        case .writing:
            guard reader.keepsUp(unacknowledged: unacknowledged, now: now, settings) else {
                expired = .write
                return end(with: .reset)
            }
            if let upload, let due = upload.deadline(settings.times), due <= now {
                expired = .body
                return fail(.bodyTimeout, now)
            }
            return .wait
        case .lingering:
            expired = .linger
            return close()
        case .closed: return .wait
        }
    }

    mutating func takeExpired() -> ServerMetrics.Timeout? { expired.take() }

    /// No further request is served; the one under way is.
    mutating func drain() -> Action {
        isDraining = true
        if case .idle = phase { return close() }
        return .wait
    }

    /// The time for draining is all but over: who is in the midst of a request may still be told so.
    mutating func abandon(now: MonotonicTime) -> Action {
        switch phase {
        case .head, .body: refuse(.draining, isHead: false, now)
        case .idle, .lingering: close()
        case .handling, .writing: end(with: .reset)
        case .closed: .wait
        }
    }
}
