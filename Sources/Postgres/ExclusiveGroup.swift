import EventLoop

/// Connections that one caller at a time has to itself.
@Reactor
final class ExclusiveGroup: LaneOwner {
    /// A lane with the connection that was lent; the lane may hold another by the time it is given back.
    struct Loan {
        let lane: Lane
        let connection: Connection
    }

    /// A caller in the line.
    @Reactor
    private final class Waiter {
        private var continuation: UnsafeContinuation<Result<Loan, PostgresError>, Never>?

        func await(_ continuation: UnsafeContinuation<Result<Loan, PostgresError>, Never>) {
            self.continuation = continuation
        }

        func resume(_ result: Result<Loan, PostgresError>) {
            continuation?.resume(returning: result)
            continuation = nil
        }
    }

    private(set) var lanes: [Lane] = []
    private var free: [Lane] = []
    private var line: WaitingLine<Waiter>
    private var impatience: LoopTimer?
    private var lastError: PostgresError?
    private var taken = 0
    private(set) var isClosed = false
    private var onIdle: (@Reactor () -> Void)?

    init(_ configuration: PostgresConfiguration, _ servers: ServerWatches) {
        line = WaitingLine(limit: configuration.queueLimit, patience: configuration.waitLimit)
        lanes = (0..<configuration.exclusive).map { _ in Lane(configuration, .exclusive, servers, owner: self) }
    }

    var connected: Int { lanes.count { $0.connection != nil } }
    var inUse: Int { taken }
    var waiting: Int { line.count }

    func take() async throws(PostgresError) -> Loan {
        guard !isClosed else { throw LaneGroup.closed }
        if let loan = nextFree() { return loan }
        guard !Task.isCancelled else { throw .cancelled(.notSent) }
        let waiter = Waiter()
        let result = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                waiter.await(continuation)
                guard line.join(waiter, now: .now) else {
                    return waiter.resume(.failure(unavailable("too many callers wait")))
                }
                watchLine()
            }
        } onCancel: {
            spawn { self.leave(waiter) }
        }
        return try result.get()
    }

    private func leave(_ waiter: Waiter) {
        guard line.leave(where: { $0 === waiter }) != nil else { return }
        waiter.resume(.failure(.cancelled(.notSent)))
    }

    /// A connection that is not clean is not given to the next caller but replaced.
    func giveBack(_ loan: Loan) {
        taken -= 1
        if loan.lane.connection === loan.connection {
            if loan.connection.isClean { laneIsReady(loan.lane) } else { loan.connection.close() }
        }
        tellIfIdle()
    }

    private func nextFree() -> Loan? {
        while let lane = free.popLast() {
            guard let connection = lane.connection, connection.isClean else { continue }
            taken += 1
            return Loan(lane: lane, connection: connection)
        }
        return nil
    }

    private func watchLine() {
        guard impatience?.isPending != true, let deadline = line.earliestDeadline else { return }
        impatience = EventLoop.shared.schedule(at: deadline) { self.expire() }
    }

    private func expire() {
        while let waiter = line.nextExpired(now: .now) {
            waiter.resume(.failure(unavailable("no exclusive connection was free in time")))
        }
        watchLine()
    }

    private func unavailable(_ message: String) -> PostgresError {
        if connected == 0, let lastError {
            return lastError.whileWaiting
        }
        return PostgresError(.poolExhausted, certainty: .notSent, message: message)
    }

    // MARK: Ending

    func close(whenIdle: @escaping @Reactor () -> Void) {
        isClosed = true
        while let waiter = line.next() { waiter.resume(.failure(LaneGroup.closed)) }
        onIdle = whenIdle
        tellIfIdle()
    }

    func stop() {
        isClosed = true
        for lane in lanes { lane.stop() }
        // Whoever still holds a connection finds it closed; nobody waits for that.
        if let onIdle {
            self.onIdle = nil
            onIdle()
        }
    }

    private func tellIfIdle() {
        guard taken == 0, let onIdle else { return }
        self.onIdle = nil
        onIdle()
    }

    // MARK: LaneOwner

    func laneIsReady(_ lane: Lane) {
        free.append(lane)
        while !line.isEmpty, let loan = nextFree(), let waiter = line.next() {
            waiter.resume(.success(loan))
        }
        if line.isEmpty { impatience?.cancel() }
    }

    func laneBroke(_ error: PostgresError) {
        lastError = error
        free.removeAll { $0.connection == nil }
    }

    func laneSettled(_ settlements: [Connection.Settlement]) {
        for settlement in settlements {
            switch settlement.outcome {
            case .success(let rows): settlement.request.finish(.success(rows))
            // Never run again: it may be one of several steps.
            case .failure(let error), .rerun(let error): settlement.request.finish(.failure(error))
            }
        }
    }
}
