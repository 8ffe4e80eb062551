import Domain
import Testing

@testable import Delivery

/// What becomes of a message after an attempt (PRODUCT § 6.7–8).
@Suite struct SettlementTests {
    private static let now = Timestamp(seconds: 1_800_000_000)

    private static func fault(_ code: String?, retryable: Bool = true) -> ProviderFault {
        ProviderFault(provider: .cloudAPI, code: code, title: "t", details: nil, retryable: retryable)
    }

    private static func settle(_ outcome: AttemptOutcome, number: Int = 1, first: Timestamp = now) -> Settlement {
        Settlement(
            outcome, number: number, firstStartedAt: first, validUntil: nil, now: now, policy: .standard, jitter: 0)
    }

    @Test(arguments: ["4", "80007", "130429", "131056", "2", "131016", "131057", "133004"])
    func `a limit or a passing fault puts the message back into the queue`(_ code: String) {
        guard case .requeued(_, "refused", let at) = Self.settle(.refused(Self.fault(code), .retryLater)) else {
            Issue.record("not queued again: \(code)")
            return
        }
        #expect(at > Self.now)
    }

    @Test func `a limit without a code of Meta's is final`() {
        let fault = Self.fault(nil)
        #expect(Self.settle(.refused(fault, .retryLater)) == .failed(fault, windowClosed: false))
    }

    @Test func `what never left is tried again, unless it is set up wrongly`() {
        let wrong = Self.fault(nil, retryable: false)
        #expect(Self.settle(.notSent(wrong)) == .failed(wrong, windowClosed: false))
        guard case .requeued(_, "not_sent", _) = Self.settle(.notSent(Self.fault(nil))) else {
            Issue.record("not queued again")
            return
        }
    }

    @Test func `an attempt without a verdict is unknown, whatever its number`() {
        let fault = Self.fault(nil)
        for number in 1...50 { #expect(Self.settle(.unknown(fault), number: number) == .unknown(fault)) }
    }

    @Test func `retries end a day after the first attempt`() {
        let fault = Self.fault("2")
        let first = Timestamp(microseconds: Self.now.microseconds - 25 * 60 * 60 * 1_000_000)
        #expect(Self.settle(.refused(fault, .retryLater), first: first) == .failed(fault, windowClosed: false))
    }

    @Test func `refused credentials hold the message`() {
        guard case .held(_, let at) = Self.settle(.refused(Self.fault("190"), .holdInstance)) else {
            Issue.record("not held")
            return
        }
        #expect(at > Self.now)
    }
}
