import Testing

@testable import leadwire_bench

/// The delivery core under faults, by seeds; `leadwire-bench simulate` does the same for long.
@Suite struct SimulationTests {
    @Test func `nothing is lost, doubled, out of order or outside its window`() {
        let run = Simulation.run(seeds: 1...100, steps: 300)
        #expect(run.fault == nil)
        #expect(run.tally.onPhones > 1000)
    }

    @Test(arguments: Flaw.allCases)
    func `a guard taken away is found out`(_ flaw: Flaw) {
        #expect(Simulation.run(seeds: 1...300, steps: 300, flaw: flaw).fault != nil)
    }

    @Test func `a seed is the same whenever it is run`() throws {
        let found = try #require(Simulation.run(seeds: 1...300, steps: 300, flaw: .fencing).fault)
        let again = Simulation.run(seed: found.seed, steps: 300, flaw: .fencing, isTold: true)
        #expect(again.fault == found)
        #expect(!again.story.isEmpty)
        let sound = Simulation.run(seed: 7, steps: 300)
        #expect(Simulation.run(seed: 7, steps: 300, isTold: true).tally == sound.tally)
        #expect(Simulation.run(seed: 8, steps: 300).tally != sound.tally)
    }

    @Test func `what never happened is told`() {
        #expect(Tally().untried.count == Transition.allCases.count + Fault.allCases.count)
        var tally = Tally()
        tally.count(.claimed)
        tally.count(.killed)
        #expect(!tally.untried.contains(Transition.claimed.words))
        #expect(!tally.untried.contains(Fault.killed.words))
    }
}
