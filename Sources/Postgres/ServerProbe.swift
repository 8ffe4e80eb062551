import EventLoop
import Glibc

/// Asks a server for a sign of life, on a connection of its own that is dropped then.
///
/// It says what libpq says first, whether TLS may be spoken (SSLRequest; manual, section 55.7): every server and every
/// pooler has a byte for that, before it looks at anything else.
@Reactor
final class ServerProbe: ReadinessHandler {
    private static let question: [UInt8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]

    private var fd: Int32?
    private var registration: Registration?
    private var timer: LoopTimer?
    private var hasAsked = false
    private var answered: (@Reactor (Pulse.Answer) -> Void)?

    /// - Parameter answered: told the answer; of `nothing` at each end of the time, until `end`.
    func begin(
        _ address: SocketAddress, until deadline: MonotonicTime, _ answered: @escaping @Reactor (Pulse.Answer) -> Void
    ) {
        self.answered = answered
        do throws(SystemError) {
            let fd = try Socket.connect(to: address)
            self.fd = fd
            registration = try EventLoop.shared.register(fd, .write, self)
        } catch {
            return tell(Self.meaning(of: error))
        }
        goOn(until: deadline)
    }

    func goOn(until deadline: MonotonicTime) {
        timer = EventLoop.shared.schedule(at: deadline) { self.timeIsUp() }
    }

    func end() {
        timer?.cancel()
        timer = nil
        if let registration { EventLoop.shared.deregister(registration) }
        registration = nil
        if let fd { Socket.close(fd) }
        fd = nil
        answered = nil
    }

    func ready(_ readiness: Readiness) {
        guard let fd else { return }
        guard !hasAsked else { return listen() }
        if let error = Socket.connectionError(fd) { return tell(Self.meaning(of: error)) }
        if case .failed(let error) = Self.question.withUnsafeBytes({ Socket.write(fd, $0) }) {
            return tell(Self.meaning(of: error))
        }
        hasAsked = true
        if let registration { EventLoop.shared.update(registration, .read) }
    }

    /// Whatever comes is a sign, also the end.
    private func listen() {
        guard let fd else { return }
        var byte: UInt8 = 0
        switch withUnsafeMutableBytes(of: &byte, { Socket.read(fd, into: $0) }) {
        case .bytes, .end: tell(.sign)
        case .wouldBlock: break
        case .failed(let error): tell(Self.meaning(of: error))
        }
    }

    private func timeIsUp() {
        // What has arrived meanwhile counts, though it was not told yet.
        if hasAsked { listen() }
        tell(.nothing)
    }

    private func tell(_ answer: Pulse.Answer) { answered?(answer) }

    private static func meaning(of error: SystemError) -> Pulse.Answer {
        switch error.code {
        case ECONNREFUSED, ECONNRESET, EPIPE, ENOENT: .sign
        case EHOSTUNREACH, ENETUNREACH, EHOSTDOWN, ENETDOWN, ETIMEDOUT: .noRoute
        default: .unasked
        }
    }
}
