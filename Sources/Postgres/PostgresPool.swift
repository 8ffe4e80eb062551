package import EventLoop

/// The connections of this process to its database, in four kinds: lanes for reads, for searches and for writes, and a
/// few that one caller has to itself.
///
/// A caller whose task is cancelled is let go at once: its place in the line is free, and the server is asked to stop
/// what runs for it.
@Reactor
package final class PostgresPool {
    package let configuration: PostgresConfiguration
    private let readers: LaneGroup
    private let searchers: LaneGroup
    private let writers: LaneGroup
    private let exclusives: ExclusiveGroup
    private let servers: ServerWatches
    /// Told of each trip to the database that a lane makes: the names of its statements.
    package var onTrip: (@Reactor ([String]) -> Void)?

    package init(_ configuration: PostgresConfiguration) {
        self.configuration = configuration
        servers = ServerWatches(limit: configuration.probeTimeout)
        readers = LaneGroup(
            "read", configuration, servers, count: max(1, configuration.readLanes), depth: configuration.readDepth)
        searchers = LaneGroup(
            "search", configuration, servers, count: max(1, configuration.searchLanes),
            depth: configuration.readDepth, role: .search)
        writers = LaneGroup(
            "write", configuration, servers, count: max(1, configuration.writeLanes), depth: configuration.writeDepth)
        exclusives = ExclusiveGroup(configuration, servers)
        servers.onSilence = { [weak self] in self?.leave($0) }
    }

    private var lanes: [[Lane]] { [readers.lanes, searchers.lanes, writers.lanes, exclusives.lanes] }

    // MARK: Life

    /// Returns when one connection of each kind is up; the others follow in the background. If one of the first
    /// cannot be had, everything is closed again.
    package func start() async throws(PostgresError) {
        let kinds = lanes
        let firsts = kinds.compactMap(\.first).map { lane in
            spawn { () -> PostgresError? in
                do throws(PostgresError) {
                    try await lane.connect(retrying: false)
                    return nil
                } catch {
                    return error
                }
            }
        }
        for lanes in kinds { for lane in lanes.dropFirst() { lane.dial() } }
        for first in firsts {
            if let error = await first.value {
                closeNow()
                throw error
            }
        }
    }

    /// Connects in the background, however long it takes: callers wait meanwhile, and are told `isUnavailable` if it
    /// takes too long.
    package func dial() {
        for lanes in lanes { for lane in lanes { lane.dial() } }
    }

    /// Takes nothing new, lets what is in flight come to its end, within a limit, and closes every connection.
    package func stop() async {
        await withCheckedContinuation { continuation in
            let last = Countdown(4) { continuation.resume() }
            let impatience = EventLoop.shared.schedule(after: configuration.stopTimeout) { self.closeNow() }
            last.finally = { impatience.cancel() }
            readers.close { last.tick() }
            searchers.close { last.tick() }
            writers.close { last.tick() }
            exclusives.close { last.tick() }
        }
        closeNow()
    }

    private func closeNow() {
        servers.stop()
        readers.stop()
        searchers.stop()
        writers.stop()
        exclusives.stop()
    }

    /// The server is not there: also what waits on none of its connections would only wait in vain, as soon as it used
    /// one.
    private func leave(_ server: ServerWatch) {
        let connections = lanes.joined().compactMap(\.connection).filter { $0.server === server }
        for connection in connections { connection.forsake() }
        for connection in connections { connection.giveUp() }
    }

    // MARK: Statements

    /// Runs a statement that only reads; if the connection breaks, it is sent once more on another.
    package func read(
        _ statement: Statement, _ parameters: [PostgresValue] = []
    ) async throws(PostgresError) -> PostgresRows {
        try await run([(statement, parameters)], .read, on: readers(of: [(statement, parameters)]))[0]
    }

    /// Runs several statements that only read, in one round trip.
    package func read(_ batch: [(Statement, [PostgresValue])]) async throws(PostgresError) -> [PostgresRows] {
        try await run(batch, .read, on: readers(of: batch))
    }

    /// The same without a task: for the shortest reads, which cost less than the task that would wait for them.
    ///
    /// - Parameter completion: called once, and never before this returns.
    package func read(
        _ batch: [(Statement, [PostgresValue])],
        then completion: @escaping @Reactor (Result<[PostgresRows], PostgresError>) -> Void
    ) {
        submit(batch, .read, to: readers(of: batch), then: completion)
    }

    /// Runs one statement in a transaction of its own; it is committed when this returns.
    @discardableResult
    package func write(
        _ statement: Statement, _ parameters: [PostgresValue] = []
    ) async throws(PostgresError) -> PostgresRows {
        try await run([(statement, parameters)], .write, on: writers)[0]
    }

    /// Runs several statements in one round trip and one transaction: all are committed, or none.
    ///
    /// The statements up to one Sync are a transaction to the server (manual, section 55.2.3), so `BEGIN` and
    /// `COMMIT` need not travel; what insists on an explicit block (`LOCK TABLE`, `SAVEPOINT`) is for
    /// `withTransaction`.
    @discardableResult
    package func transaction(_ steps: [(Statement, [PostgresValue])]) async throws(PostgresError) -> [PostgresRows] {
        try await run(steps, .write, on: writers)
    }

    /// The same without a task.
    ///
    /// - Parameter completion: called once, and never before this returns.
    package func transaction(
        _ steps: [(Statement, [PostgresValue])],
        then completion: @escaping @Reactor (Result<[PostgresRows], PostgresError>) -> Void
    ) {
        submit(steps, .write, to: writers, then: completion)
    }

    /// A statement that is planned anew goes where the planner looks at its values.
    private func readers(of batch: [(Statement, [PostgresValue])]) -> LaneGroup {
        batch.allSatisfy(\.0.isPrepared) ? readers : searchers
    }

    private func submit(
        _ steps: [(Statement, [PostgresValue])], _ mode: Pipeline<Request, PostgresRows>.Mode, to group: LaneGroup,
        then completion: @escaping @Reactor (Result<[PostgresRows], PostgresError>) -> Void
    ) {
        do throws(PostgresError) {
            for (_, parameters) in steps { try Parameters.check(parameters) }
        } catch {
            return EventLoop.shared.atEndOfTurn { completion(.failure(error)) }
        }
        guard !steps.isEmpty else { return EventLoop.shared.atEndOfTurn { completion(.success([])) } }
        onTrip?(steps.map(\.0.name))
        Request(steps, mode).submit(to: group, then: completion)
    }

    private func run(
        _ steps: [(Statement, [PostgresValue])], _ mode: Pipeline<Request, PostgresRows>.Mode, on group: LaneGroup
    ) async throws(PostgresError) -> [PostgresRows] {
        guard !steps.isEmpty else { return [] }
        for (_, parameters) in steps { try Parameters.check(parameters) }
        guard !Task.isCancelled else { throw .cancelled(.notSent) }
        onTrip?(steps.map(\.0.name))
        let request = Request(steps, mode)
        let outcome = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                request.await(continuation)
                group.submit(request)
            }
        } onCancel: {
            spawn { group.cancel(request) }
        }
        return try outcome.get()
    }

    // MARK: Exclusive connections

    /// Commits when `body` returns, rolls back when it throws.
    package func withTransaction<Result>(
        _ kind: TransactionKind = .readCommitted,
        _ body: @Reactor (PostgresTransaction) async throws -> Result
    ) async throws -> Result {
        try await withConnection { session in
            let transaction = PostgresTransaction(session, kind, limits: configuration.transactionLimits)
            let result: Result
            do {
                result = try await body(transaction)
            } catch {
                await transaction.rollback()
                throw error
            }
            try await transaction.commit()
            return result
        }
    }

    /// Lends a connection that nobody else uses meanwhile.
    package func withConnection<Result>(
        _ body: @Reactor (PostgresSession) async throws -> Result
    ) async throws -> Result {
        let loan = try await exclusives.take()
        let session = PostgresSession(loan.connection)
        defer {
            session.end()
            exclusives.giveBack(loan)
        }
        return try await body(session)
    }

    /// Lends the rows of one statement that only reads, as they arrive; see `PostgresTransaction.stream`.
    package func stream<Result>(
        _ statement: Statement, _ parameters: [PostgresValue] = [],
        _ body: @Reactor (PostgresRowStream) async throws -> Result
    ) async throws -> Result {
        try await withTransaction(.snapshot) { try await $0.stream(statement, parameters, body) }
    }

    // MARK: Figures

    package struct Figures: Sendable, Hashable {
        package var connected = 0
        package var inFlight = 0
        package var waiting = 0
    }

    package var readFigures: Figures {
        Figures(connected: readers.connected, inFlight: readers.inFlight, waiting: readers.waiting)
    }
    package var writeFigures: Figures {
        Figures(connected: writers.connected, inFlight: writers.inFlight, waiting: writers.waiting)
    }
    package var exclusiveFigures: Figures {
        Figures(connected: exclusives.connected, inFlight: exclusives.inUse, waiting: exclusives.waiting)
    }
}

/// Calls back when all of several things have happened.
@Reactor
private final class Countdown {
    private var left: Int
    private let action: @Reactor () -> Void
    var finally: (@Reactor () -> Void)?

    init(_ count: Int, _ action: @escaping @Reactor () -> Void) {
        left = count
        self.action = action
    }

    func tick() {
        left -= 1
        guard left == 0 else { return }
        finally?()
        action()
    }
}
