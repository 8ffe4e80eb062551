import Foundation

/// `leadwire-bench simulate [--seeds N] [--steps N] [--seed N] [--flaw NAME]`: the delivery core under faults, by seeds.
enum SimulateCommand {
    /// - Returns: 0 when nothing was found and everything was tried, 1 otherwise.
    static func run(_ words: [String]) async throws -> Int32 {
        let options = try SimulateOptions(words)
        if let seed = options.seed { return replay(seed, options) }
        let started = Date()
        let run = await inTwo(options)
        if let fault = run.fault {
            Console.line("seed \(fault.seed), \(place(fault)): \(fault.words)")
            return replay(fault.seed, options)
        }
        Console.line(run.tally.table)
        Console.line(
            """

            \(options.seeds) seeds, \(run.tally.steps) steps in \(Int(Date().timeIntervalSince(started))) s: \
            \(run.tally.messages) messages, \(run.tally.onPhones) on phones, none twice, none forgotten
            """)
        let untried = run.tally.untried
        for words in untried { Console.line("never happened: \(words)") }
        return untried.isEmpty ? 0 : 1
    }

    /// One seed as it was, with its events; the last ones where it was found, all of them where it was asked for.
    private static func replay(_ seed: UInt64, _ options: SimulateOptions) -> Int32 {
        let run = Simulation.run(seed: seed, steps: options.steps, flaw: options.flaw, isTold: true)
        for line in run.story.suffix(options.seed == nil ? 60 : run.story.count) { Console.line(line) }
        guard let fault = run.fault else {
            Console.line("seed \(seed): nothing found in \(run.tally.steps) steps and after them")
            return 0
        }
        Console.line("seed \(seed), \(place(fault)): \(fault.words)")
        return 1
    }

    private static func place(_ fault: Simulation.Fault) -> String { fault.step.map { "step \($0)" } ?? "at rest" }

    /// Half of the seeds on each of two cores.
    private static func inTwo(_ options: SimulateOptions) async -> Simulation.Run {
        let (last, middle) = (UInt64(options.seeds), UInt64((options.seeds + 1) / 2))
        let (steps, flaw) = (options.steps, options.flaw)
        let halves = [1...middle, middle + 1...max(last, middle + 1)].prefix(last > middle ? 2 : 1).map { seeds in
            Task.detached { Simulation.run(seeds: seeds, steps: steps, flaw: flaw) }
        }
        var tally = Tally()
        var fault: Simulation.Fault?
        for half in halves {
            let run = await half.value
            tally += run.tally
            fault = fault ?? run.fault
        }
        return Simulation.Run(tally: tally, fault: fault, story: [])
    }
}

struct SimulateOptions {
    var seeds = 10_000
    /// Of each seed.
    var steps = 1000
    /// One alone, told.
    var seed: UInt64?
    /// A guard taken away: the fault must be found.
    var flaw: Flaw?

    init(_ words: [String]) throws {
        var rest = words[...]
        while let word = rest.popFirst() {
            if word == "--flaw" {
                guard let flaw = rest.popFirst().flatMap(Flaw.init) else {
                    throw BenchError("--flaw is one of: \(Flaw.allCases.map(\.rawValue).joined(separator: ", "))")
                }
                self.flaw = flaw
                continue
            }
            guard let number = rest.popFirst().flatMap({ UInt64($0) }), 1...100_000_000 ~= number else {
                throw BenchError("\(word) needs a number\n\n\(Usage.text)")
            }
            switch word {
            case "--seeds": seeds = Int(number)
            case "--steps": steps = Int(number)
            case "--seed": seed = number
            default: throw BenchError("there is no option \(word)\n\n\(Usage.text)")
            }
        }
    }
}
