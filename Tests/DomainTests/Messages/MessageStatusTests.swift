import TestRandom
import Testing

@testable import Domain

@Suite struct MessageStatusTests {
    @Test(arguments: [
        (MessageStatus.accepted, MessageStatus.sent, MessageStatus.sent), (.read, .delivered, .read),
        (.failed, .delivered, .delivered), (.failed, .read, .read), (.accepted, .failed, .failed),
        (.sent, .failed, .failed), (.delivered, .failed, .delivered), (.unknown, .accepted, .accepted),
        (.unknown, .failed, .failed), (.unknown, .sent, .sent), (.sending, .unknown, .unknown),
        (.canceled, .accepted, .canceled), (.expired, .failed, .expired), (.read, .played, .played),
        (.queued, .canceled, .canceled), (.received, .read, .received), (.sent, .accepted, .sent),
    ])
    func `the higher rung wins in either order`(one: MessageStatus, other: MessageStatus, end: MessageStatus) {
        #expect(one.merged(with: other) == end)
        #expect(other.merged(with: one) == end)
    }

    @Test func `any order of a history with repetitions ends the same`() {
        let histories: [[MessageStatus]] = [
            [.sending, .accepted, .sent, .delivered, .read, .played], [.sending, .unknown, .sent, .failed],
            [.accepted, .failed, .delivered], [.sending, .unknown, .failed], [.queued, .canceled, .expired],
        ]
        var random = SeededGenerator(seed: 9)
        for history in histories {
            let end = history.dropFirst().reduce(history[0]) { $0.merged(with: $1) }
            for _ in 0..<200 {
                let reports = (history + history + history.filter { _ in Bool.random(using: &random) })
                    .shuffled(using: &random)
                #expect(reports.dropFirst().reduce(reports[0]) { $0.merged(with: $1) } == end)
            }
        }
    }

    @Test func `merging is commutative, associative and idempotent for every status`() {
        let all = MessageStatus.allCases
        for one in all {
            #expect(one.merged(with: one) == one)
            for other in all {
                #expect(one.merged(with: other) == other.merged(with: one))
                for third in all {
                    #expect(
                        one.merged(with: other).merged(with: third) == one.merged(with: other.merged(with: third)))
                }
            }
        }
    }
}
