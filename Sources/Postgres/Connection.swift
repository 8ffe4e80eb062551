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
    private var pipeline: Pipeline<Request, PostgresRows>
    private var syncIsDue = false
    private var watchdog: Watchdog
    private var stops = StopRequests()
    /// The server that it reached; nil if that has no address.
    let server: ServerWatch?
    /// Its server is not there: it waits for its end.
    private var isForsaken = false
    /// The reader of a streamed statement that is under way.
    private var stream: PostgresRowStream?
    /// Reads nothing until that reader has caught up.
    private var isHeldUp = false

    private let isShared: Bool
    private let prepares: Bool

    /// - Parameters:
    ///   - watchdog: what knows how long one statement may take.
    ///   - server: what watches over the server that the connection reached.
    ///   - isShared: true if requests of several callers travel on it.
    ///   - prepares: whether statements are prepared once and then run by their names.
    init(
        _ handle: ConnectionHandle, watchdog: Watchdog, server: ServerWatch?, isShared: Bool, prepares: Bool
    ) throws(PostgresError) {
        self.handle = handle
        self.isShared = isShared
        self.prepares = prepares
        pipeline = Pipeline(prepares: prepares)
        self.watchdog = watchdog
        self.server = server
        server?.heard(at: .now)
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
    var isClean: Bool {
        !pipeline.isAwaitingAnswers && handle?.isIdle == true && !isStale && !stops.areUnderWay
    }
    /// To be used for nothing new.
    var isStale: Bool { pipeline.isStale || isForsaken }

    // MARK: Sending

    func send(_ request: Request) {
        guard let handle else { return request.finish(.failure(Self.gone)) }
        if !pipeline.isAwaitingAnswers { watchdog.progress = .now }
        pipeline.begin(request, request.mode)
        for (statement, values) in request.steps {
            if pipeline.step(statement), !handle.sendPrepare(statement) { return lose(handle.errorMessage) }
            let isSent =
                prepares && statement.isPrepared
                ? handle.send(statement, values) : handle.sendUnnamed(statement, values)
            guard isSent else { return lose(handle.errorMessage) }
        }
        watchStatements()
        if request.mode == .write { return sync() }
        guard !syncIsDue else { return }
        syncIsDue = true
        EventLoop.shared.atEndOfTurn { self.sync() }
    }

    /// Sends one statement whose rows go to `stream` one by one; nothing else may be under way.
    func send(_ request: Request, to stream: PostgresRowStream) {
        guard let handle, !pipeline.isAwaitingAnswers, let (statement, values) = request.steps.first else {
            return request.finish(.failure(Self.gone))
        }
        watchdog.progress = .now
        pipeline.begin(request, request.mode)
        pipeline.unpreparedStep(statement)
        guard handle.sendUnnamed(statement, values), handle.enterSingleRowMode() else {
            return lose(handle.errorMessage)
        }
        self.stream = stream
        stream.attach { [weak self] in self?.readOn() }
        watchStatements()
        sync()
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
        var interest: Readiness = isHeldUp ? [] : .read
        if !done { interest.insert(.write) }
        EventLoop.shared.update(registration, interest)
    }

    // MARK: Receiving

    func ready(_ readiness: Readiness) {
        guard let handle else { return }
        var isAlive = false
        var settlements: [Settlement] = []
        var failure: PostgresError?
        repeat {
            isAlive = handle.consumeInput()
            failure = drain(handle, into: &settlements)
        } while isAlive && failure == nil && !isHeldUp && handle.hasUnreadInput
        if !settlements.isEmpty { owner?.settled(settlements, on: self) }
        if let failure { return lose(failure) }
        guard isAlive, !handle.hasFailed else { return lose(handle.errorMessage) }
        flush()
    }

    /// The reader of a stream has caught up.
    private func readOn() {
        guard isHeldUp else { return }
        isHeldUp = false
        watchdog.progress = .now
        watchStatements()
        // What libpq holds already comes first: no readiness tells of it.
        ready(.read)
    }

    /// Takes every answer that is there; returns why the connection is to be given up, if it is.
    private func drain(_ handle: ConnectionHandle, into settlements: inout [Settlement]) -> PostgresError? {
        var sawEnd = false
        while !handle.isBusy {
            if let stream, stream.isFull {
                isHeldUp = true
                return nil
            }
            guard let result = handle.nextResult() else {
                // nil ends the answer to one command; when nothing is awaited, or twice in a row, it ends them all.
                // To libpq the connection is idle only once it has been asked that often.
                if sawEnd || !pipeline.isAwaitingAnswers { return leftOpen(handle) }
                sawEnd = true
                continue
            }
            sawEnd = false
            let now = MonotonicTime.now
            watchdog.progress = now
            server?.heard(at: now)
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
        case .row:
            guard let stream else { return Self.loss(nil, "a row that nobody reads") }
            stream.push(result)
        case .aborted: try pipeline.receive(.aborted, into: &settlements)
        case .sync:
            stream = nil
            try pipeline.receive(.sync, into: &settlements)
        case .failure:
            guard let error = result.serverError, !result.isFatal else {
                return Self.loss(result.serverError, result.errorMessage)
            }
            let isStray = stops.isStray(error, hitting: pipeline.current)
            try pipeline.receive(isStray ? .stray(error) : .failure(error), into: &settlements)
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
        stops.revoke()
        stream = nil
        isHeldUp = false
        handle = nil
        let settlements = pipeline.lose(error)
        // First that it is gone, so that nothing is sent again on it.
        owner?.lost(self, error)
        if !settlements.isEmpty { owner?.settled(settlements, on: self) }
    }

    private static var gone: PostgresError {
        PostgresError(.connectionLost, certainty: .notSent, message: "the connection was lost before")
    }

    private static func loss(_ cause: PostgresError?, _ message: String) -> PostgresError {
        PostgresError(
            .connectionLost, certainty: .unknown, message: cause?.message ?? message, sqlState: cause?.sqlState)
    }

    // MARK: Time limits

    private func watchStatements() {
        watchdog.watch(lastSign: server?.lastSign) { [weak self] in self?.statementIsLate() }
    }

    private func statementIsLate() {
        guard handle != nil else { return }
        let isWaiting = pipeline.isAwaitingAnswers && !isHeldUp
        switch watchdog.judge(isWaiting: isWaiting, lastSign: server?.lastSign) {
        case .nothing: break
        case .watchOn: watchStatements()
        case .wonder:
            watchStatements()
            server?.wonder()
        case .cancel:
            stop(pipeline.current)
            watchStatements()
        case .giveUp:
            lose(PostgresError(.timeout, certainty: .unknown, message: "the server does not answer"))
        }
    }

    /// Its server is not there. Of several such connections each is forsaken before the first is given up: what is run
    /// again must not meet the next of them.
    func forsake() { isForsaken = true }

    /// No statement had its time: a loss like any other, after which reads are run again.
    func giveUp() { lose(Self.loss(nil, "the server fell silent")) }

    // MARK: Cancellation

    /// Stops the request's statement, if the server is at it.
    func cancel(_ request: Request) {
        guard let current = pipeline.current, current === request else { return }
        stop(current)
    }

    /// Asks the server to stop what it is at; that takes a connection of its own, and so a thread of its own.
    private func stop(_ request: Request?) {
        guard let cancellation = handle?.cancellation else { return }
        stops.begin(cancellation, for: request)
        spawn { [weak self] in
            try? await ThreadPool.cancelling.run { cancellation.send() }
            self?.stops.end(cancellation)
        }
    }

    /// Returns when no stop request is under way that could hit a later statement. One that hangs costs the
    /// connection: the server it went to does not answer either.
    func stopRequestsEnded() async {
        guard stops.areUnderWay, isOpen else { return }
        stops.revoke()
        let impatience = EventLoop.shared.schedule(after: Watchdog.grace) {
            self.close()
            self.stops.giveUpWaiting()
        }
        await withCheckedContinuation { stops.whenEnded($0) }
        impatience.cancel()
    }
}
