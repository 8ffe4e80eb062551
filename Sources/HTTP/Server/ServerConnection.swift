import EventLoop

/// The socket of one connection: feeds its `ConnectionState` and performs what that decides.
@Reactor
final class ServerConnection: ReadinessHandler {
    private let transport: ServerTransport
    let peer: String
    private let server: HTTPServer
    private let settings: ServerSettings
    /// Before that, a handshake is under way, and the state is idle.
    private var isEstablished: Bool
    private var registration: Registration?
    private var interest = Readiness.read
    // Unchecked, because no method of the state calls back into the connection: asking at each of a dozen accesses
    // costs a tenth of a request.
    @exclusivity(unchecked) private var state: ConnectionState
    private var timer: LoopTimer?
    /// When `timer` fires; far off without one.
    private var timerDeadline = never
    // Unchecked for the same reason: arrays call nothing back.
    @exclusivity(unchecked) private var outgoing: [UInt8] = []
    private var outgoingOffset = 0
    /// A streamed answer is under way, so that output drained means room for more and not the end.
    private var isStreaming = false
    private var room: CheckedContinuation<Void, Never>?
    private var writtenInTurn = 0
    private var bodyReader: HTTPBodyReader?
    @exclusivity(unchecked) private var bodyWaiters: [CheckedContinuation<Void, Never>] = []
    private var handledInTurn = 0

    /// After so many bytes of a stream whose reader is quick, other connections get their turn.
    private static let writtenPerTurn = 128 * 1024
    private static let never = MonotonicTime(nanoseconds: .max)

    private enum Outcome {
        case response(HTTPResponse)
        case streamEnded
        case streamFailed
    }

    init(_ transport: ServerTransport, peer: String, server: HTTPServer) {
        self.transport = transport
        isEstablished = transport.tls == nil
        self.peer = peer
        self.server = server
        settings = server.settings
        state = ConnectionState(server.settings, peer: peer, now: .now)
    }

    func start() throws(SystemError) {
        registration = try EventLoop.shared.register(transport.fd, .read, self)
        if isEstablished { settle() } else { armTimer(.now + settings.configuration.headTime) }
    }

    func ready(_ readiness: Readiness) {
        // Both directions are gone: no answer can arrive any more.
        guard !readiness.contains(.error), !readiness.contains(.hangUp) else {
            return perform(state.connectionLost(), .now)
        }
        guard isEstablished else { return establish() }
        handledInTurn = 0
        if readiness.contains(.write) { flush() }
        if readiness.contains(.read), state.wantsInput { read() }
    }

    func drain() { perform(state.drain(), .now) }

    func abandon() {
        let now = MonotonicTime.now
        perform(state.abandon(now: now), now)
    }

    /// Whatever is under way.
    func cut() { close(resetting: true) }

    private func establish() {
        switch transport.establish() {
        case .waits(let wanted): watch(wanted)
        case .failed, .refused:
            server.metrics.countFailedHandshake()
            close(resetting: false)
        case .done:
            isEstablished = true
            state.begin(now: .now)
            // Its first request may have come with the end of the handshake.
            read()
            settle()
        }
    }

    private func read() {
        take()
        if transport.hasUntoldEnd, state.wantsInput { take() }
    }

    private func take() {
        let now = MonotonicTime.now
        switch transport.read(into: server.input.bytes) {
        case .bytes(let count):
            let bytes = UnsafeBufferPointer(rebasing: server.input.bytes.bindMemory(to: UInt8.self)[..<count])
            perform(state.receive(bytes, now: now, settings), now)
        case .wouldBlock: break
        // No request is whole without its framing's word: a cut needs no telling apart.
        case .end, .truncated, .refused: perform(state.inputEnded(now: now, settings), now)
        case .failed: perform(state.connectionLost(), now)
        }
    }

    /// Carries out `first` and what follows from it, in a loop: a client that sends a thousand requests ahead must not
    /// deepen the stack with each.
    private func perform(_ first: consuming ConnectionState.Action, _ now: MonotonicTime) {
        var action = first
        while true {
            switch consume action {
            case .wait: return settle()
            case .sendContinue:
                put(ResponseEncoder.continue, now)
                return settle()
            case .handle(let request):
                handledInTurn += 1
                guard handledInTurn <= settings.configuration.pipelineDepth else {
                    postpone(request)
                    return settle()
                }
                guard let response = handle(consume request) else { return settle() }
                action = send(response, now)
            case .refuse(let fault):
                server.metrics.count(fault)
                action = send(server.refusal(fault), now)
            case .shutDownWrite:
                transport.shutDownWrite()
                return settle()
            case .close: return close(resetting: false)
            case .reset: return close(resetting: true)
            }
        }
    }

