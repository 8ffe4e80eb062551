import Domain
import EventLoop
import HTTP
import Providers
import Testing

/// A provider that gives one connection one answer, and keeps what it was asked.
@Reactor
final class FakeProvider: Sendable {
    enum Answer: Sendable {
        case http(Int, String)
        /// Says nothing.
        case stall
        /// Resets the connection once the request has come.
        case reset
        /// Half of an answer, then the end.
        case cut
    }

    private(set) var requests: [String] = []
    private let answers: [Answer]
    private var next = 0
    private var listener: ListeningSocket?
    private var connections: [FakeConnection] = []

    init(_ answers: [Answer]) throws {
        self.answers = answers
        let address = try #require(SocketAddress(ip: "127.0.0.1", port: 0))
        listener = try ListeningSocket(on: address) { [weak self] fd, _ in
            guard let self else { return Socket.close(fd) }
            connections.append(FakeConnection(fd) { self.answer($0) })
        }
    }

    var baseURL: String { "http://127.0.0.1:\(listener?.address.port ?? 0)" }

    /// The last request's body.
    var lastBody: String { requests.last?.split(separator: "\r\n\r\n", maxSplits: 1).last.map(String.init) ?? "" }
    var lastLine: String { requests.last?.split(separator: "\r\n").first.map(String.init) ?? "" }

    func close() {
        listener?.close()
        listener = nil
        for connection in connections { connection.close() }
        connections = []
    }

    private func answer(_ request: String) -> Answer {
        requests.append(request)
        defer { next += 1 }
        return answers[min(next, answers.count - 1)]
    }
}

@Reactor
private final class FakeConnection: ReadinessHandler {
    private let fd: Int32
    private let answer: @Reactor (String) -> FakeProvider.Answer
    private var registration: Registration?
    private var input: [UInt8] = []

    init(_ fd: Int32, _ answer: @escaping @Reactor (String) -> FakeProvider.Answer) {
        self.fd = fd
        self.answer = answer
        registration = try? EventLoop.shared.register(fd, .read, self)
    }

    func ready(_ readiness: Readiness) {
        var buffer = [UInt8](repeating: 0, count: 65536)
        guard case .bytes(let count) = buffer.withUnsafeMutableBytes({ Socket.read(fd, into: $0) }) else {
            return close()
        }
        input += buffer[..<count]
        let text = String(decoding: input, as: UTF8.self)
        guard let head = text.firstRange(of: "\r\n\r\n") else { return }
        let length = text[..<head.lowerBound].split(separator: "\r\n").compactMap { line in
            line.hasPrefix("Content-Length: ") ? Int(line.dropFirst(16)) : nil
        }
        guard input.count >= text[..<head.upperBound].utf8.count + (length.first ?? 0) else { return }
        input = []
        perform(answer(text))
    }

    func close() {
        guard let registration else { return }
        EventLoop.shared.deregister(registration)
        self.registration = nil
        Socket.close(fd)
    }

    private func perform(_ answer: FakeProvider.Answer) {
        switch answer {
        case .http(let status, let body):
            send("HTTP/1.1 \(status) X\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        case .stall: break
        case .reset:
            if let registration { EventLoop.shared.deregister(registration) }
            registration = nil
            Socket.reset(fd)
        case .cut:
            send("HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"messages\":[{\"id\":\"wamid.1\"")
            close()
        }
    }

    private func send(_ text: String) {
        _ = Array(text.utf8).withUnsafeBytes { Socket.write(fd, $0) }
    }
}

/// A fake provider and a client for the length of `body`.
func withProvider<Value: Sendable>(
    _ answers: [FakeProvider.Answer],
    _ body: @escaping @Reactor @Sendable (FakeProvider, HTTPClient) async throws -> Value
) async throws -> Value {
    try await onReactor {
        let provider = try FakeProvider(answers)
        let client = HTTPClient()
        defer {
            client.close()
            provider.close()
        }
        return try await body(provider, client)
    }
}

extension FakeProvider.Answer {
    /// Short only where the deadline is what is waited for: a busy loop must not make one of an answer.
    var deadlines: HTTPClientRequest.Deadlines {
        if case .stall = self { HTTPClientRequest.Deadlines(firstByte: .milliseconds(50)) } else { .init() }
    }
}

extension AttemptOutcome {
    /// `accepted id wa`, `refused code disposition`, `notSent`, `unknown`.
    var brief: String {
        switch self {
        case .accepted(let id, let waID): "accepted \(id) \(waID ?? "-")"
        case .refused(let fault, let disposition): "refused \(fault.code ?? "-") \(disposition)"
        case .notSent: "notSent"
        case .unknown: "unknown"
        }
    }

    var fault: ProviderFault? {
        switch self {
        case .accepted: nil
        case .refused(let fault, _), .notSent(let fault), .unknown(let fault): fault
        }
    }
}
