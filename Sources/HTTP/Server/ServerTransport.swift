import EventLoop

/// The bytes of one server connection: a socket, or TLS over it. No existential, for the bare socket's sake: it is
/// asked several times a request.
@Reactor
struct ServerTransport {
    let fd: Int32
    let tls: TLSTransport?

    func establish() -> Establishment { tls?.establish() ?? .done }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Carriage {
        guard let tls else { return Carriage(Socket.read(fd, into: buffer)) }
        return tls.read(into: buffer)
    }

    var hasUntoldEnd: Bool { tls?.hasUntoldEnd ?? false }

    /// What it does not take must be offered again, the same bytes first.
    func write(_ bytes: UnsafeRawBufferPointer, from start: Int) -> OutputWrite {
        guard let tls else { return OutputWrite(fd, bytes, from: start) }
        switch tls.write(UnsafeRawBufferPointer(rebasing: bytes[start...])) {
        case .bytes(let count): return start + count == bytes.count ? .all : .part(start + count)
        case .wouldBlock, .end, .truncated, .refused: return .part(start)
        case .failed: return .failed
        }
    }

    /// Of what was written, how much the peer has not acknowledged.
    var unacknowledged: Int { Socket.unacknowledged(fd) - (tls?.writtenAhead ?? 0) }

    func shutDownWrite() {
        if let tls { tls.shutDownWrite() } else { Socket.shutdownWrite(fd) }
    }

    func close(resetting: Bool) {
        if resetting {
            Socket.reset(fd)
        } else if let tls {
            tls.close()
        } else {
            Socket.close(fd)
        }
    }
}
