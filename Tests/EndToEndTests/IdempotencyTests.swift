import Domain
import EventLoop
import HTTP
import JSON
import TestSupport
import Testing

@testable import leadwire

/// PRODUCT § 2, `Idempotency-Key`, where it matters most: one message on the phone.
@Suite struct IdempotencyTests {
    private static let proposal: JSONValue = ["Ana", "proposta", "10/07"]

    @Test func `of fifty clients with one key at once one sends, and everyone gets its verdict`() async throws {
        try await Stage.run { stage in
            let answers = try await together(50) { _ in
                let client = HTTPClient()
                defer { client.close() }
                guard let url = HTTPURL("\(stage.url)/api/v1/leads/1/send-whatsapp-template") else {
                    throw StageError(what: "the URL")
                }
                let body: JSONValue = ["template_id": 1, "variables": Self.proposal]
                var request = HTTPClientRequest(
                    method: .post, url: url,
                    fields: [
                        "X-API-Key": stage.keys.full.text, "Content-Type": "application/json",
                        "Idempotency-Key": "once",
                    ], body: body.serialized())
                request.deadlines = .init(connect: .seconds(30), firstByte: .seconds(30), total: .seconds(30))
                let response = try await client.send(request)
                return Answer(status: response.status.code, fields: response.fields, body: response.body)
            }
            let created = answers.filter { $0.status == 201 }
            let fresh = created.filter { $0.fields["Idempotent-Replayed"] == nil }
            #expect(fresh.count == 1)
            #expect(Set(created.map { $0.message["id"]?.int64 }).count == 1)
            for answer in answers where answer.status != 201 {
                #expect(answer.status == 409)
                #expect(answer.code == "idempotency_key_processing")
                #expect(answer.fields["Retry-After"] != nil)
            }
            #expect(try await stage.sends(to: Stage.ana) == 1)
            #expect(try await stage.received(Stage.ana).count == 1)
            #expect(try await stage.count(.messages) == 1)
            #expect(try await stage.count(.idempotencyKeys) == 1)
        }
    }

    @Test func `the same key with another body, query or lead is a conflict`() async throws {
        try await Stage.run { stage in
            let key: HTTPFields = ["Idempotency-Key": "a"]
            #expect(try await stage.sendTemplate(1, Self.proposal, fields: key).status == 201)
            let others = [
                try await stage.sendTemplate(1, ["Bia", "proposta", "10/07"], fields: key),
                try await stage.sendTemplate(1, Self.proposal, lead: 2, fields: key),
            ]
            for other in others {
                #expect(other.status == 409)
                #expect(other.code == "idempotency_key_conflict")
            }
            #expect(try await stage.count(.messages) == 1)
            #expect(try await stage.providerCalls() == 1)
        }
    }

    @Test func `a replay gives the verdict as it now stands`() async throws {
        try await Stage.run { stage in
            try await stage.control("settings", ["statuses": false])
            let key: HTTPFields = ["Idempotency-Key": "later"]
            try await stage.set(Stage.cloud, .disconnected)
            let held = try await stage.sendTemplate(1, Self.proposal, fields: key)
            #expect(held.status == 202)
            #expect(held.fields["Idempotent-Replayed"] == nil)
            let again = try await stage.sendTemplate(1, Self.proposal, fields: key)
            #expect(again.status == 202)
            #expect(again.fields["Idempotent-Replayed"] == "true")
            #expect(again.message["id"] == held.message["id"])
            try await stage.set(Stage.cloud, .connected)
            try await stage.eventually("it is accepted") { try await stage.messageStatus(held) == "accepted" }
            let now = try await stage.sendTemplate(1, Self.proposal, fields: key)
            #expect(now.status == 201)
            #expect(now.fields["Idempotent-Replayed"] == "true")
            #expect(now.message["id"] == held.message["id"])
            #expect(now.message["status"] == "accepted")
            #expect(try await stage.sends(to: Stage.ana) == 1)
        }
    }

    @Test func `a twin waits for the first one's verdict`() async throws {
        try await Stage.run { stage in
            let slow = "+5511987650002"
            let lead = try await stage.lead(phone: slow)
            let answers = try await together(2) { _ in
                try await stage.sendTemplate(1, Self.proposal, lead: lead, fields: ["Idempotency-Key": "slow"])
            }
            #expect(answers.map(\.status) == [201, 201])
            #expect(try await stage.sends(to: slow) == 1)
        }
    }

