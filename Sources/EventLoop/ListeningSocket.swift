import Glibc

/// A socket that hands over each connection made to it, and survives the want of descriptors.
@Reactor
package final class ListeningSocket: ReadinessHandler {
    package let address: SocketAddress
    private let fd: Int32
    private var registration: Registration?
    /// Let go of with the socket: it may well hold this listener. nil: closed.
    private var onConnection: (@Reactor (Int32, SocketAddress) -> Void)?

    /// How long to leave a full process, or a broken socket, in peace before accepting again.
    private static let failurePause = Duration.milliseconds(100)
    /// Connections taken per event, so that a flood of them does not hold up the established ones.
    private static let acceptsPerEvent = 64
    private let isShared: Bool

    package convenience init(
        on address: SocketAddress, onConnection: @escaping @Reactor (Int32, SocketAddress) -> Void
    ) throws(SystemError) {
        let fd = try Socket.listen(on: address)
        do throws(SystemError) {
            try self.init(adopting: fd, onConnection: onConnection)
        } catch {
            Socket.close(fd)
            throw error
        }
    }

    /// A socket that listens already, opened by this process or the one that started it; it is closed with this
    /// listener, but stays the caller's if this throws.
    ///
    /// - Parameter isShared: whether other processes accept from it too; then each connection wakes as few of them as
    ///   may be, and whoever is woken leaves the next one to the others.
    package init(
        adopting fd: Int32, isShared: Bool = false, onConnection: @escaping @Reactor (Int32, SocketAddress) -> Void
    ) throws(SystemError) {
        guard try Self.listens(fd), let address = Socket.localAddress(fd) else {
            throw SystemError("listen", code: EINVAL)
        }
        // Of the open file, so that the processes which share the socket need not agree on it.
        guard fcntl(fd, F_SETFL, fcntl(fd, F_GETFL, 0) | O_NONBLOCK) == 0 else { throw .last("fcntl") }
        self.fd = fd
        self.address = address
        self.onConnection = onConnection
        self.isShared = isShared
        registration = try EventLoop.shared.register(fd, interest, self)
    }

    private var interest: Readiness { isShared ? [.read, .exclusive] : .read }

    package func ready(_ readiness: Readiness) {
        for _ in 0..<(isShared ? 1 : Self.acceptsPerEvent) {
            // Closed by the handler of the one before: the descriptor may be somebody else's by now.
            guard let onConnection else { return }
            switch Socket.accept(fd) {
            case .connection(let connection, let peer): onConnection(connection, peer)
            case .none: return
            // The event would come back at once.
            case .exhausted, .failed: return pause()
            }
        }
        if isShared { queueAgain() }
    }

    /// Of the processes that wait, the kernel wakes the one that has waited longest: whoever was served goes behind.
    private func queueAgain() {
        guard let registration else { return }
        EventLoop.shared.deregister(registration)
        listenAgain()
    }

    package func close() {
        guard onConnection != nil else { return }
        onConnection = nil
        if let registration { EventLoop.shared.deregister(registration) }
        registration = nil
        Socket.close(fd)
    }

    private static func listens(_ fd: Int32) throws(SystemError) -> Bool {
        var value: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) == 0 else { throw .last("getsockopt") }
        return value != 0
    }

    private func pause() {
        guard let registration else { return }
        EventLoop.shared.deregister(registration)
        self.registration = nil
        goOnLater()
    }

    private func goOnLater() {
        EventLoop.shared.schedule(after: Self.failurePause) { [weak self] in self?.listenAgain() }
    }

    private func listenAgain() {
        guard onConnection != nil else { return }
        registration = try? EventLoop.shared.register(fd, interest, self)
        if registration == nil { goOnLater() }
    }
}
