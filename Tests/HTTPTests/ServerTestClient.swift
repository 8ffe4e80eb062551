import EventLoop
import Glibc
import Testing

/// A client that sends any octets and shows what came back, octet by octet.
@Reactor
final class RawClient: ReadinessHandler {
    private let fd: Int32
    private var isOpen = true
    private var registration: Registration?
    private var received: [UInt8] = []
    private(set) var hasEnded = false
    private(set) var wasReset = false
    private var waiter: (condition: (RawClient) -> Bool, continuation: CheckedContinuation<Void, any Error>)?

    struct TimedOut: Error, CustomStringConvertible {
        let received: String

        var description: String { "nothing more came after \(received.suffix(300).debugDescription)" }
    }

    init(port: UInt16, host: String = "127.0.0.1", isReading: Bool = true, receiveBuffer: Int32? = nil) throws {
        let address = try #require(SocketAddress(ip: host, port: port))
        fd = try Socket.connect(to: address)
        if var receiveBuffer {
            setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        registration = try EventLoop.shared.register(fd, isReading ? .read : [], self)
    }

    isolated deinit { close() }

    var text: String { String(decoding: received, as: UTF8.self) }
    var octets: [UInt8] { received }
    var count: Int { received.count }

    /// On loopback the connection stands and a small send is taken at once, or the test has found something.
    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) async throws {
        var offset = 0
        while offset < bytes.count {
            switch bytes.withUnsafeBytes({ Socket.write(fd, UnsafeRawBufferPointer(rebasing: $0[offset...])) }) {
            case .bytes(let count): offset += count
            case .wouldBlock: await nextTurn()
            case .end, .failed: return
            }
        }
    }

    func endSending() { Socket.shutdownWrite(fd) }

    func startReading() {
        if let registration { EventLoop.shared.update(registration, .read) }
    }

    func close() {
        guard isOpen else { return }
        leave()
        Socket.close(fd)
    }

    func reset() {
        guard isOpen else { return }
        leave()
        Socket.reset(fd)
    }

    private func leave() {
        isOpen = false
        if let registration { EventLoop.shared.deregister(registration) }
        registration = nil
    }

    /// What has come once `mark` has come `times` times; it is then forgotten.
    func receive(until mark: String, times: Int = 1) async throws -> String {
        try await wait { $0.text.ranges(of: mark).count >= times }
        defer { received = [] }
        return text
    }

    /// All that comes until the server closes.
    func receiveAll() async throws -> String {
        try await wait { $0.hasEnded }
        return text
    }

    func wait(until condition: @escaping (RawClient) -> Bool) async throws {
        guard !condition(self) else { return }
        let timer = EventLoop.shared.schedule(after: .seconds(40)) { [weak self] in
            guard let self, let waiter = self.waiter else { return }
            self.waiter = nil
            waiter.continuation.resume(throwing: TimedOut(received: text))
        }
        defer { timer.cancel() }
        try await withCheckedThrowingContinuation { waiter = (condition, $0) }
    }

    func ready(_ readiness: Readiness) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        switch buffer.withUnsafeMutableBytes({ Socket.read(fd, into: $0) }) {
        case .bytes(let count): received += buffer[..<count]
        case .wouldBlock: break
        case .end: end()
        case .failed:
            wasReset = true
            end()
        }
        guard let waiter, waiter.condition(self) else { return }
        self.waiter = nil
        waiter.continuation.resume()
    }

    private func end() {
        hasEnded = true
        // The end of a connection is told again and again to whoever is still registered.
        if let registration { EventLoop.shared.deregister(registration) }
        registration = nil
        if wasReset { close() }
    }
}

/// Suspends until the loop has looked at its sockets once more.
@Reactor
func nextTurn() async {
    await withCheckedContinuation { continuation in
        EventLoop.shared.schedule(after: .zero) { continuation.resume() }
    }
}

/// Holds handlers back until the test lets them go.
@Reactor
final class Gate {
    private var isOpen = false
    private var waiters: [CheckedContinuation<Void, Never>] = []
    private var arrivals: [CheckedContinuation<Void, Never>] = []
    private(set) var arrived = 0

    func pass() async {
        arrived += 1
        let arrivals = self.arrivals
        self.arrivals = []
        for arrival in arrivals { arrival.resume() }
        guard !isOpen else { return }
        await withCheckedContinuation { waiters.append($0) }
    }

    func waitForArrival(_ number: Int = 1) async {
        while arrived < number { await withCheckedContinuation { arrivals.append($0) } }
    }

    func open() {
        isOpen = true
        let waiters = self.waiters
        self.waiters = []
        for waiter in waiters { waiter.resume() }
    }
}
