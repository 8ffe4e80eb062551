import EventLoop

/// What one contestant did in one round.
struct Sample: Sendable {
    /// Pieces of work a second.
    var rate: Double
    /// Seconds of CPU, user and kernel, that the contestant's process took for one piece.
    var processorTime: Double
    /// The share of the machine's CPU that neither the contestant, its load nor this process used.
    var foreign: Double
}

/// One of those that are compared.
struct Contestant {
    let name: String
    /// The process whose CPU time counts; nil for the program that does the work and ends with it.
    let pid: @Reactor () -> Int32?
    /// Before and after each round, unmeasured.
    var prepare: @Reactor () async throws -> Void = {}
    var finish: @Reactor () async throws -> Void = {}
    /// Works for one round, and tells how many pieces it did.
    let work: @Reactor () async throws -> Int

    init(name: String, pid: Int32?, work: @escaping @Reactor () async throws -> Int) {
        self.name = name
        self.pid = { pid }
        self.work = work
    }

    init(
        name: String, pid: @escaping @Reactor () -> Int32?, prepare: @escaping @Reactor () async throws -> Void,
        finish: @escaping @Reactor () async throws -> Void, work: @escaping @Reactor () async throws -> Int
    ) {
        self.name = name
        self.pid = pid
        self.prepare = prepare
        self.finish = finish
        self.work = work
    }
}

/// Contestants take turns, and every second round in the opposite order: a machine drifts by a third within an hour, so
/// that only what was measured side by side can be compared.
@Reactor
enum Rounds {
    /// - Returns: for each contestant its samples, in the order of the rounds.
    static func run(_ contestants: [Contestant], rounds: Int) async throws -> [[Sample]] {
        var samples = contestants.map { _ in [Sample]() }
        // Unmeasured: caches, connections and branch predictors find their state.
        for contestant in contestants { _ = try await measure(contestant) }
        for round in 0..<rounds {
            let order = round.isMultiple(of: 2) ? Array(contestants.indices) : contestants.indices.reversed()
            for index in order {
                let sample = try await measure(contestants[index])
                samples[index].append(sample)
                Console.progress(
                    "round \(round + 1) of \(rounds): \(contestants[index].name) "
                        + Figures.thousands(sample.rate) + "/s")
            }
        }
        return samples
    }

    private static func measure(_ contestant: Contestant) async throws -> Sample {
        try await contestant.prepare()
        let others = ForeignLoad()
        let processor = try processorTime(contestant)
        let start = MonotonicTime.now
        let count = Double(try await contestant.work())
        let seconds = Double((MonotonicTime.now - start).nanoseconds) / 1e9
        let used = try processorTime(contestant) - processor
        let sample = Sample(rate: count / seconds, processorTime: used / count, foreign: others.share())
        try await contestant.finish()
        return sample
    }

    private static func processorTime(_ contestant: Contestant) throws -> Double {
        try contestant.pid().map { try ProcessFacts.processorTime($0) } ?? ProcessFacts.processorTimeOfChildren
    }
}
