import Domain
import EventLoop
import Storage

/// Keeps this process's sending within its numbers' limits, and tells the other processes of it in blocks: no send
/// waits for that, unless a whole block has just gone and nobody has been told yet.
@Reactor
final class NumberPacer {
    typealias Number = NumberPaceStore.Number

    /// How long what was sent is kept to oneself at most.
    private static let interval = Duration.milliseconds(100)
    /// Numbers beyond it are forgotten once they rest.
    private static let capacity = 10_000

    private let database: Database
    private let clock: Clock
    private var ledgers: [Number: NumberLedger] = [:]
    private lazy var teller = makeTeller()

    init(_ database: Database, clock: Clock) {
        self.database = database
        self.clock = clock
    }

    private var now: Timestamp { Timestamp(microseconds: clock.microseconds) }
    private var chance: Double { Double.random(in: 0..<1) }

    /// When a message that has just come may go; one that goes now has taken its place.
    func admit(_ number: Number, _ limits: NumberLimits) async -> NumberAdmission {
        while true {
            let now = self.now
            switch ledger(of: number, limits, now: now, { $0.admit(now: now, chance: chance) }) {
            case .goes(let charge):
                tellSoon(of: number)
                return .goes(charge)
            case .waits(let until): return .waits(until: until)
            // When nobody can be told it waits like the others, and is looked at again.
            case .tells: guard await teller.tell() else { return .waits(until: now) }
            }
        }
    }

    /// How many of those that wait can go now.
    func allow(_ number: Number, _ limits: NumberLimits, upTo limit: Int) async -> [NumberLedger.Charge] {
        if ledgers[number]?.isPressing == true, !teller.isUnheard { _ = await teller.tell() }
        let now = self.now
        var charges: [NumberLedger.Charge] = []
        ledger(of: number, limits, now: now) { ledger in
            while charges.count < limit, let charge = ledger.allow(now: now, chance: chance) { charges.append(charge) }
        }
        if !charges.isEmpty { tellSoon(of: number) }
        return charges
    }

    /// What was admitted did not go.
    func giveBack(_ charges: some Collection<NumberLedger.Charge>, of number: Number) {
        guard !charges.isEmpty else { return }
        ledgers[number]?.giveBack(charges, now: now)
        tellSoon(of: number)
    }

    /// The provider wants nothing from the number before `instant`.
    func hold(_ number: Number, until instant: Timestamp) {
        let now = self.now
        // Whoever sent by it has its limits; where these are forgotten, Meta's default stands in.
        ledgers[number, default: NumberLedger(.cloud(perSecond: 80))].hold(until: instant, now: now)
        teller.tellAtOnce()
    }

    private func ledger<Result>(
        of number: Number, _ limits: NumberLimits, now: Timestamp, _ body: (inout NumberLedger) -> Result
    ) -> Result {
        if ledgers[number] == nil, ledgers.count >= Self.capacity {
            ledgers = ledgers.filter { !$0.value.isAtRest(now: now) }
        }
        ledgers[number, default: NumberLedger(limits)].set(limits)
        return body(&ledgers[number, default: NumberLedger(limits)])
    }

    private func tellSoon(of number: Number) {
        teller.tellSoon(isPressing: ledgers[number]?.isPressing ?? false)
    }

    private typealias Reports = [(number: Number, report: NumberLedger.Report)]

    /// One report of all numbers at a time.
    private func makeTeller() -> BlockTeller<Reports, [Number: NumberSpending]> {
        let (database, clock) = (database, clock)
        return BlockTeller(
            .init(
                event: "pace.untold", interval: Self.interval,
                report: { [weak self] in self?.reports() },
                tell: {
                    try await database.numberPaces.add($0, now: Timestamp(microseconds: clock.microseconds))
                },
                told: { [weak self] in self?.told($0, $1) }))
    }

    private func reports() -> Reports? {
        var reports: Reports = []
        for number in ledgers.keys {
            if let report = ledgers[number]?.report() { reports.append((number: number, report: report)) }
        }
        return reports.isEmpty ? nil : reports
    }

    private func told(_ reports: Reports, _ spendings: [Number: NumberSpending]?) {
        for (number, _) in reports {
            if let spendings, spendings[number] == nil {
                // The number is no more.
                ledgers[number] = nil
            } else {
                ledgers[number]?.told(spendings?[number], now: now)
            }
        }
        if let number = ledgers.first(where: { $0.value.isUntold })?.key { tellSoon(of: number) }
    }

    /// What has not been told by now is what a process that is killed keeps to itself.
    func stop() { teller.stop() }
}
