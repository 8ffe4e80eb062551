import Crypto
import Domain
import EventLoop
import HTTP
import JSON
import Postgres
import Storage
import TestSupport
import Testing

@testable import leadwire

/// What another process has left behind when it died, seen by the one that lives.
@Suite struct CrashTests {
    private static let text = "Olá"

    /// A text to lead 1 by WAHA, as a process accepts it.
    @Reactor private static func submission(
        _ stage: Stage, held: Bool, leaseUntil: Timestamp, claim: IdempotencyStore.Claim? = nil
    ) async throws -> AcceptStore.Submission {
        let row = try await stage.sql(
            """
            SELECT l.contact_id, k.id FROM leads l, api_keys k
            WHERE l.account_id = $1 AND l.id = 1 AND k.account_id = $1 ORDER BY k.id LIMIT 1
            """, [.int(stage.demo.rawValue)]
        ).first
        guard let row else { throw StageError(what: "lead 1") }
        return AcceptStore.Submission(
            account: stage.demo, leadID: Lead.ID(1), contactID: Contact.ID(try row.int(0)), instanceID: Stage.waha,
            recipient: Recipient(kind: .phone, value: Stage.ana), content: .text(text),
            text: text, template: nil, usedFallback: false, replyTo: nil, replyToProviderID: nil,
            clientReference: nil, sentBy: nil, apiKeyID: APIKey.ID(try row.int(1)), sendAt: nil, validUntil: nil,
            held: held, claim: claim, now: stage.now, leaseOwner: "a process that died", leaseUntil: leaseUntil)
    }

    @Reactor private static func accept(_ stage: Stage, _ submission: AcceptStore.Submission) async throws -> Int64 {
        guard let accepted = try await stage.database.acceptance.accept(submission) else {
            throw StageError(what: "the key is taken")
        }
        return accepted.standing.message.id.rawValue
    }

    @Test func `an attempt that its process did not survive is unknown, and is not made again`() async throws {
        try await Stage.run { stage in
            let submission = try await Self.submission(stage, held: false, leaseUntil: stage.now + .seconds(60))
            let id = try await Self.accept(stage, submission)
            #expect(try await stage.message(id)["status"] == "sending")
            stage.clock.advance(by: .seconds(59))
            try await stage.aTurnOfTheOutbox()
            #expect(try await stage.message(id)["status"] == "sending")

            stage.clock.advance(by: .seconds(2))
            try await stage.eventually("it is unknown") { try await stage.message(id)["status"] == "unknown" }
            let message = try await stage.message(id)
            #expect(message["error"]?["title"]?.string?.isEmpty == false)
            #expect(message["attempts"] == 1)
            let attempt = try await stage.sql("SELECT outcome FROM attempts WHERE message_id = $1", [.int(id)])
            #expect(try attempt.map { try $0.text(0) } == ["unknown"])
            let events = try await stage.sql(
                "SELECT type FROM events WHERE message_id = $1 ORDER BY id", [.int(id)])
            #expect(try events.map { try $0.text(0) } == ["message.queued", "message.unknown"])
            stage.clock.advance(by: .seconds(3600))
            try await stage.aTurnOfTheOutbox()
            #expect(try await stage.sends(to: Stage.ana) == 0)
            #expect(try await stage.message(id)["status"] == "unknown")
            #expect(try await stage.count(.outbox) == 0)
        }
    }

    @Test func `a queued message of a dead process is sent by the living one, once`() async throws {
        try await Stage.run { stage in
            let submission = try await Self.submission(stage, held: true, leaseUntil: stage.now + .seconds(60))
            let id = try await Self.accept(stage, submission)
            try await stage.eventually("it is accepted") { try await stage.message(id)["accepted_at"] != .null }
            #expect(try await stage.received(Stage.ana).map { $0["text"] } == ["Olá"])
            #expect(try await stage.sends(to: Stage.ana) == 1)
        }
    }

    @Test func `the key of a send whose process died before the call replays as unknown, and sends nothing`()
        async throws
    {
        try await Stage.run {
            $0.verdict = .milliseconds(100)
        } _: { stage in
            let path = "/api/v1/leads/1/send-whatsapp"
            let body: JSONValue = ["message": .string(Self.text), "instance_id": 1]
            let claim = IdempotencyStore.Claim(
                route: "POST /leads/{id}/send-whatsapp", key: "crashed",
                requestHash: SHA256.digest(Array("POST\n\(path)\n\n".utf8) + body.serialized()))
            let submission = try await Self.submission(
                stage, held: false, leaseUntil: stage.now + .seconds(60), claim: claim)
            let id = try await Self.accept(stage, submission)

            let during = try await stage.post(path, body, fields: ["Idempotency-Key": "crashed"])
            #expect(during.status == 202)
            #expect(during.message["status"] == "sending")
            stage.clock.advance(by: .seconds(61))
            try await stage.eventually("it is unknown") { try await stage.message(id)["status"] == "unknown" }
            let after = try await stage.post(path, body, fields: ["Idempotency-Key": "crashed"])
            #expect(after.status == 202)
            #expect(after.message["id"]?.int64 == id)
            #expect(after.message["status"] == "unknown")
            #expect(after.fields["Idempotent-Replayed"] == "true")
            #expect(try await stage.sends(to: Stage.ana) == 0)
        }
    }

    @Test func `a message behind one that a dead process left sending waits for its rescue and no longer`() async throws
    {
        try await Stage.run { stage in
            let submission = try await Self.submission(stage, held: false, leaseUntil: stage.now + .seconds(60))
            let id = try await Self.accept(stage, submission)
            try await stage.set(Stage.waha, .disconnected)
            let held = try await stage.sendText("Depois", instance: 1)
            #expect(held.status == 202)
            try await stage.set(Stage.waha, .connected)
            stage.clock.advance(by: .seconds(61))
            try await stage.eventually("the later one has arrived") {
                try await stage.received(Stage.ana).map { $0["text"] } == ["Depois"]
            }
            #expect(try await stage.message(id)["status"] == "unknown")
        }
    }
}
