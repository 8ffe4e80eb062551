import API
import Crypto
import Delivery
import Domain
import EventLoop
import HTTP
import JSON
import Postgres
import Simulator
import Storage
import TestSupport

@testable import leadwire

/// The demo on a schema of its own: both accounts, their numbers, templates and leads, the simulated providers on real
/// sockets, and the service.
///
/// Lead 1 is Ana Souza (+5511987651001); instance 1 is WAHA, 2 the Cloud API; template 1 is `lembrete_proposta`.
@Reactor
final class Stage {
    let database: Database
    let application: Application
    let simulator: Simulator
    let clock: ManualClock
    let demo: Account.ID
    let other: Account.ID
    let keys: DemoKeys
    /// The numbers, and what opens their hooks.
    let channels: DemoChannels
    /// Where the API listens.
    let url: String
    let simulatorURL: String
    let client = HTTPClient()
    let secrets: ChannelSecrets
    private let times: Application.Times

    private init(
        database: Database, application: Application, simulator: Simulator, clock: ManualClock, demo: Account.ID,
        other: Account.ID, keys: DemoKeys, channels: DemoChannels, url: String, simulatorURL: String,
        secrets: ChannelSecrets, times: Application.Times
    ) {
        self.database = database
        self.application = application
        self.simulator = simulator
        self.clock = clock
        self.demo = demo
        self.other = other
        self.keys = keys
        self.channels = channels
        self.url = url
        self.simulatorURL = simulatorURL
        self.secrets = secrets
        self.times = times
    }

    /// Lends `body` a stage, and clears it away afterwards. `change` sets the product's times.
    nonisolated static func run(
        _ change: @Sendable (inout Application.Times) -> Void = { _ in },
        _ body: @Reactor @Sendable (Stage) async throws -> Void
    ) async throws {
        try await withTestDatabase(migrations: Schema.migrations) { try await run(on: $0, change, body) }
    }

    /// As `run`, over a database of the caller's.
    static func run(
        on pool: PostgresPool, _ change: @Sendable (inout Application.Times) -> Void = { _ in },
        _ body: @Reactor @Sendable (Stage) async throws -> Void
    ) async throws {
        var times = Application.Times()
        times.delivery.rescueInterval = .milliseconds(200)
        // Instances stay as a test has set them.
        times.delivery.watchInterval = .seconds(600)
        // Nobody else's statements come between those that a test counts.
        times.delivery.tableInterval = .seconds(600)
        change(&times)
        let stage = try await Stage.set(on: pool, times)
        do {
            try await body(stage)
        } catch {
            await stage.clear()
            throw error
        }
        await stage.clear()
    }

    private static func set(on pool: PostgresPool, _ times: Application.Times) async throws -> Stage {
        let clock = ManualClock()
        let database = Database(pool)
        let secret = Hex.encode(SecureRandom.bytes(32))
        let channels = DemoChannels(secret: secret)
        var configuration = DemoSimulator.configuration(channels)
        configuration.clock = clock.clock
        configuration.pace.delay = .milliseconds(600)
        configuration.pace.stall = .seconds(2)
        let simulator = Simulator(configuration)
        let simulatorURL = "http://127.0.0.1:\(try await simulator.start(host: "127.0.0.1", port: 0))"
        var settings = try Settings([:])
        settings.secretKey = secret
        let secrets = try SecretFile.secrets(settings)
        let seed = DemoSeed(database: database, secrets: secrets, channels: channels, simulatorURL: simulatorURL)
        let (demo, other) = try await seed.plant()
        let keys = try await DemoKeys.ensure(in: "/nonexistent", demo: demo, other: other, database: database)
        let application = Application(
            database, secrets: secrets, links: AddressJudge(allowing: AddressRange.loopback), times: times,
            clock: clock.clock)
        let url = "http://127.0.0.1:\(try application.start(host: "127.0.0.1", port: 0))"
        for number in channels.numbers {
            simulator.setWebhookURL("\(url)/hooks/cloud-api/\(channels.cloudHookToken)", of: number.phoneNumberID)
        }
        simulator.setWebhookURL("\(url)/hooks/waha/\(channels.wahaHookToken)", of: channels.session.name)
        return Stage(
            database: database, application: application, simulator: simulator, clock: clock, demo: demo,
            other: other, keys: keys, channels: channels, url: url, simulatorURL: simulatorURL, secrets: secrets,
            times: times)
    }

    /// Lends `body` a second process over the same database.
    func withReplica<Result: Sendable>(_ body: @Reactor (Application) async throws -> Result) async throws -> Result {
        let replica = Application(
            database, secrets: secrets, links: AddressJudge(allowing: AddressRange.loopback), times: times,
            clock: clock.clock)
        _ = try replica.start(host: "127.0.0.1", port: 0)
        let result: Result
        do {
            result = try await body(replica)
        } catch {
            await replica.stop()
            throw error
        }
        await replica.stop()
        return result
    }

    private func clear() async {
        client.close()
        await application.stop()
        await simulator.stop()
    }
}
