import Domain
import EventLoop
import HTTP
import JSON
import Postgres
import TestSupport
import Testing

/// The ladder `accepted → sent → delivered → read`, by the provider's webhooks.
@Suite struct SendingStatusTests {
    private static let proposal: JSONValue = ["Ana", "proposta", "10/07"]

    /// Reports a status and waits until its body is processed.
    private static func report(
        _ stage: Stage, _ status: String, of id: JSONValue?, at: Timestamp? = nil, extra: [(String, JSONValue)] = []
    ) async throws {
        var members: [(String, JSONValue)] = [("id", id ?? .null), ("status", .string(status))]
        if let at { members.append(("timestamp", .string(at.text))) }
        try await stage.control("status", .object(JSONObject(members + extra)))
        try await stage.eventually("the webhook is processed") {
            try await stage.sql("SELECT 1 FROM hook_bodies WHERE state = 'pending'").isEmpty
        }
    }

    @Test(arguments: [false, true])
    func `statuses lift a message, each with its instant, and none lowers it`(_ isWAHA: Bool) async throws {
        try await Stage.run { stage in
            try await stage.control("settings", ["statuses": false])
            stage.alignClock()
            let answer =
                isWAHA
                ? try await stage.sendText("Oi", instance: 1) : try await stage.sendTemplate(1, Self.proposal)
            let id = try await stage.received(Stage.ana).first?["id"]
            #expect(answer.message["status"] == "accepted")
            for (status, sent) in [
                ("sent", "sent"), ("delivered", "delivered"), ("sent", "delivered"), ("read", "read"),
                ("delivered", "read"),
            ] {
                stage.clock.advance(by: .seconds(1))
                try await Self.report(stage, status, of: id, at: stage.now)
                #expect(try await stage.messageStatus(answer) == sent)
            }
            let message = try await stage.message(answer)
            for instant in ["accepted_at", "sent_at", "delivered_at", "read_at"] { #expect(message[instant] != .null) }
            #expect(message["failed_at"] == .null)
            let types = try await stage.sql(
                "SELECT type FROM events WHERE message_id = $1 ORDER BY id", [.int(message["id"]?.int64)])
            #expect(
                try types.map { try $0.text(0) } == [
                    "message.queued", "message.accepted", "message.sent", "message.delivered", "message.read",
                ])
        }
    }

    @Test func `statuses in reverse order end the same`() async throws {
        try await Stage.run { stage in
            try await stage.control("settings", ["statuses": false])
            stage.alignClock()
            let answer = try await stage.sendTemplate(1, Self.proposal)
            let id = try await stage.received(Stage.ana).first?["id"]
            let sent = stage.now + .seconds(1)
            stage.clock.advance(by: .seconds(10))
            for (seconds, status) in [(3, "read"), (2, "delivered"), (1, "sent")] {
                try await Self.report(stage, status, of: id, at: sent + .seconds(seconds - 1))
                #expect(try await stage.messageStatus(answer) == "read")
            }
            let message = try await stage.message(answer)
            #expect(message["sent_at"]?.string == sent.text)
            #expect(message["delivered_at"]?.string == (sent + .seconds(1)).text)
            #expect(message["read_at"]?.string == (sent + .seconds(2)).text)
        }
    }

    @Test func `a failed status fails an accepted message with its reason, and proof of delivery beats it`()
        async throws
    {
        try await Stage.run { stage in
            try await stage.control("settings", ["statuses": false])
            let answer = try await stage.sendTemplate(1, Self.proposal)
            let id = try await stage.received(Stage.ana).first?["id"]
            try await Self.report(stage, "failed", of: id, extra: [("code", 131_049)])
            let failed = try await stage.message(answer)
            #expect(failed["status"] == "failed")
            #expect(failed["error"]?["code"] == "131049")
            #expect(failed["failed_at"] != .null)
            try await Self.report(stage, "sent", of: id)
            #expect(try await stage.messageStatus(answer) == "failed")
            try await Self.report(stage, "delivered", of: id)
            let delivered = try await stage.message(answer)
            #expect(delivered["status"] == "delivered")
            #expect(delivered["error"] == .null)
            #expect(delivered["failed_at"] == .null)
        }
    }

    @Test func `a number that fails later ends failed with the reason, also when the status overtakes the answer`()
        async throws
    {
        try await Stage.run { stage in
            let phone = "+5511987650011"
            let lead = try await stage.lead(phone: phone)
            let answer = try await stage.sendTemplate(1, Self.proposal, lead: lead, fields: ["Idempotency-Key": "x"])
            #expect(answer.status == 201 || answer.status == 502)
            try await stage.eventually("it has failed") { try await stage.messageStatus(answer) == "failed" }
            #expect(try await stage.message(answer)["error"]?["code"] == "131049")
            let again = try await stage.sendTemplate(1, Self.proposal, lead: lead, fields: ["Idempotency-Key": "x"])
            #expect(again.status == 502)
            #expect(again.json["provider"]?["code"] == "131049")

            // The failed status comes while the provider still holds back its answer.
            let slow = try await stage.lead(phone: "+5511987650002")
            try await stage.control("settings", ["statuses": false])
            let waiting = try await stage.sendTemplate(
                1, Self.proposal, lead: slow, fields: ["Prefer": "respond-async"])
            try await stage.eventually("the provider has it") { try await stage.received("+5511987650002").count == 1 }
            let id = try await stage.received("+5511987650002").first?["id"]
            try await Self.report(stage, "failed", of: id, extra: [("code", 131_049)])
            try await stage.eventually("the attempt has ended") { try await stage.count(.outbox) == 0 }
            let message = try await stage.message(waiting)
            #expect(message["status"] == "failed")
            #expect(message["error"]?["code"] == "131049")
        }
    }

    @Test func `a lost answer is made good by a status that carries our id`() async throws {
        try await Stage.run { stage in
            try await stage.control("settings", ["statuses": false])
            let phone = "+5511987650004"
            let lead = try await stage.lead(phone: phone)
            let answer = try await stage.sendTemplate(1, Self.proposal, lead: lead, fields: ["Idempotency-Key": "y"])
            #expect(answer.message["status"] == "unknown")
            let id = try await stage.received(phone).first?["id"]
            try await Self.report(stage, "delivered", of: id)
            let message = try await stage.message(answer)
            #expect(message["status"] == "delivered")
            #expect(message["provider_message_id"] == id)
            #expect(message["error"] == .null)
            let again = try await stage.sendTemplate(1, Self.proposal, lead: lead, fields: ["Idempotency-Key": "y"])
            #expect(again.status == 201)
            #expect(try await stage.sends(to: phone) == 1)
        }
    }

    @Test func `a status that overtakes a lost answer frees the conversation at once`() async throws {
        try await Stage.run { stage in
            // Delivered, answered never, held for two seconds: the statuses come in between.
            let phone = "+5511987650003"
            let lead = try await stage.lead(phone: phone)
            let answer = try await stage.sendTemplate(1, Self.proposal, lead: lead)
            #expect(answer.status == 201)
            #expect(answer.message["status"] == "delivered")
            #expect(try await stage.count(.outbox) == 0)
            let finished = try await stage.sql(
                "SELECT outcome FROM attempts WHERE message_id = $1", [.int(answer.message["id"]?.int64)])
            #expect(try finished.map { try $0.textOrNil(0) } == ["unknown"])
        }
    }
}
