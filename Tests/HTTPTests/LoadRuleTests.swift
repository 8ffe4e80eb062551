import Glibc
import Testing

@testable import http_load

/// What `.ci/endure` judges by.
@Suite struct LoadRuleTests {
    private static func samples(_ memory: [Int], _ descriptors: [Int]) -> [ProcessSample] {
        zip(memory, descriptors).map { ProcessSample(memory: $0, descriptors: $1) }
    }

    private static func faults(_ memory: [Int], _ descriptors: [Int], left: Int = 0) -> [String] {
        let before = ProcessSample(memory: 10_000, descriptors: 10)
        let after = ProcessSample(memory: 20_000, descriptors: 10 + left)
        return Flatness(before: before, during: samples(memory, descriptors), after: after).faults
    }

    @Test func `a process that breathes is flat, and one that fills up is not`() {
        let many = 0..<400
        let steady = many.map { 30_000 + ($0 % 7) * 1_000 }
        let open = many.map { 20 + $0 % 11 }
        #expect(Self.faults(steady, open) == [])
        // What it takes first and then keeps is no leak.
        #expect(Self.faults(many.map { 10_000 + min($0, 90) * 300 }, open) == [])
        #expect(Self.faults(many.map { 30_000 + $0 * 20 }, open) == ["memory grew by 5980 kB"])
        #expect(Self.faults(steady, many.map { 20 + $0 / 20 }) == ["descriptors grew by 14"])
        #expect(Self.faults(steady, open, left: 9) == ["9 descriptors are left open"])
    }

    @Test func `a trend is the line of least squares`() {
        #expect(Trend([2, 4, 6, 8]).growth == 6 && Trend([2, 4, 6, 8]).mean == 5)
        #expect(Trend([8, 2, 2, 8]).growth == 0)
        #expect(Trend([7]).growth == 0 && Trend([]).growth == 0)
    }

    @Test func `a process tells what it holds, until it is gone`() throws {
        let sample = try #require(ProcessSample(of: Int(getpid())))
        #expect(sample.memory > 1_000 && sample.descriptors > 2)
        #expect(ProcessSample(of: 0x7FFF_FFFF) == nil)
    }

    @Test func `an answer is found once all of it has come`() throws {
        let text =
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOKrest"
        let octets = Array(text.utf8)
        for count in 0..<(octets.count - 4) { #expect(WireAnswer.first(in: Array(octets[..<count])) == nil) }
        let (answer, length) = try #require(WireAnswer.first(in: octets))
        #expect(answer.status == 200 && answer.bodyCount == 2 && answer.closes)
        #expect(length == octets.count - 4)
    }

    @Test func `the same seed spoils the same requests`() {
        var (one, same, other) = (SeededRandom(seed: 1), SeededRandom(seed: 1), SeededRandom(seed: 2))
        let first = (0..<50).map { _ in Mutant.make(&one) }
        #expect(first == (0..<50).map { _ in Mutant.make(&same) })
        #expect(first != (0..<50).map { _ in Mutant.make(&other) })
        #expect(Set(first).count > 40)
    }
}
