import EventLoop

/// Brings one connection up without blocking, within a deadline.
@Reactor
final class Connector: ReadinessHandler {
    private var handle: ConnectionHandle?
    private var registration: Registration?
    private var deadline: LoopTimer?
    private var continuation: CheckedContinuation<Result<ConnectionHandle, PostgresError>, Never>?

    private init() {}

    /// Tries the servers that the options name one after the other. Each is given its share of the time that is left,
    /// so that one that does not answer leaves some to those behind it.
    static func connect(
        _ options: ConnectionOptions, timeout: Duration
    ) async throws(PostgresError) -> ConnectionHandle {
        let until = MonotonicTime.now + timeout
        let servers = try await Resolution.servers(of: options, until: until)
        var failures: [PostgresError] = []
        for (index, server) in servers.enumerated() {
            let left = until - .now
            guard left > .zero else { break }
            do throws(PostgresError) {
                return try await Connector().connect(server, until: .now + left / (servers.count - index))
            } catch {
                failures.append(error)
            }
        }
        throw worst(of: failures)
    }

    /// Of several, what somebody must mend comes before what may pass.
    private static func worst(of failures: [PostgresError]) -> PostgresError {
        failures.first { $0.code == .misconfigured } ?? failures.last ?? late
    }

    fileprivate static var late: PostgresError {
        PostgresError(.connectFailed, certainty: .notSent, message: "no connection within the time limit")
    }

    private func connect(
        _ server: ConnectionOptions, until: MonotonicTime
    ) async throws(PostgresError) -> ConnectionHandle {
        let result = await withCheckedContinuation { continuation in
            begin(server, until, continuation)
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
        guard !handle.hasFailed else { return finish(.failure(handle.connectFailure.error)) }
        deadline = EventLoop.shared.schedule(at: until) { self.finish(.failure(Self.late)) }
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
        case .failed: finish(.failure(handle.connectFailure.error))
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

/// The look-up of the servers' names, which may take longer than there is time.
@Reactor
private final class Resolution {
    private var continuation: CheckedContinuation<Result<[ConnectionOptions], PostgresError>, Never>?

    static func servers(
        of options: ConnectionOptions, until: MonotonicTime
    ) async throws(PostgresError) -> [ConnectionOptions] {
        guard options.needsLookUp else { return try await options.servers() }
        let resolution = Resolution()
        let limit = EventLoop.shared.schedule(at: until) { resolution.finish(.failure(Connector.late)) }
        let result = await withCheckedContinuation { continuation in
            resolution.continuation = continuation
            spawn {
                do throws(PostgresError) {
                    resolution.finish(.success(try await options.servers()))
                } catch {
                    resolution.finish(.failure(error))
                }
            }
        }
        limit.cancel()
        return try result.get()
    }

    private func finish(_ result: Result<[ConnectionOptions], PostgresError>) {
        continuation?.resume(returning: result)
        continuation = nil
    }
}
