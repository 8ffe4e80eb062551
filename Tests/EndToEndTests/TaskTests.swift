import Domain
import EventLoop
import HTTP
import JSON
import Postgres
import Testing

@testable import leadwire

/// Tasks: what there is to do, in Syncro's shape.
@Suite struct TaskTests {
    private static let path = "/api/v1/tasks"
    private static let call: JSONValue = ["subject": "Ligar", "type": "call", "due_date": "2026-12-01"]

    @Reactor
    private static func make(_ stage: Stage, _ members: [(String, JSONValue)] = []) async throws -> Answer {
        var body = call.object ?? JSONObject([])
        for (key, value) in members { body[key] = value }
        return try await stage.post(path, .object(body))
    }

    @Test func `a task has every field of Syncro's`() async throws {
        try await Stage.run { stage in
            let user = try await stage.user("Rui Prado")
            let made = try await Self.make(
                stage,
                [
                    ("description", "d"), ("priority", "high"), ("due_time", "14:30"), ("lead_id", 1),
                    ("assigned_to", JSONValue(user)), ("notes", "n"),
                ])
            #expect(made.status == 201, "\(made.text)")
            let task = made.data
            let names = Set(task.object?.keys ?? [])
            #expect(
                names.isSuperset(of: [
                    "id", "subject", "description", "type", "status", "priority", "due_date", "due_time",
                    "completed_at", "lead_id", "lead", "assigned_to", "assigned_user", "notes", "is_overdue",
                    "created_at", "updated_at",
                ]))
            #expect(
                task["lead"] == [
                    "id": 1, "name": "Ana Souza", "phone": "+5511987651001", "email": "ana.souza@example.com",
                ])
            #expect(task["assigned_user"] == ["id": JSONValue(user), "name": "Rui Prado"])
            #expect(task["status"] == "pending")
            #expect(task["due_time"] == "14:30")
            let id = try #require(task["id"]?.int64)
            #expect(made.fields["Location"] == "\(Self.path)/\(id)")
            #expect(try await stage.get("\(Self.path)/\(id)").data == task)
            #expect(try await stage.get(Self.path).data == [task])

