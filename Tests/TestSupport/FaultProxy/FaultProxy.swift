package import EventLoop
import Foundation

/// Stands between a client and PostgreSQL on the loopback and spoils the wire as a test says.
///
/// Messages are counted over all connections since the last `arm`, without those that log in and leave, so that a
/// test can spoil the first, the second and so on until a run comes through untouched.
@Reactor
package final class FaultProxy {
    package enum Upstream: Sendable {
        /// The folder of a Unix socket.
        case socket(String)
        case port(UInt16)
    }

    package enum Direction: Sendable { case toServer, toClient }

    package enum Fault: Sendable {
        /// The client's n-th message is not passed on: both sides see the connection end.
        case cutBefore(message: Int)
        /// As `cutBefore`, the client sees a reset.
        case resetBefore(message: Int)
        /// The n-th message that asks for an answer is passed on, its answer is not; when the server has given it, the
        /// connection ends.
        case loseAnswer(Int)
        /// After so many bytes in this direction the connection ends.
        case cutAfter(bytes: Int, Direction)
        /// In place of the n-th message's answer the server seems to report this.
        case report(sqlState: String, message: Int)
    }

    package let port: UInt16
    private let upstream: Upstream
    private var listener: ListeningSocket?
    private var links: [ObjectIdentifier: FaultLink] = [:]

    /// So many bytes at a time, one turn of the loop each.
    package var slice: Int?
    /// How long everything takes, in both directions.
    package var delay: Duration?
    /// New connections end at once.
    package var refuses = false
    /// Told of every moment of a batch; true ends the connection there, before the message passes.
    package var onMoment: (@Reactor (Moment) -> Bool)?

    /// Where a batch of statements is on its way.
    package enum Moment: Sendable, Hashable {
        /// A statement is about to reach the server.
        case running(String)
        /// The statements have reached it, what commits them is about to.
        case committing([String])
        /// They are committed, and the client is about to be told.
        case committed([String])
    }

    /// Nothing passes any more, and nobody is told: a half-open socket. New connections are taken and not answered, as
    /// the kernel does for a process that is stopped.
    package var isStalled = false { didSet { for link in links.values { link.pump() } } }

    private(set) package var hasFired = false
    private(set) package var messages = 0
    private(set) package var connections = 0
    /// Connections that were ended at once.
    private(set) package var refused = 0
    private var fault: Fault?
    private var asked = 0
    private var bytes: [Direction: Int] = [:]

    package init(_ upstream: Upstream) throws {
        self.upstream = upstream
        var accept: (@Reactor (Int32) -> Void)?
        guard let any = SocketAddress(ip: "127.0.0.1", port: 0) else { throw CocoaError(.featureUnsupported) }
        let listener = try ListeningSocket(on: any) { fd, _ in accept?(fd) }
        self.listener = listener
        port = listener.address.port
        accept = { [weak self] fd in
            guard let self else { return Socket.close(fd) }
            self.open(fd)
        }
    }

    /// For libpq, beside user and database.
    package var address: String { "host=127.0.0.1 port=\(port) sslmode=disable" }

    package var openConnections: Int { links.count }

    package func stop() {
        listener?.close()
        listener = nil
        cutAll()
    }

    /// Counts anew, and spoils what comes next; nil spoils nothing.
    package func arm(_ fault: Fault?) {
        self.fault = fault
        hasFired = false
        messages = 0
        asked = 0
        bytes = [:]
    }

    /// Ends every connection there is.
    package func cutAll(reset: Bool = false) { for link in links.values { link.end(reset: reset) } }

    private func open(_ client: Int32) {
        guard !refuses, let server = upstream.connect() else {
            refused += 1
            return Socket.reset(client)
        }
        Socket.setNoDelay(client)
        connections += 1
        let link = FaultLink(self, client: client, server: server)
        links[ObjectIdentifier(link)] = link
        link.pump()
    }

    func ended(_ link: FaultLink) { links[ObjectIdentifier(link)] = nil }

    // MARK: What becomes of a message

    enum Ruling { case pass, cut, reset, loseAnswer, report(String) }

    func judge(_ message: WireMessages.Message) -> Ruling {
        guard !message.isCeremony else { return .pass }
        messages += 1
        if message.asksForReady { asked += 1 }
        guard !hasFired, let fault else { return .pass }
        let ruling: Ruling =
            switch fault {
            case .cutBefore(let n) where messages == n: .cut
            case .resetBefore(let n) where messages == n: .reset
            case .loseAnswer(let n) where message.asksForReady && asked == n: .loseAnswer
            case .report(let state, let n) where messages == n: .report(state)
            default: .pass
            }
        if case .pass = ruling { return ruling }
        hasFired = true
        return ruling
    }

    /// How many of these bytes may still pass.
    func allowance(_ count: Int, _ direction: Direction) -> Int {
        let before = bytes[direction, default: 0]
        bytes[direction] = before + count
        guard !hasFired, case .cutAfter(let limit, direction)? = fault, before + count >= limit else { return count }
        hasFired = true
        return max(0, limit - before)
    }
}

extension FaultProxy.Upstream {
    fileprivate func connect() -> Int32? {
        switch self {
        case .port(let port):
            guard let address = SocketAddress(ip: "127.0.0.1", port: port) else { return nil }
            return try? Socket.connect(to: address)
        case .socket(let folder):
            let fd = Foundation.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            guard fd >= 0 else { return nil }
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array("\(folder)/.s.PGSQL.5432".utf8)) }
            let isConnected = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Foundation.connect(fd, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
                }
            }
            guard isConnected, fcntl(fd, F_SETFL, O_NONBLOCK) == 0 else {
                Socket.close(fd)
                return nil
            }
            return fd
        }
    }
}
