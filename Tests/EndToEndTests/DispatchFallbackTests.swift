import Domain
import EventLoop
import HTTP
import JSON
import Postgres
import TestSupport
import Testing

/// A free-form message that waits while its window closes (PRODUCT § 6.3).
@Suite struct DispatchFallbackTests {
    private static let day = Duration.seconds(86_400)

    private static func fallback(_ template: Int64 = 1) -> JSONObject {
        JSONObject([("fallback", ["template_id": JSONValue(template), "variables": ["Ana", "proposta", "10/07"]])])
    }

    /// A text to lead 1 on the official number, held in an open window; and when the contact wrote.
    @Reactor private static func held(
        _ stage: Stage, _ extra: JSONObject = JSONObject([])
    ) async throws -> (answer: Answer, wrote: Timestamp) {
        stage.alignClock()
        let wrote = stage.now
        try await stage.hears(from: Stage.ana, at: Stage.cloudPhone, sent: wrote)
        try await stage.set(Stage.cloud, .disconnected)
        let answer = try await stage.sendText("Espera", instance: 2, extra: extra)
        #expect(answer.status == 202)
        return (answer, wrote)
    }

    /// Lets the number send when the clock shows so long after the contact wrote.
    @Reactor private static func release(_ stage: Stage, at time: Timestamp) async throws {
        stage.clock.advance(by: time - stage.now)
        try await stage.set(Stage.cloud, .connected)
    }

    @Test(arguments: [(-1, "accepted"), (0, "failed"), (1, "failed")] as [(Int64, String)])
    func `a held text leaves in the last microsecond of its window, and not at its end or after it`(
        _ microseconds: Int64, _ status: String
    ) async throws {
        try await Stage.run { stage in
            try await stage.control("settings", ["statuses": false, "service_window": false])
            let (held, wrote) = try await Self.held(stage)
            try await Self.release(stage, at: wrote + Self.day + .microseconds(microseconds))
            try await stage.eventually("it has ended") { try await stage.count(.outbox) == 0 }
            let message = try await stage.message(held)
            #expect(message["status"] == .string(status))
            #expect(message["error"]?["code"] == (status == "failed" ? "131047" : nil))
            #expect(try await stage.received(Stage.ana).count == (status == "failed" ? 0 : 1))
        }
    }

    @Test(arguments: [(-1, false), (0, true), (1, true)] as [(Int64, Bool)])
    func `its fallback leaves in its place from the moment at which the window has closed, and not before`(
        _ microseconds: Int64, _ isReplaced: Bool
    ) async throws {
        try await Stage.run { stage in
            try await stage.control("settings", ["statuses": false, "service_window": false])
            let (held, wrote) = try await Self.held(stage, Self.fallback())
            #expect(held.data["used_fallback"] == false)
            try await Self.release(stage, at: wrote + Self.day + .microseconds(microseconds))
            try await stage.eventually("it is accepted") { try await stage.messageStatus(held) == "accepted" }
            let message = try await stage.message(held)
            #expect(message["used_fallback"] == (isReplaced ? true : nil))
            #expect(message["type"] == (isReplaced ? "template" : "text"))
            let text = isReplaced ? "Olá Ana, sua proposta está agendada para 10/07." : "Espera"
            #expect(message["text"] == .string(text))
            #expect(try await stage.received(Stage.ana).map { $0["text"] } == [.string(text)])
            #expect(message["attempts"] == 1)
            let told = try await stage.sql(
                "SELECT data -> 'message' ->> 'used_fallback' FROM events WHERE type = 'message.accepted'")
            #expect(try told.map { try $0.textOrNil(0) } == [isReplaced ? "true" : nil])
        }
    }

    @Test func `a fallback that has become impossible fails the message, and says why`() async throws {
        try await Stage.run { stage in
            let (held, wrote) = try await Self.held(stage, Self.fallback())
            try await stage.sql("UPDATE templates SET status = 'PAUSED' WHERE id = 1")
            try await Self.release(stage, at: wrote + Self.day)
            try await stage.eventually("it has failed") { try await stage.messageStatus(held) == "failed" }
            let error = try await stage.message(held)["error"]
            #expect(error?["code"] == "template_not_approved")
            #expect(error?["title"]?.string?.contains("fallback") == true)
            #expect(try await stage.sends(to: Stage.ana) == 0)
            let trace = try await stage.trace(held)
            #expect(trace.data["next_step"]?.string?.contains("APPROVED") == true)

            // Mended, it goes out.
            try await stage.sql("UPDATE templates SET status = 'APPROVED' WHERE id = 1")
            let again = try await stage.retry(held)
            #expect(again.status == 201)
            #expect(again.data["used_fallback"] == true)
        }
    }

    @Test func `a contact who has stopped is sent no fallback`() async throws {
        try await Stage.run { stage in
            let (held, wrote) = try await Self.held(stage, Self.fallback())
            try await stage.hears(from: Stage.ana, at: Stage.wahaPhone, "PARAR")
            try await Self.release(stage, at: wrote + Self.day)
            try await stage.eventually("it has failed") { try await stage.messageStatus(held) == "failed" }
            #expect(try await stage.message(held)["error"]?["code"] == "opted_out")
            #expect(try await stage.sends(to: Stage.ana) == 0)
        }
    }

    @Test func `a fallback that is turned away for now is tried again as the template that it is`() async throws {
        try await Stage.run { stage in
            let (held, wrote) = try await Self.held(stage, Self.fallback())
            try await stage.refuseNext(130_429)
            try await Self.release(stage, at: wrote + Self.day)
            try await stage.eventuallyWithTime("it has arrived") { try await stage.received(Stage.ana).count == 1 }
            #expect(try await stage.message(held)["template"]?["id"] == 1)
            #expect(try await stage.sends(to: Stage.ana) == 2)
        }
    }
}
