import Domain
import Storage
import Testing

@testable import Delivery

/// What is looked at again before an attempt leaves (PRODUCT § 6.2, 6.3).
@Suite struct DepartureTests {
    private static let now = Timestamp(seconds: 1_800_000_000)
    private static let template = OutboundContent.template(
        OutboundContent.TemplateSend(name: "t", language: "pt_BR", components: []))

    private static func attempt(
        _ content: OutboundContent = .text("Hello"), lastInboundAt: Timestamp? = now, validUntil: Timestamp? = nil,
        category: String? = nil, consent: SendContext.Consent = .init()
    ) -> AttemptStore.Claimed {
        AttemptStore.Claimed(
            account: Account.ID(1), messageID: Message.ID(1), number: 1, startedAt: now,
            conversationID: Conversation.ID(1), instanceID: Instance.ID(1),
            recipient: Recipient(kind: .waID, value: "5511987650001"), content: content, replyToProviderID: nil,
            presetProviderID: nil, lastInboundAt: lastInboundAt, firstStartedAt: now, validUntil: validUntil,
            isFirstContact: false, templateCategory: category, consent: consent)
    }

    private static func departure(
        _ attempt: AttemptStore.Claimed, isRestricted: Bool = true, at time: Timestamp = now
    ) -> Departure {
        Departure(attempt, via: .cloudAPI, hasWindowRestriction: isRestricted, now: time)
    }

    private static func belated(
        _ attempt: AttemptStore.Claimed, isLeaseOver: Bool = false, at time: Timestamp = now
    ) -> AttemptEnding? {
        AttemptEnding.belated(
            attempt, via: .cloudAPI, hasWindowRestriction: true, isLeaseOver: isLeaseOver, now: time)
    }

    @Test func `free text leaves while its window is open, and not an instant longer`() {
        let end = Self.now + ServiceWindow.length
        let before = Timestamp(microseconds: end.microseconds - 1)
        #expect(Self.departure(Self.attempt(), at: before) == .free)
        guard case .windowClosed(let fault) = Self.departure(Self.attempt(), at: end) else {
            Issue.record("it leaves")
            return
        }
        #expect(fault.code == "131047")
        #expect(Self.departure(Self.attempt(), isRestricted: false, at: end) == .free)
        #expect(Self.departure(Self.attempt(Self.template, category: "UTILITY"), at: end) == .free)
    }

    @Test func `who asked not to be written to is not`() {
        let stopped = Self.attempt(Self.template, category: "UTILITY", consent: .init(stopped: true))
        guard case .refused(let fault) = Self.departure(stopped) else {
            Issue.record("it leaves")
            return
        }
        #expect(fault.code == "opted_out")
    }

    @Test func `nothing leaves once valid_until has come`() {
        let attempt = Self.attempt(validUntil: Self.now)
        guard case .expired = Self.departure(attempt), case .expired? = Self.belated(attempt) else {
            Issue.record("it leaves")
            return
        }
    }

    @Test func `what may leave has nothing against it at the last look either`() {
        #expect(Self.belated(Self.attempt(validUntil: Self.now + .seconds(1))) == nil)
    }

    @Test func `a window that closes while a file is brought sends the message back to be judged anew`() {
        let late = Self.belated(Self.attempt(), at: Self.now + ServiceWindow.length)
        guard case .ended(.notSent(let fault))? = late else {
            Issue.record("not queued again: \(late as AttemptEnding?)")
            return
        }
        let settlement = Settlement(
            .notSent(fault), of: Self.attempt(), now: Self.now, policy: .standard, jitter: 0)
        guard case .requeued = settlement else {
            Issue.record("not queued again: \(settlement)")
            return
        }
    }

    @Test func `an attempt whose lease is over does not leave`() {
        guard case .ended(.notSent(let fault))? = Self.belated(Self.attempt(), isLeaseOver: true) else {
            Issue.record("it leaves")
            return
        }
        #expect(fault.retryable)
    }
}
