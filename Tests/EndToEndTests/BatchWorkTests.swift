import Domain
import EventLoop
import HTTP
import JSON
import Postgres
import Storage
import TestSupport
import Testing

@testable import leadwire

/// What happens to a batch while it is worked off.
@Suite struct BatchWorkTests {
    private struct Abandoned: Error {}

    /// Queued as far as the queue takes it: the number is down.
    @Reactor private static func held(_ count: Int, on stage: Stage) async throws -> Int64 {
        try await stage.set(Stage.cloud, .disconnected)
        let id = try await stage.madeBatch(try await stage.crowd(count).map { Stage.recipient($0) })
        try await stage.eventually("the queue is full") {
            try await stage.batch(id)["queued"] == JSONValue(min(count, BatchStore.queuedAtOnce))
        }
        return id
    }

    @Test func `only so many are queued at once; a pause lets these go on, and a resume the others`() async throws {
        try await Stage.run { stage in
            let id = try await Self.held(150, on: stage)
            let paused = try await stage.order("pause", id)
            #expect(paused.data["status"] == "paused")
            #expect(try await stage.order("pause", id).data["status"] == "paused")
            try await stage.set(Stage.cloud, .connected)
            try await stage.queueRunsDry(of: id)
            let found = try await stage.batch(id)
            #expect(found["status"] == "paused")
            #expect(found["pending"] == 50)
            #expect(found["queued"] == 100)
            #expect(try await stage.order("resume", id).data["status"] == "running")
            #expect(try await stage.endedBatch(id)["queued"] == 150)
            #expect(try await stage.providerCalls() == 150)
            #expect(try await stage.order("pause", id).data["status"] == "completed")
            #expect(
                try await stage.audited("batch", id).map(\.action) == ["batch.update", "batch.update", "batch.create"])
        }
    }

    @Test func `a cancel marks those whose turn has not come, and leaves what is queued`() async throws {
        try await Stage.run { stage in
            let id = try await Self.held(130, on: stage)
            let canceled = try await stage.order("cancel", id)
            #expect(canceled.data["status"] == "canceled")
            #expect(canceled.data["canceled"] == 30)
            #expect(canceled.data["pending"] == 0)
            #expect(try await stage.ledger(id, "&state=canceled").count == 30)
            for order in ["cancel", "pause", "resume"] {
                #expect(try await stage.order(order, id).data == canceled.data, "\(order)")
            }
            try await stage.set(Stage.cloud, .connected)
            #expect(try await stage.endedBatch(id)["queued"] == 100)
            #expect(try await stage.providerCalls() == 100)
            #expect(try await stage.sql("SELECT 1 FROM batch_recipients WHERE variables IS NOT NULL").isEmpty)
        }
    }

    @Test func `however often it is paused and resumed by two processes, everybody is written to once`() async throws {
        try await Stage.run { stage in
            try await stage.withReplica { _ in
                let crowd = try await stage.crowd(60)
                let id = try await stage.madeBatch(crowd.map { Stage.recipient($0) })
                let answers = try await together(30) { index in
                    try await stage.order(index.isMultiple(of: 2) ? "pause" : "resume", id)
                }
                #expect(answers.allSatisfy { $0.status == 200 })
                _ = try await stage.order("resume", id)
                #expect(try await stage.endedBatch(id)["queued"] == 60)
                #expect(try await stage.doubled(in: id) == 0)
                #expect(try await stage.providerCalls() == 60)
            }
        }
    }

    @Test func `a turn that dies is taken over, and who comes back late writes nothing`() async throws {
        try await Stage.run { stage in
            let later = stage.now + .seconds(3600)
            let id = try await stage.madeBatch(
                try await stage.crowd(5).map { Stage.recipient($0) },
                extra: JSONObject([("send_at", .string(later.text))]))
            let store = stage.database.batches
            // It has the turn, judges, and dies with the messages written and not committed.
            let dead = try #require(
                try await store.claim(owner: "dead", until: later + .seconds(10), now: later + .seconds(1)))
            #expect(try await store.claim(owner: "other", until: later, now: later + .seconds(2)) == nil)
            let pending = try await store.pending(of: dead)
            #expect(pending.count == 5)
            let outcomes = pending.map {
                (place: $0.place, BatchStore.Outcome.skip(.init(code: "late", report: ["code": "late"])))
            }
            await #expect(throws: Abandoned.self) {
                try await stage.database.write(by: dead.actor, now: later) { write in
                    #expect(try await store.hold(dead, in: write))
                    try await store.settle(outcomes, of: dead, in: write)
                    throw Abandoned()
                }
            }
            #expect(try await stage.batch(id)["pending"] == 5)
            stage.clock.advance(by: .seconds(3700))
            #expect(try await stage.endedBatch(id)["queued"] == 5)
            let isHeld = try await stage.database.write(by: dead.actor, now: stage.now) { write in
                try await store.hold(dead, in: write)
            }
            #expect(!isHeld)
            #expect(try await stage.providerCalls() == 5)
            #expect(try await stage.doubled(in: id) == 0)
        }
    }

    @Test func `whoever's turn comes is judged as things are then`() async throws {
        try await Stage.run { stage in
            let start = JSONObject([("send_at", .string((stage.now + .seconds(3600)).text))])
            let first = try await stage.madeBatch((1...4).map { Stage.recipient(Int64($0)) }, extra: start)
            let second = try await stage.madeBatch([Stage.recipient(5)], extra: start)
            let third = try await stage.madeBatch(
                [Stage.recipient(6)],
                extra: JSONObject([
                    ("send_at", .string((stage.now + .seconds(3600)).text)),
                    ("valid_until", .string((stage.now + .seconds(3700)).text)),
                ]))
            try await stage.sql(
                "UPDATE batches SET content = '{\"template_id\": 14}' WHERE id = $1", [.int(second)])
            try await stage.sql("UPDATE templates SET status = 'REJECTED' WHERE id = 14")
            try await stage.hears(from: "+5511987651002", at: Stage.cloudPhone, "SAIR")
            #expect(try await stage.delete("/api/v1/leads/3").status == 200)
            #expect(try await stage.providerCalls() == 0)
            stage.clock.advance(by: .seconds(4000))
            _ = try await stage.endedBatch(first)
            #expect(
                try await stage.ledger(first) == ["0 queued", "1 skipped opted_out", "2 skipped not_found", "3 queued"])
            let rejected = try await stage.endedBatch(second)
            #expect(rejected["skipped"] == 1)
            #expect(try await stage.ledger(second) == ["0 skipped template_not_approved"])
            _ = try await stage.endedBatch(third)
            #expect(try await stage.ledger(third) == ["0 skipped expired"])
        }
    }

    @Test func `a number that is logged out pauses the batch instead of costing everybody their turn`() async throws {
        try await Stage.run { stage in
            let id = try await stage.madeBatch(
                try await stage.crowd(3).map { Stage.recipient($0) },
                extra: JSONObject([("send_at", .string((stage.now + .seconds(60)).text))]))
            try await stage.set(Stage.cloud, .authFailed)
            stage.clock.advance(by: .seconds(61))
            try await stage.eventually("it has paused") { try await stage.batch(id)["status"] == "paused" }
            let found = try await stage.batch(id)
            #expect(found["pause_reason"] == "instance_not_connected")
            #expect(found["pending"] == 3)
            try await stage.set(Stage.cloud, .connected)
            #expect(try await stage.order("resume", id).data["pause_reason"] == .null)
            #expect(try await stage.endedBatch(id)["queued"] == 3)
        }
    }

    @Test func `what is sent singly goes ahead of what is sent to many`() async throws {
        try await Stage.run { stage in
            let id = try await Self.held(80, on: stage)
            let single = try await stage.sendTemplate(1, ["Ana", "proposta", "10/07"])
            #expect(single.status == 202)
            try await stage.set(Stage.cloud, .connected)
            _ = try await stage.endedBatch(id)
            let all = try await stage.send("\(stage.simulatorURL)/_simulator/messages", .get, [:], [])
            let phones = (all.json["messages"]?.array ?? []).compactMap { $0["to"]?.string }
            let place = try #require(phones.firstIndex { $0.hasSuffix(Stage.ana.dropFirst()) })
            // Fifty at a time leave the queue.
            #expect(place < 50, "\(place)")
            #expect(phones.count == 81)
        }
    }

    @Test func `an erased person is in no batch any more, and the others get theirs`() async throws {
        try await Stage.run { stage in
            let lead = try await stage.zuleica()
            let start = JSONObject([
                ("send_at", .string((stage.now + .seconds(3600)).text)), ("variables", ["x", "y", "palavra-comum"]),
            ])
            let mine: JSONValue = [
                "lead_id": JSONValue(lead), "variables": ["Palavra-um", "b", "c"], "client_reference": "Palavra-dois",
            ]
            let id = try await stage.madeBatch([mine, ["lead_id": 1]], extra: start)
            let alone = try await stage.batch(
                [["lead_id": JSONValue(lead)]],
                extra: JSONObject([
                    ("variables", ["Palavra-três", "b", "c"]), ("send_at", start["send_at"] ?? .null),
                ]))
            let refused = try await stage.batch([
                ["lead_id": JSONValue(lead), "variables": ["Palavra-quatro": "a"]]
            ])
            #expect(refused.data["refused"] == 1)
            let told = try await stage.get("/api/v1/leads/\(lead)/personal-data").data["batches"]?.array ?? []
            #expect(told.count == 3)
            #expect(told[0]["client_reference"] == "Palavra-dois")
            let words = ["Palavra-um", "Palavra-dois", "Palavra-três", "Palavra-quatro"]
            for word in words { #expect(try await stage.dump().holds(word), "\(word) is nowhere to begin with") }
            #expect(try await stage.post("/api/v1/leads/\(lead)/erase", .null).status == 200)
            let dump = try await stage.dump()
            for word in words { #expect(!dump.holds(word), "\(word): \(dump.places(of: word))") }
            stage.clock.advance(by: .seconds(3700))
            _ = try await stage.endedBatch(id)
            #expect(try await stage.ledger(id) == ["0 skipped not_found", "1 queued"])
            #expect(try await stage.endedBatch(alone.data["id"]?.int64 ?? 0)["skipped"] == 1)
            #expect(try await stage.received(Stage.ana).last?["text"]?.string?.contains("palavra-comum") == true)
        }
    }
}
