import Domain
import EventLoop
import HTTP
import JSON
import Postgres
import Storage
import TestSupport
import Testing

@testable import leadwire

/// API keys over the API: shown once, never beyond the key that asks.
@Suite struct KeyTests {
    private static let path = "/api/v1/api-keys"

    @Reactor
    private static func make(
        _ stage: Stage, _ body: JSONValue, key: String? = nil, fields: HTTPFields = [:]
    ) async throws -> Answer {
        try await stage.post(path, body, key: key.map { .some($0) } ?? .none, fields: fields)
    }

    @Reactor
    private static func me(_ stage: Stage, _ token: String?) async throws -> Answer {
        try await stage.get("/api/v1/me", key: .some(token))
    }

    @Test func `a key is made, works, is changed and is revoked, and its token is shown once`() async throws {
        try await Stage.run { stage in
            let made = try await Self.make(
                stage,
                [
                    "name": "site", "permissions": ["leads:read", "tasks:read"], "instance_ids": [2],
                    "rate_per_minute": 77, "expires_at": "2099-01-02T03:04:05Z",
                ])
            #expect(made.status == 201, "\(made.text)")
            let token = try #require(made.data["token"]?.string)
            #expect(APIKeyToken(token) != nil)
            let id = try #require(made.data["id"]?.int64)
            #expect(made.fields["Location"] == "\(Self.path)/\(id)")
            let read = try await stage.get("\(Self.path)/\(id)")
            #expect(read.data["token"] == nil)
            #expect(read.data["prefix"]?.string == String(token.prefix(8)))
            let me = try await Self.me(stage, token).data["key"]
            for (key, value) in [
                ("name", "site"), ("permissions", ["leads:read", "tasks:read"]), ("instance_ids", [2]),
                ("rate_per_minute", 77), ("expires_at", "2099-01-02T03:04:05.000Z"),
            ] as [(String, JSONValue)] {
                #expect(read.data[key] == value, "\(key)")
                #expect(me?[key] == value, "\(key)")
            }
            let listed = try await stage.get(Self.path).data.array?.last
            #expect(listed == read.data)
            // No byte of it is kept anywhere.
            let rows = try await stage.sql(
                "SELECT count(*) FROM api_keys k WHERE k::text LIKE '%' || $1 || '%'", [.text(token)])
            #expect(try rows.first?.int(0) == 0)

            let changed = try await stage.change(
                "\(Self.path)/\(id)", ["permissions": ["leads:read"], "instance_ids": .null, "expires_at": .null])
            #expect(changed.data["permissions"] == ["leads:read"], "\(changed.text)")
            #expect(changed.data["instance_ids"] == .null)
            #expect(changed.data["expires_at"] == .null)
            #expect(changed.data["rate_per_minute"] == 77)
            #expect(try await Self.me(stage, token).data["key"]?["permissions"] == ["leads:read"])
            #expect(try await stage.get("/api/v1/tasks", key: token).status == 403)

            #expect(try await stage.delete("\(Self.path)/\(id)").json == ["success": true])
            #expect(try await Self.me(stage, token).status == 401)
            #expect(try await stage.get("\(Self.path)/\(id)").status == 404)
            #expect(try await stage.delete("\(Self.path)/\(id)").status == 404)
            #expect(try await stage.change("\(Self.path)/\(id)", ["name": "x"]).status == 404)
            #expect(try await stage.post("\(Self.path)/\(id)/rotate", [:]).status == 404)
            let log = try await stage.audited("api_key", id)
            #expect(log.map(\.action) == ["api_key.delete", "api_key.update", "api_key.create"])
        }
    }

