import EventLoop

/// The body of a request whose handler reads it as it arrives: what has come and is not yet read, and what the client
/// owes in time. It owes nothing while the handler is behind or has not asked for the body yet.
struct RequestUpload: Sendable {
    private enum End {
        case open
        case whole
        case broken(HTTPBodyReadError)
    }

    enum Read {
        case bytes([UInt8])
        case end
        /// Nothing yet; `sendContinue` when the client waits for leave to send.
        case pending(sendContinue: Bool)
        case broken(HTTPBodyReadError)
    }

    /// With this much unread, no more is taken from the client.
    static let readAhead = 64 * 1024

    private var unread: [UInt8] = []
    private var end = End.open
    private var awaitsContinue: Bool
    private var received = 0
    private var since: MonotonicTime
    private var lastProgress: MonotonicTime
    private var pausedAt: MonotonicTime?

    init(awaitsContinue: Bool, now: MonotonicTime) {
        self.awaitsContinue = awaitsContinue
        since = now
        lastProgress = now
        pausedAt = awaitsContinue ? now : nil
    }

    var isOpen: Bool { if case .open = end { true } else { false } }

    var wantsInput: Bool { isOpen && unread.count < Self.readAhead }

    mutating func receive(_ bytes: Slice<UnsafeBufferPointer<UInt8>>, now: MonotonicTime) {
        // A client that has begun to send no longer waits for leave.
        if awaitsContinue { resume(now) }
        awaitsContinue = false
        unread.append(contentsOf: UnsafeBufferPointer(rebasing: bytes))
        received += bytes.count
        lastProgress = now
        if !wantsInput { pausedAt = now }
    }

    mutating func finish() { end = .whole }

    mutating func fail(_ error: HTTPBodyReadError) {
        guard isOpen else { return }
        end = .broken(error)
        unread = []
    }

    mutating func read(now: MonotonicTime) -> Read {
        if case .broken(let error) = end { return .broken(error) }
        guard unread.isEmpty else {
            defer { unread = [] }
            if isOpen { resume(now) }
            return .bytes(unread)
        }
        guard isOpen else { return .end }
        defer { awaitsContinue = false }
        if awaitsContinue { resume(now) }
        return .pending(sendContinue: awaitsContinue)
    }

    /// When the client has let the body wait for too long.
    func deadline(_ times: ServerTimes) -> MonotonicTime? {
        guard isOpen, pausedAt == nil else { return nil }
        return times.bodyDeadline(since: since, lastProgress: lastProgress, received: received, whole: times.stream)
    }

    private mutating func resume(_ now: MonotonicTime) {
        guard let pausedAt else { return }
        since = MonotonicTime(nanoseconds: since.nanoseconds + now.nanoseconds - pausedAt.nanoseconds)
        lastProgress = now
        self.pausedAt = nil
    }
}
