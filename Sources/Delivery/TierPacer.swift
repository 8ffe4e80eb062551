import Domain
import EventLoop
import Storage
import Telemetry

/// Keeps this process's business-initiated sends within Meta's messaging limits, and tells the other processes of them
/// in blocks. A send waits for that only where a whole block has just gone and nobody has been told yet, and once for
/// each business account after the start and in each hour, to hear what was counted before.
///
/// All processes together exceed a limit by a block each at most: by `processes × MessagingTier.block` contacts. What a
/// process had not told when it was killed is such a block too.
@Reactor
final class TierPacer {
    typealias Business = TierStore.Business

    /// How long what was counted is kept to oneself at most.
    private static let interval = Duration.milliseconds(500)
    /// Business accounts beyond it are forgotten once nothing would be lost.
    private static let capacity = 10_000

    private let database: Database
    private let clock: Clock
    private var ledgers: [Business: TierLedger] = [:]
    private var timer: LoopTimer?
    private var telling: Task<Bool, Never>?
    private var isTelling = false
    /// The last report could not be made: the next one is no hurry.
    private var isUnheard = false
    private var isStopped = false

    init(_ database: Database, clock: Clock) {
        self.database = database
        self.clock = clock
    }

    private var now: Timestamp { Timestamp(microseconds: clock.microseconds) }

    /// Whether a message that has just come may go; one that goes has taken its place.
    func admit(_ claim: TierClaim) async -> TierLedger.Admission {
        let business = Business(claim)
        while true {
            let now = self.now
            let admission = ledger(of: business, claim.tier) { $0.admit(claim.countedAt, now: now) }
            switch admission {
            case .goes:
                tellSoon(of: business)
                return admission
            case .waits: return admission
            // When nobody can be told it waits, and is looked at again.
            case .tells: guard await tell() else { return .waits(until: now) }
            }
        }
    }

    /// How many of those that wait can go now, or when there is room.
    enum Allowance {
        case charges([TierLedger.Charge])
        case full(until: Timestamp)
        /// Nobody could be asked.
        case unknown
    }

    func allow(_ business: Business, _ tier: MessagingTier, upTo limit: Int) async -> Allowance {
        var charges: [TierLedger.Charge] = []
        defer { tellSoon(of: business) }
        while charges.count < limit {
            let now = self.now
            switch ledger(of: business, tier, { $0.admit(nil, now: now) }) {
            case .goes(let charge): if let charge { charges.append(charge) }
            case .waits(let until):
                guard charges.isEmpty else { return .charges(charges) }
                return .full(until: until)
            case .tells:
                // Part by part, as the other processes are told.
                guard charges.isEmpty else { return .charges(charges) }
                guard await tell() else { return .unknown }
            }
        }
        return .charges(charges)
    }

    /// A contact that is counted was written to again.
    func move(_ countedAt: Timestamp, _ business: Business, _ tier: MessagingTier) {
        let now = self.now
        _ = ledger(of: business, tier) { $0.move(from: countedAt, now: now) }
        tellSoon(of: business)
    }

    /// What was admitted did not go.
    func giveBack(_ charges: some Collection<TierLedger.Charge>, of business: Business) {
        guard !charges.isEmpty else { return }
        ledgers[business]?.giveBack(charges)
        tellSoon(of: business)
    }

    private func ledger<Result>(
        of business: Business, _ tier: MessagingTier, _ body: (inout TierLedger) -> Result
    ) -> Result {
        if ledgers[business] == nil, ledgers.count >= Self.capacity {
            ledgers = ledgers.filter { !$0.value.isAtRest }
        }
        ledgers[business, default: TierLedger(tier)].set(tier)
        return body(&ledgers[business, default: TierLedger(tier)])
    }

    private func tellSoon(of business: Business) {
        guard let ledger = ledgers[business], ledger.isUntold else { return }
        if ledger.isPressing, !isTelling, !isUnheard {
            spawn { _ = await self.tell() }
            return
        }
        guard timer == nil, !isStopped else { return }
        timer = EventLoop.shared.schedule(after: Self.interval) {
            self.timer = nil
            spawn { _ = await self.tell() }
        }
    }

    /// One report of all business accounts at a time; whether it was heard.
    private func tell() async -> Bool {
        if let telling { return await telling.value }
        var reports: [Business: TierCount] = [:]
        for business in ledgers.keys { reports[business] = ledgers[business]?.report(now: now) }
        guard !reports.isEmpty else { return true }
        isTelling = true
        let telling = spawn { [reports] in await self.tell(reports) }
        // It may be over already.
        if isTelling { self.telling = telling }
        return await telling.value
    }

    private func tell(_ reports: [Business: TierCount]) async -> Bool {
        var counts: [Business: TierCount]?
        do {
            counts = try await database.tiers.add(reports, now: now)
        } catch {
            Log.shared.warning("tier.untold", ["error": .string("\(error)")])
        }
        (isTelling, telling) = (false, nil)
        isUnheard = counts == nil
        for business in reports.keys { ledgers[business]?.told(counts?[business]) }
        if let business = ledgers.first(where: { $0.value.isUntold })?.key { tellSoon(of: business) }
        return counts != nil
    }

    /// Tells the others what has not been told yet, if they can be told; what a process that is killed keeps to itself
    /// is a block at most.
    func stop() async {
        isStopped = true
        timer?.cancel()
        timer = nil
        if ledgers.values.contains(where: \.isUntold) { _ = await tell() }
    }
}
