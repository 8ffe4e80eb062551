import EventLoop

@testable import HTTP

/// A proxy that takes whoever asks to one and the same server.
@Reactor
final class RelayingProxy {
    private var listener: ListeningSocket?
    private var relays: [Relay] = []

    init(to server: SocketAddress) throws {
        listener = try ListeningSocket(on: ScriptedServer.anyPort) { [weak self] fd, _ in
            guard let far = try? Socket.connect(to: server) else { return Socket.close(fd) }
            self?.relays.append(Relay(near: fd, far: far))
        }
    }

    var port: UInt16 { listener?.address.port ?? 0 }

    func close() {
        listener?.close()
        for relay in relays { relay.close() }
    }
}

/// The two halves of one way: what one brings, the other gets.
@Reactor
private final class Relay {
    private var near: Half?
    private var far: Half?
    private var isOpen = false

    init(near: Int32, far: Int32) {
        self.near = Half(near) { [weak self] bytes in
            guard let self else { return }
            guard !isOpen else { return self.far?.send(bytes) ?? () }
            // The question comes in one piece, and nothing behind it before the answer.
            isOpen = true
            self.near?.send(Array("HTTP/1.1 200 OK\r\n\r\n".utf8))
        } onEnd: { [weak self] in
            self?.close()
        }
        self.far = Half(far) { [weak self] bytes in
            self?.near?.send(bytes)
        } onEnd: { [weak self] in
            self?.close()
        }
    }

    func close() {
        near?.close()
        far?.close()
        near = nil
        far = nil
    }

    @Reactor
    private final class Half: ReadinessHandler {
        private let fd: Int32
        private var registration: Registration?
        private let onBytes: @Reactor ([UInt8]) -> Void
        private let onEnd: @Reactor () -> Void

        init(
            _ fd: Int32, onBytes: @escaping @Reactor ([UInt8]) -> Void, onEnd: @escaping @Reactor () -> Void
        ) {
            self.fd = fd
            self.onBytes = onBytes
            self.onEnd = onEnd
            registration = try? EventLoop.shared.register(fd, .read, self)
        }

        func ready(_ readiness: Readiness) {
            var buffer = [UInt8](repeating: 0, count: 16_384)
            switch buffer.withUnsafeMutableBytes({ Socket.read(fd, into: $0) }) {
            case .bytes(let count): onBytes(Array(buffer[..<count]))
            case .wouldBlock: break
            case .end, .failed: onEnd()
            }
        }

        /// Little enough for the kernel to take at once.
        func send(_ bytes: [UInt8]) { _ = bytes.withUnsafeBytes { Socket.write(fd, $0) } }

        func close() {
            guard let registration else { return }
            EventLoop.shared.deregister(registration)
            self.registration = nil
            Socket.close(fd)
        }
    }
}
