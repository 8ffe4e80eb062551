import Crypto
package import Domain
package import EventLoop
package import HTTP
package import Storage

/// The engine between the database and the providers: one duty a file, started and stopped together.
@Reactor
package final class DeliveryEngine {
    package struct Configuration: Sendable {
        /// An attempt that has not settled by then is unknown. Longer than the provider's deadline and the retries of
        /// settling, so that only a dead process loses its lease.
        package var leaseTime = Duration.seconds(60)
        package var policy = RetryPolicy.standard
        /// How many attempts of a number may be under way at once, however little it may send, and however much.
        package var fewestAttempts = 64
        package var mostAttempts = 192
        /// How often leases that ran out are looked for.
        package var rescueInterval = Duration.seconds(5)
        /// How often instances that cannot send are asked after.
        package var watchInterval = Duration.seconds(3)
        /// How often tables are looked for that have outgrown what the planner knows of them.
        package var tableInterval = Duration.seconds(1)

        package init() {}
    }

    /// Names this process in leases.
    package let owner: String
    package let leaseTime: Duration

    private let database: Database
    private let pacer: NumberPacer
    private let tiers: TierPacer
    private let dispatcher: Dispatcher
    private let room: AttemptRoom
    private let outbox: OutboxWorker
    private let collector: MediaCollector
    private let processor: InboundProcessor
    private let receiver: HookReceiver
    private let replay: InboundReplay
    private let parked: ParkedStatuses
    private let cleaner: Cleaner
    private let watch: InstanceWatch
    private let tables: TableWatch
    private let imports = TurnsDuty()
    private let batches = TurnsDuty()

    /// - Parameters:
    ///   - client: for the providers.
    ///   - strangers: for what clients' links lead to; it judges addresses.
    package init(
        database: Database, secrets: ChannelSecrets, client: HTTPClient, strangers: HTTPClient,
        configuration: Configuration = .init(), clock: Clock = .system
    ) {
        self.database = database
        owner = Hex.encode(SecureRandom.bytes(8))
        leaseTime = configuration.leaseTime
        let channels = Channels(database.instances, secrets, client)
        pacer = NumberPacer(database, clock: clock)
        tiers = TierPacer(database, clock: clock)
        dispatcher = Dispatcher(
            database, channels, pacer,
            MediaCourier(database, MediaFetcher(database.media, strangers, clock: clock), clock: clock), clock: clock,
            policy: configuration.policy, leaseTime: configuration.leaseTime)
        room = AttemptRoom(
            dispatcher.board, fewest: configuration.fewestAttempts, most: configuration.mostAttempts)
        outbox = OutboxWorker(
            database, dispatcher, room, pacer, tiers, clock: clock, owner: owner, leaseTime: configuration.leaseTime,
            rescueInterval: configuration.rescueInterval)
        collector = MediaCollector(database, channels, clock: clock)
        processor = InboundProcessor(database, collector, erasureHashes: secrets.erasureHashes, clock: clock)
        receiver = HookReceiver(database, secrets, processor, clock: clock)
        replay = InboundReplay(database, processor, clock: clock)
        parked = ParkedStatuses(database, clock: clock)
        cleaner = Cleaner(database, clock: clock)
        watch = InstanceWatch(database, channels, clock: clock, interval: configuration.watchInterval)
        tables = TableWatch(database, interval: configuration.tableInterval)
    }

    /// Does a part of what waits; whether there was any.
    package typealias Turn = @Reactor @Sendable () async -> Bool

    /// - Parameters:
    ///   - importing: applies leads that came in bulk.
    ///   - batching: works templates to many off.
    package func start(importing: @escaping Turn, batching: @escaping Turn) {
        imports.start(importing)
        batches.start(batching)
        outbox.start()
        processor.start()
        replay.start()
        parked.start()
        collector.start()
        cleaner.start()
        watch.start()
        tables.start()
    }

    /// Takes nothing new, and waits for the attempts under way.
    package func stop(deadline: Duration) async {
        imports.stop()
        batches.stop()
        outbox.stop()
        processor.stop()
        replay.stop()
        parked.stop()
        collector.stop()
        cleaner.stop()
        watch.stop()
        tables.stop()
        defer { pacer.stop() }
        await finishAttempts(deadline: deadline)
        await tiers.stop()
    }

    private func finishAttempts(deadline: Duration) async {
        guard dispatcher.board.attemptsInFlight > 0 else { return }
        let impatience = Task { try? await Task.sleep(for: deadline) }
        let idle = spawn {
            await self.dispatcher.board.waitUntilIdle()
            impatience.cancel()
        }
        await impatience.value
        idle.cancel()
    }

    package func dispatch(_ attempt: AttemptStore.Claimed) { dispatcher.dispatch(attempt) }

    /// - Parameter claim: what it takes of a messaging limit.
    package func admit(_ instance: Instance, _ claim: TierClaim?) async -> SendAdmission {
        // The outbox finds when there is room, and tells it.
        guard room.admits(instance.number, instance.limits) else { return .waits(until: nil) }
        var charge: TierLedger.Charge?
        if let claim {
            guard case .goes(let taken) = await tiers.admit(claim) else { return .waits(until: nil) }
            charge = taken
        }
        guard let limits = instance.limits else { return .goes(.init(tier: charge)) }
        switch await pacer.admit(instance.number, limits) {
        case .goes(let turn): return .goes(.init(number: turn, tier: charge))
        case .waits(let until):
            giveBack(.init(tier: charge), of: instance)
            return .waits(until: until)
        }
    }

    package func giveBack(_ charges: SendAdmission.Charges, of instance: Instance) {
        if let number = charges.number {
            pacer.giveBack([number], of: instance.number)
        }
        if let tier = charges.tier, let business = instance.businessAccountID {
            tiers.giveBack([tier], of: .init(account: instance.accountID, businessAccountID: business))
        }
    }

    /// How often a message that another process is sending is looked at.
    private static let pollInterval = Duration.milliseconds(200)

    /// The message as its attempt left it; nil when that has to be read.
    package func awaitVerdict(
        _ id: Message.ID, _ account: Account.ID, until deadline: MonotonicTime
    ) async -> MessageStore.Standing? {
        if dispatcher.board.isInFlight(id) { return await dispatcher.board.wait(for: id, until: deadline) }
        while MonotonicTime.now < deadline {
            guard let found = try? await database.messages.get(id, of: account) else { return nil }
            guard found.message.status == .sending else { return found }
            _ = await dispatcher.board.wait(for: id, until: min(deadline, .now + Self.pollInterval))
        }
        return nil
    }

    package func receive(_ provider: Instance.Provider, token: String, _ request: HTTPRequest) async throws -> Bool {
        try await receiver.receive(provider, token: token, request)
    }

    /// Items that could not be applied are to be tried again.
    package func replayInbound() { replay.wake() }

    package func challenge(token: String, _ query: QueryItems) async throws -> String? {
        try await receiver.challenge(token: token, query)
    }
}

extension Instance {
    fileprivate var number: NumberPaceStore.Number { .init(account: accountID, instance: id) }
}