    @Test func `a rotated key has two tokens until the overlap is over`() async throws {
        try await Stage.run { stage in
            let first = try await stage.newKey([.leadsRead])
            let path = "\(Self.path)/\(first.id)"
            let rotated = try await stage.post("\(path)/rotate", ["overlap_seconds": 60])
            #expect(rotated.status == 200, "\(rotated.text)")
            let second = try #require(rotated.data["token"]?.string)
            let ends = stage.now + .seconds(60)
            #expect(rotated.data["overlap_ends_at"]?.string == ends.text)
            #expect(rotated.data["prefix"]?.string == String(second.prefix(8)))
            let old = try await Self.me(stage, first.token)
            #expect(old.data["key"]?["expires_at"]?.string == ends.text)
            let new = try await Self.me(stage, second)
            #expect(new.data["key"]?["expires_at"] == .null)
            #expect(old.data["key"]?["id"] == new.data["key"]?["id"])
            // A second rotation takes nothing from the first one's overlap.
            let again = try await stage.post("\(path)/rotate", ["overlap_seconds": 0])
            let third = try #require(again.data["token"]?.string)
            #expect(try await Self.me(stage, first.token).status == 200)
            #expect(try await Self.me(stage, second).status == 401)
            #expect(try await Self.me(stage, third).status == 200)
            stage.clock.advance(by: .seconds(60))
            #expect(try await Self.me(stage, first.token).status == 401)
            #expect(try await Self.me(stage, third).status == 200)
            // Revoking ends every token of the key.
            let last = try await stage.post("\(path)/rotate", [:])
            #expect(last.data["overlap_ends_at"]?.string == (stage.now + .seconds(86_400)).text, "\(last.text)")
            #expect(try await stage.delete(path).status == 200)
            for token in [third, try #require(last.data["token"]?.string)] {
                #expect(try await Self.me(stage, token).status == 401)
            }
        }
    }

