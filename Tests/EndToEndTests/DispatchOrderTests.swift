import Domain
import EventLoop
import JSON
import TestSupport
import Testing

/// PRODUCT § 6.6: never ahead of an earlier queued message of the conversation.
@Suite struct DispatchOrderTests {
    @Test func `a message behind a throttled one waits, and both arrive in order`() async throws {
        try await Stage.run { stage in
            let phone = "+5511987650008"
            let lead = try await stage.lead(phone: phone)
            let first = try await stage.sendTemplate(1, ["Primeira", "a", "b"], lead: lead)
            #expect(first.status == 202)
            let second = try await stage.sendTemplate(1, ["Segunda", "a", "b"], lead: lead)
            #expect(second.status == 202)
            #expect(second.message["status"] == "queued")
            #expect(second.message["attempts"] == 0)
            // The number is throttled, and no other.
            #expect(try await stage.sendTemplate(1, ["Ana", "a", "b"]).status == 202)
            #expect(try await stage.sendText("Olá", instance: 1).status == 201)
            try await stage.eventuallyWithTime("both have arrived") { try await stage.received(phone).count == 2 }
            #expect(
                try await stage.received(phone).map { $0["text"]?.string } == [
                    "Olá Primeira, sua a está agendada para b.", "Olá Segunda, sua a está agendada para b.",
                ])
        }
    }

    @Test func `many held messages arrive in the order in which they were sent`() async throws {
        try await Stage.run { stage in
            try await stage.set(Stage.waha, .disconnected)
            for number in 1...30 {
                #expect(try await stage.sendText("\(number)", instance: 1).status == 202)
            }
            try await stage.set(Stage.waha, .connected)
            // One sent now stands behind those that still wait.
            let last = try await stage.sendText("31", instance: 1)
            #expect(last.status == 202)
            try await stage.eventually("all have arrived") { try await stage.received(Stage.ana).count == 31 }
            #expect(try await stage.received(Stage.ana).map { $0["text"]?.string } == (1...31).map { "\($0)" })
            #expect(try await stage.sends(to: Stage.ana) == 31)
        }
    }

    @Test func `a message for later goes at its time, and holds up nothing before it`() async throws {
        try await Stage.run { stage in
            let at = JSONObject([("send_at", .string((stage.now + .seconds(3600)).text))])
            let later = try await stage.sendText("Depois", instance: 1, extra: at)
            #expect(later.status == 202)
            #expect(later.message["status"] == "queued")
            let now = try await stage.sendText("Agora", instance: 1)
            #expect(now.status == 201)
            try await stage.set(Stage.waha, .disconnected)
            #expect(try await stage.sendText("Em seguida", instance: 1).status == 202)
            try await stage.set(Stage.waha, .connected)
            try await stage.eventually("what is due has arrived") { try await stage.received(Stage.ana).count == 2 }
            #expect(try await stage.messageStatus(later) == "queued")
            stage.clock.advance(by: .seconds(3601))
            try await stage.eventually("its time has come") { try await stage.received(Stage.ana).count == 3 }
            #expect(
                try await stage.received(Stage.ana).map { $0["text"]?.string } == ["Agora", "Em seguida", "Depois"])
        }
    }

    @Test func `a message for the day after tomorrow survives a provider that is busy then`() async throws {
        try await Stage.run { stage in
            let phone = "+5511987650013"
            let lead = try await stage.lead(phone: phone)
            let at = JSONObject([("send_at", .string((stage.now + .seconds(2 * 86_400)).text))])
            let later = try await stage.sendText("Depois", lead: lead, instance: 1, extra: at)
            #expect(later.status == 202)
            stage.clock.advance(by: .seconds(2 * 86_400 + 1))
            try await stage.eventuallyWithTime("it has arrived") { try await stage.received(phone).count == 1 }
            #expect(try await stage.sends(to: phone) == 2)
        }
    }

    @Test func `a held message whose valid_until passes expires and is not sent`() async throws {
        try await Stage.run { stage in
            try await stage.set(Stage.waha, .disconnected)
            let until = JSONObject([("valid_until", .string((stage.now + .seconds(60)).text))])
            let held = try await stage.sendText("Só hoje", instance: 1, extra: until)
            #expect(held.status == 202)
            stage.clock.advance(by: .seconds(61))
            try await stage.set(Stage.waha, .connected)
            try await stage.eventually("it has expired") { try await stage.messageStatus(held) == "expired" }
            #expect(try await stage.sends(to: Stage.ana) == 0)
            #expect(try await stage.count(.outbox) == 0)
        }
    }
}
