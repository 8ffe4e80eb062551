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

/// A client that keeps its own copy in step by following the cursor of `GET /leads` while the leads change.
@Suite struct LeadsSyncTests {
    private static let path = "/api/v1/leads"

    /// A change in a transaction of its own that stays open until `wait` has ended; what it writes carries the instant at
    /// which it began.
    @Reactor
    static func change(_ lead: Int64, _ notes: String, _ stage: Stage, wait: @Reactor () async -> Void) async throws {
        let actor = Actor(account: stage.demo, apiKeyID: nil, requestID: nil)
        let leads = stage.database.leads
        try await stage.database.write(by: actor, now: stage.now) { write in
            guard let locked = try await leads.lock(Lead.ID(lead), archived: true, in: write) else { return }
            var after = locked.lead
            after.notes = notes
            _ = try await leads.save(after, over: locked, in: write)
            await wait()
        }
    }

    /// Every page of a list, each row with its id and version.
    @Reactor
    static func pass(
        _ query: String, _ stage: Stage, between: @Reactor (Int) async throws -> Void = { _ in }
    ) async throws -> [(id: Int64, lead: JSONValue)] {
        var rows: [(id: Int64, lead: JSONValue)] = []
        var next = "\(path)?\(query)"
        var pages = 0
        while true {
            let page = try await stage.get(next)
            guard page.status == 200 else { throw StageError(what: page.text) }
            rows += (page.data.array ?? []).map { ($0["id"]?.int64 ?? 0, $0) }
            pages += 1
            try await between(pages)
            guard let link = page.fields["Link"] else { return rows }
            next = String(link.dropFirst().prefix { $0 != ">" })
        }
    }

    @Test(arguments: ["updated_since=2020-01-01", "sort=updated_at"])
    func `a change that commits late, after its row was shown, is for the next pass`(_ query: String) async throws {
        try await Stage.run { stage in
            stage.clock.advance(by: .seconds(60))
            let (release, hold) = (Signal(), Signal())
            let writer = spawn { () -> (any Error)? in
                do {
                    try await Self.change(1, "spät", stage) {
                        hold.fire()
                        await release.wait()
                    }
                    return nil
                } catch { return error }
            }
            await hold.wait()
            stage.clock.advance(by: .seconds(1))
            let began = stage.now
            let rows = try await Self.pass("\(query)&limit=4", stage) { pages in
                guard pages == 1 else { return }
                release.fire()
                if let error = await writer.value { throw error }
            }
            #expect(rows.first?.id == 1)
            #expect(rows.first?.lead["notes"] == .null)
            #expect(rows.map(\.id).sorted() == Array(1...20), "\(rows.map(\.id))")
            let later = try await Self.pass("updated_since=\(began.text)&limit=4", stage)
            #expect(later.map(\.id) == [1])
            #expect(later.first?.lead["notes"] == "spät")
        }
    }

    @Test func `a cursor that holds nonsense of a snapshot is refused`() async throws {
        try await Stage.run { stage in
            stage.clock.advance(by: .seconds(60))
            let first = try await stage.get("\(Self.path)?sort=updated_at&limit=1")
            let cursor = try #require(first.json["meta"]?["next_cursor"]?.string)
            #expect(try await stage.get("\(Self.path)?sort=updated_at&limit=1&cursor=\(cursor)").status == 200)
            for snapshot in [
                "", "9", ":", "0:", "2:3", "9:x", "9:4,", "9:3:4", "-9:4", "9:+4", "99999999999999999999:4",
            ] {
                let spoilt = Self.cursor(cursor, with: snapshot)
                let answer = try await stage.get("\(Self.path)?sort=updated_at&limit=1&cursor=\(spoilt)")
                #expect(answer.faults == ["?cursor invalid_cursor"], "\(snapshot): \(answer.text)")
            }
        }
    }

    @Test func `a cursor that begins at no day is refused`() async throws {
        try await Stage.run { stage in
            let (least, most) = (Int64.min, Int64.max)
            for (path, texts) in [
                ("/api/v1/leads?sort=updated_at", ["2.updated_at.\(least);9:.1.1", "2.updated_at.\(most);9:.1.1"]),
                ("/api/v1/contacts?updated_since=2020-01-01", ["2.updated_at.\(least);9:.1.1"]),
                ("/api/v1/leads/1/timeline?types=move", ["3.\(least).0.1", "3.\(most).1.1", "3.1.2.1", "3.1.0.-1"]),
            ] {
                for text in texts {
                    let cursor = Base64.encode(Array(text.utf8), .urlSafe)
                    let answer = try await stage.get("\(path)&cursor=\(cursor)")
                    #expect(answer.faults == ["?cursor invalid_cursor"], "\(text)")
                }
            }
        }
    }

    /// `2.order.until;next:running.id.key`
    private static func cursor(_ cursor: String, with snapshot: String) -> String {
        let text = String(decoding: Base64.decode(cursor, .urlSafe) ?? [], as: UTF8.self)
        let spoilt = text.replacing(/;[^.]*/, with: ";\(snapshot)")
        return Base64.encode(Array(spoilt.utf8), .urlSafe)
    }

