import Testing

@testable import Domain

@Suite struct RetryPolicyTests {
    private let start = Timestamp(seconds: 1_000)
    private let policy = RetryPolicy.standard

    @Test func `only the eight codes, and what never left us, are tried again`() {
        let retried = (0...200_000).filter { code in
            policy.nextAttempt(
                after: 1, code: CloudAPIErrorCode(code), now: start, queuedAt: start, jitter: 0) != nil
        }
        #expect(retried == [2, 4, 80_007, 130_429, 131_016, 131_056, 131_057, 133_004])
        #expect(policy.nextAttempt(after: 1, code: nil, now: start, queuedAt: start, jitter: 0) != nil)
    }

    @Test func `waits double up to the ceiling`() {
        let waits = (1...12).map { policy.delay(after: $0, code: nil, jitter: 0) }
        #expect(waits.prefix(9) == [2, 4, 8, 16, 32, 64, 128, 256, 512].map { Duration.seconds($0) }[...])
        #expect(waits.suffix(3) == [900, 900, 900].map { Duration.seconds($0) }[...])
        #expect(policy.delay(after: .max, code: nil, jitter: 0) == .seconds(900))
        #expect(policy.delay(after: 0, code: nil, jitter: 0) == .seconds(2))
    }

    @Test func `one contact too often waits by powers of four`() {
        let waits = (1...7).map { policy.delay(after: $0, code: .pairRateLimit, jitter: 0) }
        #expect(waits == [1, 4, 16, 64, 256, 900, 900].map { Duration.seconds($0) })
    }

    @Test func `jitter lengthens a wait by half at most and never shortens it`() {
        for step in 0...100 {
            let wait = policy.delay(after: 3, code: nil, jitter: Double(step) / 100)
            #expect(wait >= .seconds(8) && wait <= .seconds(12))
        }
        #expect(policy.delay(after: 3, code: nil, jitter: 0.5) == .seconds(10))
    }

    @Test func `nothing is tried at or past its deadline`() {
        let day = Duration.seconds(86_400)
        let edge = start + day - .seconds(2)
        let code = CloudAPIErrorCode(2)
        #expect(policy.nextAttempt(after: 1, code: code, now: edge, queuedAt: start, jitter: 0) == nil)
        let before = Timestamp(microseconds: edge.microseconds - 1)
        #expect(policy.nextAttempt(after: 1, code: code, now: before, queuedAt: start, jitter: 0) != nil)
        #expect(
            policy.nextAttempt(
                after: 1, code: code, now: start, queuedAt: start, validUntil: start + .seconds(2), jitter: 0) == nil)
    }
}

extension Timestamp {
    fileprivate static func - (time: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(microseconds: time.microseconds - duration.microseconds)
    }
}
