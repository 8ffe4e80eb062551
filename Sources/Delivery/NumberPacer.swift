import Domain
import EventLoop
import Storage
import Telemetry

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
            case .tells: guard await tell() else { return .waits(until: now) }
            }
        }
    }

    /// How many of those that wait can go now.
    func allow(_ number: Number, _ limits: NumberLimits, upTo limit: Int) async -> [NumberLedger.Charge] {
        if ledgers[number]?.isPressing == true, !isUnheard { _ = await tell() }
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
        if !isTelling { spawn { _ = await self.tell() } }
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
        if let ledger = ledgers[number], ledger.isPressing, !isTelling, !isUnheard {
            spawn { _ = await self.tell() }
            return
        }
        guard timer == nil, !isStopped else { return }
        timer = EventLoop.shared.schedule(after: Self.interval) {
            self.timer = nil
            spawn { _ = await self.tell() }
        }
    }

    /// One report of all numbers at a time; whether it was heard.
    private func tell() async -> Bool {
        if let telling { return await telling.value }
        var reports: [(number: Number, report: NumberLedger.Report)] = []
        for number in ledgers.keys {
            if let report = ledgers[number]?.report() { reports.append((number: number, report: report)) }
        }
        guard !reports.isEmpty else { return true }
        isTelling = true
        let telling = spawn { [reports] in await self.tell(reports) }
        // It may be over already.
        if isTelling { self.telling = telling }
        return await telling.value
    }

    private func tell(_ reports: [(number: Number, report: NumberLedger.Report)]) async -> Bool {
        var spendings: [Number: NumberSpending]?
        do {
            spendings = try await database.numberPaces.add(reports, now: now)
        } catch {
            Log.shared.warning("pace.untold", ["error": .string("\(error)")])
        }
        (isTelling, telling) = (false, nil)
        isUnheard = spendings == nil
        for (number, _) in reports {
            if let spendings, spendings[number] == nil {
                // The number is no more.
                ledgers[number] = nil
            } else {
                ledgers[number]?.told(spendings?[number], now: now)
            }
        }
        if let number = ledgers.first(where: { $0.value.isUntold })?.key { tellSoon(of: number) }
        return spendings != nil
    }

    /// What has not been told by now is what a process that is killed keeps to itself.
    func stop() {
        isStopped = true
        timer?.cancel()
        timer = nil
    }
}
