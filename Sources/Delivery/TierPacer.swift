import Domain
import EventLoop
import Storage

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
    private lazy var teller = makeTeller()

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
            case .tells: guard await teller.tell() else { return .waits(until: now) }
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
                guard await teller.tell() else { return .unknown }
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
        teller.tellSoon(isPressing: ledger.isPressing)
    }

    private typealias Reports = [Business: TierCount]

    /// One report of all business accounts at a time.
    private func makeTeller() -> BlockTeller<Reports, Reports> {
        let (database, clock) = (database, clock)
        return BlockTeller(
            .init(
                event: "tier.untold", interval: Self.interval,
                report: { [weak self] in self?.reports() },
                tell: { try await database.tiers.add($0, now: Timestamp(microseconds: clock.microseconds)) },
                told: { [weak self] in self?.told($0, $1) }))
    }

    private func reports() -> Reports? {
        var reports: Reports = [:]
        for business in ledgers.keys { reports[business] = ledgers[business]?.report(now: now) }
        return reports.isEmpty ? nil : reports
    }

    private func told(_ reports: Reports, _ counts: Reports?) {
        for business in reports.keys { ledgers[business]?.told(counts?[business]) }
        if let business = ledgers.first(where: { $0.value.isUntold })?.key { tellSoon(of: business) }
    }

    /// Tells the others what has not been told yet, if they can be told; what a process that is killed keeps to itself
    /// is a block at most.
    func stop() async {
        teller.stop()
        if ledgers.values.contains(where: \.isUntold) { _ = await teller.tell() }
    }
}
