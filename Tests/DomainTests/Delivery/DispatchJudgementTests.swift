import Testing

@testable import Domain

/// What is judged again when a message leaves the queue.
@Suite struct DispatchJudgementTests {
    private static let wrote = Timestamp(seconds: 1_795_000_000)

    private static func refusal(
        isTemplate: Bool = false, category: String? = nil, restricted: Bool = true, after: Duration,
        stopped: Bool = false, marketingStopped: Bool = false
    ) -> SendFault.Code? {
        DispatchJudgement.refusal(
            isTemplate: isTemplate, category: category, hasWindowRestriction: restricted,
            window: ServiceWindow(instanceID: 1, lastInboundAt: wrote, now: wrote + after),
            consent: .init(stopped: stopped, marketingStopped: marketingStopped))
    }

    @Test(arguments: [
        (Duration.zero, true), (.seconds(86_400) - .microseconds(1), true), (.seconds(86_400), false),
        (.seconds(86_400) + .microseconds(1), false),
    ])
    func `free text leaves until the last microsecond of the 24 hours, and a template after it too`(
        _ after: Duration, _ isOpen: Bool
    ) {
        #expect(Self.refusal(after: after) == (isOpen ? nil : .windowClosed))
        #expect(Self.refusal(restricted: false, after: after) == nil)
        #expect(Self.refusal(isTemplate: true, category: "UTILITY", after: after) == nil)
        // An answer inside the window is not begun by the business.
        #expect(Self.refusal(after: after, stopped: true) == (isOpen ? nil : .optedOut))
        #expect(Self.refusal(isTemplate: true, category: "UTILITY", after: after, stopped: true) == .optedOut)
        #expect(
            Self.refusal(isTemplate: true, category: "MARKETING", after: after, marketingStopped: true) == .optedOut)
        #expect(Self.refusal(isTemplate: true, category: "UTILITY", after: after, marketingStopped: true) == nil)
    }
}
