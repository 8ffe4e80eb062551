import EventLoop
import HTTP

/// A plain HTTP/1.1 listener whose answers may also be silence, resets and halves.
@Reactor
final class WireServer {
    struct UnusableAddress: Error, CustomStringConvertible {
        let description = "the host is not a numeric address"
    }

    private let handler: WireHandler
    private var listener: ListeningSocket?
    private var connections: [ObjectIdentifier: WireConnection] = [:]

    init(_ handler: @escaping WireHandler) { self.handler = handler }

    /// Port 0 lets the kernel choose; the chosen one is returned.
    func start(host: String, port: UInt16) throws -> UInt16 {
        guard let address = SocketAddress(ip: host, port: port) else { throw UnusableAddress() }
        let listener = try ListeningSocket(on: address) { [weak self] fd, peer in self?.take(fd, peer) }
        self.listener = listener
        return listener.address.port
    }

    func stop() {
        listener?.close()
        listener = nil
        for connection in connections.values { connection.close() }
        connections = [:]
    }

    private func take(_ fd: Int32, _ peer: SocketAddress) {
        guard
            let connection = WireConnection(
                fd, peer: peer, handler: handler,
                onClose: { [weak self] in self?.connections[ObjectIdentifier($0)] = nil })
        else { return }
        connections[ObjectIdentifier(connection)] = connection
    }
}
