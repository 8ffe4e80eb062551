import Crypto
import EventLoop
import Testing

@testable import HTTP

/// A TLS client that sends any text and shows what came back.
@Reactor
final class TLSTestClient: ReadinessHandler {
    enum End: Sendable {
        case orderly, cut
    }

    let session: TLSSession
    private let transport: TLSTransport
    private var registration: Registration?
    private var isEstablished = false
    private(set) var received: [UInt8] = []
    private(set) var end: End?
    private var output: [UInt8] = []
    private var waiter: (condition: (TLSTestClient) -> Bool, continuation: CheckedContinuation<Void, any Error>)?

    init(port: UInt16, context: TLSClientContext) throws {
        let address = try #require(SocketAddress(ip: "127.0.0.1", port: port))
        session = try TLSSession(client: context, host: "127.0.0.1", port: port)
        transport = TLSTransport(
            over: try SocketTransport(connectingTo: address), session: session, isConnected: false)
        registration = try EventLoop.shared.register(transport.fd, .write, self)
    }

    isolated deinit { close() }

    var text: String { String(decoding: received, as: UTF8.self) }

    func send(_ text: String) {
        output += text.utf8
        if isEstablished { flush() }
    }

    func endSending() { transport.shutDownWrite() }

    func stopReading() { watch([]) }

    func startReading() { watch(.read) }

    func close() {
        guard let registration else { return }
        EventLoop.shared.deregister(registration)
        self.registration = nil
        transport.close()
    }

    func established() async throws { try await wait { $0.isEstablished } }

    /// What has come once `mark` has come `times` times; it is then forgotten.
    func receive(until mark: String, times: Int = 1) async throws -> String {
        try await wait { $0.text.ranges(of: mark).count >= times }
        defer { received = [] }
        return text
    }

    func wait(until condition: @escaping (TLSTestClient) -> Bool) async throws {
        guard !condition(self) else { return }
        let timer = EventLoop.shared.schedule(after: .seconds(20)) { [weak self] in
            guard let self, let waiter = self.waiter else { return }
            self.waiter = nil
            waiter.continuation.resume(throwing: RawClient.TimedOut(received: text))
        }
        defer { timer.cancel() }
        try await withCheckedThrowingContinuation { waiter = (condition, $0) }
    }

    func ready(_ readiness: Readiness) {
        if isEstablished { take() } else { establish() }
        guard let waiter, waiter.condition(self) else { return }
        self.waiter = nil
        waiter.continuation.resume()
    }

    private func establish() {
        switch transport.establish() {
        case .waits(let wanted): watch(wanted)
        case .failed, .refused: finish(.cut)
        case .done:
            isEstablished = true
            watch(.read)
            flush()
        }
    }

    private func take() {
        flush()
        var buffer = [UInt8](repeating: 0, count: TransportBuffer.byteCount)
        while end == nil {
            switch buffer.withUnsafeMutableBytes({ transport.read(into: $0) }) {
            case .bytes(let count): received += buffer[..<count]
            case .wouldBlock: return
            case .end: finish(.orderly)
            case .truncated, .refused, .failed: finish(.cut)
            }
        }
    }

    private func finish(_ end: End) {
        self.end = end
        close()
    }

    private func flush() {
        guard !output.isEmpty else { return }
        if case .bytes(let count) = output.withUnsafeBytes({ transport.write($0) }) { output.removeFirst(count) }
        watch(output.isEmpty ? .read : [.read, .write])
    }

    private func watch(_ wanted: Readiness) {
        if let registration { EventLoop.shared.update(registration, wanted) }
    }
}
