import Domain
import EventLoop
import HTTP
import JSON
import Postgres
import TestSupport
import Testing

@testable import leadwire

/// `GET /messages/{id}/trace`
@Suite struct MessageTraceTests {
    private static let proposal: JSONValue = ["Ana", "proposta", "10/07"]

    private static func steps(_ trace: Answer) -> [String] {
        (trace.data["steps"]?.array ?? []).map { step in
            (step["step"]?.string ?? "?") + (step["attempt"]?.int64.map { " \($0)" } ?? "")
        }
    }

    @Test func `the whole way of a message is told in order, with the provider's times and words`() async throws {
        try await Stage.run { stage in
            try await stage.control("settings", ["statuses": false])
            stage.alignClock()
            try await stage.refuseNext(131_026)
            let sent = try await stage.sendTemplate(1, Self.proposal)
            stage.clock.advance(by: .seconds(60))
            _ = try await stage.retry(sent, fields: ["X-Request-Id": "the-retry"])
            let id = try await stage.received(Stage.ana).first?["id"]
            let happened = stage.now
            stage.clock.advance(by: .seconds(5))
            for status in ["sent", "delivered"] {
                try await stage.control(
                    "status", ["id": id ?? .null, "status": .string(status), "timestamp": .string(happened.text)])
                _ = try await stage.storedBodies()
            }
            let trace = try await stage.trace(sent)
            #expect(trace.status == 200)
            #expect(
                Self.steps(trace) == [
                    "checked", "queued", "attempt_started 1", "refused 1", "retried", "attempt_started 2",
                    "accepted 2", "sent", "delivered",
                ])
            #expect(stage.undocumented(trace, "traceMessage") == [])
            let steps = trace.data["steps"]?.array ?? []
            #expect(steps[3]["provider"]?["code"] == "131026")
            #expect(steps[3]["next_step"]?.string?.isEmpty == false)
            #expect(steps[4]["request_id"] == "the-retry")
            #expect(steps[4]["api_key_id"]?.int64 == steps[1]["api_key_id"]?.int64)
            #expect(steps[7]["provider_at"] == .string(happened.text))
            #expect(steps[7]["at"] != steps[7]["provider_at"])
            #expect(steps.allSatisfy { $0["message"]?.string?.isEmpty == false })
            #expect(trace.data["message"]?["status"] == "delivered")
            #expect(trace.data["waiting"] == .null)
            #expect(trace.data["next_step"] == .null)
            let english = try await stage.request(
                .get, "/api/v1/messages/\(try stage.id(of: sent))/trace", fields: ["Accept-Language": "en"])
            #expect(english.data["steps"]?[3]?["message"]?.string?.hasPrefix("The provider refused it.") == true)
        }
    }

    @Test func `a message that waits says for what, until when, and what to do`() async throws {
        try await Stage.run { stage in
            @Reactor func waiting(_ answer: Answer) async throws -> JSONValue {
                let trace = try await stage.trace(answer)
                #expect(stage.undocumented(trace, "traceMessage") == [])
                return trace.data["waiting"] ?? .null
            }
            let at = stage.now + .seconds(3600)
            let scheduled = try await stage.sendText(
                "Depois", instance: 1, extra: JSONObject([("send_at", .string(at.text))]))
            #expect(try await waiting(scheduled)["reason"] == "scheduled")
            #expect(try await waiting(scheduled)["until"] == .string(at.text))

            let throttled = try await stage.lead(phone: "+5511987650008")
            let first = try await stage.sendTemplate(1, Self.proposal, lead: throttled)
            let second = try await stage.sendTemplate(1, Self.proposal, lead: throttled)
            #expect(try await waiting(first)["reason"] == "retry")
            #expect(try await waiting(first)["until"] != .null)
            #expect(try await waiting(second)["reason"] == "behind")
            #expect(try await waiting(second)["behind"] == first.message["id"])

            try await stage.set(Stage.waha, .disconnected)
            let held = try await stage.sendText("Espera", lead: 2, instance: 1)
            #expect(try await waiting(held)["reason"] == "instance")
            try await stage.set(Stage.waha, .loggedOut)
            #expect(try await stage.trace(held).data["next_step"]?.string?.contains("Reconecte") == true)
            _ = try await stage.cancel(held)
            let trace = try await stage.trace(held)
            #expect(Self.steps(trace) == ["checked", "queued", "canceled"])
            #expect(trace.data["waiting"] == .null)
        }
    }

    @Test func `an unknown outcome, its resolution, and a contact's message are told`() async throws {
        try await Stage.run { stage in
            try await stage.control("settings", ["statuses": false])
            try await stage.spoilNext("loses_answer")
            let lost = try await stage.sendTemplate(1, Self.proposal)
            let before = try await stage.trace(lost)
            #expect(Self.steps(before) == ["checked", "queued", "attempt_started 1", "unknown 1"])
            #expect(before.data["next_step"]?.string?.contains("resolve") == true)
            stage.clock.advance(by: .seconds(60))
            _ = try await stage.resolve(lost, "fail")
            #expect(Self.steps(try await stage.trace(lost)).suffix(2) == ["resolved", "failed"])
            try await stage.hears(from: Stage.ana, at: Stage.wahaPhone)
            let inbound = try await stage.sql("SELECT id FROM messages WHERE direction = 'inbound'")[0].int(0)
            let trace = try await stage.get("/api/v1/messages/\(inbound)/trace")
            #expect(Self.steps(trace) == ["received"])
        }
    }

    @Test func `a trace is for who may read the message`() async throws {
        try await Stage.run { stage in
            let sent = try await stage.sendTemplate(1, Self.proposal)
            let path = "/api/v1/messages/\(try stage.id(of: sent))/trace"
            let bound = try await stage.newKey(instances: [Stage.waha]).token
            for key in [stage.keys.other.text, bound] {
                let (foreign, unknown) = try await stage.alike(
                    .get, path, "/api/v1/messages/9007199254740000/trace", key: key)
                #expect(foreign.status == 404)
                #expect(foreign.body == unknown.body)
            }
            let sender = try await stage.newKey([.whatsappWrite]).token
            let refused = try await stage.get(path, key: sender)
            #expect(refused.status == 403)
            #expect(refused.json["required_permission"] == "messages:read")
        }
    }
}