    @Test func `leads whose custom field is taken away are new versions, and no event tells of each`() async throws {
        try await Stage.run { stage in
            let field = try await stage.post(
                "/api/v1/custom-fields", ["name": "cargo", "label": "Cargo", "field_type": "text"])
            let id = try #require(field.data["id"]?.int64)
            for lead in [3, 5] {
                _ = try await stage.patch("\(Self.path)/\(lead)", ["custom_fields": ["cargo": "CEO"]])
            }
            stage.clock.advance(by: .seconds(120))
            let (began, last) = (stage.now, try await stage.lastEvent())
            #expect(try await stage.delete("/api/v1/custom-fields/\(id)?force=true").status == 200)
            let changed = try await Self.pass("updated_since=\(began.text)&limit=1", stage)
            #expect(changed.map(\.id) == [3, 5])
            #expect(changed.map { $0.lead["version"] } == [3, 3])
            #expect(changed.map { $0.lead["custom_fields"] } == [[:], [:]])
            #expect(try await stage.events(after: last).map(\.type) == [])
            #expect(try await stage.audited("custom_field", id).first?.action == "custom_field.delete")
        }
    }

    @Test func `a custom field goes from more leads than are cleared at a time`() async throws {
        try await Stage.run { stage in
            let field = try await stage.post(
                "/api/v1/custom-fields", ["name": "cargo", "label": "Cargo", "field_type": "text"])
            let id = try #require(field.data["id"]?.int64)
            try await stage.sql(
                """
                INSERT INTO leads (
                    account_id, contact_id, name, pipeline_id, stage_id, currency, custom_fields, created_at,
                    updated_at)
                SELECT 1, 1, 'l', 1, 1, 'BRL', '{"cargo": "CEO", "outro": 1}', now(), now()
                FROM generate_series(1, 10001)
                """)
            #expect(try await stage.delete("/api/v1/custom-fields/\(id)").code == "in_use")
            #expect(try await stage.delete("/api/v1/custom-fields/\(id)?force=true").status == 200)
            let left = try await stage.sql(
                """
                SELECT count(*) FILTER (WHERE custom_fields ? 'cargo'),
                    count(*) FILTER (WHERE version = 2 AND custom_fields = '{"outro": 1}')
                FROM leads
                """
            ).first
            #expect(try left?.int(0) == 0)
            #expect(try left?.int(1) == 10_001)
        }
    }

    @Test func `a copy that follows the changes of sixteen writers misses none and meets no row twice in a pass`()
        async throws
    {
        try await Stage.run { stage in
            let over = Signal()
            let writers = spawn { () -> (any Error)? in
                defer { over.fire() }
                do {
                    _ = try await together(16) { try await Self.write(12, by: $0, stage) }
                    return nil
                } catch { return error }
            }
            var copy: [Int64: Row] = [:]
            var since = "2020-01-01T00:00:00Z"
            var passes = 0
            var isLast = false
            while true {
                stage.clock.catchUp()
                let began = stage.now
                for status in ["", "&status=archived"] {
                    let rows = try await Self.pass("updated_since=\(since)&limit=7\(status)", stage)
                    #expect(Set(rows.map(\.id)).count == rows.count, "\(rows.map(\.id))")
                    for (id, lead) in rows {
                        let row = Row(version: lead["version"]?.int64 ?? 0, isArchived: lead["status"] == "archived")
                        if row.version >= copy[id]?.version ?? 0 { copy[id] = row }
                    }
                }
                // By plain paging: those that nobody archives are there, each once.
                let whole = try await Self.pass("limit=7", stage)
                #expect(Set(whole.map(\.id)).count == whole.count)
                #expect(Set(whole.map(\.id)).isSuperset(of: 1...20))
                since = began.text
                passes += 1
                if isLast { break }
                isLast = over.isFired
            }
            if let error = await writers.value { throw error }
            #expect(passes > 2)
            var rows: [Int64: Row] = [:]
            for row in try await stage.sql(
                "SELECT id, version, archived_at IS NOT NULL FROM leads WHERE account_id = 1")
            {
                rows[try row.int(0)] = Row(version: try row.int(1), isArchived: try row.bool(2))
            }
            #expect(rows.count == 20 + 12 * 3)
            let missed = rows.filter { copy[$0.key] != $0.value }.keys.sorted()
            #expect(missed == [])
        }
    }

    private struct Row: Hashable {
        let version: Int64
        let isArchived: Bool
    }

    /// Changes, a new lead, its archiving, its restoring, over and over; every fourth writer changes one lead in
    /// transactions that stay open for a while.
    @Reactor
    private static func write(_ rounds: Int, by number: Int, _ stage: Stage) async throws {
        var made: Int64 = 0
        let own = Int64(number + 1)
        for round in 0..<rounds {
            stage.clock.catchUp()
            if number % 4 == 0 {
                let time = Duration.milliseconds(Int.random(in: 20...150))
                try await change(own, "\(round)", stage) { await Signal.after(time) }
                continue
            }
            let answer: Answer
            switch round % 4 {
            case 0: answer = try await stage.patch("\(path)/\(own)", ["notes": .string("\(round)")])
            case 1:
                answer = try await stage.post(path, ["name": .string("Nova \(number)")])
                made = answer.data["id"]?.int64 ?? 0
            case 2: answer = try await stage.delete("\(path)/\(made)")
            // Some stay archived.
            default:
                answer = try await stage.post("\(path)/\(made)/restore", .null)
                if number % 2 == 0 { _ = try await stage.delete("\(path)/\(made)") }
            }
            guard answer.status < 300 else { throw StageError(what: answer.text) }
        }
    }
}