            let alone = try await Self.make(stage)
            for key in ["description", "due_time", "completed_at", "lead_id", "lead", "assigned_to", "assigned_user"] {
                #expect(alone.data[key] == .null, "\(key)")
            }
            #expect(alone.data["priority"] == "medium")
            #expect(alone.data["is_mandatory"] == false)
        }
    }

    @Test func `a change sets, keeps and clears`() async throws {
        try await Stage.run { stage in
            let made = try await Self.make(stage, [("notes", "n"), ("lead_id", 1), ("due_time", "09:00")])
            let path = "\(Self.path)/\(try #require(made.data["id"]?.int64))"
            let changed = try await stage.change(
                path, ["subject": "Visitar", "type": "visit", "notes": .null, "due_time": .null], .put)
            #expect(changed.status == 200, "\(changed.text)")
            #expect(changed.data["subject"] == "Visitar")
            #expect(changed.data["notes"] == .null)
            #expect(changed.data["due_time"] == .null)
            #expect(changed.data["lead_id"] == 1)
            let moved = try await stage.change(path, ["lead_id": 2])
            #expect(moved.data["lead"]?["id"] == 2)
            #expect(try await stage.change(path, ["lead_id": .null]).data["lead"] == .null)
            let log = try await stage.audited("task", try #require(made.data["id"]?.int64))
            #expect(log.first?.changes == ["lead_id": [2, .null]])
            #expect(try await stage.delete(path).json == ["success": true])
            #expect(try await stage.get(path).status == 404)
        }
    }

    @Test func `completing is told once, and undone`() async throws {
        try await Stage.run { stage in
            let made = try await Self.make(stage, [("lead_id", 1)])
            let path = "\(Self.path)/\(try #require(made.data["id"]?.int64))"
            let first = try await stage.request(.put, "\(path)/complete")
            #expect(first.status == 200, "\(first.text)")
            #expect(first.data["status"] == "completed")
            #expect(first.data["completed_at"]?.string == stage.now.text)
            #expect(try await stage.change("\(path)/complete", ["completed": true], .put).data == first.data)
            #expect(try await stage.change(path, ["status": "completed"]).data == first.data)
            let reopened = try await stage.change("\(path)/complete", ["completed": false], .put)
            #expect(reopened.data["status"] == "pending")
            #expect(reopened.data["completed_at"] == .null)
            #expect(try await stage.change(path, ["status": "completed"]).data["status"] == "completed")
            #expect(try await stage.change("\(path)/complete", ["done": 1], .put).faults == ["/done unknown_field"])

            let events = try await stage.sql(
                "SELECT type, lead_id, data::text FROM events WHERE type LIKE 'task.%' ORDER BY id")
            let types = try events.map { try $0.text(0) }
            #expect(types == ["task.created", "task.completed", "task.completed"])
            for event in events { #expect(try event.int(1) == 1) }
            let told = try #require(try events.first.map { try JSONParser.parse(Array($0.text(2).utf8)) })
            #expect(told == ["task": made.data])
        }
    }

    @Test func `a task is overdue when its day or its time is over where the account is`() async throws {
        try await Stage.run { stage in
            // São Paulo is three hours behind UTC.
            let local = stage.now.microseconds - 3 * 3_600_000_000
            func day(_ offset: Int64) -> JSONValue {
                .string(String(Timestamp(microseconds: local + offset * 86_400_000_000).text.prefix(10)))
            }
            let time = Timestamp(microseconds: local - 60_000_000).text.dropFirst(11).prefix(5)
            let today = Timestamp(microseconds: local - 60_000_000).text.prefix(10)
            let cases: [([(String, JSONValue)], Bool)] = [
                ([("due_date", day(-1))], true), ([("due_date", day(0))], false), ([("due_date", day(1))], false),
                ([("due_date", .string(String(today))), ("due_time", .string(String(time)))], true),
            ]
            for (members, isOverdue) in cases {
                let made = try await Self.make(stage, members)
                #expect(made.data["is_overdue"]?.bool == isOverdue, "\(made.text)")
                let path = "\(Self.path)/\(try #require(made.data["id"]?.int64))/complete"
                #expect(try await stage.request(.put, path).data["is_overdue"] == false)
            }
        }
    }

    @Test func `every filter narrows, and both ways of paging see every task once`() async throws {
        try await Stage.run { stage in
            let user = try await stage.user("Rui")
            let made = [
                try await Self.make(stage, [("lead_id", 1)]),
                try await Self.make(stage, [("type", "visit"), ("due_date", "2026-12-02")]),
                try await Self.make(stage, [("priority", "low"), ("due_date", "2026-12-03")]),
                try await Self.make(stage, [("assigned_to", JSONValue(user)), ("due_date", "2026-12-04")]),
            ].compactMap { $0.data["id"]?.int64 }
            _ = try await stage.request(.put, "\(Self.path)/\(made[1])/complete")
            let cases: [(String, [Int])] = [
                ("", [3, 2, 1, 0]), ("lead_id=1", [0]), ("assigned_to=\(user)", [3]), ("status=completed", [1]),
                ("status=pending", [3, 2, 0]), ("type=visit", [1]), ("priority=low", [2]),
                ("due_from=2026-12-03", [3, 2]), ("due_to=2026-12-02", [1, 0]),
                ("due_from=2026-12-02&due_to=2026-12-03&status=pending", [2]), ("lead_id=2", []),
            ]
            for (query, expected) in cases {
                let answer = try await stage.get("\(Self.path)?\(query)").json
                #expect(answer["data"]?.array?.compactMap { $0["id"]?.int64 } == expected.map { made[$0] }, "\(query)")
                #expect(answer["meta"]?["total"]?.int64 == Int64(expected.count), "\(query)")
            }
            var seen: [Int64] = []
            for page in 1...2 {
                let answer = try await stage.get("\(Self.path)?page=\(page)&per_page=3").json
                #expect(answer["meta"]?["last_page"] == 2)
                seen += answer["data"]?.array?.compactMap { $0["id"]?.int64 } ?? []
            }
            #expect(seen == made.reversed())
            var next: String? = "\(Self.path)?limit=3"
            var byCursor: [Int64] = []
            while let path = next {
                let answer = try await stage.get(path).json
                byCursor += answer["data"]?.array?.compactMap { $0["id"]?.int64 } ?? []
                next = answer["meta"]?["next_cursor"]?.string.map { "\(Self.path)?limit=3&cursor=\($0)" }
            }
            #expect(byCursor == made.reversed())
        }
    }

    @Test func `a lead gets the tasks that its stage asks for`() async throws {
        try await Stage.run { stage in
            let user = try await stage.user("Rui")
            let pipeline = try await stage.post(
                "/api/v1/pipelines",
                [
                    "name": "P",
                    "stages": [
                        [
                            "name": "S",
                            "required_tasks": [
                                ["subject": "Ligar", "type": "call", "due_in_days": 2],
                                ["subject": "Visitar", "type": "visit", "priority": "high"],
                            ],
                        ]
                    ],
                ])
            let id = try #require(pipeline.data["id"]?.int64)
            let lead = try await stage.post(
                "/api/v1/leads", ["name": "x", "pipeline_id": JSONValue(id), "assigned_to": JSONValue(user)])
            let tasks = try await stage.get("\(Self.path)?lead_id=\(try #require(lead.data["id"]?.int64))").data
            #expect(tasks.array?.map { $0["subject"]?.string } == ["Visitar", "Ligar"])
            for task in tasks.array ?? [] {
                #expect(task["is_mandatory"] == true)
                #expect(task["stage_id"] == lead.data["stage_id"])
                #expect(task["assigned_user"]?["name"] == "Rui")
            }
            let due = Timestamp(microseconds: stage.now.microseconds + (48 - 3) * 3_600_000_000).text.prefix(10)
            #expect(tasks[1]?["due_date"]?.string == String(due))
            let told = try await stage.sql("SELECT count(*) FROM events WHERE type = 'task.created'")
            #expect(try told.first?.int(0) == 2)
        }
    }

    @Test func `every fault of a task is told at once, and what there is none of besides`() async throws {
        try await Stage.run { stage in
            let refused = try await stage.post(
                Self.path,
                [
                    "type": "dance", "due_date": "2026-02-30", "due_time": "25:00", "priority": 1, "lead_id": "1",
                    "is_mandatory": "yes", "done": true,
                ])
            #expect(
                Set(refused.faults) == [
                    "/subject required", "/type not_allowed", "/due_date invalid_format", "/due_time invalid_format",
                    "/priority not_allowed", "/lead_id wrong_type", "/is_mandatory wrong_type", "/done unknown_field",
                ])
            #expect(
                Set(try await stage.post(Self.path, [:]).faults) == [
                    "/subject required", "/type required", "/due_date required",
                ])
            let theirs = try await stage.user("Alheia", of: stage.other)
            let lead = try #require(
                try await stage.get("/api/v1/leads", key: stage.keys.other.text).data[0]?["id"]?.int64)
            for (lead, user) in [(lead, theirs), (999_999, 999_999)] {
                let missing = try await Self.make(
                    stage, [("lead_id", JSONValue(lead)), ("assigned_to", JSONValue(user))])
                #expect(missing.faults == ["/lead_id not_found", "/assigned_to not_found"])
            }
            let id = try #require(try await Self.make(stage).data["id"]?.int64)
            let cleared = try await stage.change(
                "\(Self.path)/\(id)", ["subject": .null, "type": .null, "due_date": .null, "lead_id": 999_999])
            #expect(Set(cleared.faults) == ["/subject required", "/type required", "/due_date required"])
            #expect(
                try await stage.change("\(Self.path)/\(id)", ["lead_id": 999_999]).faults == ["/lead_id not_found"])
            let query = try await stage.get("\(Self.path)?status=open&type=dance&due_from=x&lead_id=0&page=0")
            #expect(query.faults.count == 5, "\(query.faults)")
        }
    }

    @Test func `a change on what has changed meanwhile is refused, and a key makes one task`() async throws {
        try await Stage.run { stage in
            let answers = try await together(8) { _ in
                try await stage.post(Self.path, Self.call, fields: ["Idempotency-Key": "t"])
            }
            #expect(Set(answers.map(\.body)).count == 1)
            #expect(try await stage.get(Self.path).json["meta"]?["total"] == 1)
            let path = "\(Self.path)/\(try #require(answers[0].data["id"]?.int64))"
            let match: HTTPFields = ["If-Match": try #require(try await stage.get(path).fields["ETag"])]
            #expect(try await stage.change(path, ["subject": "a"], fields: match).status == 200)
            #expect(try await stage.change(path, ["subject": "b"], fields: match).status == 412)
            #expect(try await stage.request(.put, "\(path)/complete", fields: match).status == 412)
            #expect(try await stage.delete(path, fields: match).status == 412)
        }
    }
}
