import EventLoop
import Testing

/// An open connection to a server, octet by octet.
@Reactor
final class WireClient: ReadinessHandler {
    private let descriptor: Int32
    private var registration: Registration?
    private(set) var text = ""
    private(set) var hasEnded = false
    private var waiter: (condition: (WireClient) -> Bool, continuation: CheckedContinuation<Void, Never>)?

    init(port: UInt16) throws {
        descriptor = try Socket.connect(to: try #require(SocketAddress(ip: "127.0.0.1", port: port)))
        registration = try EventLoop.shared.register(descriptor, .read, self)
    }

    isolated deinit { close() }

    /// A small piece, which an open connection takes at once.
    func send(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty, case .bytes(let count) = rest.withUnsafeBytes({ Socket.write(descriptor, $0) }) {
            rest = rest.dropFirst(count)
        }
    }

    /// Whether this comes before the end, or twenty seconds.
    func receives(_ mark: String) async -> Bool {
        await wait { $0.text.contains(mark) || $0.hasEnded }
        return text.contains(mark)
    }

    /// Whether the server ends the connection within twenty seconds.
    func ends() async -> Bool {
        await wait { $0.hasEnded }
        return hasEnded
    }

    private func wait(until condition: @escaping (WireClient) -> Bool) async {
        guard !condition(self) else { return }
        let impatience = EventLoop.shared.schedule(after: .seconds(20)) { self.resume() }
        await withCheckedContinuation { waiter = (condition, $0) }
        impatience.cancel()
    }

    func ready(_ readiness: Readiness) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        switch buffer.withUnsafeMutableBytes({ Socket.read(descriptor, into: $0) }) {
        case .bytes(let count): text += String(decoding: buffer[..<count], as: UTF8.self)
        case .wouldBlock: return
        case .end, .failed:
            hasEnded = true
            close()
        }
        if let waiter, waiter.condition(self) { resume() }
    }

    private func resume() {
        let waiter = self.waiter
        self.waiter = nil
        waiter?.continuation.resume()
    }

    func close() {
        guard let registration else { return }
        EventLoop.shared.deregister(registration)
        self.registration = nil
        Socket.close(descriptor)
    }
}
