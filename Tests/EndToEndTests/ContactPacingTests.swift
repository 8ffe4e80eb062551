import Domain
import EventLoop
import HTTP
import JSON
import TestSupport
import Testing

@testable import leadwire

/// PRODUCT § 6 "Pacing", for one contact: 45 at once, then one every six seconds (Cloud API).
@Suite struct ContactPacingTests {
    /// To lead 1 by the Cloud API, one after the other, at one instant.
    @Reactor private static func fill(_ stage: Stage) async throws {
        for number in 1...45 {
            #expect(try await stage.sendTemplate(1, [.string("\(number)"), "a", "b"]).status == 201)
        }
    }

    @Test func `the 46th message to one contact waits six seconds, and holds up nobody else`() async throws {
        try await Stage.run { stage in
            try await Self.fill(stage)
            let waits = try await stage.sendTemplate(1, ["46", "a", "b"])
            #expect(waits.status == 202)
            #expect(waits.message["status"] == "queued")
            #expect(waits.message["attempts"] == 0)
            let opens = stage.now + .seconds(6)
            let trace = try await stage.trace(waits)
            #expect(trace.data["waiting"]?["reason"] == "contact_pace")
            #expect(trace.data["waiting"]?["until"] == .string(opens.text))
            #expect(stage.undocumented(trace, "traceMessage") == [])
            let behind = try await stage.sendTemplate(1, ["47", "a", "b"])
            #expect(behind.status == 202)
            #expect(try await stage.trace(behind).data["waiting"]?["reason"] == "behind")

            #expect(try await stage.sendTemplate(1, ["Outro", "a", "b"], lead: 2).status == 201)
            #expect(try await stage.sendText("Por fora", lead: 1, instance: 1).status == 201)

            stage.clock.advance(by: .microseconds(5_999_999))
            try await stage.aTurnOfTheOutbox()
            #expect(try await stage.messageStatus(waits) == "queued")
            stage.clock.advance(by: .microseconds(1))
            try await stage.eventually("it goes at its time") {
                try await stage.message(waits)["accepted_at"] == .string(opens.text)
            }
            try await stage.aTurnOfTheOutbox()
            #expect(try await stage.messageStatus(behind) == "queued")
            let next = try await stage.trace(behind).data["waiting"]
            #expect(next?["reason"] == "contact_pace")
            #expect(next?["until"] == .string((opens + .seconds(6)).text))
            stage.clock.advance(by: .seconds(6))
            try await stage.eventually("so does the one behind it") {
                try await stage.message(behind)["accepted_at"] == .string((opens + .seconds(6)).text)
            }
        }
    }

    @Test func `of many at once to one contact, by two processes, 45 go and none is counted twice`() async throws {
        try await Stage.run { stage in
            try await stage.withReplica { replica in
                let body: JSONValue = ["template_id": 1, "variables": ["Ana", "a", "b"]]
                let answers = try await together(60) { index in
                    try await stage.request(
                        .post, "/api/v1/leads/1/send-whatsapp-template", body: body.serialized(),
                        at: index.isMultiple(of: 2) ? replica : stage.application)
                }
                #expect(answers.count { $0.status == 201 } == 45)
                #expect(answers.count { $0.status == 202 } == 15)
                #expect(try await stage.sends(to: Stage.ana) == 45)
                for more in 1...15 {
                    stage.clock.advance(by: .seconds(6))
                    try await stage.eventually("one more goes") {
                        try await stage.sends(to: Stage.ana) == 45 + Int64(more)
                    }
                }
                try await stage.eventually("nothing waits") { try await stage.count(.outbox) == 0 }
            }
        }
    }

    @Test func `a retry by hand is no way around the pace`() async throws {
        try await Stage.run { stage in
            try await stage.refuseNext(131_026)
            let refused = try await stage.sendTemplate(1, ["Ana", "a", "b"])
            #expect(refused.code == "provider_refused")
            for number in 2...45 {
                #expect(try await stage.sendTemplate(1, [.string("\(number)"), "a", "b"]).status == 201)
            }
            let retried = try await stage.retry(refused)
            #expect(retried.status == 202)
            #expect(retried.message["status"] == "queued")
            let waiting = try await stage.trace(refused).data["waiting"]
            #expect(waiting?["reason"] == "contact_pace")
            #expect(waiting?["until"] == .string((stage.now + .seconds(6)).text))
            stage.clock.advance(by: .seconds(6))
            try await stage.eventually("it goes") { try await stage.message(refused)["accepted_at"] != .null }
            // It took its turn: the next one waits for the one after.
            let next = try await stage.sendTemplate(1, ["46", "a", "b"])
            #expect(next.status == 202)
        }
    }

    @Test func `131056 holds one contact, whatever becomes of the message that met it`() async throws {
        try await Stage.run { stage in
            try await stage.refuseNext(131_056)
            let refused = try await stage.sendTemplate(1, ["Um", "a", "b"])
            #expect(refused.status == 202)
            let first = try await stage.trace(refused).data["waiting"]
            #expect(first?["reason"] == "retry")
            let until = try #require(first?["until"]?.string)
            let behind = try await stage.sendTemplate(1, ["Dois", "a", "b"])
            #expect(behind.status == 202)
            #expect(try await stage.trace(behind).data["waiting"]?["reason"] == "behind")
            for held in [refused, behind] { #expect(try await stage.cancel(held).status == 200) }

            let third = try await stage.sendTemplate(1, ["Três", "a", "b"])
            #expect(third.status == 202)
            let waiting = try await stage.trace(third).data["waiting"]
            #expect(waiting?["reason"] == "contact_pace")
            #expect(waiting?["until"] == .string(until))
            #expect(try await stage.sendTemplate(1, ["Outro", "a", "b"], lead: 2).status == 201)
            try await stage.aTurnOfTheOutbox()
            #expect(try await stage.messageStatus(third) == "queued")
            stage.clock.advance(by: .seconds(2))
            try await stage.eventually("it goes") { try await stage.message(third)["accepted_at"] != .null }
            #expect(
                try await stage.received(Stage.ana).map { $0["text"]?.string } == [
                    "Olá Três, sua a está agendada para b."
                ])
        }
    }
}
