import EventLoop

/// Told what became of the requests on a connection.
@Reactor
protocol ConnectionOwner: AnyObject {
    func settled(_ settlements: [Connection.Settlement], on connection: Connection)
    /// The connection is of no more use; what was on it is settled next.
    func lost(_ connection: Connection, _ error: PostgresError)
}

/// One connection in pipeline mode: carries out what its `Pipeline` says.
@Reactor
final class Connection: ReadinessHandler {
    typealias Settlement = Pipeline<Request, PostgresRows>.Settlement

    weak var owner: (any ConnectionOwner)?
    private var handle: ConnectionHandle?
    private var registration: Registration?
    private var pipeline = Pipeline<Request, PostgresRows>()
    private var syncIsDue = false
    private var watchdog: Watchdog

    private let isShared: Bool

    /// - Parameters:
    ///   - patience: how long one statement may take.
    ///   - isShared: true if requests of several callers travel on it.
    init(_ handle: ConnectionHandle, patience: Duration, isShared: Bool) throws(PostgresError) {
        self.handle = handle
        self.isShared = isShared
        watchdog = Watchdog(patience: patience)
        guard handle.enterPipelineMode() else {
            throw PostgresError(.connectFailed, certainty: .notSent, message: handle.errorMessage)
        }
        do {
            registration = try EventLoop.shared.register(handle.descriptor, .read, self)
        } catch {
            throw PostgresError(.connectFailed, certainty: .notSent, message: "\(error)")
        }
    }

    var isOpen: Bool { handle != nil }
    var inFlight: Int { pipeline.inFlight }
    /// Empty of answers to come, and outside any transaction.
    var isClean: Bool { !pipeline.isAwaitingAnswers && handle?.isIdle == true && !pipeline.isStale }
    var isStale: Bool { pipeline.isStale }

    // MARK: Sending

    func send(_ request: Request) {
        guard let handle else {
            return request.finish(
                .failure(PostgresError(.connectionLost, certainty: .notSent, message: "the connection was lost before"))
            )
        }
        if !pipeline.isAwaitingAnswers { watchdog.progress = .now }
        pipeline.begin(request, request.mode)
        for (statement, values) in request.steps {
            if pipeline.step(statement), !handle.sendPrepare(statement) { return lose(handle.errorMessage) }
            guard handle.send(statement, values) else { return lose(handle.errorMessage) }
        }
        watchStatements()
        if request.mode == .write { return sync() }
        guard !syncIsDue else { return }
        syncIsDue = true
        EventLoop.shared.atEndOfTurn { self.sync() }
    }

    private func sync() {
        syncIsDue = false
        guard let handle else { return }
        guard handle.sendSync() else { return lose(handle.errorMessage) }
        pipeline.seal()
        flush()
    }

    private func flush() {
        guard let handle, let registration else { return }
        guard let done = handle.flush() else { return lose(handle.errorMessage) }
        EventLoop.shared.update(registration, done ? .read : [.read, .write])
    }

    // MARK: Receiving

    func ready(_ readiness: Readiness) {
        guard let handle else { return }
        let isAlive = handle.consumeInput()
        var settlements: [Settlement] = []
        let failure = drain(handle, into: &settlements)
        if !settlements.isEmpty { owner?.settled(settlements, on: self) }
        if let failure { return lose(failure) }
        guard isAlive, !handle.hasFailed else { return lose(handle.errorMessage) }
        flush()
    }

    /// Takes every answer that is there; returns why the connection is to be given up, if it is.
    private func drain(_ handle: ConnectionHandle, into settlements: inout [Settlement]) -> PostgresError? {
        var sawEnd = false
        while !handle.isBusy {
            guard let result = handle.nextResult() else {
                // nil ends the answer to one command; when nothing is awaited, or twice in a row, it ends them all.
                // To libpq the connection is idle only once it has been asked that often.
                if sawEnd || !pipeline.isAwaitingAnswers { return leftOpen(handle) }
                sawEnd = true
                continue
            }
            sawEnd = false
            watchdog.progress = .now
            do throws(PostgresError) {
                if let fatal = try take(result, into: &settlements) { return fatal }
            } catch {
                return error
            }
        }
        return nil
    }

    /// A lane that others share must not be left inside a transaction: they would all become part of it.
    private func leftOpen(_ handle: ConnectionHandle) -> PostgresError? {
        guard isShared, !pipeline.isAwaitingAnswers, handle.isInTransaction else { return nil }
        return Self.loss(nil, "a statement left a transaction open")
    }

    private func take(
        _ result: QueryResult, into settlements: inout [Settlement]
    ) throws(PostgresError) -> PostgresError? {
        switch result.status {
        case .rows: try pipeline.receive(.value(PostgresRows(result)), into: &settlements)
        case .aborted: try pipeline.receive(.aborted, into: &settlements)
        case .sync: try pipeline.receive(.sync, into: &settlements)
        case .failure:
            guard let error = result.serverError, !result.isFatal else {
                return Self.loss(result.serverError, result.errorMessage)
            }
            try pipeline.receive(.failure(error), into: &settlements)
        case .unexpected:
            return Self.loss(nil, "a statement that the pipeline cannot carry")
        }
        return nil
    }

    // MARK: Ending

    /// Closes it; what is on it is settled as lost.
    func close() {
        lose(PostgresError(.closed, certainty: .unknown, message: "closed"))
    }

    private func lose(_ message: String) { lose(Self.loss(nil, message)) }

    private func lose(_ error: PostgresError) {
        guard handle != nil else { return }
        if let registration { EventLoop.shared.deregister(registration) }
        registration = nil
        watchdog.stop()
        handle = nil
        let settlements = pipeline.lose(error)
        // First that it is gone, so that nothing is sent again on it.
        owner?.lost(self, error)
        if !settlements.isEmpty { owner?.settled(settlements, on: self) }
    }

    private static func loss(_ cause: PostgresError?, _ message: String) -> PostgresError {
        PostgresError(
            .connectionLost, certainty: .unknown, message: cause?.message ?? message, sqlState: cause?.sqlState)
    }

    // MARK: Time limits

    private func watchStatements() {
        watchdog.watch { [weak self] in self?.statementIsLate() }
    }

    private func statementIsLate() {
        guard let handle else { return }
        switch watchdog.judge(isWaiting: pipeline.isAwaitingAnswers) {
        case .nothing: break
        case .watchOn: watchStatements()
        case .cancel:
            if let cancellation = handle.cancellation {
                spawn { try? await ThreadPool.blocking.run { cancellation.send() } }
            }
            watchStatements()
        case .giveUp:
            lose(PostgresError(.timeout, certainty: .unknown, message: "the server does not answer"))
        }
    }
}
