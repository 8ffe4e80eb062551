import Crypto
import EventLoop

/// What carries bytes between a connection and its peer: a bare socket, or TLS over one.
@Reactor
protocol ByteTransport: AnyObject {
    /// For the loop to watch.
    var fd: Int32 { get }
    /// Goes on with what comes before the first byte of a request; asked when `fd` is ready.
    func establish() -> Establishment
    /// Takes in all that one look at the socket brings, if the buffer holds at least `TransportBuffer.byteCount`.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Carriage
    /// Whether `read` has an end to tell that the socket will not announce: it came with the last bytes.
    var hasUntoldEnd: Bool { get }
    /// What it does not take must be offered again, the same bytes first.
    func write(_ bytes: UnsafeRawBufferPointer) -> Carriage
    /// Whether of what is to be offered again something has gone out all the same: a part of something encrypted.
    var hasWrittenAhead: Bool { get }
    /// Says that nothing more will be sent.
    func shutDownWrite()
    /// Ends in good order, without waiting for it.
    func close()
    /// Ends so that the peer knows that what it got is not all.
    func reset()
}

enum TransportBuffer {
    static let byteCount = 64 * 1024
}

enum Establishment: Sendable {
    case done
    case waits(Readiness)
    /// The network's failure.
    case failed(String)
    /// One side does not accept the other.
    case refused(TLSError)
}

/// What a read or a write over a transport came to.
enum Carriage: Sendable {
    case bytes(Int)
    case wouldBlock
    /// Read only: the peer has sent all it will send.
    case end
    /// Read only: the bytes are at an end, and nobody has said that they are all.
    case truncated
    /// Read only: the peer does not accept this side.
    case refused(String)
    case failed(String)
}
