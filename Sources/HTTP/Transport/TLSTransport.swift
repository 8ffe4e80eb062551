import Crypto
import EventLoop

/// TLS over a TCP connection.
@Reactor
final class TLSTransport: ByteTransport {
    private let socket: SocketTransport
    private let session: TLSSession
    private var isConnected: Bool
    /// Plaintext that is encrypted and not yet all out; the caller still counts it as unwritten and offers it again.
    private var underway = 0
    /// Something went out since that was encrypted.
    private var hasSentUnderway = false
    /// The socket takes no more; what it has brought may still be read.
    private var writeError: String?

    /// One for all connections. Together with a record that came in part before, what it holds decrypts to no more
    /// than a reader's buffer takes: nothing stays behind that the loop would not announce.
    private static let ciphertext = UnsafeMutableRawBufferPointer.allocate(
        byteCount: TransportBuffer.byteCount - TLSSession.recordLimit - TLSSession.recordOverhead, alignment: 16)

    /// Looks at the socket for one read: a peer may send for long what is no plaintext, tickets and changes of keys.
    private static let roundsPerRead = 16
    /// In bytes of ciphertext, beside a record of our own: what such a peer may make this side owe it.
    private static let owedLimit = 64 * 1024

    /// - Parameter isConnected: whether the socket's connection stands already, as an accepted one does.
    init(over socket: SocketTransport, session: TLSSession, isConnected: Bool) {
        self.socket = socket
        self.session = session
        self.isConnected = isConnected
    }

    var fd: Int32 { socket.fd }
    var hasUntoldEnd: Bool { session.hasEnded }

    /// Bytes of what is to be offered again that have gone out all the same.
    var writtenAhead: Int { max(0, underway - session.outputCount) }

    var hasWrittenAhead: Bool { underway > 0 && hasSentUnderway }

    // MARK: Handshake

    func establish() -> Establishment {
        if !isConnected {
            if case .failed(let words) = socket.establish() { return .failed(words) }
            isConnected = true
        }
        while true {
            let step = session.handshake()
            // An alert goes out with the failure that it tells of.
            let isFlushed = flush()
            switch step {
            case .done:
                if let writeError { return .failed(writeError) }
                return isFlushed ? .done : .waits(.write)
            case .failed(let error): return .refused(error)
            case .wantsMore: break
            }
            switch socket.read(into: Self.ciphertext) {
            case .bytes(let count): session.receive(UnsafeRawBufferPointer(rebasing: Self.ciphertext[..<count]))
            case .wouldBlock: return .waits(isFlushed ? .read : [.read, .write])
            case .end, .truncated, .refused: session.endOfInput()
            case .failed(let words): return .failed(words)
            }
        }
    }

    // MARK: Bytes

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Carriage {
        var rounds = 0
        while true {
            switch session.read(into: buffer) {
            case .bytes(let count): return .bytes(count)
            case .end: return .end
            case .failed(let error):
                _ = flush()
                return switch error.code {
                case .closedWithoutNotify: .truncated
                case .refusedByPeer: .refused(error.description)
                default: .failed(error.description)
                }
            case .wantsMore: break
            }
            // What reading has asked to be sent: the answer to a change of keys.
            if session.hasOutput, !flush(), session.outputCount > underway + Self.owedLimit {
                return .failed("the peer asks for more than it takes")
            }
            // What is left in the socket the loop will announce.
            guard rounds < Self.roundsPerRead else { return .wouldBlock }
            rounds += 1
            switch socket.read(into: Self.ciphertext) {
            case .bytes(let count): session.receive(UnsafeRawBufferPointer(rebasing: Self.ciphertext[..<count]))
            case .wouldBlock: return .wouldBlock
            case .end, .truncated, .refused: session.endOfInput()
            case .failed(let words): return .failed(words)
            }
        }
    }

    /// A record at a time, so that little is encrypted ahead of a peer that does not read.
    func write(_ bytes: UnsafeRawBufferPointer) -> Carriage {
        var written = 0
        while written < bytes.count {
            if underway == 0 {
                guard let taken = session.write(UnsafeRawBufferPointer(rebasing: bytes[written...])) else {
                    return .failed("the TLS session is over")
                }
                underway = taken
                hasSentUnderway = false
            }
            guard flush() else { break }
            written += underway
            underway = 0
        }
        // What went out before a failure is told first: it may have been seen.
        if written > 0 || bytes.isEmpty { return .bytes(written) }
        return writeError.map { .failed($0) } ?? .wouldBlock
    }

    /// Whether all is out that was to be sent.
    private func flush() -> Bool {
        guard session.hasOutput else { return true }
        var isBlocked = false
        session.withOutput { bytes in
            var sent = 0
            while sent < bytes.count {
                switch socket.write(UnsafeRawBufferPointer(rebasing: bytes[sent...])) {
                case .bytes(let count):
                    sent += count
                    hasSentUnderway = true
                case .wouldBlock, .end, .truncated, .refused:
                    isBlocked = true
                    return sent
                case .failed(let words):
                    writeError = words
                    isBlocked = true
                    return sent
                }
            }
            return sent
        }
        return !isBlocked
    }

    // MARK: End

    func shutDownWrite() {
        session.sendCloseNotify()
        _ = flush()
        socket.shutDownWrite()
    }

    func close() {
        // What is not out yet must not go out now: it has been, or will be, told to be unsent.
        guard underway == 0 else { return socket.close() }
        session.sendCloseNotify()
        _ = flush()
        socket.close()
    }

    func reset() { socket.reset() }
}
