import API
import Crypto
import Delivery
import Domain
import EventLoop
import HTTP
import Storage
import Telemetry

/// The API and the delivery engine over one database, wired together.
@Reactor
final class Application {
    /// Meta sends up to 3 MB.
    nonisolated private static let hookBodyLimit = 3 * 1024 * 1024
    /// Five hundred leads with long notes; ten thousand recipients with their variables.
    nonisolated private static let batchBodyLimit = 8 * 1024 * 1024
    nonisolated private static let bodyLimit = 1024 * 1024
    /// What is uploaded there is written while it arrives.
    nonisolated private static let mediaPath = "/api/v1/media"

    /// More than five million leads with their notes; beyond it a body is an attack on the disk.
    nonisolated private static let importBodyLimit = 4 * 1024 * 1024 * 1024
    /// A large file over a slow line; below the least rate it ends earlier.
    nonisolated private static let importTime = Duration.seconds(4 * 60 * 60)

    let service: Service
    private let imports: ImportWorker
    private let batches: BatchWorker
    private let engine: DeliveryEngine
    private let client: HTTPClient
    /// For what clients' links lead to: it connects only to where the Internet reaches.
    private let strangers: HTTPClient
    private let server: HTTPServer
    private let limits: ServerLimits
    private let tickets: TicketRotation

    /// The product's own times; tests shorten them.
    struct Times: Sendable {
        var verdict: Duration?
        var delivery = DeliveryEngine.Configuration()
    }

    init(
        _ database: Database, secrets: ChannelSecrets, tls: TLSServerContext? = nil, tickets: TLSTicketKeys? = nil,
        outgoing: HTTPClientConfiguration = HTTPClientConfiguration(), links: AddressJudge = AddressJudge(),
        limits: ServerLimits = ServerLimits(),
        times: Times = Times(), clock: Clock = .system
    ) {
        var outgoing = outgoing
        outgoing.connectionsPerOrigin = 256
        let client = HTTPClient(configuration: outgoing)
        outgoing.connectionsPerOrigin = 8
        outgoing.addressJudge = { links.allows($0) }
        let strangers = HTTPClient(configuration: outgoing)
        var delivery = times.delivery
        delivery.mostAttempts = limits.attemptsPerNumber
        let engine = DeliveryEngine(
            database: database, secrets: secrets, client: client, strangers: strangers, configuration: delivery,
            clock: clock)
        var answers = Service.Configuration(version: Version.current)
        if let verdict = times.verdict { answers.verdictTime = verdict }
        answers.links = links
        answers.linkHashes = { secrets.linkHashes($0) }
        let service = Service(
            database: database, port: Self.port(to: engine), configuration: answers,
            erasureHashes: secrets.erasureHashes, clock: clock)
        var configuration = HTTPServerConfiguration()
        configuration.bodyMode = Self.bodyMode
        configuration.streamTime = Self.importTime
        configuration.tls = tls
        limits.apply(to: &configuration)
        configuration.serverFault = { fault in Service.answer(to: fault) }
        // Clients that stay, load generators and proxies among them, are not sent away by count.
        configuration.requestsPerConnection = 1_000_000
        self.client = client
        self.strangers = strangers
        self.engine = engine
        self.service = service
        imports = ImportWorker(service)
        batches = BatchWorker(service)
        self.limits = limits
        let server = HTTPServer(configuration: configuration, answer: { service.answer($0) })
        self.server = server
        self.tickets = TicketRotation(tickets) { try? server.tls?.use($0) }
    }

    nonisolated private static func bodyMode(_ head: HTTPRequestHead) -> HTTPBodyMode {
        if head.path.hasPrefix("/hooks/") { return .buffered(limit: hookBodyLimit) }
        if head.method == .post, head.path == mediaPath { return .streamed(limit: MediaKind.largest) }
        if head.path == ImportWorker.uploadPath { return .streamed(limit: importBodyLimit) }
        let isBatch = ["/batch", "/batches", "/batches/preflight"].contains { head.path.hasSuffix($0) }
        return .buffered(limit: isBatch ? batchBodyLimit : bodyLimit)
    }

    private static func port(to engine: DeliveryEngine) -> ProviderPort {
        ProviderPort(
            dispatch: { engine.dispatch($0) }, admit: { await engine.admit($0, $1) },
            giveBack: { engine.giveBack($0, of: $1) },
            awaitVerdict: { await engine.awaitVerdict($0, $1, until: $2) },
            receive: { try await engine.receive($0, token: $1, $2) ? .stored : .unauthorized },
            challenge: { try await engine.challenge(token: $0, $1) },
            replayInbound: { engine.replayInbound() }, owner: engine.owner, leaseTime: engine.leaseTime)
    }

    /// What new connections shake hands with.
    var tls: TLSServerContext? {
        get { server.tls }
        set {
            try? newValue?.use(tickets.keys)
            server.tls = newValue
        }
    }

    /// The port that is listened on.
    func start(host: String, port: UInt16) throws -> UInt16 {
        let bound = try ListeningFault.told(host, port) { () throws(SystemError) in
            try server.start(host: host, port: port)
        }
        startEngine()
        Log.shared.info("server.started", ["host": .string(host), "port": .int(Int64(bound))])
        return bound
    }

    /// On a socket that other processes accept from too.
    func start(sharing listener: Int32) throws {
        try server.start(adopting: listener)
        startEngine()
    }

    private func startEngine() {
        let (imports, batches) = (self.imports, self.batches)
        engine.start(importing: { await imports.work() }, batching: { await batches.work() })
    }

    /// The requests under way, and then the attempts at providers, get the time for draining together.
    func stop() async {
        service.isDraining = true
        let deadline = MonotonicTime.now + limits.drainTime
        await server.stop(deadline: limits.drainTime)
        await engine.stop(deadline: max(.zero, deadline - MonotonicTime.now))
        client.close()
        strangers.close()
        tickets.stop()
    }
}
