import Delivery
import Domain
import EventLoop
import JSON
import Postgres
import TestSupport
import Testing

@testable import leadwire

/// PRODUCT § 6.1.
@Suite struct SendingInstanceTests {
    private static let proposal: JSONValue = ["Ana", "proposta", "10/07"]

    @Test func `a text goes out by the given instance, else the latest conversation's, else the primary`() async throws
    {
        try await Stage.run { stage in
            #expect(try await stage.sendText("Oi", query: "?dry_run=true").message["instance_id"] == 1)
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone)
            #expect(try await stage.sendText("Oi", query: "?dry_run=true").message["instance_id"] == 2)
            #expect(try await stage.sendText("Oi", instance: 1).message["instance_id"] == 1)
            // Sending has made the first the latest.
            stage.clock.advance(by: .seconds(1))
            #expect(try await stage.sendText("Oi", query: "?dry_run=true").message["instance_id"] == 1)
            stage.clock.advance(by: .seconds(1))
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone)
            #expect(try await stage.sendText("Oi").message["instance_id"] == 2)
        }
    }

    @Test func `without a primary the only connected one is taken, and of two none`() async throws {
        try await Stage.run { stage in
            try await stage.sql("UPDATE instances SET is_primary = false WHERE account_id = \(stage.demo)")
            #expect(try await stage.sendText("Oi").code == "no_instance")
            try await stage.set(Stage.cloud, .disconnected)
            #expect(try await stage.sendText("Oi").message["instance_id"] == 1)
            try await stage.set(Stage.waha, .disconnected)
            // Lead 1 has a conversation now; lead 2 has none.
            #expect(try await stage.sendText("Oi", lead: 2).code == "no_instance")
        }
    }

    @Test func `a template goes out by its own number, or by that of the latest conversation among its account's`()
        async throws
    {
        try await Stage.run { stage in
            try await stage.sql(
                """
                INSERT INTO instances (account_id, provider, display_name, phone_number, status, base_url, api_version,
                    business_account_id, provider_key, secrets, hook_id, created_at, updated_at)
                SELECT account_id, provider, 'Segundo', '+5521987650002', status, base_url, api_version,
                    business_account_id, provider_key || '2', secrets, hook_id, created_at, updated_at
                FROM instances WHERE account_id = \(stage.demo) AND id = 2
                """)
            let second = try await stage.sql("SELECT max(id) FROM instances").first?.int(0) ?? 0
            func chosen() async throws -> JSONValue? {
                try await stage.sendTemplate(1, Self.proposal, query: "?dry_run=true").message["instance_id"]
            }
            #expect(try await chosen() == 2)
            // The primary and a conversation on it are of no account that has the template.
            try await stage.hears(from: Stage.ana, at: Stage.wahaPhone)
            #expect(try await chosen() == 2)
            try await stage.sql(
                """
                INSERT INTO conversations (account_id, contact_id, instance_id, last_message_at, created_at)
                SELECT account_id, contact_id, $1, $2, $2 FROM leads WHERE account_id = \(stage.demo) AND id = 1
                """, [.int(second), .timestamp(stage.now.microseconds)])
            #expect(try await chosen() == .number(JSONNumber(second)))
            #expect(
                try await stage.sendTemplate(
                    1, Self.proposal, extra: JSONObject([("instance_id", 2)]), query: "?dry_run=true"
                ).message["instance_id"] == 2)
        }
    }

    @Test func `a template by WAHA, one that is not approved, and unknown ids are refused without a trace`()
        async throws
    {
        try await Stage.run { stage in
            let before = try await stage.traces()
            let onWAHA = try await stage.sendTemplate(1, Self.proposal, extra: JSONObject([("instance_id", 1)]))
            #expect(onWAHA.status == 422)
            #expect(onWAHA.code == "templates_not_supported")
            for template in [Int64(6), 7] {
                let answer = try await stage.sendTemplate(template, ["Ana"])
                #expect(answer.status == 422)
                #expect(answer.code == "template_not_approved")
            }
            let unknown = try await stage.sendTemplate(999, [])
            #expect(unknown.code == "validation_failed")
            #expect(unknown.faults == ["/template_id not_found"])
            let foreign = try await stage.sendTemplate(15, ["Ana"])
            #expect(foreign.faults == ["/template_id not_found"])
            let both = try await stage.sendTemplate(999, [], extra: JSONObject([("instance_id", 3)]))
            #expect(both.faults == ["/instance_id not_found", "/template_id not_found"])
            #expect(try await stage.traces() == before)
        }
    }

    @Test func `an instance that cannot send refuses, one that is coming back holds`() async throws {
        try await Stage.run { stage in
            let before = try await stage.traces()
            for status in [Instance.Status.disabled, .loggedOut, .authFailed, .notConnected] {
                try await stage.set(Stage.cloud, status)
                let answer = try await stage.sendTemplate(1, Self.proposal)
                #expect(answer.status == 422)
                #expect(answer.code == "instance_not_connected")
            }
            #expect(try await stage.traces() == before)
            for status in [Instance.Status.connecting, .disconnected] {
                try await stage.set(Stage.cloud, status)
                let calls = try await stage.providerCalls()
                let held = try await stage.sendTemplate(1, Self.proposal)
                #expect(held.status == 202)
                #expect(held.message["status"] == "queued")
                #expect(held.message["attempts"] == 0)
                #expect(try await stage.providerCalls() == calls)
                try await stage.set(Stage.cloud, .connected)
                try await stage.eventually("the held message is accepted") {
                    try await stage.message(held)["accepted_at"] != .null
                }
            }
            #expect(try await stage.sends(to: Stage.ana) == 2)
            #expect(try await stage.received(Stage.ana).count == 2)
        }
    }

    @Test func `a message held for a WAHA session goes out when the session's webhook says it works`() async throws {
        try await Stage.run { stage in
            try await stage.control("session", ["session": "default", "status": "STARTING"])
            try await stage.eventually("the instance is connecting") {
                try await stage.status(of: Stage.waha) == "connecting"
            }
            let held = try await stage.sendText("Oi", instance: 1)
            #expect(held.status == 202)
            #expect(try await stage.sends(to: Stage.ana) == 0)
            try await stage.control("session", ["session": "default", "status": "WORKING"])
            try await stage.eventually("the held message has arrived") {
                try await stage.received(Stage.ana).count == 1
            }
            #expect(try await stage.sends(to: Stage.ana) == 1)
        }
    }

    @Test func `the watch finds an instance that came back without a word`() async throws {
        try await Stage.run {
            $0.delivery.watchInterval = .milliseconds(50)
        } _: { stage in
            try await stage.set(Stage.cloud, .authFailed)
            try await stage.eventually("the instance is connected again") {
                try await stage.status(of: Stage.cloud) == "connected"
            }
        }
    }

    @Test func `a lead without phone is refused`() async throws {
        try await Stage.run { stage in
            let lead = try await stage.lead(phone: nil)
            let before = try await stage.traces()
            #expect(try await stage.sendTemplate(1, Self.proposal, lead: lead).code == "lead_without_phone")
            #expect(try await stage.sendText("Oi", lead: lead).code == "lead_without_phone")
            #expect(try await stage.traces() == before)
        }
    }
}