    @Test func `a key hands on nothing that it does not hold, and is told everything that is too much`() async throws {
        try await Stage.run { stage in
            let end = try #require(Timestamp(rfc3339: "2099-01-01T00:00:00Z"))
            let bound = try await stage.newKey(
                [.keysManage, .leadsRead], instances: [Instance.ID(1)], expiresAt: end)
            let rows = try await stage.get(Self.path).data.array?.count
            let refused = try await Self.make(
                stage,
                [
                    "name": "x", "permissions": ["leads:read", "leads:write", "audit:read"], "instance_ids": [1, 2],
                    "expires_at": "2099-01-01T00:00:01Z",
                ], key: bound.token)
            #expect(refused.status == 403)
            #expect(refused.code == "grant_exceeded")
            #expect(
                refused.faults == [
                    "/permissions/1 not_held", "/permissions/2 not_held", "/instance_ids/1 not_held",
                    "/expires_at not_held",
                ], "\(refused.text)")
            let everything = try await Self.make(
                stage, ["name": "x", "permissions": [], "instance_ids": .null, "expires_at": .null], key: bound.token)
            #expect(everything.faults == ["/instance_ids not_held", "/expires_at not_held"])
            #expect(try await stage.get(Self.path).data.array?.count == rows)

            // What is left out is the calling key's own.
            let made = try await Self.make(stage, ["name": "x", "permissions": ["leads:read"]], key: bound.token)
            #expect(made.data["instance_ids"] == [1], "\(made.text)")
            #expect(made.data["expires_at"]?.string == end.text)
            let id = try #require(made.data["id"]?.int64)
            for body in [["permissions": ["leads:write"]], ["instance_ids": [2]], ["instance_ids": .null]]
                as [JSONValue]
            {
                let widened = try await stage.change("\(Self.path)/\(id)", body, key: bound.token)
                #expect(widened.code == "grant_exceeded", "\(widened.text)")
            }
            // A stronger key is not managed by a weaker one: its new token would be the way round.
            let strong = try await stage.newKey()
            for answer in [
                try await stage.post("\(Self.path)/\(strong.id)/rotate", [:], key: bound.token),
                try await stage.change("\(Self.path)/\(strong.id)", ["permissions": []], key: bound.token),
                try await stage.delete("\(Self.path)/\(strong.id)", key: bound.token),
            ] {
                #expect(answer.code == "grant_exceeded", "\(answer.text)")
            }
            #expect(try await Self.me(stage, strong.token).status == 200)
        }
    }

    @Test func `a key neither revokes nor changes itself, but may be renamed and rotated`() async throws {
        try await Stage.run { stage in
            let key = try await stage.newKey()
            let path = "\(Self.path)/\(key.id)"
            #expect(try await stage.delete(path, key: key.token).code == "own_key")
            for body in [["permissions": ["leads:read"]], ["rate_per_minute": 1], ["expires_at": "2099-01-01"]]
                as [JSONValue]
            {
                #expect(try await stage.change(path, body, key: key.token).code == "own_key")
            }
            #expect(try await stage.change(path, ["name": "eu"], key: key.token).data["name"] == "eu")
            #expect(try await stage.post("\(path)/rotate", [:], key: key.token).status == 200)
            #expect(try await Self.me(stage, key.token).status == 200)
        }
    }

    @Test func `an answer with a token is kept closed, and opens only to the token that asked`() async throws {
        try await Stage.run { stage in
            let body: JSONValue = ["name": "x", "permissions": ["leads:read"]]
            let key: HTTPFields = ["Idempotency-Key": "k"]
            let answers = try await together(6) { _ in try await Self.make(stage, body, fields: key) }
            #expect(Set(answers.map(\.body)).count == 1, "\(answers.map(\.text))")
            #expect(answers.count { $0.fields["Idempotent-Replayed"] == "true" } == 5)
            let token = try #require(answers[0].data["token"]?.string)
            #expect(try await Self.me(stage, token).status == 200)
            let id = try #require(answers[0].data["id"]?.int64)
            #expect(answers.allSatisfy { $0.fields["Location"] == "\(Self.path)/\(id)" })

            let rows = try await stage.sql("SELECT body FROM idempotency_keys WHERE key = 'k'")
            let kept = String(decoding: try #require(try rows.first?.bytes(0)), as: UTF8.self)
            #expect(!kept.contains(token) && !kept.contains("crm_"))
            // Another key of the account, as strong as it may be, is not shown what this one was.
            let other = try await stage.newKey()
            let theirs = try await Self.make(stage, body, key: other.token, fields: key)
            #expect(theirs.code == "idempotency_key_conflict")

            let path = "\(Self.path)/\(id)/rotate"
            let once = try await stage.post(path, [:], fields: key)
            let twice = try await stage.post(path, [:], fields: key)
            #expect(once.status == 200)
            #expect(twice.body == once.body)
        }
    }

    @Test func `every fault of a key is told at once`() async throws {
        try await Stage.run { stage in
            let refused = try await Self.make(
                stage,
                [
                    "name": " ", "permissions": ["leads:read", "leads:delete", 7], "instance_ids": [0, 1],
                    "rate_per_minute": 0, "expires_at": "2001-01-01", "token": "crm_mine",
                ])
            #expect(
                Set(refused.faults) == [
                    "/name blank", "/permissions/1 not_allowed", "/permissions/2 not_allowed",
                    "/instance_ids/0 wrong_type", "/rate_per_minute out_of_range", "/expires_at in_the_past",
                    "/token unknown_field",
                ], "\(refused.faults)")
            #expect(
                Set(try await Self.make(stage, [:]).faults) == ["/name required", "/permissions required"])
            let foreign = try #require(
                try await stage.get("/api/v1/whatsapp/instances", key: stage.keys.other.text).data[0]?["id"]?.int64)
            let unknown = try await Self.make(
                stage, ["name": "x", "permissions": [], "instance_ids": [1, JSONValue(foreign), 999]])
            #expect(unknown.faults == ["/instance_ids/1 not_found", "/instance_ids/2 not_found"])
            let rotated = try await stage.post("\(Self.path)/1/rotate", ["overlap_seconds": 2_592_001])
            #expect(rotated.faults == ["/overlap_seconds out_of_range"])
        }
    }

    @Test func `a key that was revoked a moment ago grants nothing, though it is still remembered`() async throws {
        try await Stage.run { stage in
            let key = try await stage.newKey()
            #expect(try await Self.me(stage, key.token).status == 200)
            _ = try await stage.database.keys.revoke(key.id, of: stage.demo, now: stage.now)
            let before = try await stage.database.keys.all(of: stage.demo).count
            let made = try await Self.make(stage, ["name": "x", "permissions": []], key: key.token)
            #expect(made.status == 401, "\(made.text)")
            #expect(try await stage.database.keys.all(of: stage.demo).count == before)
        }
    }

    @Test func `a change on what has changed meanwhile is refused`() async throws {
        try await Stage.run { stage in
            let key = try await stage.newKey()
            let path = "\(Self.path)/\(key.id)"
            let match: HTTPFields = ["If-Match": try #require(try await stage.get(path).fields["ETag"])]
            #expect(try await stage.change(path, ["name": "a"], fields: match).status == 200)
            #expect(try await stage.change(path, ["name": "b"], fields: match).status == 412)
            #expect(try await stage.delete(path, fields: match).status == 412)
        }
    }
}
