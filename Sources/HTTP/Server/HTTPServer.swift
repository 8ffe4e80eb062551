package import Crypto
package import EventLoop

/// An HTTP/1.1 server on the loop.
@Reactor
package final class HTTPServer {
    let settings: ServerSettings
    let answer: HTTPAnsweringHandler
    let metrics: ServerMetrics
    /// What new connections shake hands with; those that stand keep what they began with.
    package var tls: TLSServerContext?
    /// All connections read into this one buffer; what they cannot use at once they copy.
    let input = InputBuffer(byteCount: TransportBuffer.byteCount)
    /// All responses are put together here.
    private let output = OutputBuffer()
    // Unchecked: what is done to it calls nothing back.
    @exclusivity(unchecked) private var date = DateField()
    private var listener: ListeningSocket?
    private var connections: [Int32: ServerConnection] = [:]
    private var connectionsBySite: [ClientSite: Int] = [:]
    private var isStopping = false
    private var stopped: [CheckedContinuation<Void, Never>] = []

    package init(
        configuration: HTTPServerConfiguration = HTTPServerConfiguration(), answer: @escaping HTTPAnsweringHandler
    ) {
        settings = ServerSettings(configuration)
        metrics = ServerMetrics(configuration.metrics)
        self.answer = answer
        tls = configuration.tls
    }

    /// A server all of whose answers are waited for.
    package convenience init(
        configuration: HTTPServerConfiguration = HTTPServerConfiguration(), handler: @escaping HTTPHandler
    ) {
        self.init(configuration: configuration) { request in .pending { await handler(request) } }
    }

    package var connectionCount: Int { connections.count }

    /// Begins to accept connections; from here on the server lives until it is stopped.
    /// - Parameters:
    ///   - host: a numeric address.
    ///   - port: 0 lets the kernel choose.
    /// - Returns: the port that is listened on.
    @discardableResult
    package func start(host: String, port: UInt16) throws(SystemError) -> UInt16 {
        guard let address = SocketAddress(ip: host, port: port) else {
            throw SystemError("inet_pton", code: Self.invalidArgument)
        }
        return start(try ListeningSocket(on: address) { fd, peer in self.accept(fd, peer) })
    }

    /// The same on a socket that listens already: one that several processes share, or that outlives them.
    @discardableResult
    package func start(adopting fd: Int32) throws(SystemError) -> UInt16 {
        start(try ListeningSocket(adopting: fd, isShared: true) { fd, peer in self.accept(fd, peer) })
    }

    /// `EINVAL`
    private static let invalidArgument: Int32 = 22

    private func start(_ listener: ListeningSocket) -> UInt16 {
        self.listener = listener
        isStopping = false
        return listener.address.port
    }

    /// Takes no more connections, closes the idle ones, lets the requests under way be answered, and at the deadline
    /// cuts off what is left. A request that is still arriving shortly before it is told so.
    package func stop(deadline: Duration) async {
        listener?.close()
        listener = nil
        isStopping = true
        for connection in Array(connections.values) { connection.drain() }
        guard !connections.isEmpty else { return }
        let farewell = min(settings.configuration.lingerTime, deadline / 4)
        let warning = EventLoop.shared.schedule(after: deadline - farewell) { self.forEach { $0.abandon() } }
        let end = EventLoop.shared.schedule(after: deadline) { self.forEach { $0.cut() } }
        await withCheckedContinuation { stopped.append($0) }
        warning.cancel()
        end.cancel()
    }

    private func forEach(_ body: (ServerConnection) -> Void) {
        for connection in Array(connections.values) { body(connection) }
    }

    private func accept(_ fd: Int32, _ address: SocketAddress) {
        let peer = ServerSettings.peer(address)
        let site = ClientSite(peer)
        let ofSite = connectionsBySite[site, default: 0]
        guard connections.count < settings.configuration.connections else { return turnAway(fd, .total) }
        guard ofSite < settings.configuration.connectionsPerAddress || isTrusted(peer) else {
            return turnAway(fd, .address)
        }
        Socket.setNoDelay(fd)
        Socket.boundUnsent(fd)
        let connection: ServerConnection
        do {
            connection = ServerConnection(try transport(over: fd), peer: peer, server: self)
            try connection.start()
        } catch {
            return Socket.close(fd)
        }
        connections[fd] = connection
        connectionsBySite[site] = ofSite + 1
        metrics.countOpened()
    }

    private func isTrusted(_ peer: String) -> Bool {
        settings.configuration.trustedPeers.contains { $0.contains(peer) }
    }

    private func transport(over fd: Int32) throws(TLSError) -> ServerTransport {
        guard let tls else { return ServerTransport(fd: fd, tls: nil) }
        let session = try TLSSession(server: tls)
        return ServerTransport(
            fd: fd, tls: TLSTransport(over: SocketTransport(fd: fd), session: session, isConnected: true))
    }

    /// One attempt to say why: a full server spends no more on it.
    private func turnAway(_ fd: Int32, _ cap: ServerMetrics.Cap) {
        metrics.count(cap)
        metrics.count(.tooManyConnections)
        // A handshake is more than that.
        guard tls == nil else { return Socket.close(fd) }
        // What lies unread would turn the close into a reset that takes the answer with it.
        _ = Socket.read(fd, into: input.bytes)
        let answer = encode(refusal(.tooManyConnections), ResponseEncoder.Context(keepsAlive: false))
        _ = OutputWrite(fd, answer, from: 0)
        Socket.shutdownWrite(fd)
        Socket.close(fd)
    }

    func connectionClosed(_ fd: Int32, peer: String) {
        connections[fd] = nil
        metrics.countClosed()
        let site = ClientSite(peer)
        let left = connectionsBySite[site, default: 1] - 1
        connectionsBySite[site] = left > 0 ? left : nil
        guard isStopping, connections.isEmpty else { return }
        let stopped = self.stopped
        self.stopped = []
        for continuation in stopped { continuation.resume() }
    }

    /// The configuration's answer to a fault. A refusal is written in one piece: a stream would need a task of its own.
    func refusal(_ fault: HTTPServerFault) -> HTTPResponse {
        var response = settings.configuration.serverFault(fault).withFinalStatus
        if case .stream = response.body { response.body = .empty }
        return response
    }

    /// To be written at once: the next response takes its place.
    func encode(_ response: HTTPResponse, _ context: ResponseEncoder.Context) -> UnsafeRawBufferPointer {
        let date = date.line(microseconds: settings.configuration.clock.microseconds)
        return ResponseEncoder(context: context, date: date).encode(response, into: output)
    }
}
