import EventLoop
import HTTP

/// One client's connection: reads a request, performs its answer, reads the next.
@Reactor
final class WireConnection: ReadinessHandler {
    private let fd: Int32
    private let handler: WireHandler
    private let onClose: @Reactor (WireConnection) -> Void
    private var registration: Registration?
    private var reader: RequestReader
    private var output: [UInt8] = []
    private var written = 0
    private var isAnswering = false
    private var closesWhenWritten = false
    private var timer: LoopTimer?

    init?(
        _ fd: Int32, peer: SocketAddress, handler: @escaping WireHandler,
        onClose: @escaping @Reactor (WireConnection) -> Void
    ) {
        self.fd = fd
        self.handler = handler
        self.onClose = onClose
        reader = RequestReader(peer: peer.ip)
        Socket.setNoDelay(fd)
        do {
            registration = try EventLoop.shared.register(fd, .read, self)
        } catch {
            Socket.close(fd)
            return nil
        }
    }

    func ready(_ readiness: Readiness) {
        if readiness.contains(.error) || readiness.contains(.hangUp) { return close() }
        if readiness.contains(.write) { flush() }
        if readiness.contains(.read), registration != nil { read() }
    }

    func close() { end { Socket.close(fd) } }

    private func end(_ closing: () -> Void) {
        guard let registration else { return }
        self.registration = nil
        timer?.cancel()
        EventLoop.shared.deregister(registration)
        closing()
        onClose(self)
    }

    private func read() {
        var scratch = [UInt8](repeating: 0, count: 64 * 1024)
        let transfer = scratch.withUnsafeMutableBytes { buffer in
            let transfer = Socket.read(fd, into: buffer)
            if case .bytes(let count) = transfer { reader.append(UnsafeRawBufferPointer(rebasing: buffer[..<count])) }
            return transfer
        }
        switch transfer {
        case .bytes: serveNext()
        case .wouldBlock: break
        case .end, .failed: close()
        }
    }

    private func serveNext() {
        guard !isAnswering, registration != nil else { return }
        switch reader.next() {
        case .incomplete: watch(.read)
        case .malformed: close()
        case .request(let request, let keepsAlive):
            isAnswering = true
            // Not read while it is answered, so that what a client sends ahead waits in the kernel.
            watch([])
            spawn {
                let answer = await self.handler(request)
                self.perform(answer, keepsAlive: keepsAlive)
            }
        }
    }

    private func perform(_ answer: Answer, keepsAlive: Bool) {
        guard registration != nil else { return }
        switch answer {
        case .reply(let reply):
            closesWhenWritten = !keepsAlive
            send(reply.octets(keepsAlive: keepsAlive))
        case .half(let reply):
            closesWhenWritten = true
            let octets = reply.octets(keepsAlive: keepsAlive)
            send(Array(octets.prefix(octets.count - reply.body.count + reply.body.count / 2)))
        case .later(let delay, let answer):
            timer = EventLoop.shared.schedule(after: delay) { [weak self] in
                self?.perform(answer, keepsAlive: keepsAlive)
            }
        case .silence(let time):
            timer = EventLoop.shared.schedule(after: time) { [weak self] in self?.close() }
        case .reset: end { Socket.reset(fd) }
        }
    }

    private func send(_ octets: [UInt8]) {
        output = octets
        written = 0
        flush()
    }

    private func flush() {
        while written < output.count {
            let transfer = output.withUnsafeBytes { Socket.write(fd, UnsafeRawBufferPointer(rebasing: $0[written...])) }
            switch transfer {
            case .bytes(let count): written += count
            case .wouldBlock: return watch(.write)
            case .end, .failed: return close()
            }
        }
        guard isAnswering, !output.isEmpty else { return }
        output = []
        isAnswering = false
        closesWhenWritten ? close() : serveNext()
    }

    private func watch(_ interest: Readiness) {
        guard let registration else { return }
        EventLoop.shared.update(registration, interest)
    }
}
