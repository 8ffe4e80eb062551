import Domain
import EventLoop
import Storage
import Telemetry

/// Takes what is due from the outbox, number by number, as fast as each may send, and gives up leases that ran out.
@Reactor
final class OutboxWorker {
    /// How often the outbox is looked at: the longest that a due message waits for its turn.
    private static let interval = Duration.milliseconds(200)
    /// More than have something due in any turn: one that may not send now takes nobody's place.
    private static let numbersPerTurn = 1000
    private static let messagesPerNumber = 50
    /// As often in a turn the numbers are gone through, while one of them had as many and may have more due.
    private static let passes = 20
    /// Attempts at once, by all numbers: what a process holds in memory.
    private static let attemptLimit = 4096
    private static let rescueBatch = 500
    /// How many of a number are put off in a turn.
    private static let postponed = 1000

    private let database: Database
    private let dispatcher: Dispatcher
    private let room: AttemptRoom
    private let pacer: NumberPacer
    private let tiers: TierPacer
    private let clock: Clock
    private let owner: String
    private let leaseTime: Duration
    private let rescueInterval: Duration
    private let duty = RecurringDuty(every: interval)
    private var rescuedAt: MonotonicTime?

    init(
        _ database: Database, _ dispatcher: Dispatcher, _ room: AttemptRoom, _ pacer: NumberPacer, _ tiers: TierPacer,
        clock: Clock, owner: String, leaseTime: Duration, rescueInterval: Duration
    ) {
        self.database = database
        self.dispatcher = dispatcher
        self.room = room
        self.pacer = pacer
        self.tiers = tiers
        self.clock = clock
        self.owner = owner
        self.leaseTime = leaseTime
        self.rescueInterval = rescueInterval
    }

    private var now: Timestamp { Timestamp(microseconds: clock.microseconds) }

    func start() { duty.start { await self.turn() } }

    func stop() { duty.stop() }

    private func turn() async {
        do {
            try await rescue()
            try await dispatchDue()
        } catch {
            Log.shared.warning("outbox.turn_failed", ["error": .string("\(error)")])
        }
    }

    private func rescue() async throws {
        if let rescuedAt, MonotonicTime.now - rescuedAt < rescueInterval { return }
        rescuedAt = .now
        let count = try await database.outbox.rescue(
            now: now, limit: Self.rescueBatch,
            reason: "The server stopped during the attempt; whether the provider has the message is not known")
        if count > 0 { Log.shared.warning("outbox.rescued", ["messages": .int(count)]) }
        _ = try await database.outbox.expire(
            now: now, limit: Self.rescueBatch, reason: "valid_until passed before it could be sent")
    }

    private func dispatchDue() async throws {
        for _ in 0..<Self.passes { guard try await pass() else { return } }
    }

    /// Whether there may be more to take at once.
    private func pass() async throws -> Bool {
        let numbers = try await database.outbox.readyNumbers(now: now, limit: Self.numbersPerTurn)
        room.relieve(allBut: Set(numbers.map(\.number)))
        var isMoreDue = false
        for ready in numbers {
            let left = Self.attemptLimit - dispatcher.board.attemptsInFlight
            guard duty.isRunning, left > 0 else { return false }
            let share = min(Self.messagesPerNumber, left, room.left(of: ready.number, ready.limits))
            guard share > 0 else { continue }
            switch try await dispatch(ready, upTo: share) {
            case .full: isMoreDue = true
            case .ofAllThatIsDue: room.relieve(ready.number)
            case .asPaced: break
            }
        }
        return isMoreDue
    }

    /// What a number took in a pass.
    private enum Share {
        case full, ofAllThatIsDue, asPaced
    }

    private func dispatch(_ ready: OutboxStore.Ready, upTo limit: Int) async throws -> Share {
        guard let limits = ready.limits else {
            return try await claim(ready, limit) < limit ? .ofAllThatIsDue : .full
        }
        var left = limit
        while left > 0 {
            // Part by part, as the other processes are told.
            let charges = await pacer.allow(ready.number, limits, upTo: left)
            guard !charges.isEmpty else { return .asPaced }
            var taken = 0
            defer { pacer.giveBack(charges.dropFirst(taken), of: ready.number) }
            taken = try await claim(ready, charges.count)
            guard taken == charges.count else { return .ofAllThatIsDue }
            left -= taken
        }
        return .full
    }

    /// How many go.
    private func claim(_ ready: OutboxStore.Ready, _ limit: Int) async throws -> Int {
        guard let tiered = ready.tier else { return try await take(ready, nil, limit).count }
        let free = try await take(ready, .free, limit)
        for attempt in free {
            if let countedAt = attempt.countedBefore { tiers.move(countedAt, tiered.business, tiered.tier) }
        }
        guard free.count < limit else { return free.count }
        return free.count + (try await claimTaking(ready, tiered, limit - free.count))
    }

    /// How many contacts are written to first, as many as the messaging limit has room for. The others wait until there
    /// is some, and are not looked at before.
    private func claimTaking(
        _ ready: OutboxStore.Ready, _ tiered: OutboxStore.Tiered, _ limit: Int
    ) async throws -> Int {
        switch await tiers.allow(tiered.business, tiered.tier, upTo: limit) {
        case .unknown: return 0
        case .full(let until):
            try await database.outbox.postpone(of: ready, until: until, limit: Self.postponed, now: now)
            return 0
        case .charges(let charges):
            var taken = 0
            defer { tiers.giveBack(charges.dropFirst(taken), of: tiered.business) }
            taken = try await take(ready, .taking, charges.count).count
            return taken
        }
    }

    private func take(
        _ ready: OutboxStore.Ready, _ part: OutboxStore.Part?, _ limit: Int
    ) async throws -> [AttemptStore.Claimed] {
        let now = self.now
        let claimed = try await database.outbox.claim(
            of: ready, part, for: OutboxStore.Lease(owner: owner, until: now + leaseTime), limit: limit, now: now)
        for attempt in claimed { dispatcher.dispatch(attempt) }
        return claimed
    }
}
