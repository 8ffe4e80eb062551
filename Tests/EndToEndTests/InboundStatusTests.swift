import Domain
import EventLoop
import HTTP
import JSON
import Postgres
import TestSupport
import Testing

@testable import leadwire

/// What becomes of our messages, as the providers tell it.
@Suite struct InboundStatusTests {
    /// A template that has been accepted; its ids here and at the provider. The phone's own statuses may follow.
    private static func sent(_ stage: Stage) async throws -> (id: Int64, provider: String) {
        let answer = try await stage.sendTemplate(1, ["Ana", "proposta", "10/07"])
        return (
            try #require(answer.message["id"]?.int64), try #require(answer.message["provider_message_id"]?.string)
        )
    }

    private static func tell(_ stage: Stage, _ statuses: [JSONValue], to number: String? = nil) async throws {
        #expect(try await stage.cloudHook(stage.envelope([("statuses", .array(statuses))], to: number)).status == 200)
        _ = try await stage.storedBodies()
    }

    @Test func `a status climbs and never comes down`() async throws {
        try await Stage.run { stage in
            let message = try await Self.sent(stage)
            func status() async throws -> JSONValue {
                try await stage.get("/api/v1/messages/\(message.id)").data
            }
            try await Self.tell(stage, [stage.status("read", of: message.provider)])
            let read = try await status()
            #expect(read["status"] == "read")
            #expect(read["read_at"]?.string != nil)
            for word in ["delivered", "sent", "failed"] {
                try await Self.tell(stage, [stage.status(word, of: message.provider)])
                #expect(try await status()["status"] == "read", "\(word)")
            }
            let end = try await status()
            #expect(end["delivered_at"]?.string != nil)
            #expect(end["sent_at"]?.string != nil)
            #expect(end["error"]?.isNull == true)
            #expect(try await stage.storedBodies().allSatisfy { $0.state == "done" })
        }
    }

    @Test func `a status that comes before the answer of the send is applied once the answer is there`() async throws {
        try await Stage.run { stage in
            try await stage.control("settings", ["statuses": false])
            let message = try await Self.sent(stage)
            // As if the answer had not been stored yet, by a provider that does not echo what we gave it.
            try await stage.sql(
                "UPDATE messages SET provider_message_id = NULL, status = 'sending', status_rank = 10 WHERE id = $1",
                [.int(message.id)])
            try await Self.tell(
                stage,
                [stage.status("read", of: message.provider), stage.status("delivered", of: message.provider)])
            #expect(try await stage.get("/api/v1/messages/\(message.id)").data["status"] == "sending")
            try await stage.sql(
                "UPDATE messages SET provider_message_id = $2, status = 'accepted', status_rank = 20 WHERE id = $1",
                [.int(message.id), .text(message.provider)])
            var told: JSONValue = .null
            let deadline = MonotonicTime.now + .seconds(20)
            while MonotonicTime.now < deadline {
                told = try await stage.get("/api/v1/messages/\(message.id)").data
                if told["status"] == "read", told["delivered_at"]?.isNull == false { break }
                await pause(.milliseconds(20))
            }
            #expect(told["status"] == "read")
            #expect(told["delivered_at"]?.string != nil)
            let left = "SELECT id FROM parked_statuses WHERE account_id = $1"
            while try await !stage.sql(left, [.int(stage.demo.rawValue)]).isEmpty, MonotonicTime.now < deadline {
                await pause(.milliseconds(20))
            }
            #expect(try await stage.sql(left, [.int(stage.demo.rawValue)]).isEmpty)
        }
    }

    @Test func `a status of a message that is not ours is harmless`() async throws {
        try await Stage.run { stage in
            try await Self.tell(stage, [stage.status("delivered", of: "wamid.nobody", callback: "1.999999.1")])
            #expect(try await stage.storedBodies().map(\.state) == ["done"])
            #expect(try await stage.count(.messages) == 0)
        }
    }

    @Test func `another account's number cannot settle our message`() async throws {
        try await Stage.run { stage in
            let message = try await Self.sent(stage)
            let callback = "\(stage.demo).\(message.id).1"
            try await Self.tell(
                stage,
                [
                    stage.status("played", of: message.provider, callback: callback),
                    stage.status("played", of: "wamid.x", callback: callback),
                ], to: stage.channels.other.phoneNumberID)
            let read = try await stage.get("/api/v1/messages/\(message.id)").data
            #expect(read["status"] != "played")
            #expect(read["provider_message_id"]?.string == message.provider)
            // The same by our own number counts.
            try await Self.tell(stage, [stage.status("played", of: message.provider, callback: callback)])
            #expect(try await stage.get("/api/v1/messages/\(message.id)").data["status"] == "played")
        }
    }

    @Test func `a session that goes away is told by the instance`() async throws {
        try await Stage.run { stage in
            func session(_ status: String) async throws {
                let answer = try await stage.wahaHook([
                    "event": "session.status", "session": .string(stage.channels.session.name),
                    "timestamp": JSONValue(stage.now.microseconds / 1000),
                    "payload": ["name": .string(stage.channels.session.name), "status": .string(status)],
                ])
                #expect(answer.status == 200)
                #expect(try await stage.storedBodies().allSatisfy { $0.state == "done" })
            }
            try await session("SCAN_QR_CODE")
            let lost = try await stage.get("/api/v1/whatsapp/instances/1").data
            #expect(lost["status"] != "connected")
            #expect(lost["provider_status"] == "SCAN_QR_CODE")
            #expect(lost["health"] != "ok")
            #expect(try await stage.sendText("Oi", lead: 2, instance: 1).status != 201)
            try await session("WORKING")
            #expect(try await stage.get("/api/v1/whatsapp/instances/1").data["status"] == "connected")
            #expect(try await stage.sendText("Oi", lead: 3, instance: 1).status == 201)
        }
    }
}
