import Domain
import EventLoop
import HTTP
import JSON
import Postgres
import TestSupport
import Testing

@testable import leadwire

/// PRODUCT § 6 "Pacing", for one number, however many processes send by it.
@Suite struct NumberPacingTests {
    /// Of 20 a second (`NumberLimits.block`).
    private static let block: Int64 = 5

    @Reactor private static func slow(_ stage: Stage, _ perSecond: Int64 = 20) async throws {
        try await stage.sql(
            "UPDATE instances SET throughput = $1 WHERE account_id = $2 AND id = $3",
            [.int(perSecond), .int(stage.demo.rawValue), .int(Stage.cloud.rawValue)])
    }

    /// A template to each of so many leads, at one instant.
    @Reactor private static func crowd(
        _ count: Int, on stage: Stage, at processes: [Application]
    ) async throws -> [Answer] {
        let leads = try await stage.crowd(count)
        let body: JSONValue = ["template_id": 1, "variables": ["Ana", "a", "b"]]
        return try await together(count) { index in
            try await stage.request(
                .post, "/api/v1/leads/\(leads[index])/send-whatsapp-template", body: body.serialized(),
                at: processes[index % processes.count])
        }
    }

    @Test func `of a hundred at once a second's worth goes, and the others follow at the number's rate`() async throws {
        try await Stage.run { stage in
            try await Self.slow(stage)
            let answers = try await Self.crowd(100, on: stage, at: [stage.application])
            #expect(answers.count { $0.status == 201 } == 20)
            #expect(answers.count { $0.status == 202 } == 80)
            // Each was told a turn of its own.
            let turns = try await stage.sql("SELECT run_at FROM outbox ORDER BY run_at").map {
                Timestamp(microseconds: try $0.timestamp(0))
            }
            #expect(turns == (1...80).map { stage.now + .milliseconds(50 * $0) })
            let one = try #require(answers.first { $0.status == 202 })
            let waiting = try await stage.trace(one).data["waiting"]
            #expect(waiting?["reason"] == "number_pace")
            #expect(waiting?["until"]?.string != nil)
            // One that comes now waits behind them, and another number waits for nothing.
            let late = try await stage.sendTemplate(1, ["Ana", "a", "b"])
            #expect(late.status == 202)
            #expect(try await stage.sendText("Olá", lead: 2, instance: 1).status == 201)
            for seconds in 1...4 {
                stage.clock.advance(by: .seconds(1))
                let due = Int64(20 + 20 * seconds)
                try await stage.eventually("what the second allows is sent") { try await Self.sends(stage) == due }
                try await stage.aTurnOfTheOutbox()
                #expect(try await Self.sends(stage) == due)
            }
            stage.clock.advance(by: .milliseconds(50))
            try await stage.eventually("all have gone") { try await stage.count(.outbox) == 0 }
            #expect(try await stage.message(late)["accepted_at"] == .string(stage.now.text))
        }
    }

    @Test func `two processes together exceed it by a block each at most`() async throws {
        try await Stage.run { stage in
            try await Self.slow(stage)
            try await stage.withReplica { replica in
                let answers = try await Self.crowd(100, on: stage, at: [stage.application, replica])
                #expect(answers.count { $0.status == 201 } >= 20)
                #expect(try await Self.sends(stage) <= 20 + 2 * Self.block)
                var seconds: Int64 = 0
                while try await stage.count(.outbox) > 0, seconds < 20 {
                    stage.clock.advance(by: .milliseconds(500))
                    seconds += 1
                    try await stage.aTurnOfTheOutbox()
                    #expect(try await Self.sends(stage) <= 20 + 10 * seconds + 2 * Self.block)
                }
                try await stage.eventually("all have gone") { try await stage.count(.outbox) == 0 }
                #expect(try await Self.sends(stage) == 100)
            }
        }
    }

    /// What Meta was asked to send.
    @Reactor private static func sends(_ stage: Stage) async throws -> Int64 {
        try await stage.sql(
            "SELECT count(*) FROM attempts a JOIN messages m ON m.id = a.message_id WHERE m.instance_id = $1",
            [.int(Stage.cloud.rawValue)])[0].int(0)
    }

