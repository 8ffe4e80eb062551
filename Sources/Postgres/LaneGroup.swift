import EventLoop
import Telemetry

/// Lanes of one kind that requests share: each request goes to the lane with the least on it.
@Reactor
final class LaneGroup: LaneOwner {
    private let depth: Int
    private(set) var lanes: [Lane] = []
    private var line: WaitingLine<Request>
    private var impatience: LoopTimer?
    private var lastError: PostgresError?
    private(set) var isClosed = false
    private var onIdle: (@Reactor () -> Void)?
    /// For the log.
    private let name: String
    /// Not one connection is up.
    private var isOut = false

    init(
        _ name: String, _ configuration: PostgresConfiguration, _ servers: ServerWatches, count: Int, depth: Int,
        role: ConnectionOptions.Role = .lane
    ) {
        self.name = name
        self.depth = depth
        line = WaitingLine(limit: configuration.queueLimit, patience: configuration.waitLimit)
        lanes = (0..<count).map { _ in Lane(configuration, role, servers, owner: self) }
    }

    var inFlight: Int { lanes.reduce(0) { $0 + ($1.connection?.inFlight ?? 0) } }
    var connected: Int { lanes.count { $0.connection != nil } }
    var waiting: Int { line.count }

    func submit(_ request: Request) {
        guard !isClosed else { return request.finish(.failure(Self.closed)) }
        if line.isEmpty, let connection = leastBusy() { return connection.send(request) }
        wait(request)
    }

    /// The connection with the least in flight; among equals always the same one, whose server process is warm.
    private func leastBusy() -> Connection? {
        var best: Connection?
        for lane in lanes {
            guard let connection = lane.connection, connection.inFlight < depth, !connection.isStale else { continue }
            if connection.inFlight == 0 { return connection }
            if connection.inFlight < best?.inFlight ?? .max { best = connection }
        }
        return best
    }

    /// The caller of the request is gone: its place in the line is free, and what runs of it is stopped.
    func cancel(_ request: Request) {
        guard request.cancel() else { return }
        if line.leave(where: { $0 === request }) != nil {
            return request.finish(.failure(.cancelled(.notSent)))
        }
        request.finish(.failure(.cancelled(.unknown)))
        for lane in lanes { lane.connection?.cancel(request) }
    }

    // MARK: Waiting

    private func wait(_ request: Request) {
        guard line.join(request, now: .now) else {
            return request.finish(.failure(unavailable("too many callers wait")))
        }
        watchLine()
    }

    private func watchLine() {
        guard impatience?.isPending != true, let deadline = line.earliestDeadline else { return }
        impatience = EventLoop.shared.schedule(at: deadline) { self.expire() }
    }

    private func expire() {
        while let request = line.nextExpired(now: .now) {
            request.finish(.failure(unavailable("no connection was free in time")))
        }
        watchLine()
    }

    private func pump() {
        while !line.isEmpty, let connection = leastBusy(), let request = line.next() { connection.send(request) }
        if line.isEmpty, let impatience {
            impatience.cancel()
            self.impatience = nil
        }
        if let onIdle, inFlight == 0 {
            self.onIdle = nil
            onIdle()
        }
    }

    private func unavailable(_ message: String) -> PostgresError {
        // With no connection at all, the reason why is the better answer.
        if connected == 0, let lastError {
            return lastError.whileWaiting
        }
        return PostgresError(.poolExhausted, certainty: .notSent, message: message)
    }

    // MARK: Ending

    /// Takes nothing new; `whenIdle` is called once what is in flight is settled.
    func close(whenIdle: @escaping @Reactor () -> Void) {
        isClosed = true
        while let request = line.next() { request.finish(.failure(Self.closed)) }
        onIdle = whenIdle
        pump()
    }

    func stop() {
        isClosed = true
        for lane in lanes { lane.stop() }
        pump()
    }

    static var closed: PostgresError { PostgresError(.closed, certainty: .notSent, message: "the pool is closed") }

    // MARK: LaneOwner

    /// A server that restarts breaks all lanes at nearly the same time, so one more attempt may meet the next break.
    private static let rerunLimit = 3

    func laneIsReady(_ lane: Lane) {
        if isOut { Log.shared.info("database.back", ["lanes": .string(name)]) }
        isOut = false
        pump()
    }

    func laneBroke(_ error: PostgresError) {
        lastError = error
        if connected == 0, !isOut, !isClosed, error.code != .closed {
            isOut = true
            Log.shared.warning("database.away", ["lanes": .string(name), "error": .string("\(error)")])
        }
        pump()
    }

    func laneSettled(_ settlements: [Connection.Settlement]) {
        for settlement in settlements {
            let request = settlement.request
            switch settlement.outcome {
            case .success(let rows): request.finish(.success(rows))
            case .failure(let error): request.finish(.failure(error))
            case .rerun(let error):
                guard request.reruns < Self.rerunLimit, !isClosed, !request.isCancelled else {
                    request.finish(.failure(error))
                    continue
                }
                request.reruns += 1
                rerun(request)
            }
        }
        pump()
    }

    private func rerun(_ request: Request) {
        guard let connection = leastBusy() else { return wait(request) }
        connection.send(request)
    }
}
