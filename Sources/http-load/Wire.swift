import EventLoop

/// One client connection of the load, octet by octet: it checks no more of HTTP than what it asks about.
@Reactor
final class Wire: ReadinessHandler {
    /// Nothing came, or went, for so long.
    static let patience = Duration.seconds(20)

    private let fd: Int32
    private var registration: Registration?
    private(set) var received: [UInt8] = []
    private(set) var hasEnded = false
    private var isReading = true
    private var wanted: ((Wire) -> Bool)?
    private var waiter: CheckedContinuation<Void, Never>?

    init(_ address: SocketAddress) throws(SystemError) {
        fd = try Socket.connect(to: address)
        do throws(SystemError) {
            registration = try EventLoop.shared.register(fd, .read, self)
        } catch {
            Socket.close(fd)
            throw error
        }
    }

    /// Gives up when the other side takes nothing more, as it may once it has refused.
    func send(_ bytes: [UInt8]) async {
        var offset = 0
        while offset < bytes.count, !hasEnded {
            switch bytes.withUnsafeBytes({ Socket.write(fd, UnsafeRawBufferPointer(rebasing: $0[offset...])) }) {
            case .bytes(let count): offset += count
            case .wouldBlock:
                guard await waitForRoom() else { return }
            case .end, .failed: return
            }
        }
    }

    func send(_ text: String) async { await send(Array(text.utf8)) }

    /// Whether the condition holds before the end, or before patience is out.
    func wait(until condition: @escaping (Wire) -> Bool) async -> Bool {
        if !condition(self), !hasEnded {
            wanted = condition
            await suspend()
            wanted = nil
        }
        return condition(self)
    }

    /// The whole of the next `count` answers, and whether all of them came.
    func answers(_ count: Int) async -> (answers: [WireAnswer], areAll: Bool) {
        var answers: [WireAnswer] = []
        while answers.count < count {
            if let (answer, length) = WireAnswer.first(in: received) {
                answers.append(answer)
                received.removeFirst(length)
                continue
            }
            let before = received.count
            guard await wait(until: { $0.received.count > before }) else { return (answers, false) }
        }
        return (answers, true)
    }

    func stopReading() {
        isReading = false
        watch([])
    }

    func endSending() { Socket.shutdownWrite(fd) }

    func close() {
        leave { Socket.close($0) }
    }

    func reset() {
        leave { Socket.reset($0) }
    }

    func ready(_ readiness: Readiness) {
        if readiness.contains(.write) { return resume() }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        switch buffer.withUnsafeMutableBytes({ Socket.read(fd, into: $0) }) {
        case .bytes(let count): received += buffer[..<count]
        case .wouldBlock: return
        case .end, .failed: return close()
        }
        if wanted?(self) == true { resume() }
    }

    private func waitForRoom() async -> Bool {
        watch(isReading ? [.read, .write] : [.write])
        let before = MonotonicTime.now
        await suspend()
        watch(isReading && !hasEnded ? .read : [])
        return MonotonicTime.now - before < Self.patience
    }

    private func suspend() async {
        let timer = EventLoop.shared.schedule(after: Self.patience) { self.resume() }
        await withCheckedContinuation { waiter = $0 }
        timer.cancel()
    }

    private func resume() {
        let waiter = self.waiter
        self.waiter = nil
        waiter?.resume()
    }

    private func watch(_ readiness: Readiness) {
        if let registration { EventLoop.shared.update(registration, readiness) }
    }

    private func leave(_ body: (Int32) -> Void) {
        guard let registration else { return }
        EventLoop.shared.deregister(registration)
        self.registration = nil
        hasEnded = true
        body(fd)
        resume()
    }
}

/// A final answer with a told length, which is how the servers under load answer.
struct WireAnswer: Sendable {
    let status: Int
    let bodyCount: Int
    let closes: Bool

    /// Nil until all of it has come. Interim answers are passed over.
    static func first(in bytes: [UInt8]) -> (answer: WireAnswer, length: Int)? {
        guard let end = headEnd(bytes) else { return nil }
        let lines = String(decoding: bytes[..<end], as: UTF8.self).lowercased().split(separator: "\r\n")
        let status = lines.first.flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int($0) } ?? 0
        if (100..<200).contains(status) {
            return first(in: Array(bytes[end...])).map { ($0.answer, end + $0.length) }
        }
        let length = lines.first { $0.hasPrefix("content-length: ") }.flatMap { Int($0.dropFirst(16)) } ?? 0
        guard bytes.count >= end + length else { return nil }
        return (
            WireAnswer(status: status, bodyCount: length, closes: lines.contains("connection: close")), end + length
        )
    }

    private static func headEnd(_ bytes: [UInt8]) -> Int? {
        var index = 3
        while index < bytes.count {
            if bytes[index] == 0x0A, bytes[index - 1] == 0x0D, bytes[index - 2] == 0x0A, bytes[index - 3] == 0x0D {
                return index + 1
            }
            index += 1
        }
        return nil
    }
}

/// Comes back after so long.
@Reactor
func pause(_ duration: Duration) async {
    await withCheckedContinuation { continuation in
        EventLoop.shared.schedule(after: duration) { continuation.resume() }
    }
}