    /// Keeps the registration and the timer in step with the state, and wakes who waits for it to change.
    private func settle() {
        guard registration != nil else { return }
        var wanted = Readiness()
        if state.wantsInput { wanted = .read }
        if outgoingOffset < outgoing.count { wanted.insert(.write) }
        watch(wanted)
        if let deadline = state.deadline(settings) { armTimer(deadline) }
        if !bodyWaiters.isEmpty { wakeBodyWaiters() }
    }

    private func watch(_ wanted: Readiness) {
        guard wanted != interest, let registration else { return }
        interest = wanted
        EventLoop.shared.update(registration, wanted)
    }

    private func close(resetting: Bool) {
        timer?.cancel()
        timer = nil
        outgoing = []
        outgoingOffset = 0
        guard let registration else { return }
        // What is still to come of answers and bodies must find the connection closed.
        _ = state.connectionLost()
        EventLoop.shared.deregister(registration)
        self.registration = nil
        transport.close(resetting: resetting)
        server.connectionClosed(transport.fd, peer: peer)
        // It holds this connection, so that whoever still reads learns how the body ended.
        bodyReader = nil
        leaveRoom()
        wakeBodyWaiters()
    }
}

// MARK: Answers

extension ServerConnection {
    /// The answer, if it is there at once.
    private func handle(_ request: consuming HTTPRequest) -> HTTPResponse? {
        if state.hasUpload {
            bodyReader?.detach()
            bodyReader = HTTPBodyReader(self)
            request.stream = bodyReader
        }
        let answer = server.answer(request)
        switch answer {
        case .ready(let response) where !response.isStream: return response.withFinalStatus
        case .later(let begin): begin { self.arrive($0) }
        case .ready, .pending: complete(answer)
        }
        return nil
    }

    private func arrive(_ response: HTTPResponse) {
        guard response.isStream else { return finish(.response(response.withFinalStatus)) }
        complete(.ready(response))
    }

    private func complete(_ answer: HTTPAnswer) {
        // An ordinary task, whose first stretch is a job of this turn: one that is to start at once comes to the
        // reactor by way of a job too, and costs a thousand instructions more.
        Task(executorPreference: EventLoop.shared) { await self.make(answer) }
    }

    /// Until the next turn.
    private func postpone(_ request: HTTPRequest) {
        EventLoop.shared.atEndOfTurn { [self] in
            guard !state.isClosed else { return }
            handledInTurn = 0
            perform(.handle(request), .now)
        }
    }

    private func make(_ answer: HTTPAnswer) async {
        let response = await answer.response.withFinalStatus
        guard case .stream(let produce) = response.body else { return finish(.response(response)) }
        guard !state.isClosed, !state.hasRefused else { return }
        finish(await stream(response, produce))
    }

    private func finish(_ outcome: Outcome) {
        guard !state.isClosed, !state.hasRefused else { return }
        let now = MonotonicTime.now
        perform(next(after: outcome, now), now)
    }

    private func next(after outcome: Outcome, _ now: MonotonicTime) -> ConnectionState.Action {
        switch outcome {
        case .response(let response): return send(response, now)
        case .streamEnded:
            isStreaming = false
            return outgoing.isEmpty ? state.responseEnded(now: now, settings) : .wait
        case .streamFailed: return state.responseFailed()
        }
    }

    private func send(_ response: HTTPResponse, _ now: MonotonicTime) -> ConnectionState.Action {
        writeHead(response, now)
        guard !state.isClosed else { return .wait }
        return outgoing.isEmpty ? state.responseEnded(now: now, settings) : .wait
    }

    private func writeHead(_ response: HTTPResponse, _ now: MonotonicTime) {
        let context = state.beginResponse(asksForClose: response.asksForClose, now: now, settings)
        put(server.encode(response, context), now)
    }
}

// MARK: Streaming

extension ServerConnection: HTTPBodyWriter {
    private func stream(
        _ response: HTTPResponse, _ produce: @Reactor @Sendable (any HTTPBodyWriter) async throws -> Void
    ) async -> Outcome {
        var response = response
        // Only the close of the connection ends a body without chunks.
        if state.context.minorVersion == 0 { response.fields["Connection"] = "close" }
        isStreaming = true
        writeHead(response, .now)
        guard !state.context.isHead, response.status.allowsBody else { return .streamEnded }
        do {
            try await produce(self)
        } catch {
            return .streamFailed
        }
        if state.context.minorVersion >= 1 { put(ResponseEncoder.lastChunk, .now) }
        return .streamEnded
    }

