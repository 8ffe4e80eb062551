import Domain
import EventLoop
import HTTP
import JSON
import Postgres
import Storage
import TestSupport
import Testing

@testable import leadwire

/// PRODUCT § 6 "Pacing", for what a business writes first: so many contacts in a moving day, outside an open window.
@Suite struct TierPacingTests {
    @Reactor private static func limit(_ stage: Stage, _ word: String = "TIER_50") async throws {
        try await stage.sql(
            "UPDATE instances SET messaging_limit = $1 WHERE account_id = $2 AND id = $3",
            [.text(word), .int(stage.demo.rawValue), .int(Stage.cloud.rawValue)])
    }

    private static let body: JSONValue = ["template_id": 1, "variables": ["Ana", "a", "b"]]

    /// A template to each of the leads, at one instant.
    @Reactor private static func write(
        to leads: [Int64], on stage: Stage, at processes: [Application]
    ) async throws -> [Answer] {
        try await together(leads.count) { index in
            try await stage.request(
                .post, "/api/v1/leads/\(leads[index])/send-whatsapp-template", body: body.serialized(),
                at: processes[index % processes.count])
        }
    }

    @Reactor private static func counted(_ stage: Stage) async throws -> Int64 {
        try await stage.sql(
            "SELECT COALESCE(sum(t.count), 0)::bigint FROM tier_counts t WHERE t.account_id = $1",
            [.int(stage.demo.rawValue)])[0].int(0)
    }

    /// Put off by the outbox, which has looked at them.
    @Reactor private static func waiting(_ stage: Stage) async throws -> Int64 {
        try await stage.sql("SELECT count(*) FROM outbox WHERE tier_waits")[0].int(0)
    }

    @Reactor private static func opens(_ stage: Stage) -> Timestamp {
        TierCount.leaves(TierCount.hour(of: stage.now))
    }

