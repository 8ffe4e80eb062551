import Domain
import EventLoop
import Providers
import Storage
import Telemetry

/// Asks after the instances that cannot send now, and lets their held messages go once they can.
@Reactor
final class InstanceWatch {
    private static let limit = 20

    private let database: Database
    private let channels: Channels
    private let clock: Clock
    private let duty: RecurringDuty

    init(_ database: Database, _ channels: Channels, clock: Clock, interval: Duration) {
        self.database = database
        self.channels = channels
        self.clock = clock
        duty = RecurringDuty(every: interval)
    }

    func start() { duty.start { await self.turn() } }

    func stop() { duty.stop() }

    private func turn() async {
        do {
            for waiting in try await database.instances.waiting(limit: Self.limit) {
                channels.forget(waiting.id)
                guard let channel = try await channels.channel(of: waiting.id, account: waiting.account),
                    case .success(let session) = await channel.provider.sessionStatus(via: channel.access)
                else { continue }
                let now = Timestamp(microseconds: clock.microseconds)
                _ = try await database.instances.set(
                    session.status, providerStatus: session.providerStatus, throughput: session.throughput,
                    of: waiting.id, account: waiting.account, now: now)
                if let limit = session.messagingLimit, let business = channel.access.businessAccountID {
                    try await database.instances.setMessagingLimit(
                        limit.storable, ofBusiness: business, account: waiting.account, now: now)
                }
            }
        } catch {
            Log.shared.warning("instances.watch_failed", ["error": .string("\(error)")])
        }
    }
}