    @Test func `faults of shape and binding are not kept, so the key is free for the right body`() async throws {
        try await Stage.run { stage in
            let key: HTTPFields = ["Idempotency-Key": "b"]
            #expect(try await stage.sendTemplate(1, ["Ana"], fields: key).code == "binding_failed")
            #expect(
                try await stage.sendTemplate(1, Self.proposal, extra: JSONObject([("surprise", 1)]), fields: key).code
                    == "validation_failed")
            let broken = try await stage.request(
                .post, "/api/v1/leads/1/send-whatsapp-template", body: Array("{\"template_id\":".utf8), fields: key)
            #expect(broken.status == 400)
            #expect(try await stage.sendTemplate(999, [], fields: key).code == "validation_failed")
            #expect(try await stage.sendTemplate(1, Self.proposal, lead: 999, fields: key).status == 404)
            #expect(try await stage.sendTemplate(1, Self.proposal, key: .some(nil), fields: key).status == 401)
            #expect(
                try await stage.sendTemplate(1, Self.proposal, key: stage.keys.read.text, fields: key).status == 403)
            #expect(try await stage.count(.idempotencyKeys) == 0)
            let right = try await stage.sendTemplate(1, Self.proposal, fields: key)
            #expect(right.status == 201)
            #expect(right.fields["Idempotent-Replayed"] == nil)
        }
    }

    @Test func `a refusal by a business rule is kept, and stands when the rule would now let it pass`() async throws {
        try await Stage.run { stage in
            let key: HTTPFields = ["Idempotency-Key": "c"]
            let closed = try await stage.sendText("Oi", instance: 2, fields: key)
            #expect(closed.code == "window_closed")
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone)
            let again = try await stage.sendText("Oi", instance: 2, fields: key)
            #expect(again.status == 422)
            #expect(again.fields["Idempotent-Replayed"] == "true")
            #expect(again.body == closed.body)
            #expect(try await stage.sendText("Oi!", instance: 2, fields: key).code == "idempotency_key_conflict")
            #expect(try await stage.sendText("Oi", instance: 2, fields: ["Idempotency-Key": "d"]).status == 201)
        }
    }

    @Test func `a dry run neither takes a key nor answers from one`() async throws {
        try await Stage.run { stage in
            let key: HTTPFields = ["Idempotency-Key": "e"]
            let dry = try await stage.sendTemplate(1, Self.proposal, fields: key, query: "?dry_run=true")
            #expect(dry.status == 200)
            #expect(try await stage.count(.idempotencyKeys) == 0)
            #expect(try await stage.sendTemplate(1, Self.proposal, fields: key).status == 201)
        }
    }

    @Test func `a key is the account's and the route's own`() async throws {
        try await Stage.run { stage in
            let key: HTTPFields = ["Idempotency-Key": "same"]
            let foreign = try await stage.get("/api/v1/leads", key: stage.keys.other.text)
            let lead = foreign.data[0]?["id"]?.int64 ?? 0
            #expect(try await stage.sendTemplate(1, Self.proposal, fields: key).status == 201)
            #expect(try await stage.sendText("Oi", instance: 1, fields: key).status == 201)
            let other = try await stage.sendTemplate(
                15, ["Úrsula"], lead: lead, key: stage.keys.other.text, fields: key)
            #expect(other.status == 201)
            #expect(other.fields["Idempotent-Replayed"] == nil)
            let replay = try await stage.post("/api/v1/leads", ["name": "Nova"], fields: key)
            #expect(replay.status == 201)
            #expect(try await stage.count(.messages) == 3)
            #expect(try await stage.count(.idempotencyKeys) == 4)
        }
    }

    @Test func `a retry after valid_until has passed is still answered with the verdict`() async throws {
        try await Stage.run { stage in
            let key: HTTPFields = ["Idempotency-Key": "f"]
            let until = JSONObject([("valid_until", .string((stage.now + .seconds(60)).text))])
            let first = try await stage.sendTemplate(1, Self.proposal, extra: until, fields: key)
            #expect(first.status == 201)
            stage.clock.advance(by: .seconds(120))
            let again = try await stage.sendTemplate(1, Self.proposal, extra: until, fields: key)
            #expect(again.status == 201)
            #expect(again.message["id"] == first.message["id"])
            #expect(try await stage.sendTemplate(1, Self.proposal, extra: until).faults == ["/valid_until in_the_past"])
        }
    }
}
