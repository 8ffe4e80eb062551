import Domain
import EventLoop
import HTTP
import JSON
import Storage
import TestSupport
import Testing

@testable import leadwire

/// `POST /messages/{id}/cancel` and `/resolve`: how a message ends by somebody's word.
@Suite struct MessageEndTests {
    private static let proposal: JSONValue = ["Ana", "proposta", "10/07"]

    // MARK: Cancel

    @Test func `what waits for its time or its number is canceled, and never goes out`() async throws {
        try await Stage.run { stage in
            let at = JSONObject([("send_at", .string((stage.now + .seconds(3600)).text))])
            let later = try await stage.sendText("Depois", instance: 1, extra: at)
            try await stage.set(Stage.waha, .disconnected)
            let held = try await stage.sendText("Espera", instance: 1)
            for waiting in [later, held] {
                let fields: HTTPFields = ["Idempotency-Key": .init("c\(try stage.id(of: waiting))")]
                let canceled = try await stage.cancel(waiting, fields: fields)
                #expect(canceled.status == 200)
                #expect(canceled.data["status"] == "canceled")
                #expect(stage.undocumented(canceled, "cancelMessage") == [])
                #expect(canceled.data["id"] == waiting.message["id"])
                let again = try await stage.cancel(waiting, fields: fields)
                #expect(again.status == 200)
                #expect(again.fields["Idempotent-Replayed"] == "true")
                let twice = try await stage.cancel(waiting)
                #expect(twice.status == 409)
                #expect(twice.code == "wrong_status")
                #expect(twice.message["status"] == "canceled")
                #expect(try await stage.events(of: waiting) == ["message.queued", "message.failed"])
                #expect(try await stage.audit(of: waiting) == ["message.cancel queued canceled"])
            }
            try await stage.set(Stage.waha, .connected)
            stage.clock.advance(by: .seconds(3601))
            try await stage.aTurnOfTheOutbox()
            #expect(try await stage.sends(to: Stage.ana) == 0)
            #expect(try await Wholeness.faults(in: stage.database.pool) == [])
        }
    }

    @Test func `a cancel and the dispatch of the same moment have one winner`() async throws {
        try await Stage.run { stage in
            try await stage.control("settings", ["statuses": false])
            try await stage.set(Stage.waha, .disconnected)
            var held: [Answer] = []
            for lead in 1...15 { held.append(try await stage.sendText("Oi", lead: Int64(lead), instance: 1)) }
            let all = held
            try await stage.set(Stage.waha, .connected)
            let answers = try await together(all.count) { try await stage.cancel(all[$0]) }
            try await stage.eventually("the outbox is empty") { try await stage.count(.outbox) == 0 }
            let listed = try await stage.send("\(stage.simulatorURL)/_simulator/messages", .get, [:], [])
            for (message, answer) in zip(all, answers) {
                let status = try await stage.messageStatus(message)
                #expect(answer.status == (status == "canceled" ? 200 : 409))
                #expect(["canceled", "accepted"].contains(status), "\(status)")
            }
            #expect(listed.json["messages"]?.array?.count == answers.count { $0.status == 409 })
            #expect(try await Wholeness.faults(in: stage.database.pool) == [])
        }
    }

    @Test func `a worker's hold on a message shuts out a cancel`() async throws {
        try await Stage.run { stage in
            try await stage.set(Stage.waha, .disconnected)
            let held = try await stage.sendText("Espera", instance: 1)
            try await stage.set(Stage.waha, .connected)
            // As a worker of another process takes it.
            let claimed = try await stage.database.outbox.claim(
                of: .init(
                    number: .init(account: stage.demo, instance: Stage.waha), provider: .waha, limits: nil),
                for: .init(owner: "another", until: stage.now + .seconds(60)), limit: 10, now: stage.now)
            if claimed.isEmpty {
                // This process was quicker; there is nothing left to cancel then either.
                try await stage.eventually("it is out") { try await stage.message(held)["accepted_at"] != .null }
            }
            #expect(try await stage.cancel(held).code == "wrong_status")
            #expect(try await stage.messageStatus(held) != "canceled")
        }
    }

    // MARK: Resolve

    /// A text to lead 1 of which nobody knows whether it arrived.
    @Reactor private static func unknown(_ stage: Stage) async throws -> Answer {
        try await stage.control("settings", ["statuses": false])
        try await stage.spoilNext("loses_answer")
        let lost = try await stage.sendTemplate(1, proposal)
        #expect(lost.message["status"] == "unknown")
        return lost
    }

