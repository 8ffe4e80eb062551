import Delivery
import JSON
import TestSupport
import Testing

@testable import leadwire

/// A provider that takes requests and does not answer.
@Suite struct HungProviderTests {
    /// Of WAHA; each holds its connection for two seconds (`Stage`).
    private static let silent = ["+5511987600003", "+5511987610003", "+5511987620003"]

    @Test func `what it does not answer waits in the outbox, and nobody else waits for it`() async throws {
        try await Stage.run {
            $0.verdict = .milliseconds(50)
            $0.delivery.fewestAttempts = Self.silent.count
        } _: { stage in
            try await stage.control("settings", ["statuses": false])
            for phone in Self.silent {
                let answer = try await stage.sendText("Oi", lead: try await stage.lead(phone: phone), instance: 1)
                #expect(answer.message["status"] == "sending")
            }
            let held = try await stage.sendText("Depois", instance: 1)
            #expect(held.status == 202)
            #expect(held.message["status"] == "queued")
            #expect(try await stage.trace(held).data["waiting"]?["reason"] == "turn")
            // Another number, and one more of the first that nobody answers for.
            #expect(try await stage.sendTemplate(1, ["Ana", "a", "b"], lead: 2).status == 201)
            #expect(try await stage.sendText("Depois", lead: 3, instance: 1).message["status"] == "queued")
            try await stage.aTurnWithoutWAHA()
            #expect(try await stage.sends(to: Stage.ana) == 0)
            #expect(try await stage.message(held)["attempts"] == 0)

            try await stage.eventually("what waited is sent") {
                try await stage.messageStatus(held) == "accepted"
            }
            #expect(try await stage.sends(to: Stage.ana) == 1)
        }
    }
}