    @Test func `130429 slows one number, and no other`() async throws {
        try await Stage.run { stage in
            try await stage.refuseNext(130_429)
            let refused = try await stage.sendTemplate(1, ["Um", "a", "b"])
            #expect(refused.status == 202)
            let first = try await stage.trace(refused).data["waiting"]
            #expect(first?["reason"] == "retry")
            let until = try #require(first?["until"]?.string)
            let instant = try #require(Timestamp(rfc3339: until))
            let held = try await stage.sendTemplate(1, ["Dois", "a", "b"], lead: 2)
            #expect(held.status == 202)
            let waiting = try await stage.trace(held).data["waiting"]
            #expect(waiting?["reason"] == "number_pace")
            #expect(waiting?["until"] == .string(until))
            #expect(try await stage.sendText("Olá", lead: 3, instance: 1).status == 201)
            try await stage.aTurnOfTheOutbox()
            #expect(try await stage.messageStatus(held) == "queued")

            // Another process hears of it.
            try await stage.eventually("the others are told") {
                let holds = "SELECT 1 FROM number_paces WHERE paid_until >= $1"
                return try await !stage.sql(holds, [.timestamp(instant.microseconds)]).isEmpty
            }
            stage.clock.advance(by: .seconds(4))
            try await stage.eventually("both go") { try await stage.count(.outbox) == 0 }
            #expect(try await Self.sends(stage) == 3)
        }
    }

    @Test func `a WAHA number pauses between two messages`() async throws {
        try await Stage.run { stage in
            try await stage.sql(
                "UPDATE instances SET least_gap_ms = 10000, most_gap_ms = 20000 WHERE account_id = $1 AND id = 1",
                [.int(stage.demo.rawValue)])
            #expect(try await stage.sendText("1", lead: 1, instance: 1).status == 201)
            for lead in Int64(2)...4 {
                #expect(try await stage.sendText("\(lead)", lead: lead, instance: 1).status == 202)
            }
            #expect(try await stage.sendTemplate(1, ["Ana", "a", "b"]).status == 201)
            try await stage.eventuallyWithTime("all have gone") { try await stage.count(.outbox) == 0 }
            let started = try await stage.sql(
                """
                SELECT a.started_at FROM attempts a JOIN messages m ON m.id = a.message_id
                WHERE m.instance_id = 1 ORDER BY a.started_at
                """
            ).map { Timestamp(microseconds: try $0.timestamp(0)) }
            #expect(started.count == 4)
            for (earlier, later) in zip(started, started.dropFirst()) { #expect(later - earlier >= .seconds(10)) }
        }
    }

    @Test func `a WAHA number keeps to its hour's and its day's budget`() async throws {
        try await Stage.run { stage in
            try await stage.sql(
                "UPDATE instances SET hourly_budget = 3, daily_budget = 4 WHERE account_id = $1 AND id = 1",
                [.int(stage.demo.rawValue)])
            // Half past ten.
            let day: Int64 = 86_400_000_000
            let morning = (stage.now.microseconds / day + 1) * day + 37_800_000_000
            stage.clock.advance(by: .microseconds(morning - stage.now.microseconds))
            for lead in Int64(1)...3 {
                #expect(try await stage.sendText("\(lead)", lead: lead, instance: 1).status == 201)
            }
            let fourth = try await stage.sendText("4", lead: 4, instance: 1)
            let fifth = try await stage.sendText("5", lead: 5, instance: 1)
            #expect([fourth.status, fifth.status] == [202, 202])
            let waiting = try await stage.trace(fourth).data["waiting"]
            #expect(waiting?["reason"] == "number_pace")
            #expect(waiting?["until"] == .string((stage.now + .seconds(1800)).text))
            stage.clock.advance(by: .seconds(1799))
            try await stage.aTurnWithoutWAHA()
            stage.clock.advance(by: .seconds(1))
            try await stage.eventually("the fourth goes") { try await stage.message(fourth)["accepted_at"] != .null }
            try await stage.aTurnWithoutWAHA()
            #expect(try await stage.messageStatus(fifth) == "queued")
            let midnight = Timestamp(microseconds: (morning / day + 1) * day)
            #expect(try await stage.trace(fifth).data["waiting"]?["until"] == .string(midnight.text))
            stage.clock.advance(by: .seconds(13 * 3600))
            try await stage.eventually("the fifth goes the day after") {
                try await stage.message(fifth)["accepted_at"] != .null
            }
        }
    }
}
