import EventLoop

/// Keep-alive connections that send as many requests as they are told, one at a time each; or none, and stay.
@Reactor
final class Crowd {
    private let address: SocketAddress
    private let request: [UInt8]
    private var members: [Member] = []
    private var unsent = 0
    private var unanswered = 0
    private var failure: BenchError?
    private var finished: CheckedContinuation<Void, Never>?

    init(port: UInt16, path: String) throws {
        guard let address = SocketAddress(ip: "127.0.0.1", port: port) else { throw BenchError("no loopback address") }
        self.address = address
        request = Array("GET \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n\r\n".utf8)
    }

    /// Adds so many connections, each of which has been answered once when this returns.
    func connect(_ count: Int) async throws {
        // Fewer at a time than a listening socket lets wait.
        for start in stride(from: 0, to: count, by: 256) {
            let added = try (start..<min(count, start + 256)).map { _ in try Member(address, self) }
            members += added
            try await exchange(added.count, over: added)
        }
    }

    /// Sends `count` requests over all connections, and waits for their answers.
    func exchange(_ count: Int) async throws { try await exchange(count, over: members) }

    private func exchange(_ count: Int, over members: [Member]) async throws {
        unsent = count
        unanswered = count
        for member in members { sendNext(member) }
        await withCheckedContinuation { finished = $0 }
        if let failure { throw failure }
    }

    func close() {
        for member in members { member.close() }
        members = []
    }

    fileprivate func sendNext(_ member: Member) {
        guard unsent > 0 else { return }
        unsent -= 1
        member.send(request)
    }

    fileprivate func answered(_ member: Member) {
        unanswered -= 1
        sendNext(member)
        if unanswered == 0 { finish() }
    }

    fileprivate func failed(_ reason: String) {
        failure = BenchError(reason)
        finish()
    }

    private func finish() {
        finished?.resume()
        finished = nil
    }
}

/// One connection of a crowd. An answer is short, and so comes in one piece.
@Reactor
private final class Member: ReadinessHandler {
    private let fd: Int32
    private unowned let crowd: Crowd
    private var registration: Registration?
    /// What waits for the connection to stand.
    private var waiting: [UInt8]?
    private var isConnected = false

    private static let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)

    init(_ address: SocketAddress, _ crowd: Crowd) throws {
        self.crowd = crowd
        fd = try Socket.connect(to: address)
        registration = try EventLoop.shared.register(fd, .write, self)
    }

    func send(_ request: [UInt8]) {
        guard isConnected else {
            waiting = request
            return
        }
        let sent = request.withUnsafeBytes { Socket.write(fd, $0) }
        guard sent == .bytes(request.count) else { return crowd.failed("a request was not taken: \(sent)") }
    }

    func ready(_ readiness: Readiness) {
        guard isConnected else { return connected() }
        switch Socket.read(fd, into: Self.memory) {
        case .bytes(let count):
            guard Self.memory[..<count].starts(with: "HTTP/1.1 200 ".utf8) else {
                return crowd.failed("a request was answered otherwise than with 200")
            }
            crowd.answered(self)
        case .wouldBlock: break
        case .end: crowd.failed("a connection was closed by the server")
        case .failed(let error): crowd.failed("a connection was lost: \(error)")
        }
    }

    func close() {
        guard let registration else { return }
        EventLoop.shared.deregister(registration)
        self.registration = nil
        Socket.close(fd)
    }

    private func connected() {
        if let error = Socket.connectionError(fd) { return crowd.failed("no connection: \(error)") }
        isConnected = true
        if let registration { EventLoop.shared.update(registration, .read) }
        if let waiting { send(waiting) }
        waiting = nil
    }
}
