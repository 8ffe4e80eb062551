/// Runs of the delivery core by seed: each is the same whenever it is made.
enum Simulation {
    struct Fault: Sendable, Equatable {
        let seed: UInt64
        /// Nil: found when the world had come to rest.
        let step: Int?
        let words: String
    }

    struct Run: Sendable {
        var tally: Tally
        var fault: Fault?
        /// What happened, if that was asked for.
        var story: [String]
    }

    static func run(seed: UInt64, steps: Int, flaw: Flaw? = nil, isTold: Bool = false) -> Run {
        let world = World(seed: seed, flaw: flaw)
        world.isTold = isTold
        for step in 1...max(1, steps) {
            world.step()
            guard let words = world.judge.violation else { continue }
            return Run(tally: world.tally, fault: Fault(seed: seed, step: step, words: words), story: world.story)
        }
        world.comeToRest()
        let fault = world.judge.violation.map { Fault(seed: seed, step: nil, words: $0) }
        return Run(tally: world.tally, fault: fault, story: world.story)
    }

    /// The seeds in turn, until one finds a fault.
    static func run(seeds: ClosedRange<UInt64>, steps: Int, flaw: Flaw? = nil) -> Run {
        var tally = Tally()
        for seed in seeds {
            let run = run(seed: seed, steps: steps, flaw: flaw)
            tally += run.tally
            if let fault = run.fault { return Run(tally: tally, fault: fault, story: []) }
        }
        return Run(tally: tally, fault: nil, story: [])
    }
}
