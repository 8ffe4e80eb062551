import EventLoop

/// Connections that one caller at a time has to itself.
@Reactor
final class ExclusiveGroup: LaneOwner {
    /// A lane with the connection that was lent; the lane may hold another by the time it is given back.
    struct Loan {
        let lane: Lane
        let connection: Connection
    }

    private typealias Waiter = UnsafeContinuation<Result<Loan, PostgresError>, Never>

    private(set) var lanes: [Lane] = []
    private var free: [Lane] = []
    private var line: WaitingLine<Waiter>
    private var impatience: LoopTimer?
    private var lastError: PostgresError?
    private var taken = 0
    private(set) var isClosed = false
    private var onIdle: (@Reactor () -> Void)?

    init(_ configuration: PostgresConfiguration) {
        line = WaitingLine(limit: configuration.queueLimit, patience: configuration.waitLimit)
        lanes = (0..<configuration.exclusive).map { _ in Lane(configuration, .exclusive, owner: self) }
    }

    var connected: Int { lanes.count { $0.connection != nil } }
    var inUse: Int { taken }
    var waiting: Int { line.count }

    func take() async throws(PostgresError) -> Loan {
        guard !isClosed else { throw LaneGroup.closed }
        if let loan = nextFree() { return loan }
        let result = await withUnsafeContinuation { (continuation: Waiter) in
            guard line.join(continuation, now: .now) else {
                return continuation.resume(returning: .failure(unavailable("too many callers wait")))
            }
            watchLine()
        }
        return try result.get()
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
            waiter.resume(returning: .failure(unavailable("no exclusive connection was free in time")))
        }
        watchLine()
    }

    private func unavailable(_ message: String) -> PostgresError {
        if connected == 0, let lastError {
            return PostgresError(
                .connectFailed, certainty: .notSent, message: lastError.message, sqlState: lastError.sqlState)
        }
        return PostgresError(.poolExhausted, certainty: .notSent, message: message)
    }

    // MARK: Ending

    func close(whenIdle: @escaping @Reactor () -> Void) {
        isClosed = true
        while let waiter = line.next() { waiter.resume(returning: .failure(LaneGroup.closed)) }
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
            waiter.resume(returning: .success(loan))
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
