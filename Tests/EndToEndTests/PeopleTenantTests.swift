import API
import Domain
import HTTP
import JSON
import Testing

@testable import leadwire

/// What belongs to one account is, to another, what does not exist.
@Suite struct PeopleTenantTests {
    private static let nobody: Int64 = 9_007_199_254_740_000

    @Test func `another account's users, tasks, fields, keys and sequences answer like none`() async throws {
        try await Stage.run { stage in
            let stranger = try await stage.newKey(of: stage.other).token
            let made: [(String, JSONValue)] = [
                ("users", ["name": "A", "email": "a@example.com"]),
                ("tasks", ["subject": "s", "type": "call", "due_date": "2026-12-01"]),
                ("custom-fields", ["name": "plano", "field_type": "text"]),
                ("api-keys", ["name": "k", "permissions": []]), ("sequences", ["name": "s"]),
            ]
            var asked = 0
            for (kind, body) in made {
                let id = try #require(try await stage.post("/api/v1/\(kind)", body).data["id"]?.int64)
                let before = try await stage.get("/api/v1/\(kind)/\(id)").body
                for route in Route.guarded where route.pattern.hasPrefix("/api/v1/\(kind)/{id}") {
                    let change: JSONValue? = route.method == .get || route.method == .delete ? nil : [:]
                    let (foreign, unknown) = try await stage.alike(
                        route.method, route.path(String(id)), route.path(String(Self.nobody)), body: change,
                        key: stranger)
                    #expect(foreign.status == 404, "\(route.name): \(foreign.text)")
                    #expect(foreign.body == unknown.body, "\(route.name)")
                    asked += 1
                }
                #expect(try await stage.get("/api/v1/\(kind)/\(id)").body == before)
                let theirs = try await stage.get("/api/v1/\(kind)", key: stranger).data.array ?? []
                #expect(!theirs.contains { $0["id"]?.int64 == id }, "\(kind)")
            }
            #expect(asked == 21)
        }
    }

    @Test func `another account's lead and sequence are none to enrol or leave`() async throws {
        try await Stage.run { stage in
            let stranger = try await stage.newKey(of: stage.other).token
            let mine = try #require(try await stage.post("/api/v1/sequences", ["name": "s"]).data["id"]?.int64)
            let theirs = try #require(
                try await stage.post("/api/v1/sequences", ["name": "s"], key: stranger).data["id"]?.int64)
            func body(_ id: Int64) -> JSONValue { ["sequence_id": JSONValue(id)] }
            for method in [HTTPMethod.get, .post, .delete] {
                let (foreign, unknown) = try await stage.alike(
                    method, "/api/v1/leads/1/sequences", "/api/v1/leads/\(Self.nobody)/sequences",
                    body: method == .get ? nil : body(theirs), key: stranger)
                #expect(foreign.status == 404, "\(method)")
                #expect(foreign.body == unknown.body, "\(method)")
            }
            let lead = try #require(try await stage.get("/api/v1/leads", key: stranger).data[0]?["id"]?.int64)
            let path = "/api/v1/leads/\(lead)/sequences"
            let (foreign, unknown) = try await stage.alike(
                .post, path, path, body: body(mine), otherBody: body(Self.nobody), key: stranger)
            #expect(foreign.faults == ["/sequence_id not_found"])
            #expect(foreign.body == unknown.body)
        }
    }
}