    @Test func `the 51st contact that is written to first waits, and holds up nobody else`() async throws {
        try await Stage.run { stage in
            try await Self.limit(stage)
            let leads = try await stage.crowd(51)
            let answers = try await Self.write(to: Array(leads[..<50]), on: stage, at: [stage.application])
            #expect(answers.allSatisfy { $0.status == 201 })
            let waits = try await stage.sendTemplate(1, ["Ana", "a", "b"], lead: leads[50])
            #expect(waits.status == 202)
            #expect(waits.message["status"] == "queued")
            #expect(waits.message["attempts"] == 0)
            let opens = Self.opens(stage)
            try await stage.eventually("it is put off") { try await Self.waiting(stage) == 1 }
            let trace = try await stage.trace(waits)
            #expect(trace.data["waiting"]?["reason"] == "tier_pace")
            #expect(trace.data["waiting"]?["until"] == .string(opens.text))
            #expect(stage.undocumented(trace, "traceMessage") == [])

            // An answer in an open window takes nothing, nor does who counts already, nor another number.
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone)
            #expect(try await stage.sendText("Olá", lead: 1, instance: 2).status == 201)
            #expect(try await stage.sendTemplate(1, ["Ana", "a", "b"], lead: 1).status == 201)
            #expect(try await stage.sendTemplate(1, ["Ana", "a", "c"], lead: leads[0]).status == 201)
            #expect(try await stage.sendText("Olá", lead: 2, instance: 1).status == 201)

            // Whoever comes later waits as well, and goes when they write.
            let phone = "+5531987650051"
            let bia = try await stage.lead(phone: phone)
            let later = try await stage.sendTemplate(1, ["Bia", "a", "b"], lead: bia)
            #expect(later.status == 202)
            try await stage.eventually("it is put off") { try await Self.waiting(stage) == 2 }
            try await stage.hears(from: phone, at: Stage.cloudPhone)
            try await stage.eventually("it goes") { try await stage.message(later)["accepted_at"] != .null }
            #expect(try await stage.messageStatus(waits) == "queued")

            stage.clock.advance(by: opens - stage.now - .microseconds(1))
            try await stage.aTurnOfTheOutbox()
            #expect(try await stage.messageStatus(waits) == "queued")
            stage.clock.advance(by: .microseconds(1))
            try await stage.eventually("it goes at its time") {
                try await stage.message(waits)["accepted_at"] == .string(opens.text)
            }
        }
    }

    @Test func `two processes share it, and exceed it by a block each at most`() async throws {
        try await Stage.run { stage in
            try await Self.limit(stage)
            let leads = try await stage.crowd(80)
            try await stage.withReplica { replica in
                let answers = try await Self.write(to: leads, on: stage, at: [stage.application, replica])
                let gone = answers.count { $0.status == 201 }
                #expect(gone >= 50 && gone <= 50 + 2)
                #expect(answers.count { $0.status == 202 } == 80 - gone)
                try await stage.eventually("the others are put off") {
                    try await Self.waiting(stage) == Int64(80 - gone)
                }
                #expect(try await stage.count(.attempts) == Int64(gone))
            }
        }
    }

    @Test func `one that starts knows what was counted before, and a retry is no way around it`() async throws {
        try await Stage.run { stage in
            try await Self.limit(stage)
            let leads = try await stage.crowd(52)
            try await stage.refuseNext(131_026)
            let refused = try await stage.sendTemplate(1, ["Ana", "a", "b"], lead: leads[0])
            #expect(refused.code == "provider_refused")
            let answers = try await Self.write(to: Array(leads[1..<50]), on: stage, at: [stage.application])
            #expect(answers.allSatisfy { $0.status == 201 })
            try await stage.eventually("all is told") { try await Self.counted(stage) == 50 }
            try await stage.withReplica { replica in
                let late = try await Self.write(to: [leads[50]], on: stage, at: [replica])
                #expect(late.map(\.status) == [202])
                // The refused one counts already.
                #expect(try await stage.retry(refused, at: replica).status == 201)
                #expect(try await Self.counted(stage) == 50)
                // A day later nobody counts, the refused one neither.
                stage.clock.advance(by: Self.opens(stage) - stage.now)
                try await stage.eventually("the late one goes") { try await stage.count(.outbox) == 0 }
                let again = try await stage.sendTemplate(1, ["Ana", "a", "b"], lead: leads[51])
                #expect(again.status == 201)
                try await stage.eventually("both are told") {
                    try await stage.sql(
                        "SELECT t.count FROM tier_counts t WHERE t.hour = $1",
                        [.timestamp(TierCount.hour(of: stage.now).microseconds)]
                    ).first?.int(0) == 2
                }
            }
        }
    }

    @Test func `of a batch goes what there is room for, and the rest when Meta raises the limit`() async throws {
        try await Stage.run { stage in
            try await Self.limit(stage)
            let leads = try await stage.crowd(70)
            let batch = try await stage.madeBatch(leads.map { Stage.recipient($0) })
            try await stage.eventually("fifty go, and the others are put off") {
                try await Self.waiting(stage) == 20
            }
            #expect(try await stage.count(.attempts) == 50)
            // Another app's business account, and one that says nothing.
            let own = stage.channels.official.businessAccountID
            let told: [(business: String, limit: JSONValue)] = [("999", "TIER_250"), (own, .null), (own, 77)]
            for (business, limit) in told {
                let value: JSONValue = ["max_daily_conversations_per_business": limit]
                let answer = try await stage.cloudHook(Self.change(business, "business_capability_update", value))
                #expect(answer.status == 200)
            }
            _ = try await stage.storedBodies()
            #expect(try await stage.get("/api/v1/whatsapp/instances/2").data["messaging_limit"] == "TIER_50")
            #expect(try await Self.waiting(stage) == 20)

            let raised: JSONValue = ["max_daily_conversations_per_business": 250, "max_phone_numbers_per_business": 2]
            let answer = try await stage.cloudHook(Self.change(own, "business_capability_update", raised))
            #expect(answer.status == 200)
            _ = try await stage.endedBatch(batch)
            #expect(try await stage.count(.attempts) == 70)
            #expect(try await stage.get("/api/v1/whatsapp/instances/2").data["messaging_limit"] == "TIER_250")
            let other = try await stage.sql(
                "SELECT messaging_limit FROM instances WHERE account_id = $1", [.int(stage.other.rawValue)])
            #expect(try other[0].text(0) == "TIER_UNLIMITED")
        }
    }

    private static func change(_ business: String, _ field: String, _ value: JSONValue) -> JSONValue {
        [
            "object": "whatsapp_business_account",
            "entry": [["id": .string(business), "changes": [["field": .string(field), "value": value]]]],
        ]
    }

    @Test func `a send to a contact who was never written to asks no more often`() async throws {
        try await Stage.run { stage in
            try await Self.limit(stage, "TIER_2K")
            let leads = try await stage.crowd(2)
            // What was counted before is heard once.
            #expect(try await Self.write(to: [leads[0]], on: stage, at: [stage.application])[0].status == 201)
            try await stage.eventually("it is told") { try await Self.counted(stage) == 1 }
            var trips: [[String]] = []
            stage.database.pool.onTrip = { names in
                if names.contains(where: { name in ["send_", "attempt_"].contains { name.hasPrefix($0) } }) {
                    trips.append(names)
                }
            }
            #expect(try await stage.sendTemplate(1, ["Ana", "a", "b"], lead: leads[1]).status == 201)
            stage.database.pool.onTrip = nil
            #expect(trips.count == 3, "\(trips)")
            #expect(trips.dropFirst() == [["send_accept"], ["attempt_accepted"]])
        }
    }
}
