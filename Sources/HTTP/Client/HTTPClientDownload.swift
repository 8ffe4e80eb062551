import EventLoop

/// What has come of a body and is not yet read, and how the body ended.
struct ResponseIntake: Sendable {
    enum Read: Sendable {
        case bytes([UInt8])
        case end
        /// Nothing yet.
        case pending
        case failed(HTTPClientError)
    }

    /// With this much unread, no more is taken from the server.
    static let readAhead = 256 * 1024

    private var unread: [UInt8] = []
    /// Nil while more may come.
    private var end: Result<Void, HTTPClientError>?

    var wantsInput: Bool { unread.count < Self.readAhead }
    var isOver: Bool { end != nil }

    mutating func receive(_ bytes: [UInt8]) {
        if unread.isEmpty { unread = bytes } else { unread += bytes }
    }

    mutating func finish() { end = .success(()) }

    /// What is unread is the beginning of something that has no end.
    mutating func fail(_ error: HTTPClientError) {
        unread = []
        end = .failure(error)
    }

    mutating func read() -> Read {
        if case .failure(let error) = end { return .failed(error) }
        guard unread.isEmpty else {
            defer { unread = [] }
            return .bytes(unread)
        }
        return end == nil ? .pending : .end
    }
}

/// Between a connection that brings a body and the one who reads it.
@Reactor
final class HTTPClientDownload {
    private var intake = ResponseIntake()
    private var waiter: CheckedContinuation<Void, Never>?

    var wantsInput: Bool { intake.wantsInput }

    /// Returns whether the reader waited for it.
    func receive(_ bytes: [UInt8]) -> Bool {
        guard !bytes.isEmpty else { return false }
        intake.receive(bytes)
        return wake()
    }

    /// Takes the rest of the body, or what came in place of it; returns the verdict without.
    func end(_ verdict: HTTPClientCall.Verdict) -> HTTPClientCall.Verdict {
        defer { _ = wake() }
        switch verdict {
        case .failure(let error):
            intake.fail(error)
            return verdict
        case .success(var response):
            intake.receive(response.body)
            intake.finish()
            response.body = []
            return .success(response)
        }
    }

    func read(for call: HTTPClientCall) async throws(HTTPClientError) -> [UInt8]? {
        precondition(waiter == nil, "a body has one reader at a time")
        while true {
            switch intake.read() {
            case .bytes(let bytes): return bytes
            case .end: return nil
            case .failed(let error): throw error
            case .pending: break
            }
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    // A task that is cancelled already has ended it.
                    guard !intake.isOver else { return continuation.resume() }
                    waiter = continuation
                    call.awaitMore()
                }
            } onCancel: {
                spawn { call.cancel() }
            }
        }
    }

    private func wake() -> Bool {
        guard let waiter else { return false }
        self.waiter = nil
        waiter.resume()
        return true
    }
}
