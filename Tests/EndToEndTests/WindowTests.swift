import Domain
import EventLoop
import JSON
import TestSupport
import Testing

/// PRODUCT § 6.3.
@Suite struct WindowTests {
    @Test func `a contact that has never written has a closed window`() async throws {
        try await Stage.run { stage in
            let before = try await stage.traces()
            let answer = try await stage.sendText("Oi", instance: 2)
            #expect(answer.status == 422)
            #expect(answer.code == "window_closed")
            #expect(answer.json["skip_reason"] == "window_closed")
            #expect(
                answer.json["window"] == [
                    "instance_id": 2, "state": "closed", "last_inbound_at": .null, "expires_at": .null,
                    "seconds_left": 0,
                ])
            #expect(answer.json["template_ids"] == [1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14])
            #expect(try await stage.traces() == before)

            let template = try await stage.sendTemplate(1, ["Ana", "proposta", "10/07"])
            #expect(template.status == 201)
            #expect(template.data["window"]?["state"] == "closed")
            let waha = try await stage.sendText("Oi", instance: 1)
            #expect(waha.status == 201)
            #expect(try await stage.received(Stage.ana).map { $0["provider"] } == ["cloud_api", "waha"])
        }
    }

    @Test func `free text passes for 23:59:59 and not at 24:00:00`() async throws {
        try await Stage.run { stage in
            stage.alignClock()
            let wrote = stage.now
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone, sent: wrote)

            stage.clock.advance(by: .seconds(23 * 3600 + 59 * 60 + 59))
            let open = try await stage.sendText("Ainda aberta", instance: 2)
            #expect(open.status == 201)
            #expect(
                open.data["window"] == [
                    "instance_id": 2, "state": "open", "last_inbound_at": .string(wrote.text),
                    "expires_at": .string((wrote + .seconds(86_400)).text), "seconds_left": 1,
                ])

            stage.clock.advance(by: .milliseconds(999))
            let lastMoment = try await stage.sendText("No último instante", instance: 2, query: "?dry_run=true")
            #expect(lastMoment.status == 200)

            stage.clock.advance(by: .milliseconds(1))
            let closed = try await stage.sendText("Tarde demais", instance: 2)
            #expect(closed.status == 422)
            #expect(closed.code == "window_closed")
            #expect(
                closed.json["window"] == [
                    "instance_id": 2, "state": "closed", "last_inbound_at": .string(wrote.text),
                    "expires_at": .string((wrote + .seconds(86_400)).text), "seconds_left": 0,
                ])
            #expect(try await stage.sendTemplate(14, []).status == 201)
            #expect(
                try await stage.received(Stage.ana).map { $0["text"]?.string } == [
                    "Ainda aberta", "Recebemos seu contato e responderemos em breve.",
                ])
        }
    }

    @Test func `writing to one number opens that number's window alone`() async throws {
        try await Stage.run { stage in
            try await stage.hears(from: Stage.ana, at: Stage.wahaPhone)
            #expect(try await stage.sendText("Oi", instance: 2).code == "window_closed")
        }
    }

    @Test func `a timestamp from the future counts as now`() async throws {
        try await Stage.run { stage in
            stage.alignClock()
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone, sent: stage.now + .seconds(3 * 3600))
            let open = try await stage.sendText("Oi", instance: 2, query: "?dry_run=true")
            #expect(open.data["window"]?["seconds_left"] == 86_400)
            stage.clock.advance(by: .seconds(86_400))
            #expect(try await stage.sendText("Oi", instance: 2).code == "window_closed")
        }
    }

    @Test func `a later message lengthens the window, and an older one that comes late does not shorten it`()
        async throws
    {
        try await Stage.run { stage in
            stage.alignClock()
            let first = stage.now
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone, sent: first)
            stage.clock.advance(by: .seconds(3600))
            let second = stage.now
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone, "De novo", sent: second)
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone, "Atrasada", sent: first + .seconds(60))
            let answer = try await stage.sendText("Oi", instance: 2, query: "?dry_run=true")
            #expect(answer.data["window"]?["last_inbound_at"]?.string == second.text)
            #expect(answer.data["window"]?["seconds_left"] == 86_400)
        }
    }

    @Test func `a closed window sends the fallback and says so, an open one sends the text`() async throws {
        try await Stage.run { stage in
            let fallback = JSONObject([("fallback", ["template_id": 1, "variables": ["Ana", "proposta", "10/07"]])])
            let closed = try await stage.sendText("Texto livre", instance: 2, extra: fallback)
            #expect(closed.status == 201)
            #expect(closed.data["used_fallback"] == true)
            #expect(closed.message["type"] == "template")
            #expect(closed.message["template"]?["id"] == 1)
            #expect(closed.message["text"] == "Olá Ana, sua proposta está agendada para 10/07.")

            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone)
            let open = try await stage.sendText("Texto livre", instance: 2, extra: fallback)
            #expect(open.status == 201)
            #expect(open.data["used_fallback"] == false)
            #expect(open.message["type"] == "text")
            #expect(
                try await stage.received(Stage.ana).map { $0["text"]?.string } == [
                    "Olá Ana, sua proposta está agendada para 10/07.", "Texto livre",
                ])
        }
    }

    @Test func `a held text whose window closes before its dispatch fails and is not sent`() async throws {
        try await Stage.run { stage in
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone)
            try await stage.set(Stage.cloud, .disconnected)
            let held = try await stage.sendText("Espera", instance: 2)
            #expect(held.status == 202)
            #expect(held.message["status"] == "queued")

            stage.clock.advance(by: .seconds(86_400))
            try await stage.set(Stage.cloud, .connected)
            try await stage.eventually("the message has failed") { try await stage.messageStatus(held) == "failed" }
            let message = try await stage.message(held)
            #expect(message["error"]?["code"] == "131047")
            #expect(message["failed_at"] != .null)
            #expect(try await stage.sends(to: Stage.ana) == 0)
            #expect(try await stage.count(.outbox) == 0)
        }
    }
}
