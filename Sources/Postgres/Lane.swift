import EventLoop

/// Told when a lane can be used.
@Reactor
protocol LaneOwner: AnyObject {
    func laneIsReady(_ lane: Lane)
    func laneSettled(_ settlements: [Connection.Settlement])
    func laneBroke(_ error: PostgresError)
}

/// The place of one connection: keeps it filled, however often the connection is lost.
@Reactor
final class Lane: ConnectionOwner {
    private let configuration: PostgresConfiguration
    private let role: ConnectionOptions.Role
    private let servers: ServerWatches
    private weak var owner: (any LaneOwner)?
    private(set) var connection: Connection?
    private var backoff = Backoff()
    private var connectedAt = MonotonicTime.now
    /// The connection has answered somebody.
    private var hasServed = false
    private var retry: LoopTimer?
    private var isStopped = false

    init(
        _ configuration: PostgresConfiguration, _ role: ConnectionOptions.Role, _ servers: ServerWatches,
        owner: any LaneOwner
    ) {
        self.configuration = configuration
        self.role = role
        self.servers = servers
        self.owner = owner
    }

    /// Connects, and says so by `laneIsReady`; a failure is tried again in the background until `stop`.
    func dial() {
        spawn { try? await self.connect(retrying: true) }
    }

    /// - Parameter retrying: false to leave it at the first failure.
    func connect(retrying: Bool) async throws(PostgresError) {
        guard connection == nil, !isStopped else { return }
        do throws(PostgresError) {
            let options = try ConnectionOptions(configuration, role)
            let handle = try await Connector.connect(options, timeout: configuration.connectTimeout)
            // Dropped, and so closed, if the pool was stopped meanwhile.
            guard !isStopped else { return }
            let limit = role.isShared ? configuration.statementTimeout : configuration.exclusiveStatementTimeout
            // The server's own limit comes first, where it has one.
            let patience = configuration.isPooled ? limit : limit + .seconds(1)
            let connection = try Connection(
                handle, watchdog: Watchdog(patience: patience, silence: configuration.silence),
                server: handle.serverAddress.map { servers.watch(over: $0) }, isShared: role.isShared,
                prepares: !configuration.isPooled)
            connection.owner = self
            self.connection = connection
            connectedAt = .now
            hasServed = false
        } catch {
            owner?.laneBroke(error)
            guard retrying else { throw error }
            return retryLater()
        }
        owner?.laneIsReady(self)
    }

    func stop() {
        isStopped = true
        retry?.cancel()
        connection?.close()
    }

    private static let settlingTime: Duration = .seconds(1)

    private func retryLater() {
        guard !isStopped else { return }
        retry = EventLoop.shared.schedule(after: backoff.next()) { [weak self] in self?.dial() }
    }

    // MARK: ConnectionOwner

    func settled(_ settlements: [Connection.Settlement], on connection: Connection) {
        hasServed = true
        if connection.isStale, connection.inFlight == 0 { connection.close() }
        owner?.laneSettled(settlements)
    }

    func lost(_ connection: Connection, _ error: PostgresError) {
        guard self.connection === connection else { return }
        self.connection = nil
        owner?.laneBroke(error)
        guard !isStopped else { return }
        // One that had worked is replaced at once; a server that lets in and throws out is not stormed.
        guard hasServed || MonotonicTime.now - connectedAt > Self.settlingTime else { return retryLater() }
        backoff.reset()
        dial()
    }
}
