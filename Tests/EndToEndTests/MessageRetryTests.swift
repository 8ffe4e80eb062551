import Domain
import EventLoop
import HTTP
import JSON
import Postgres
import Storage
import TestSupport
import Testing

@testable import leadwire

/// `POST /messages/{id}/retry`: the same message, a new attempt, with all checks.
@Suite struct MessageRetryTests {
    private static let proposal: JSONValue = ["Ana", "proposta", "10/07"]

    /// A template to lead 1 that Meta has refused.
    @Reactor private static func failed(_ stage: Stage, key: String?? = .none) async throws -> Answer {
        try await stage.refuseNext(131_026)
        let answer = try await stage.sendTemplate(1, proposal, key: key)
        #expect(answer.status == 502, "\(answer.text)")
        return answer
    }

    @Test func `a failed message goes out as the same message, once more`() async throws {
        try await Stage.run { stage in
            try await stage.control("settings", ["statuses": false])
            let failed = try await Self.failed(stage)
            let again = try await stage.retry(failed)
            #expect(again.status == 201, "\(again.text)")
            #expect(stage.undocumented(again, "retryMessage") == [])
            #expect(again.message["id"] == failed.message["id"])
            #expect(again.message["status"] == "accepted")
            #expect(again.message["attempts"] == 2)
            #expect(again.message["error"] == .null)
            #expect(again.message["failed_at"] == .null)
            #expect(again.message["text"] == "Olá Ana, sua proposta está agendada para 10/07.")
            #expect(again.fields["Location"] == "/api/v1/messages/\(try stage.id(of: failed))")
            let received = try await stage.received(Stage.ana)
            #expect(received.count == 1)
            #expect(received.first?["callback_data"] == .string("\(stage.demo).\(try stage.id(of: failed)).2"))
            #expect(
                try await stage.events(of: failed) == [
                    "message.queued", "message.failed", "message.queued", "message.accepted",
                ])
            #expect(try await stage.audit(of: failed) == ["message.retry failed queued"])
            #expect(try await Wholeness.faults(in: stage.database.pool) == [])
        }
    }

    @Test func `of two retries at one moment one makes an attempt, at one process or at two`() async throws {
        try await Stage.run { stage in
            let slow = "+5511987650002"
            let lead = try await stage.lead(phone: slow)
            try await stage.withReplica { replica in
                try await stage.refuseNext(131_026)
                let failed = try await stage.sendTemplate(1, Self.proposal, lead: lead)
                #expect(failed.status == 502)
                let answers = try await together(10) { index in
                    try await stage.retry(failed, at: index % 2 == 0 ? replica : stage.application)
                }
                #expect(answers.count { $0.status == 201 } == 1)
                #expect(answers.count { $0.code == "wrong_status" && $0.status == 409 } == 9)
                #expect(try await stage.sends(to: slow) == 2)
                #expect(try await stage.message(failed)["attempts"] == 2)
            }
        }
    }

    @Test func `what is under way, gone out, canceled or the contact's is left as it is, in plain words`() async throws
    {
        try await Stage.run { stage in
            try await stage.control("settings", ["statuses": false])
            let sent = try await stage.sendTemplate(1, Self.proposal)
            let at = JSONObject([("send_at", .string((stage.now + .seconds(3600)).text))])
            let waiting = try await stage.sendText("Depois", instance: 1, extra: at)
            for answer in [sent, waiting] {
                let refused = try await stage.retry(answer)
                #expect(refused.status == 409)
                #expect(refused.code == "wrong_status")
                #expect(refused.json["message"]?.string?.hasPrefix("Isto não é possível agora. A mensagem ") == true)
                #expect(refused.message["status"] == answer.message["status"])
            }
            #expect(try await stage.cancel(waiting).status == 200)
            #expect(try await stage.retry(waiting).code == "wrong_status")
            try await stage.hears(from: Stage.ana, at: Stage.wahaPhone)
            let inbound = try await stage.sql("SELECT id FROM messages WHERE direction = 'inbound'")[0].int(0)
            for act in ["retry", "cancel"] {
                #expect(
                    try await stage.request(.post, "/api/v1/messages/\(inbound)/\(act)").code == "wrong_status")
            }
            #expect(try await stage.providerCalls() >= 1)
            #expect(try await stage.sends(to: Stage.ana) == 1)
        }
    }

    @Test func `an unknown one is sent again only by who accepts that it may arrive twice`() async throws {
        try await Stage.run { stage in
            try await stage.control("settings", ["statuses": false])
            try await stage.spoilNext("loses_answer")
            let lost = try await stage.sendTemplate(1, Self.proposal)
            #expect(lost.message["status"] == "unknown")
            for no in [nil, false] {
                let refused = try await stage.retry(lost, acceptDuplicate: no)
                #expect(refused.status == 409)
                #expect(refused.code == "outcome_unknown")
                #expect(stage.undocumented(refused, "retryMessage") == [])
                #expect(refused.message["status"] == "unknown")
            }
            let again = try await stage.retry(lost, acceptDuplicate: true)
            #expect(again.status == 201)
            #expect(try await stage.received(Stage.ana).count == 2)
            #expect(try await stage.audit(of: lost) == ["message.retry unknown queued"])
        }
    }

    @Test func `a resend at WAHA keeps the id that was chosen for the attempt whose answer was lost`() async throws {
        try await Stage.run { stage in
            try await stage.control("settings", ["statuses": false])
            try await stage.spoilNext("loses_answer")
            let lost = try await stage.sendText("Oi", instance: 1)
            #expect(lost.message["status"] == "unknown")
            #expect(try await stage.retry(lost, acceptDuplicate: true).status == 201)
            let ids = try await stage.received(Stage.ana).map { $0["id"] }
            #expect(ids.count == 2 && ids[0] == ids[1])
        }
    }

    @Test func `every check of a send is made again`() async throws {
        try await Stage.run { stage in
            let failed = try await Self.failed(stage)
            try await stage.sql("UPDATE templates SET status = 'PAUSED' WHERE id = 1")
            #expect(try await stage.retry(failed).code == "template_not_approved")
            try await stage.sql("UPDATE templates SET status = 'APPROVED' WHERE id = 1")
            try await stage.set(Stage.cloud, .loggedOut)
            #expect(try await stage.retry(failed).code == "instance_not_connected")
            try await stage.set(Stage.cloud, .connected)
            try await stage.sql(
                """
                UPDATE templates SET components = '[{"type": "BODY", "text": "{{1}} {{2}} {{3}} {{4}} e fim"}]'
                WHERE id = 1
                """)
            let unbound = try await stage.retry(failed)
            #expect(unbound.code == "binding_failed")
            #expect(unbound.faults == ["/variables/3 missing"])
            #expect(stage.undocumented(unbound, "retryMessage") == [])
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone, "PARAR")
            #expect(try await stage.retry(failed).code == "opted_out")
            #expect(try await stage.message(failed)["attempts"] == 1)
            #expect(try await stage.sends(to: Stage.ana) == 1)
            #expect(try await stage.request(.delete, "/api/v1/leads/1").status == 200)
            let archived = try await stage.retry(failed)
            #expect(archived.code == "wrong_status")
            #expect(archived.json["message"]?.string?.contains("arquivado") == true)
        }
    }

    @Test func `a text whose window has closed is refused, or its fallback is sent`() async throws {
        try await Stage.run { stage in
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone)
            let fallback = JSONObject([("fallback", ["template_id": 1, "variables": Self.proposal])])
            var failed: [Answer] = []
            for extra in [JSONObject([]), fallback] {
                try await stage.refuseNext(131_026)
                failed.append(try await stage.sendText("Oi", instance: 2, extra: extra))
            }
            stage.clock.advance(by: .seconds(86_400))
            let closed = try await stage.retry(failed[0])
            #expect(closed.status == 422)
            #expect(closed.code == "window_closed")
            #expect(closed.json["template_ids"]?.array?.isEmpty == false)
            let replaced = try await stage.retry(failed[1])
            #expect(replaced.status == 201)
            #expect(replaced.data["used_fallback"] == true)
            #expect(replaced.message["used_fallback"] == true)
            #expect(stage.undocumented(replaced, "retryMessage") == [])
            #expect(replaced.message["type"] == "template")
            #expect(replaced.message["text"] == "Olá Ana, sua proposta está agendada para 10/07.")
        }
    }

    @Test func `a key makes one attempt, and answers with the message's verdict`() async throws {
        try await Stage.run { stage in
            let failed = try await Self.failed(stage)
            let fields: HTTPFields = ["Idempotency-Key": "again"]
            let answers = try await together(5) { _ in try await stage.retry(failed, fields: fields) }
            #expect(answers.count { $0.status == 201 && $0.fields["Idempotent-Replayed"] == nil } == 1)
            for answer in answers {
                #expect([201, 409].contains(answer.status), "\(answer.text)")
            }
            let later = try await stage.retry(failed, fields: fields)
            #expect(later.status == 201)
            #expect(later.fields["Idempotent-Replayed"] == "true")
            #expect(try await stage.sends(to: Stage.ana) == 2)
            let other = try await stage.retry(failed, acceptDuplicate: true, fields: fields)
            #expect(other.code == "idempotency_key_conflict")
        }
    }

    @Test func `an expired message goes out without the time that has passed`() async throws {
        try await Stage.run { stage in
            try await stage.set(Stage.waha, .disconnected)
            let until = JSONObject([("valid_until", .string((stage.now + .seconds(60)).text))])
            let held = try await stage.sendText("Só hoje", instance: 1, extra: until)
            stage.clock.advance(by: .seconds(61))
            try await stage.eventually("it has expired") { try await stage.messageStatus(held) == "expired" }
            let again = try await stage.retry(held)
            #expect(again.status == 202)
            #expect(stage.undocumented(again, "retryMessage") == [])
            #expect(again.message["status"] == "queued")
            #expect(again.message["attempts"] == 0)
            try await stage.set(Stage.waha, .connected)
            try await stage.eventually("it has arrived") { try await stage.received(Stage.ana).count == 1 }
        }
    }

    @Test func `a retry days later is tried again by itself as a first attempt is`() async throws {
        try await Stage.run { stage in
            let failed = try await Self.failed(stage)
            stage.clock.advance(by: .seconds(3 * 86_400))
            try await stage.refuseNext(130_429)
            let throttled = try await stage.retry(failed)
            #expect(throttled.status == 202)
            #expect(throttled.message["status"] == "queued")
            try await stage.eventuallyWithTime("it has arrived") { try await stage.received(Stage.ana).count == 1 }
            #expect(try await stage.message(failed)["attempts"] == 3)
        }
    }

    @Test func `another account, and a key bound to another number, find no such message`() async throws {
        try await Stage.run { stage in
            let failed = try await Self.failed(stage)
            let id = try stage.id(of: failed)
            let bound = try await stage.newKey(instances: [Stage.waha]).token
            for (act, body) in [("retry", nil), ("cancel", nil), ("resolve", ["outcome": "fail"])]
                as [(String, JSONValue?)]
            {
                for key in [stage.keys.other.text, bound] {
                    let (foreign, unknown) = try await stage.alike(
                        .post, "/api/v1/messages/\(id)/\(act)", "/api/v1/messages/9007199254740000/\(act)", body: body,
                        key: key)
                    #expect(foreign.status == 404, "\(act)")
                    #expect(foreign.body == unknown.body, "\(act)")
                }
            }
            #expect(try await stage.message(failed)["attempts"] == 1)
        }
    }
}