    @Test(arguments: ["fail", "sent"])
    func `the operator's word settles what nobody knows, once`(_ outcome: String) async throws {
        try await Stage.run { stage in
            let lost = try await Self.unknown(stage)
            let status = outcome == "fail" ? "failed" : "sent"
            let answers = try await together(5) { _ in try await stage.resolve(lost, outcome) }
            #expect(answers.count { $0.status == 200 } == 1)
            #expect(answers.count { $0.code == "wrong_status" } == 4)
            let message = try await stage.message(lost)
            #expect(message["status"] == .string(status))
            #expect((message["failed_at"] == .null) == (outcome == "sent"))
            #expect((message["sent_at"] == .null) == (outcome == "fail"))
            #expect((message["error"] == .null) == (outcome == "sent"))
            #expect(
                try await stage.events(of: lost) == ["message.queued", "message.unknown", "message.\(status)"])
            #expect(try await stage.audit(of: lost) == ["message.resolve unknown \(status)"])
            #expect(try await stage.sends(to: Stage.ana) == 1)
            // What the provider still tells counts all the same.
            let callback = "\(stage.demo).\(try stage.id(of: lost)).1"
            _ = try await stage.cloudHook(
                stage.envelope([("statuses", [stage.status("delivered", of: "wamid.late", callback: callback)])]))
            _ = try await stage.storedBodies()
            #expect(try await stage.messageStatus(lost) == "delivered")
        }
    }

    @Test func `to send it again is the operator's word too, and is a retry`() async throws {
        try await Stage.run { stage in
            let lost = try await Self.unknown(stage)
            let again = try await stage.resolve(lost, "resend", fields: ["Idempotency-Key": "r"])
            #expect(again.status == 201)
            #expect(again.message["attempts"] == 2)
            #expect(stage.undocumented(again, "resolveMessage") == [])
            #expect(try await stage.received(Stage.ana).count == 2)
            #expect(try await stage.audit(of: lost) == ["message.resolve unknown queued"])
            let replayed = try await stage.resolve(lost, "resend", fields: ["Idempotency-Key": "r"])
            #expect(replayed.status == 201)
            #expect(replayed.fields["Idempotent-Replayed"] == "true")
            #expect(try await stage.sends(to: Stage.ana) == 2)
        }
    }

    @Test func `the answer of a resolve is kept under its key, and a bad word is told`() async throws {
        try await Stage.run { stage in
            let lost = try await Self.unknown(stage)
            let bad = try await stage.resolve(lost, "delivered")
            #expect(bad.status == 422)
            #expect(bad.faults == ["/outcome not_allowed"])
            let path = "/api/v1/messages/\(try stage.id(of: lost))/resolve"
            #expect(try await stage.post(path, [:]).faults == ["/outcome required"])
            let first = try await stage.resolve(lost, "fail", fields: ["Idempotency-Key": "r"])
            #expect(first.status == 200)
            #expect(stage.undocumented(first, "resolveMessage") == [])
            let again = try await stage.resolve(lost, "fail", fields: ["Idempotency-Key": "r"])
            #expect(again.body == first.body)
            #expect(again.fields["Idempotent-Replayed"] == "true")
            #expect(try await stage.resolve(lost, "sent", fields: ["Idempotency-Key": "r"]).status == 409)
        }
    }

    @Test func `only what may send may end a message, and nobody touches an erased person's`() async throws {
        try await Stage.run { stage in
            let lost = try await Self.unknown(stage)
            let reader = try await stage.newKey([.messagesRead, .whatsappRead]).token
            for answer in [
                try await stage.retry(lost, key: reader), try await stage.cancel(lost, key: reader),
                try await stage.resolve(lost, "fail", key: reader),
            ] {
                #expect(answer.status == 403)
                #expect(answer.json["required_permission"] == "whatsapp:write")
            }
            #expect(try await stage.trace(lost, key: reader).status == 200)
            #expect(try await stage.request(.post, "/api/v1/leads/1/erase").status == 200)
            #expect(try await stage.retry(lost, acceptDuplicate: true).code == "wrong_status")
            #expect(try await stage.resolve(lost, "sent").code == "wrong_status")
            #expect(try await stage.messageStatus(lost) == "unknown")
            #expect(try await stage.sends(to: Stage.ana) == 1)
        }
    }
}
