import Testing

@testable import Domain

/// What may be done with a message by its status, why it waits, and how its story is told.
@Suite struct MessageLifeTests {
    private static let start = Timestamp(seconds: 1_795_000_000)

    private static func message(_ status: MessageStatus, _ direction: Message.Direction = .outbound) -> Message {
        Message(
            id: 9, accountID: 1, leadID: 2, conversationID: 3, instanceID: 4, direction: direction, type: "text",
            status: status, text: nil, details: nil, template: nil, clientReference: nil, providerMessageID: nil,
            attempts: 1, error: nil, usedFallback: false, queuedAt: start, acceptedAt: nil, sentAt: nil,
            deliveredAt: nil, readAt: nil, failedAt: nil)
    }

    @Test(arguments: MessageStatus.allCases)
    func `each act is open to its statuses and to no other`(_ status: MessageStatus) {
        func refusal(_ act: MessageLife.Act, accepts: Bool = false) -> MessageLife.Refusal? {
            MessageLife.refusal(of: act, for: Self.message(status), isKept: true, acceptsDuplicate: accepts)
        }
        let retry: MessageLife.Refusal? =
            switch status {
            case .failed, .expired: nil
            case .unknown: .outcomeUnknown
            default: .status(status)
            }
        #expect(refusal(.retry) == retry)
        #expect(refusal(.retry, accepts: true) == (status == .unknown ? nil : retry))
        #expect(refusal(.cancel) == (status == .queued ? nil : .status(status)))
        #expect(refusal(.resolve) == (status == .unknown ? nil : .status(status)))
        for act in MessageLife.Act.allCases {
            let theirs = Self.message(status, .inbound)
            #expect(MessageLife.refusal(of: act, for: theirs, isKept: true, acceptsDuplicate: true) == .inbound)
            let erased = MessageLife.refusal(
                of: act, for: Self.message(status), isKept: false, acceptsDuplicate: true)
            #expect(erased == .erased)
        }
    }

    @Test func `a message waits for what would hold it longest`() {
        func wait(_ change: (inout MessageWait.Place) -> Void = { _ in }) -> MessageWait {
            var place = MessageWait.Place(
                runAt: Self.start, leaseUntil: nil, sendAt: nil, instance: .connected, behind: nil)
            change(&place)
            return MessageWait(place, now: Self.start)
        }
        let later = Self.start + .seconds(5)
        #expect(wait() == .turn)
        #expect(wait { $0.behind = 3 } == .behind(3))
        #expect(wait { ($0.behind, $0.runAt, $0.isTurnedAway) = (3, later, true) } == .pause(until: later))
        #expect(wait { ($0.behind, $0.runAt) = (3, later) } == .behind(3))
        #expect(wait { $0.runAt = later } == .pace(.number, until: later))
        #expect(wait { ($0.runAt, $0.contactOpens) = (later, later) } == .pace(.contact, until: later))
        #expect(wait { ($0.contactOpens, $0.numberOpens) = (Self.start, later) } == .pace(.number, until: later))
        #expect(wait { ($0.contactOpens, $0.numberOpens) = (Self.start, Self.start) } == .turn)
        #expect(wait { ($0.instance, $0.runAt) = (.disconnected, later) } == .instance(.disconnected))
        #expect(wait { ($0.instance, $0.sendAt) = (.disconnected, later) } == .time(later))
        #expect(wait { $0.sendAt = Self.start } == .turn)
        #expect(wait { ($0.leaseUntil, $0.sendAt) = (later, later) } == .answer(until: later))
    }

    @Test func `a trace tells each thing once, in the order in which it came to be known`() {
        func at(_ seconds: Int64) -> Timestamp { Self.start + .seconds(seconds) }
        let fault = ProviderFault(
            provider: .cloudAPI, code: "131026", title: "t", details: nil, retryable: false)
        let trace = MessageTrace(
            Self.message(.delivered), by: 5,
            attempts: [
                .init(number: 1, startedAt: at(0), finishedAt: at(1), outcome: .refused, fault: fault),
                .init(number: 2, startedAt: at(10), finishedAt: at(11), outcome: .accepted, fault: nil),
            ],
            news: [
                .init(at: at(0), status: .queued, providerAt: at(0), fault: nil),
                .init(at: at(1), status: .failed, providerAt: at(1), fault: fault),
                .init(at: at(10), status: .queued, providerAt: at(0), fault: nil),
                .init(at: at(11), status: .accepted, providerAt: at(11), fault: nil),
                .init(at: at(13), status: .delivered, providerAt: at(9), fault: nil),
            ],
            requests: [.init(at: at(10), act: .retry, apiKeyID: 6, requestID: "r")])
        #expect(
            trace.steps.map(\.kind) == [
                .checked, .queued, .attemptStarted, .refused, .retried, .attemptStarted, .accepted, .delivered,
            ])
        #expect(trace.steps.map(\.attempt) == [nil, nil, 1, 1, nil, 2, 2, nil])
        #expect(trace.steps.map(\.apiKeyID) == [nil, 5, nil, nil, 6, nil, nil, nil])
        #expect(trace.steps.last?.providerAt == at(9))
        #expect(trace.steps[3].fault == fault)
    }

    @Test func `a resolved message tells who said so, and what`() {
        let at = Self.start + .seconds(60)
        let trace = MessageTrace(
            Self.message(.failed), by: nil, attempts: [],
            news: [.init(at: at, status: .failed, providerAt: at, fault: nil)],
            requests: [.init(at: at, act: .resolve, apiKeyID: 6, requestID: nil)])
        #expect(trace.steps.map(\.kind) == [.checked, .queued, .resolved, .failed])
    }
}
