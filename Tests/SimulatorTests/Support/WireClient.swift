import EventLoop
import Testing

/// One request on a connection of its own, and whatever comes back, however broken.
@Reactor
final class WireClient: ReadinessHandler {
    enum Outcome: Sendable {
        case answer(status: Int, body: [UInt8])
        /// The connection ended in order before the answer was whole.
        case cut([UInt8])
        case reset
        /// Nothing came, and the connection stood.
        case silence
    }

    private let fd: Int32
    private let untilClosed: Bool
    private var registration: Registration?
    private var request: [UInt8]
    private var received: [UInt8] = []
    private var continuation: CheckedContinuation<Outcome, Never>?
    private var timer: LoopTimer?

    /// - Parameter untilClosed: takes what comes until the other end closes, as `.cut`.
    static func exchange(
        _ request: String, port: UInt16, silence: Duration = .seconds(10), untilClosed: Bool = false
    ) async throws -> Outcome {
        try await exchange(Array(request.utf8), port: port, silence: silence, untilClosed: untilClosed)
    }

    static func exchange(
        _ request: [UInt8], port: UInt16, silence: Duration, untilClosed: Bool = false
    ) async throws -> Outcome {
        let address = try #require(SocketAddress(ip: "127.0.0.1", port: port))
        let client = try WireClient(address, request, untilClosed)
        return await withCheckedContinuation { client.run($0, silence) }
    }

    private init(_ address: SocketAddress, _ request: [UInt8], _ untilClosed: Bool) throws {
        self.untilClosed = untilClosed
        fd = try Socket.connect(to: address)
        self.request = request
        registration = try EventLoop.shared.register(fd, .write, self)
    }

    private func run(_ continuation: CheckedContinuation<Outcome, Never>, _ silence: Duration) {
        self.continuation = continuation
        timer = EventLoop.shared.schedule(after: silence) { self.end(.silence) }
    }

    func ready(_ readiness: Readiness) {
        if !request.isEmpty, readiness.contains(.write) { write() }
        if request.isEmpty { read() }
    }

    private func write() {
        guard case .bytes(let count) = request.withUnsafeBytes({ Socket.write(fd, $0) }) else { return }
        request.removeFirst(count)
        if request.isEmpty, let registration { EventLoop.shared.update(registration, .read) }
    }

    private func read() {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        switch buffer.withUnsafeMutableBytes({ Socket.read(fd, into: $0) }) {
        case .bytes(let count):
            received += buffer[..<count]
            if !untilClosed, let whole = whole() { end(whole) }
        case .wouldBlock: return
        case .end: end(.cut(received))
        case .failed: end(.reset)
        }
    }

    private func whole() -> Outcome? {
        let text = String(decoding: received, as: UTF8.self)
        guard let headEnd = received.indices.first(where: { received[$0...].starts(with: [13, 10, 13, 10]) }),
            let status = Int(text.dropFirst(9).prefix(3)),
            let length = text.lowercased().split(separator: "content-length: ").last?.prefix(while: \.isNumber),
            let count = Int(length), received.count >= headEnd + 4 + count
        else { return nil }
        return .answer(status: status, body: Array(received[(headEnd + 4)...]))
    }

    private func end(_ outcome: Outcome) {
        guard let registration else { return }
        self.registration = nil
        timer?.cancel()
        EventLoop.shared.deregister(registration)
        Socket.close(fd)
        continuation?.resume(returning: outcome)
        continuation = nil
    }
}
