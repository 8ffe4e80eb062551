import EventLoop

/// Brings one connection up without blocking.
@Reactor
final class Connector: ReadinessHandler {
    private var handle: ConnectionHandle?
    private var registration: Registration?
    private var completion: (@Reactor (Result<ConnectionHandle, PostgresError>) -> Void)?

    /// Tries the servers that the options name, as `ConnectRace` says, until one can be had.
    static func connect(
        _ options: ConnectionOptions, timeout: Duration
    ) async throws(PostgresError) -> ConnectionHandle {
        let until = MonotonicTime.now + timeout
        let servers = try await Resolution.servers(of: options, until: until)
        return try await RunningRace(servers, until: until).winner()
    }

    /// - Parameter completion: called once, also before this returns; never after `abandon`.
    fileprivate func begin(
        _ options: ConnectionOptions,
        then completion: @escaping @Reactor (Result<ConnectionHandle, PostgresError>) -> Void
    ) {
        self.completion = completion
        guard let handle = ConnectionHandle(options.list) else { return fail("libpq has no memory") }
        self.handle = handle
        guard !handle.hasFailed else { return finish(.failure(handle.connectFailure.error)) }
        // Before the first poll libpq wants to hear that the socket can be written (manual, PQconnectStart).
        watch(.write)
    }

    /// Closes what there is of it.
    fileprivate func abandon() {
        unwatch()
        completion = nil
        handle = nil
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
        let completion = self.completion
        abandon()
        completion?(result)
    }
}

/// A `ConnectRace` on real connections.
@Reactor
private final class RunningRace {
    private let servers: [ConnectionOptions]
    private let until: MonotonicTime
    private var race: ConnectRace
    private var attempts: [Int: Connector] = [:]
    private var timer: LoopTimer?
    private var continuation: CheckedContinuation<Result<ConnectionHandle, PostgresError>, Never>?

    init(_ servers: [ConnectionOptions], until: MonotonicTime) {
        self.servers = servers
        self.until = until
        race = ConnectRace(servers: servers.count, deadline: until)
    }

    func winner() async throws(PostgresError) -> ConnectionHandle {
        let result = await withCheckedContinuation { continuation in
            self.continuation = continuation
            move()
        }
        return try result.get()
    }

    private func move() {
        while continuation != nil {
            switch race.next(now: .now) {
            case .begin(let index):
                let attempt = Connector()
                attempts[index] = attempt
                attempt.begin(servers[index]) { self.ended(index, $0) }
            case .wait(let instant):
                timer?.cancel()
                timer = EventLoop.shared.schedule(at: instant) { self.move() }
                return
            case .end:
                finish(.failure(Self.worst(of: race.failures)))
            }
        }
    }

    private func ended(_ index: Int, _ result: Result<ConnectionHandle, PostgresError>) {
        attempts[index] = nil
        switch result {
        case .success: finish(result)
        case .failure(let error):
            race.failed(index, error, now: .now)
            move()
        }
    }

    /// Of several, what somebody must mend comes before what may pass.
    private static func worst(of failures: [PostgresError]) -> PostgresError {
        failures.first { $0.code == .misconfigured } ?? failures.last ?? ConnectRace.late
    }

    private func finish(_ result: Result<ConnectionHandle, PostgresError>) {
        timer?.cancel()
        timer = nil
        for attempt in attempts.values { attempt.abandon() }
        attempts = [:]
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
        let limit = EventLoop.shared.schedule(at: until) { resolution.finish(.failure(ConnectRace.late)) }
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