    func write(_ bytes: [UInt8]) async throws {
        guard !bytes.isEmpty else { return }
        guard !state.isClosed else { throw HTTPBodyWriteError() }
        if state.context.minorVersion >= 1 {
            var chunk: [UInt8] = []
            chunk.reserveCapacity(bytes.count + 16)
            ResponseEncoder.appendChunk(bytes, to: &chunk)
            put(chunk, .now)
        } else {
            put(bytes, .now)
        }
        settle()
        writtenInTurn += bytes.count
        if !outgoing.isEmpty {
            writtenInTurn = 0
            await withCheckedContinuation { room = $0 }
        } else if writtenInTurn > Self.writtenPerTurn {
            writtenInTurn = 0
            await withCheckedContinuation { turn in EventLoop.shared.atEndOfTurn { turn.resume() } }
        }
        guard !state.isClosed else { throw HTTPBodyWriteError() }
    }

    private func leaveRoom() {
        let room = self.room
        self.room = nil
        room?.resume()
    }
}

extension ServerConnection: RequestBodySource {
    func readBody() async throws -> [UInt8]? {
        while true {
            let now = MonotonicTime.now
            switch state.readUpload(now: now) {
            case .bytes(let bytes):
                settle()
                return bytes
            case .end: return nil
            case .broken(let error): throw error
            case .pending(let sendContinue):
                if sendContinue { put(ResponseEncoder.continue, now) }
                settle()
                await withCheckedContinuation { bodyWaiters.append($0) }
            }
        }
    }

    private func wakeBodyWaiters() {
        let waiters = bodyWaiters
        bodyWaiters = []
        for waiter in waiters { waiter.resume() }
    }
}

// MARK: Output

extension ServerConnection {
    /// Hands the socket what it takes and keeps the rest for when it is writable.
    private func put(_ bytes: UnsafeRawBufferPointer, _ now: MonotonicTime) {
        guard !state.isClosed else { return }
        guard outgoing.isEmpty else {
            outgoing.append(contentsOf: bytes)
            return
        }
        let written = writeOut(bytes, from: 0, now)
        if written < bytes.count, !state.isClosed { outgoing = Array(bytes[written...]) }
    }

    private func put(_ bytes: [UInt8], _ now: MonotonicTime) { bytes.withUnsafeBytes { put($0, now) } }

    private func flush() {
        guard !outgoing.isEmpty else { return }
        let now = MonotonicTime.now
        // Held here, because a failure lets go of it.
        let unsent = outgoing
        outgoingOffset = unsent.withUnsafeBytes { writeOut($0, from: outgoingOffset, now) }
        guard !state.isClosed else { return }
        guard outgoingOffset == outgoing.count else { return settle() }
        outgoing = []
        outgoingOffset = 0
        if isStreaming {
            settle()
            leaveRoom()
        } else {
            perform(state.responseEnded(now: now, settings), now)
        }
    }

    /// The offset up to which the socket has taken the bytes.
    private func writeOut(_ bytes: UnsafeRawBufferPointer, from start: Int, _ now: MonotonicTime) -> Int {
        switch transport.write(bytes, from: start) {
        case .all:
            state.wrote(bytes.count - start, unacknowledged: nil, now: now)
            return bytes.count
        case .part(let end):
            state.wrote(end - start, unacknowledged: transport.unacknowledged, now: now)
            return end
        case .failed:
            perform(state.connectionLost(), now)
            return start
        }
    }
}

// MARK: Time

extension ServerConnection {
    /// The timer is moved only when it would fire too late; one that fires too early is set again. So a busy
    /// connection does not touch the heap with every request.
    private func armTimer(_ deadline: MonotonicTime) {
        guard deadline < timerDeadline else { return }
        timer?.cancel()
        timerDeadline = deadline
        timer = EventLoop.shared.schedule(at: deadline) { [unowned self] in timerFired() }
    }

    private func timerFired() {
        timer = nil
        timerDeadline = Self.never
        guard isEstablished else {
            server.metrics.count(.handshake)
            return close(resetting: false)
        }
        let now = MonotonicTime.now
        let action = state.timedOut(unacknowledged: transport.unacknowledged, now: now, settings)
        if let expired = state.takeExpired() { server.metrics.count(expired) }
        perform(action, now)
    }
}
