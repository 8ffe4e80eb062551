import EventLoop

/// One connection through the proxy.
@Reactor
final class FaultLink {
    private unowned let proxy: FaultProxy
    private let client: FaultEnd
    private let server: FaultEnd
    private var fromClient = WireMessages(fromClient: true)
    private var fromServer = WireMessages(fromClient: false)
    private var isOver = false
    /// `ReadyForQuery` messages that the server owes, and whether the client is to hear them.
    private var owed = 0
    private var losesAnswers = false
    /// The statements of the batch that is being sent, and of those whose commit the server owes.
    private var bound: [String] = []
    private var batches: [[String]] = []
    /// What the server is still to be told: nothing.
    private var reports: String?

    init(_ proxy: FaultProxy, client: Int32, server: Int32) {
        self.proxy = proxy
        self.client = FaultEnd(client)
        self.server = FaultEnd(server)
        self.client.onInput = { [weak self] in self?.clientSaid($0) }
        self.server.onInput = { [weak self] in self?.serverSaid($0) }
        for end in [self.client, self.server] {
            end.onEnd = { [weak self] in self?.end() }
            end.onRoom = { [weak self] in self?.pump() }
        }
    }

    /// Reads from whichever side the other has room for.
    func pump() {
        guard !isOver else { return }
        client.slice = proxy.slice
        server.slice = proxy.slice
        client.reads = !proxy.isStalled && server.hasRoom
        server.reads = !proxy.isStalled && client.hasRoom
        client.writes = !proxy.isStalled
        server.writes = !proxy.isStalled
    }

    func end(reset: Bool = false) {
        guard !isOver else { return }
        isOver = true
        client.close(reset: reset)
        server.close(reset: false)
        proxy.ended(self)
    }

    // MARK: The two ways

    private func clientSaid(_ bytes: [UInt8]) {
        later { [weak self] in self?.passToServer(bytes) }
    }

    private func serverSaid(_ bytes: [UInt8]) {
        later { [weak self] in self?.passToClient(bytes) }
    }

    private func later(_ action: @escaping @Reactor () -> Void) {
        guard let delay = proxy.delay else { return action() }
        EventLoop.shared.schedule(after: delay, action)
    }

    private func passToServer(_ bytes: [UInt8]) {
        fromClient.append(bytes)
        while !isOver, let message = fromClient.next() {
            if fromClient.isOpaque { fromServer.becomeOpaque() }
            if !fromClient.isOpaque, ends(at: message) { return end(reset: true) }
            guard reports == nil else {
                // The batch is answered in the server's place, as one that was rolled back.
                if message.asksForReady { answerReport() }
                continue
            }
            switch fromClient.isOpaque ? .pass : proxy.judge(message) {
            case .pass: break
            case .cut: return end()
            case .reset: return end(reset: true)
            case .loseAnswer: losesAnswers = true
            case .report(let state):
                reports = state
                if message.asksForReady { answerReport() }
                continue
            }
            if message.asksForReady || message.isOpening { owed += 1 }
            let count = proxy.allowance(message.bytes.count, .toServer)
            server.write(message.bytes.prefix(count))
            if count < message.bytes.count { return end() }
        }
        pump()
    }

    private func ends(at message: WireMessages.Message) -> Bool {
        if let statement = message.statement {
            bound.append(statement)
            return proxy.onMoment?(.running(statement)) == true
        }
        guard message.asksForReady, !message.isOpening else { return false }
        batches.append(bound)
        bound = []
        return proxy.onMoment?(.committing(batches[batches.count - 1])) == true
    }

    private func passToClient(_ bytes: [UInt8]) {
        fromServer.append(bytes)
        while !isOver, let message = fromServer.next() {
            if message.kind == UInt8(ascii: "Z") {
                owed -= 1
                if !batches.isEmpty, proxy.onMoment?(.committed(batches.removeFirst())) == true {
                    return end(reset: true)
                }
            }
            if losesAnswers {
                if owed == 0 { return end() }
                continue
            }
            let count = proxy.allowance(message.bytes.count, .toClient)
            client.write(message.bytes.prefix(count))
            if count < message.bytes.count { return end() }
        }
        pump()
    }

    /// Only right for a batch of which the server has heard nothing.
    private func answerReport() {
        guard let state = reports else { return }
        reports = nil
        client.write(WireMessages.Message.error(state)[...])
        client.write([UInt8(ascii: "Z"), 0, 0, 0, 5, UInt8(ascii: "I")][...])
    }
}

/// One socket of a link.
@Reactor
final class FaultEnd: ReadinessHandler {
    private static let capacity = 1 << 18

    private let fd: Int32
    private var registration: Registration?
    private var output: [UInt8] = []
    private var isClosing = false

    var onInput: (@Reactor ([UInt8]) -> Void)?
    var onEnd: (@Reactor () -> Void)?
    var onRoom: (@Reactor () -> Void)?
    var slice: Int?
    var reads = false { didSet { if reads != oldValue { update() } } }
    var writes = true { didSet { if writes != oldValue { update() } } }

    init(_ fd: Int32) {
        self.fd = fd
        registration = try? EventLoop.shared.register(fd, [], self)
    }

    var hasRoom: Bool { output.count < Self.capacity }

    func write(_ bytes: ArraySlice<UInt8>) {
        output += bytes
        if slice == nil { flush() }
        update()
    }

    /// What is still to be written goes first, if the socket takes it.
    func close(reset: Bool) {
        guard let registration else { return }
        if !reset { flush() }
        EventLoop.shared.deregister(registration)
        self.registration = nil
        if reset { Socket.reset(fd) } else { Socket.close(fd) }
    }

    func ready(_ readiness: Readiness) {
        if !readiness.isDisjoint(with: [.write]) {
            flush()
            onRoom?()
        }
        guard reads, registration != nil else {
            // Nobody listens: an end that was reported stays so, and would be told at every turn.
            if !readiness.isDisjoint(with: [.hangUp, .error]) { onEnd?() }
            return
        }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        switch buffer.withUnsafeMutableBytes({ Socket.read(fd, into: $0) }) {
        case .bytes(let count): onInput?(Array(buffer[..<count]))
        case .wouldBlock: break
        case .end, .failed: onEnd?()
        }
        update()
    }

    private func flush() {
        guard writes, !output.isEmpty, registration != nil else { return }
        let count = min(slice ?? output.count, output.count)
        switch output.withUnsafeBytes({ Socket.write(fd, UnsafeRawBufferPointer(rebasing: $0[..<count])) }) {
        case .bytes(let written): output.removeFirst(written)
        case .wouldBlock, .end: break
        case .failed: onEnd?()
        }
    }

    private func update() {
        guard let registration else { return }
        var interest: Readiness = []
        if reads { interest.insert(.read) }
        if writes, !output.isEmpty { interest.insert(.write) }
        EventLoop.shared.update(registration, interest)
    }
}
