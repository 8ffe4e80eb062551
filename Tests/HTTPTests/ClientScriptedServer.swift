import EventLoop

@testable import HTTP

/// A server that follows a script, byte by byte, and keeps what it was sent.
@Reactor
final class ScriptedServer {
    enum Step: Sendable {
        /// Goes on once one whole request has come.
        case awaitRequest
        case send([UInt8])
        case close
        /// Once all that is to be sent has been handed to the kernel.
        case closeWhenSent
        case reset
        /// Reads no more.
        case stopReading
        /// Goes on at the next `signal()`.
        case awaitSignal
        /// Goes on in a later turn of the loop.
        case awaitTurn
        /// Sends a byte with every turn of the loop, as long as somebody takes them.
        case dripForEver

        static func send(_ text: String) -> Step { .send(Array(text.utf8)) }
    }

    static let anyPort = SocketAddress(ip: "127.0.0.1", port: 0)!

    private(set) var requests: [String] = []
    private(set) var accepted = 0
    private(set) var hungUp = 0
    private var scripts: [[Step]]
    private let repeatsScript: Bool
    private var connections: [ObjectIdentifier: ScriptedConnection] = [:]
    private var listener: ListeningSocket?
    private var waiters: [(isMet: () -> Bool, CheckedContinuation<Void, Never>)] = []

    /// The n-th connection follows the n-th script, those after the last script the last one. When a script is done
    /// the connection stays open, unless `repeats`, which starts it again.
    init(_ scripts: [[Step]], repeats: Bool = false) throws {
        self.scripts = scripts
        repeatsScript = repeats
        listener = try ListeningSocket(on: Self.anyPort) { [weak self] fd, _ in self?.take(fd) }
    }

    var port: UInt16 { listener?.address.port ?? 0 }

    func url(_ target: String = "/", host: String = "127.0.0.1") -> HTTPURL {
        // Built of parts that are valid by construction.
        HTTPURL("http://\(host):\(port)\(target)")!
    }

    /// Suspends until so many clients have closed their connections.
    func hungUp(_ count: Int) async { await until { self.hungUp >= count } }

    func received(_ count: Int) async { await until { self.requests.count >= count } }

    func taken(_ count: Int) async { await until { self.accepted >= count } }

    /// Bytes that clients have not let in.
    var unsent: Int { connections.values.reduce(0) { $0 + $1.unsent } }

    func signal() {
        for connection in connections.values { connection.signal() }
    }

    func close() {
        listener?.close()
        listener = nil
        for connection in Array(connections.values) { connection.close() }
        connections = [:]
    }

    private func until(_ isMet: @escaping () -> Bool) async {
        guard !isMet() else { return }
        await withCheckedContinuation { waiters.append((isMet, $0)) }
    }

    private func wakeWaiters() {
        let met = waiters.filter { $0.isMet() }
        waiters.removeAll { $0.isMet() }
        for (_, continuation) in met { continuation.resume() }
    }

    private func take(_ fd: Int32) {
        let script = scripts[min(accepted, scripts.count - 1)]
        accepted += 1
        let connection = ScriptedConnection(fd, script, repeats: repeatsScript)
        connections[ObjectIdentifier(connection)] = connection
        connection.onRequest = { [weak self] request in
            self?.requests.append(request)
            self?.wakeWaiters()
        }
        connection.onHangUp = { [weak self] connection in
            self?.hungUp += 1
            self?.connections[ObjectIdentifier(connection)] = nil
            self?.wakeWaiters()
        }
        connection.start()
        wakeWaiters()
    }
}

@Reactor
private final class ScriptedConnection: ReadinessHandler {
    var onRequest: (@Reactor (String) -> Void)?
    var onHangUp: (@Reactor (ScriptedConnection) -> Void)?

    private let fd: Int32
    private let script: [ScriptedServer.Step]
    private let repeats: Bool
    private var next = 0
    private var registration: Registration?
    private var input: [UInt8] = []
    private var output: [UInt8] = []
    private var reads = true
    private var isSignalled = false
    private var isTurnOver = false

    var unsent: Int { output.count }

    init(_ fd: Int32, _ script: [ScriptedServer.Step], repeats: Bool) {
        self.fd = fd
        self.script = script
        self.repeats = repeats
        Socket.setNoDelay(fd)
    }

