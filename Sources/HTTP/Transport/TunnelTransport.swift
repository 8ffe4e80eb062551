import Crypto
import EventLoop

/// A connection through a proxy: once the proxy has opened the way, what it carries is a connection like any other.
@Reactor
final class TunnelTransport: ByteTransport {
    private enum Stage {
        /// To the proxy. Can transition to: asking.
        case connecting
        /// So many bytes of the question are out. Can transition to: listening.
        case asking(Int)
        /// Can transition to: through.
        case listening(HTTPResponseHeadReader)
        case through
    }

    private let socket: SocketTransport
    /// What goes over the tunnel: the socket itself, or TLS with the server behind the proxy.
    private let inner: any ByteTransport
    private let question: [UInt8]
    private var stage = Stage.connecting

    /// - Parameter session: with the server behind the proxy.
    init(over socket: SocketTransport, asking question: [UInt8], session: TLSSession?) {
        self.socket = socket
        self.question = question
        inner = session.map { TLSTransport(over: socket, session: $0, isConnected: true) } ?? socket
    }

    var fd: Int32 { socket.fd }
    var hasUntoldEnd: Bool { inner.hasUntoldEnd }
    var hasWrittenAhead: Bool { inner.hasWrittenAhead }

    func establish() -> Establishment {
        while true {
            switch stage {
            case .connecting:
                if case .failed(let words) = socket.establish() { return .failed("the proxy: \(words)") }
                stage = .asking(0)
            case .asking(let written):
                switch question.withUnsafeBytes({ socket.write(UnsafeRawBufferPointer(rebasing: $0[written...])) }) {
                case .bytes(let count) where written + count == question.count:
                    stage = .listening(HTTPResponseHeadReader())
                case .bytes(let count): stage = .asking(written + count)
                case .wouldBlock: return .waits(.write)
                case .end, .truncated, .refused: return .failed("the proxy hung up")
                case .failed(let words): return .failed("the proxy: \(words)")
                }
            case .listening(let reader):
                if let outcome = listen(reader) { return outcome }
            case .through: return inner === socket ? .done : inner.establish()
            }
        }
    }

    /// Nil when the stage has more to do.
    private func listen(_ reader: HTTPResponseHeadReader) -> Establishment? {
        withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { room -> Establishment? in
            switch socket.read(into: room) {
            case .bytes(let count): return hear(UnsafeRawBufferPointer(rebasing: room[..<count]), reader)
            case .wouldBlock: return .waits(.read)
            case .end, .truncated, .refused: return .failed("the proxy hung up")
            case .failed(let words): return .failed("the proxy: \(words)")
            }
        }
    }

    private func hear(_ bytes: UnsafeRawBufferPointer, _ reader: HTTPResponseHeadReader) -> Establishment? {
        var reader = reader
        do throws(HTTPResponseFault) {
            guard let answer = try reader.consume(bytes) else {
                stage = .listening(reader)
                return nil
            }
            guard (200..<300).contains(answer.head.status) else {
                return .failed("the proxy answered \(answer.head.status)")
            }
            // The server behind it speaks when it is spoken to: what follows the head is none of its words.
            guard answer.consumed == bytes.count else { return .failed("the proxy speaks out of turn") }
            stage = .through
            return nil
        } catch {
            return .failed("the proxy: \(error.rawValue)")
        }
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> Carriage { inner.read(into: buffer) }

    func write(_ bytes: UnsafeRawBufferPointer) -> Carriage { inner.write(bytes) }

    func shutDownWrite() { inner.shutDownWrite() }

    func close() { inner.close() }

    func reset() { socket.reset() }
}
