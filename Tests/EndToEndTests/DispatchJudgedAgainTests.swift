import Domain
import EventLoop
import HTTP
import JSON
import TestSupport
import Testing

/// What changed while a message waited counts when it leaves, and nothing that nobody said is written down.
@Suite struct DispatchJudgedAgainTests {
    @Test func `a STOP word that comes while a template waits stops it`() async throws {
        try await Stage.run { stage in
            try await stage.set(Stage.cloud, .disconnected)
            let answer = try await stage.sendTemplate(1, ["Ana", "proposta", "10/07"])
            #expect(answer.status == 202)
            try await stage.hears(from: Stage.ana, at: Stage.wahaPhone, "PARAR")
            try await stage.set(Stage.cloud, .connected)
            try await stage.eventuallyWithTime("the template has failed") {
                try await stage.messageStatus(answer) == "failed"
            }
            #expect(try await stage.received(Stage.ana).isEmpty)
        }
    }

    @Test func `valid_until is kept while the number is down`() async throws {
        try await Stage.run { stage in
            try await stage.set(Stage.waha, .disconnected)
            let until = Timestamp(microseconds: stage.clock.clock.microseconds) + .seconds(60)
            let answer = try await stage.sendText(
                "Oi", instance: 1, extra: JSONObject([("valid_until", .string(until.text))]))
            #expect(answer.status == 202)
            stage.clock.advance(by: .seconds(61))
            try await stage.eventuallyWithTime("the message has expired") {
                try await stage.messageStatus(answer) == "expired"
            }
            #expect(try await stage.count(.outbox) == 0)
        }
    }

    @Test func `a window that Meta calls closed makes up no message of the contact`() async throws {
        try await Stage.run { stage in
            let lead = try await stage.lead(phone: "+5511987650009")
            let answer = try await stage.sendTemplate(1, ["Ana", "proposta", "10/07"], lead: lead)
            #expect(answer.code == "window_closed")
            #expect(answer.json["window"]?["last_inbound_at"] == .null)
        }
    }

    @Test func `a key bound to another number does not read a message through an Idempotency-Key`() async throws {
        try await Stage.run { stage in
            let bound = try await stage.newKey(instances: [Stage.waha]).token
            let first = try await stage.sendTemplate(1, ["Ana", "proposta", "10/07"], fields: ["Idempotency-Key": "k"])
            #expect(first.status == 201)
            let second = try await stage.sendTemplate(
                1, ["Ana", "proposta", "10/07"], key: .some(bound), fields: ["Idempotency-Key": "k"])
            #expect(second.status == 404)
            #expect(second.code == "not_found")
        }
    }

    @Test func `money has the decimals of its currency`() async throws {
        try await Stage.run { stage in
            let yen = try await stage.post("/api/v1/leads", ["name": "A", "value": 5000, "currency": "JPY"])
            #expect(yen.data["value"] == 5000)
            let body = Array(#"{"name": "B", "value": 10.5, "currency": "JPY"}"#.utf8)
            let part = try await stage.request(.post, "/api/v1/leads", body: body)
            #expect(part.status == 422)
            #expect(part.faults == ["/value out_of_range"])
        }
    }
}
