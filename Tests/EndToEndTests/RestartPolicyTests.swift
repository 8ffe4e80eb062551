import Testing

@testable import leadwire

@Suite struct RestartPolicyTests {
    @Test func `a worker that keeps ending is started later and later, but not too late`() {
        var policy = RestartPolicy()
        let delays = (0..<10).map { _ in policy.delay(afterLife: .seconds(1)) }
        #expect(delays.first == .milliseconds(100))
        #expect(Array(delays[1...3]) == [.milliseconds(200), .milliseconds(400), .milliseconds(800)])
        #expect(delays.last == .seconds(10))
        #expect(delays == delays.sorted())
    }

    @Test func `a worker that lived well is started at once again`() {
        var policy = RestartPolicy()
        for _ in 0..<1_000 { _ = policy.delay(afterLife: .zero) }
        #expect(policy.delay(afterLife: .seconds(60)) == .milliseconds(100))
        #expect(policy.delay(afterLife: .zero) == .milliseconds(200))
    }
}
