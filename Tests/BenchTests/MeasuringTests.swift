import EventLoop
import JSON
import Testing

@testable import leadwire_bench

/// The frame that all of the benchmark's figures go through.
@Suite struct MeasuringTests {
    private static func sample(_ rate: Double) -> Sample { Sample(rate: rate, processorTime: 1 / rate, foreign: 0) }

    @Test(arguments: [([3, 1, 2], 2), ([4, 1, 3, 2], 2.5), ([7], 7)] as [([Double], Double)])
    func `the median has as many below it as above`(_ values: [Double], _ median: Double) {
        let spread = Spread(values)
        #expect(spread.median == median)
        #expect(spread.least == values.min())
        #expect(spread.most == values.max())
    }

    @Test func `a ratio is taken within a round, where both met the same machine`() {
        let row = Row.ratio(
            "work", [Self.sample(100), Self.sample(10), Self.sample(50)],
            [Self.sample(100), Self.sample(20), Self.sample(40)], gate: .atLeast(0.9))
        #expect(row.judged == Spread([1, 0.5, 1.25]))
        #expect(row.isMet)
    }

    @Test func `a gate judges the median, and a row without one is always met`() {
        #expect(Gate.atLeast(0.95).isMet(by: 0.95))
        #expect(!Gate.atLeast(0.95).isMet(by: 0.94))
        #expect(Gate.atMost(2).isMet(by: 2))
        #expect(!Gate.atMost(2).isMet(by: 2.01))
        let slow = [Self.sample(1)]
        let quick = [Self.sample(2)]
        #expect(!Row.ratio("work", slow, quick, gate: .atLeast(0.6)).isMet)
        #expect(Row.ratio("work", slow, quick).isMet)
    }

    @Test func `contestants take turns, every second round in the opposite order`() async throws {
        try await onReactor {
            var order = ""
            let contestants = ["a", "b"].map { name in
                Contestant(name: name, pid: ProcessFacts.own) {
                    order += name
                    return 1
                }
            }
            let samples = try await Rounds.run(contestants, rounds: 3)
            // The first pair is not measured.
            #expect(order == "ab" + "ab" + "ba" + "ab")
            #expect(samples.map(\.count) == [3, 3])
        }
    }

    @Test func `the table is Markdown with columns in line, and says which gate was missed`() {
        let row = Row.ratio("work", [Self.sample(1)], [Self.sample(2)], gate: .atLeast(1))
        let lines = Table.text([row]).split(separator: "\n")
        #expect(lines.count == 3)
        #expect(Set(lines.map(\.count)).count == 1)
        #expect(lines[2].contains("| 0.50   | ≥ 1.00 | MISSED  |"))
    }

    @Test(arguments: [["--rounds"], ["--rounds", "0"], ["--rounds", "x"], ["--nothing"]])
    func `an option that cannot be read is refused`(_ words: [String]) {
        #expect(throws: BenchError.self) { try Options(words) }
    }

    @Test func `stalls are counted from a millisecond on, over all cores`() {
        var stalls = Stalls()
        for gap in [999, 1000, 20, 7300, 1] { stalls.note(gap: .microseconds(gap)) }
        var other = Stalls()
        other.note(gap: .microseconds(8000))
        stalls.add(other)
        #expect(stalls.count == 3)
        #expect(stalls.longest == .milliseconds(8))
    }

    @Test(
        arguments: [
            (#"{"a": 1, "b": [true, null, "x"]}"#, #"{"b": [true, null, "x"], "a": 1.0}"#, nil),
            (#"{"a": 1}"#, #"{"a": 1, "b": null}"#, "$.b"),
            (#"{"a": {"c": [1, 2]}}"#, #"{"a": {"c": [1, 3]}}"#, "$.a.c[1]"),
            ("[1, 2]", "[1]", "$.length"), (#"{"a": "1"}"#, #"{"a": 1}"#, "$.a"),
            (#"{"a": null}"#, #"{"a": 0}"#, "$.a"),
            (#"{"a": []}"#, #"{"a": {}}"#, "$.a"), ("[true]", "[1]", "$[0]"),
        ] as [(String, String, String?)])
    func `peers agree when their answers do, in any order of members`(one: String, other: String, place: String?) throws
    {
        let values = try [one, other].map { try JSONParser.parse(Array($0.utf8)) }
        #expect(Agreement.difference(values[0], values[1]) == place)
        #expect(Agreement.difference(values[1], values[0]) == place)
    }

    @Test func `the CPU time of a child's child counts as the family's`() async throws {
        let before = ProcessFacts.processorTimeOfFamily
        // The inner shell is waited for by the outer one.
        let script = "/bin/sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done'; true"
        let exit = try await onReactor {
            try await ChildProcess("/bin/sh", ["-c", script], environment: [:]).waitForExit()
        }
        #expect(exit == .status(0))
        #expect(ProcessFacts.processorTimeOfFamily > before)
    }
}
