import EventLoop
import HTTP
import Testing

/// Sends octets that no client library would send, and reads the one answer to them.
@Reactor
final class RawExchange: ReadinessHandler {
    private let descriptor: Int32
    private var registration: Registration?
    private var received: [UInt8] = []
    private var hasEnded = false
    private var waiter: CheckedContinuation<Void, Never>?

    /// The answer to `bytes`, once the server has closed the connection.
    static func answer(to bytes: [UInt8], port: UInt16) async throws -> Answer {
        let exchange = try RawExchange(port: port)
        defer { exchange.close() }
        try await exchange.send(bytes)
        await exchange.end()
        return try exchange.parsed()
    }

    private init(port: UInt16) throws {
        descriptor = try Socket.connect(to: try #require(SocketAddress(ip: "127.0.0.1", port: port)))
        registration = try EventLoop.shared.register(descriptor, .read, self)
    }

    private func send(_ bytes: [UInt8]) async throws {
        var offset = 0
        while offset < bytes.count, !hasEnded {
            switch bytes.withUnsafeBytes({
                Socket.write(descriptor, UnsafeRawBufferPointer(rebasing: $0[offset...]))
            }) {
            case .bytes(let count): offset += count
            case .wouldBlock:
                await withCheckedContinuation { continuation in
                    EventLoop.shared.schedule(after: .zero) { continuation.resume() }
                }
            case .end, .failed: return
            }
        }
    }

    private func end() async {
        guard !hasEnded else { return }
        let impatience = EventLoop.shared.schedule(after: .seconds(10)) { self.finish() }
        await withCheckedContinuation { waiter = $0 }
        impatience.cancel()
    }

    func ready(_ readiness: Readiness) {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        switch buffer.withUnsafeMutableBytes({ Socket.read(descriptor, into: $0) }) {
        case .bytes(let count): received += buffer[..<count]
        case .wouldBlock: break
        case .end, .failed: finish()
        }
    }

    private func finish() {
        hasEnded = true
        if let registration { EventLoop.shared.update(registration, []) }
        waiter?.resume()
        waiter = nil
    }

    private func close() {
        if let registration { EventLoop.shared.deregister(registration) }
        registration = nil
        Socket.close(descriptor)
    }

    private func parsed() throws -> Answer {
        let text = String(decoding: received, as: UTF8.self)
        let split = try #require(text.firstRange(of: "\r\n\r\n"), "no answer: \(text)")
        var lines = text[..<split.lowerBound].split(separator: "\r\n").map(String.init)
        let status = try #require(lines.removeFirst().split(separator: " ").dropFirst().first.flatMap { Int($0) })
        var fields = HTTPFields()
        for line in lines {
            let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
            if parts.count == 2 { fields[parts[0]] = String(parts[1].drop { $0 == " " }) }
        }
        return Answer(status: status, fields: fields, body: Array(text[split.upperBound...].utf8))
    }
}