    func start() {
        registration = try? EventLoop.shared.register(fd, .read, self)
        play()
    }

    func ready(_ readiness: Readiness) {
        if readiness.contains(.write) { flush() }
        guard readiness.contains(.read), reads else { return }
        var buffer = [UInt8](repeating: 0, count: 65536)
        switch buffer.withUnsafeMutableBytes({ Socket.read(fd, into: $0) }) {
        case .bytes(let count):
            input += buffer[..<count]
            play()
        case .end, .failed:
            close()
            onHangUp?(self)
        case .wouldBlock: break
        }
    }

    func signal() {
        isSignalled = true
        play()
    }

    func close() {
        guard let registration else { return }
        EventLoop.shared.deregister(registration)
        self.registration = nil
        Socket.close(fd)
    }

    private func play() {
        while registration != nil {
            if next == script.count, repeats { next = 0 }
            guard next < script.count else { return }
            switch script[next] {
            case .awaitRequest:
                guard takeRequest() else { return }
            case .send(let bytes):
                output += bytes
                flush()
            case .closeWhenSent where !output.isEmpty: return
            case .close, .closeWhenSent:
                close()
                onHangUp = nil
            case .reset:
                if let registration { EventLoop.shared.deregister(registration) }
                registration = nil
                Socket.reset(fd)
            case .awaitTurn:
                guard isTurnOver else { return playNextTurn() }
                isTurnOver = false
            case .dripForEver:
                if isTurnOver, output.isEmpty {
                    output.append(UInt8(ascii: "a"))
                    flush()
                }
                isTurnOver = false
                return playNextTurn()
            case .awaitSignal:
                guard isSignalled else { return }
                isSignalled = false
            case .stopReading:
                reads = false
                if let registration { EventLoop.shared.update(registration, []) }
            }
            next += 1
        }
    }

    private func playNextTurn() {
        EventLoop.shared.schedule(after: .microseconds(100)) { [weak self] in
            self?.isTurnOver = true
            self?.play()
        }
    }

    private func takeRequest() -> Bool {
        let text = String(decoding: input, as: UTF8.self)
        guard let head = text.firstRange(of: "\r\n\r\n") else { return false }
        var length = 0
        for line in text[..<head.lowerBound].split(separator: "\r\n") where line.hasPrefix("Content-Length: ") {
            length = Int(line.dropFirst(16)) ?? 0
        }
        let end = text[..<head.upperBound].utf8.count + length
        guard input.count >= end else { return false }
        onRequest?(String(decoding: input[..<end], as: UTF8.self))
        input.removeFirst(end)
        return true
    }

    private func flush() {
        guard !output.isEmpty, let registration else { return }
        if case .bytes(let count) = output.withUnsafeBytes({ Socket.write(fd, $0) }) { output.removeFirst(count) }
        let read: Readiness = reads ? .read : []
        EventLoop.shared.update(registration, output.isEmpty ? read : read.union(.write))
        if output.isEmpty, next < script.count, case .closeWhenSent = script[next] { play() }
    }
}

/// A server and a client for the length of `body`.
func withScript<Value: Sendable>(
    _ scripts: [[ScriptedServer.Step]], repeats: Bool = false,
    configuration: HTTPClientConfiguration = HTTPClientConfiguration(),
    _ body: @escaping @Reactor @Sendable (ScriptedServer, HTTPClient) async throws -> Value
) async throws -> Value {
    try await onReactor {
        try await Turnstile.shared.pass {
            let server = try ScriptedServer(scripts, repeats: repeats)
            let client = HTTPClient(configuration: configuration)
            defer {
                client.close()
                server.close()
            }
            return try await body(server, client)
        }
    }
}

extension HTTPClient {
    /// The verdict as a value.
    func verdict(_ request: HTTPClientRequest) async -> Result<HTTPClientResponse, HTTPClientError> {
        do throws(HTTPClientError) {
            return .success(try await send(request))
        } catch {
            return .failure(error)
        }
    }

    func failure(_ request: HTTPClientRequest) async -> HTTPClientError? {
        if case .failure(let error) = await verdict(request) { error } else { nil }
    }
}
