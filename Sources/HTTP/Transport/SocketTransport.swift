import EventLoop

/// A TCP connection as it is.
@Reactor
final class SocketTransport: ByteTransport {
    let fd: Int32

    init(fd: Int32) { self.fd = fd }

    init(connectingTo address: SocketAddress) throws(SystemError) {
        fd = try Socket.connect(to: address)
    }

    var hasUntoldEnd: Bool { false }
    var hasWrittenAhead: Bool { false }

    func establish() -> Establishment {
        Socket.connectionError(fd).map { .failed($0.description) } ?? .done
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Carriage { Carriage(Socket.read(fd, into: buffer)) }

    func write(_ bytes: UnsafeRawBufferPointer) -> Carriage { Carriage(Socket.write(fd, bytes)) }

    func shutDownWrite() { Socket.shutdownWrite(fd) }

    func close() { Socket.close(fd) }

    func reset() { Socket.reset(fd) }
}

extension Carriage {
    init(_ transfer: Transfer) {
        switch transfer {
        case .bytes(let count): self = .bytes(count)
        case .wouldBlock: self = .wouldBlock
        case .end: self = .end
        case .failed(let error): self = .failed(error.description)
        }
    }
}
