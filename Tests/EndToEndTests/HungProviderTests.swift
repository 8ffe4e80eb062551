import Delivery
import HTTP
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
            $0.delivery.fewestAttempts = Self.silent.count
        } _: { stage in
            try await stage.control("settings", ["statuses": false])
            for phone in Self.silent {
                let answer = try await stage.sendText(
                    "Oi", lead: try await stage.lead(phone: phone), instance: 1, fields: ["Prefer": "respond-async"])
                #expect(answer.message["status"] == "sending")
            }
            let held = try await stage.sendText("Depois", instance: 1)
            #expect(held.status == 202)
            #expect(held.message["status"] == "queued")
            #expect(held.message["attempts"] == 0)
            #expect(try await stage.trace(held).data["waiting"]?["reason"] == "turn")
            #expect(try await stage.sendTemplate(1, ["Ana", "a", "b"], lead: 2).status == 201)

            try await stage.eventually("what waited is sent") {
                try await stage.messageStatus(held) == "accepted"
            }
            #expect(try await stage.sends(to: Stage.ana) == 1)
        }
    }
}
