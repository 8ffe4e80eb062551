import Domain
import EventLoop
import HTTP
import JSON
import Postgres
import Storage
import TestSupport
import Testing

@testable import leadwire

/// A mandatory task and a move of its lead at the same time: one comes first, and the other knows.
@Suite struct TaskRaceTests {
    private static let mandatory: JSONValue = [
        "subject": "Assinar", "type": "call", "due_date": "2030-01-01", "lead_id": 1, "is_mandatory": true,
    ]

    /// Moves lead 1 in a transaction that has looked at its tasks and stays open until `wait` has ended.
    @Reactor
    private static func move(_ stage: Stage, wait: @Reactor () async -> Void) async throws {
        let leads = stage.database.leads
        try await stage.database.write(
            by: Actor(account: stage.demo, apiKeyID: nil, requestID: nil), now: stage.now
        ) { write in
            guard let locked = try await leads.lock(Lead.ID(1), in: write) else { return }
            var move = LeadMove(.stage)
            move.stageID = Domain.Stage.ID(2)
            let moved = try await leads.moved(locked.lead, move, LeadPatch(), currency: "BRL", in: write)
            await wait()
            _ = try await leads.save(moved, over: locked, in: write)
        }
    }

    private enum Way: CaseIterable { case create, change, reopen, give }

    /// What makes a mandatory task that waits, in each way that there is; whether it came before the move had ended.
    @Test(arguments: Way.allCases)
    private func `a task that would keep the lead waits for a move that did not know it`(_ way: Way) async throws {
        try await Stage.run { stage in
            var body = Self.mandatory.object ?? JSONObject()
            if way == .change { body["is_mandatory"] = false }
            if way == .give { body["lead_id"] = 2 }
            var path = ""
            if way != .create {
                let made = try await stage.post("/api/v1/tasks", .object(body))
                path = "/api/v1/tasks/\(made.data["id"]?.int64 ?? 0)"
                if way == .reopen { _ = try await stage.request(.put, "\(path)/complete") }
            }
            let (looked, release) = (Signal(), Signal())
            let mover = spawn { () -> (any Error)? in
                do {
                    try await Self.move(stage) {
                        looked.fire()
                        await release.wait()
                    }
                    return nil
                } catch { return error }
            }
            await looked.wait()
            let written = Signal()
            let target = path
            let writer = spawn { () -> Int in
                let answer: Answer? =
                    switch way {
                    case .create: try? await stage.post("/api/v1/tasks", Self.mandatory)
                    case .change: try? await stage.patch(target, ["is_mandatory": true])
                    case .reopen: try? await stage.put("\(target)/complete", ["completed": false])
                    case .give: try? await stage.patch(target, ["lead_id": 1])
                    }
                written.fire()
                return answer?.status ?? 0
            }
            await Signal.after(.milliseconds(200))
            #expect(!written.isFired, "the task is there, and the move goes on without it")
            release.fire()
            if let error = await mover.value { throw error }
            #expect(await [200, 201].contains(writer.value))
            #expect(try await stage.get("/api/v1/leads/1").data["stage_id"] == 2)
            #expect(try await stage.put("/api/v1/leads/1/stage", ["stage_id": 3]).code == "blocked")
        }
    }

    @Test func `moves and mandatory tasks at once leave no lead that moved past its task`() async throws {
        try await Stage.run { stage in
            for _ in 0..<10 {
                let lead = try await stage.lead(phone: nil)
                let answers = try await together(6) { index in
                    var body = Self.mandatory.object ?? JSONObject()
                    body["lead_id"] = JSONValue(lead)
                    return index % 2 == 0
                        ? try await stage.post("/api/v1/tasks", .object(body))
                        : try await stage.put(
                            "/api/v1/leads/\(lead)/stage", ["stage_id": JSONValue(Int64(index / 2 + 2))])
                }
                #expect(answers.allSatisfy { [200, 201, 422].contains($0.status) }, "\(answers.map(\.text))")
                // The tasks' ids and the versions of the lead are given under the same lock: what moved after a task
                // was there would have been refused.
                let events = try await stage.sql(
                    "SELECT type FROM events WHERE lead_id = $1 AND type <> 'lead.created' ORDER BY id", [.int(lead)]
                ).map { try $0.text(0) }
                let firstTask = events.firstIndex(of: "task.created") ?? events.count
                #expect(!events[firstTask...].contains("lead.stage_changed"), "\(events)")
            }
        }
    }
}
