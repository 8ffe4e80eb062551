import Domain
import EventLoop
import HTTP
import JSON
import Storage
import TestSupport
import Testing

@testable import leadwire

/// What is still heard of an attempt that was over when its message was retried.
@Suite struct RetryFenceTests {
    private static let proposal: JSONValue = ["Ana", "proposta", "10/07"]

    /// The first attempt at a message, as the worker that lost its lease still holds it.
    @Reactor private static func first(
        _ stage: Stage, _ sent: Answer, content: OutboundContent
    ) throws -> AttemptStore.Claimed {
        AttemptStore.Claimed(
            account: stage.demo, messageID: Message.ID(try stage.id(of: sent)), number: 1, startedAt: stage.now,
            conversationID: Conversation.ID(sent.message["conversation_id"]?.int64 ?? 0), instanceID: Stage.waha,
            recipient: Recipient(kind: .phone, value: Stage.ana), content: content, replyToProviderID: nil,
            presetProviderID: nil, lastInboundAt: nil, firstStartedAt: stage.now, validUntil: nil,
            isFirstContact: false, templateCategory: nil, consent: .init())
    }

    /// Every way in which an attempt settles, late; each is to change nothing.
    @Reactor private static func settleLate(_ stage: Stage, _ attempt: AttemptStore.Claimed) async throws {
        let fault = ProviderFault(provider: .waha, code: nil, title: "late", details: nil, retryable: true)
        let (attempts, now) = (stage.database.attempts, stage.now)
        let standings = [
            try await attempts.settleAccepted(
                attempt, providerMessageID: "late", waID: nil, waMatchKey: nil, now: now),
            try await attempts.settleFailed(attempt, fault, windowClosed: false, now: now),
            try await attempts.settleUnknown(attempt, fault, now: now),
            try await attempts.settleExpired(attempt, fault, now: now),
            try await attempts.settleRequeued(attempt, fault, outcome: "not_sent", runAt: now, now: now),
        ]
        #expect(standings.allSatisfy { $0 == nil })
    }

    @Test(arguments: [false, true])
    func `a worker whose lease ran out does not settle a message that was retried`(_ isHeld: Bool) async throws {
        try await Stage.run { stage in
            try await stage.control("settings", ["statuses": false])
            let slow = "+5511987650002"
            let lead = try await stage.lead(phone: slow)
            try await stage.spoilNext("loses_answer")
            let lost = try await stage.sendText("Oi", lead: lead, instance: 1)
            #expect(lost.message["status"] == "unknown")
            if isHeld { try await stage.set(Stage.waha, .disconnected) }
            let again = try await stage.retry(lost, acceptDuplicate: true, fields: ["Prefer": "respond-async"])
            #expect(again.message["status"] == (isHeld ? "queued" : "sending"))
            #expect(again.message["attempts"] == (isHeld ? 1 : 2))
            try await Self.settleLate(stage, try Self.first(stage, lost, content: .text("Oi")))
            let now = try await stage.message(lost)
            #expect(now["status"] == again.message["status"])
            #expect(try await stage.count(.outbox) == 1)
            try await stage.set(Stage.waha, .connected)
            try await stage.eventually("the new attempt has ended") { try await stage.count(.outbox) == 0 }
            #expect(try await stage.message(lost)["status"] == "accepted")
            #expect(try await Wholeness.faults(in: stage.database.pool) == [])
        }
    }

    @Test func `a late failure of the attempt before says nothing, and proof of its delivery does`() async throws {
        try await Stage.run { stage in
            try await stage.control("settings", ["statuses": false])
            let sent = try await stage.sendTemplate(1, Self.proposal)
            let id = try stage.id(of: sent)
            let first = try #require(sent.message["provider_message_id"]?.string)
            @Reactor func report(_ status: String, attempt: Int?) async throws {
                let callback = attempt.map { "\(stage.demo).\(id).\($0)" }
                let told = stage.status(status, of: first, callback: callback)
                #expect(try await stage.cloudHook(stage.envelope([("statuses", [told])])).status == 200)
                _ = try await stage.storedBodies()
            }
            try await report("failed", attempt: 1)
            #expect(try await stage.messageStatus(sent) == "failed")
            let again = try await stage.retry(sent)
            #expect(again.message["status"] == "accepted")
            #expect(again.message["provider_message_id"]?.string != first)
            for attempt in [1, nil] {
                for status in ["failed", "sent"] {
                    try await report(status, attempt: attempt)
                    #expect(try await stage.messageStatus(sent) == "accepted", "\(status)")
                }
            }
            try await report("delivered", attempt: 1)
            #expect(try await stage.messageStatus(sent) == "delivered")
        }
    }

    @Test func `a message that a report has failed is not retried while its attempt is still under way`() async throws {
        try await Stage.run { stage in
            try await stage.control("settings", ["statuses": false])
            let slow = "+5511987650002"
            let lead = try await stage.lead(phone: slow)
            let sent = try await stage.sendTemplate(
                1, Self.proposal, lead: lead, fields: ["Prefer": "respond-async"])
            let callback = "\(stage.demo).\(try stage.id(of: sent)).1"
            let told = stage.status("failed", of: "wamid.early", callback: callback)
            _ = try await stage.cloudHook(stage.envelope([("statuses", [told])]))
            _ = try await stage.storedBodies()
            #expect(try await stage.messageStatus(sent) == "failed")
            let refused = try await stage.retry(sent)
            #expect(refused.code == "wrong_status")
            try await stage.eventually("the attempt has ended") { try await stage.count(.outbox) == 0 }
            #expect(try await stage.retry(sent).status == 201)
            #expect(try await stage.sends(to: slow) == 2)
        }
    }
}
