import EventLoop

/// Brings one connection up without blocking, within a deadline.
@Reactor
final class Connector: ReadinessHandler {
    private var handle: ConnectionHandle?
    private var registration: Registration?
    private var deadline: LoopTimer?
    private var continuation: CheckedContinuation<Result<ConnectionHandle, PostgresError>, Never>?

    private init() {}

    static func connect(
        _ options: ConnectionOptions, timeout: Duration
    ) async throws(PostgresError) -> ConnectionHandle {
        let until = MonotonicTime.now + timeout
        var options = options
        try await options.resolve()
        let connector = Connector()
        let result = await withCheckedContinuation { continuation in
            connector.begin(options, until, continuation)
        }
        return try result.get()
    }

    private func begin(
        _ options: ConnectionOptions, _ until: MonotonicTime,
        _ continuation: CheckedContinuation<Result<ConnectionHandle, PostgresError>, Never>
    ) {
        self.continuation = continuation
        guard let handle = ConnectionHandle(options.list) else { return fail("libpq has no memory") }
        self.handle = handle
        guard !handle.hasFailed else { return fail(handle.errorMessage) }
        deadline = EventLoop.shared.schedule(at: until) { self.fail("no connection within the time limit") }
        // Before the first poll libpq wants to hear that the socket can be written (manual, PQconnectStart).
        watch(.write)
    }

    func ready(_ readiness: Readiness) {
        guard let handle else { return }
        // libpq may go on to another address, and so to another socket: watched anew each time.
        unwatch()
        switch handle.pollConnect() {
        case .wantsRead: watch(.read)
        case .wantsWrite: watch(.write)
        case .connected: finish(.success(handle))
        case .failed: fail(handle.errorMessage)
        }
    }

    private func watch(_ readiness: Readiness) {
        guard let handle else { return }
        do {
            registration = try EventLoop.shared.register(handle.descriptor, readiness, self)
        } catch {
            fail("\(error)")
        }
    }

    private func unwatch() {
        if let registration { EventLoop.shared.deregister(registration) }
        registration = nil
    }

    private func fail(_ message: String) {
        finish(.failure(PostgresError(.connectFailed, certainty: .notSent, message: message)))
    }

    private func finish(_ result: Result<ConnectionHandle, PostgresError>) {
        unwatch()
        deadline?.cancel()
        deadline = nil
        handle = nil
        let continuation = self.continuation
        self.continuation = nil
        continuation?.resume(returning: result)
    }
}
