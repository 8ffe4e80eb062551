import Domain
import Storage

/// One run: the queue, those who work on it, the providers, contacts and people around it, and a clock that goes on
/// only from step to step. All that happens comes from the seed.
final class World {
    static let leaseTime = Duration.seconds(60)
    /// As Meta's, with a burst that so few messages come up against.
    static let contactPace = Pace(interval: .seconds(6), burst: 3)

    var dice: Dice
    var now = Timestamp(seconds: 1_800_000_000)
    var queue: Queue
    var judge: Judge
    var tally = Tally()
    /// No more faults: what was begun comes to its end.
    var isCalm = false

    var processes: [Process]
    var flights: [Flight] = []
    /// On their way to a provider, or of one who has gone.
    var requests: [Request] = []
    var carriers: [Carrier]
    /// What providers have to tell of our messages, in the hands of a careless postman.
    var reports: [Queue.Report] = []
    /// What contacts wrote and we have not heard yet.
    var letters: [Letter] = []
    /// Sends that were not answered.
    var unanswered: [Wish] = []
    var acts: [Act] = []
    var nextKey = 0
    var lastThread = 0
    var nextFlight = 0
    var nextProviderID = 0

    /// What happened, for whoever replays a seed.
    var isTold = false
    private(set) var story: [String] = []

    struct Process {
        var incarnation = 0
        var isAlive = true
        var hungUntil: Timestamp?

        var isAwake: Bool { isAlive && hungUntil == nil }
    }

    init(seed: UInt64, flaw: Flaw? = nil) {
        dice = Dice(seed: seed)
        let numbers = [Instance.Provider.cloudAPI, .cloudAPI, .waha].enumerated().map { index, provider in
            NumberRow(id: Instance.ID(Int64(index + 1)), provider: provider)
        }
        carriers = numbers.map { _ in Carrier() }
        var threads: [ThreadRow] = []
        for index in 0..<9 {
            // Never, some time ago, or so long that the window is about to close.
            let written: Timestamp? =
                switch dice.below(4) {
                case 0: nil
                case 1: now + (.seconds(600 - dice.below(1200)) - ServiceWindow.length)
                default: now + .seconds(-dice.below(26 * 3600))
                }
            threads.append(
                ThreadRow(
                    id: Conversation.ID(Int64(index + 1)), number: index % numbers.count,
                    contact: Contact.ID(Int64(index + 1)), lastInboundAt: written,
                    pace: numbers[index % numbers.count].provider == .cloudAPI ? Self.contactPace : nil))
        }
        queue = Queue(threads: threads, numbers: numbers, flaw: flaw)
        judge = Judge(lastWritten: threads.map(\.lastInboundAt))
        processes = Array(repeating: Process(), count: 3)
    }

    var flaw: Flaw? { queue.flaw }

    func owner(_ process: Int) -> String { "p\(process).\(processes[process].incarnation)" }

    func tell(_ words: @autoclosure () -> String) {
        guard isTold else { return }
        story.append("\(now.microseconds / 1000 - 1_800_000_000_000) ms  \(words())")
    }

    // MARK: A step

    private enum Event: CaseIterable {
        case send, repeatSend, turn, fly, carry, report, write, hear, ask, act, parked, watch
        case kill, start, hang, wake, stop, mend

        /// How often, of a thousand.
        var weight: Int {
            switch self {
            case .send: 62
            case .repeatSend: 12
            case .turn: 120
            case .fly: 370
            case .carry: 170
            case .report: 110
            case .write: 14
            case .hear: 18
            case .ask: 50
            case .act: 15
            case .parked: 20
            case .watch: 10
            case .kill: 5
            case .start: 16
            case .hang: 6
            case .wake: 20
            case .stop: 4
            case .mend: 16
            }
        }
    }

    private static let wheel = Event.allCases.flatMap { Array(repeating: $0, count: $0.weight) }

    func step() {
        tally.steps += 1
        now = now + pause()
        // What has nothing to do is no step.
        for _ in 0..<8 where happens(Self.wheel[dice.below(Self.wheel.count)]) { break }
        judge.look(at: &queue, now: now)
    }

    private func pause() -> Duration {
        switch dice.below(1000) {
        case ..<800: dice.duration(0...300)
        case ..<965: dice.duration(300...3000)
        case ..<990: dice.duration(3000...45_000)
        case ..<998: dice.duration(45_000...1_500_000)
        default: dice.duration(1_500_000...36_000_000)
        }
    }

    private func happens(_ event: Event) -> Bool {
        switch event {
        case .send: send()
        case .repeatSend: repeatSend()
        case .turn: turn(dice.below(processes.count))
        case .fly: fly()
        case .carry: carryRequest()
        case .report: deliverReport()
        case .write: write()
        case .hear: hear()
        case .ask: ask()
        case .act: perform()
        case .parked: applyParked()
        case .watch: watch()
        case .kill: kill(dice.below(processes.count))
        case .start: start(dice.below(processes.count))
        case .hang: hang(dice.below(processes.count))
        case .wake: wake(dice.below(processes.count))
        case .stop: stopNumber()
        case .mend: mendNumber()
        }
    }

    // MARK: Processes

    func kill(_ process: Int) -> Bool {
        guard processes[process].isAlive else { return false }
        tell("process \(process) is killed")
        tally.count(.killed)
        if flights.contains(where: { $0.process == process }) { tally.count(.killedInAttempt) }
        flights.removeAll { $0.process == process }
        processes[process].isAlive = false
        processes[process].hungUntil = nil
        return true
    }

    func start(_ process: Int) -> Bool {
        guard !processes[process].isAlive else { return false }
        tell("process \(process) starts")
        processes[process].isAlive = true
        processes[process].incarnation += 1
        return true
    }

    private func hang(_ process: Int) -> Bool {
        guard processes[process].isAwake else { return false }
        let length = dice.once(in: 2) ? dice.duration(1000...50_000) : dice.duration(61_000...7_200_000)
        tell("process \(process) stands still for \(length)")
        tally.count(.hung)
        processes[process].hungUntil = now + length
        return true
    }

    func wake(_ process: Int) -> Bool {
        guard let until = processes[process].hungUntil, until <= now || isCalm else { return false }
        tell("process \(process) goes on")
        if flights.contains(where: { $0.process == process && $0.deadline < now }) { tally.count(.hungPastLease) }
        processes[process].hungUntil = nil
        return true
    }
}
