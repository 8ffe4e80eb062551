import API
import Domain
import HTTP
import JSON
import Storage
import Testing

@testable import leadwire

/// Nothing crosses from one account to another, nor from one instance to a key that is bound to another.
@Suite struct AccessTenantTests {
    /// No row has it.
    private static let nobody: Int64 = 9_007_199_254_740_000

    @Test func `another account's ids answer like ids that do not exist`() async throws {
        try await Stage.run { stage in
            let lead = try await stage.lead(phone: "+5511987650100")
            let sent = try await stage.sendText("Oi", lead: lead, instance: 1)
            let message = try #require(sent.message["id"]?.int64)
            let routes: [(String, Int64)] = [
                ("/api/v1/leads/", lead), ("/api/v1/whatsapp/instances/", 1), ("/api/v1/whatsapp/templates/", 1),
                ("/api/v1/messages/", message),
            ]
            for (path, id) in routes {
                #expect(try await stage.get("\(path)\(id)").status == 200, "\(path)")
                let (foreign, unknown) = try await stage.alike(
                    .get, "\(path)\(id)", "\(path)\(Self.nobody)", key: stage.keys.other.text)
                #expect(foreign.status == 404, "\(path)")
                #expect(foreign.code == "not_found", "\(path)")
                #expect(foreign.body == unknown.body, "\(path)")
            }
        }
    }

    @Test func `sending to another account's lead answers like sending to nobody`() async throws {
        try await Stage.run { stage in
            let before = try await stage.ownRows()
            let bodies: [(String, JSONValue)] = [
                ("send-whatsapp", ["message": "Oi"]),
                ("send-whatsapp-template", ["template_id": 1, "variables": ["a", "b", "c"]]),
                ("whatsapp/preflight", ["message": "Oi"]),
            ]
            for (route, body) in bodies {
                let (foreign, unknown) = try await stage.alike(
                    .post, "/api/v1/leads/1/\(route)", "/api/v1/leads/\(Self.nobody)/\(route)", body: body,
                    key: stage.keys.other.text)
                #expect(foreign.status == 404, "\(route)")
                #expect(foreign.body == unknown.body, "\(route)")
            }
            #expect(try await stage.ownRows() == before)
        }
    }

    @Test func `another account's instance, template or message in a body is one that does not exist`() async throws {
        try await Stage.run { stage in
            let lead = try await stage.lead(phone: "+5511987650101")
            let message = try #require(try await stage.sendText("Oi", lead: lead, instance: 1).message["id"]?.int64)
            let theirs = try #require(
                try await stage.database.run(
                    stage.database.leads.list(.init(), of: stage.other, before: nil, limit: 1)
                ).first)
            let before = try await stage.ownRows()
            func text(_ key: String, _ id: Int64) -> JSONValue {
                .object(JSONObject([("message", "Oi"), (key, JSONValue(id))]))
            }
            func template(_ id: Int64) -> JSONValue {
                ["template_id": JSONValue(id), "variables": ["a", "b", "c"]]
            }
            let cases: [(String, JSONValue, JSONValue)] = [
                ("send-whatsapp", text("instance_id", 1), text("instance_id", Self.nobody)),
                ("send-whatsapp", text("reply_to", message), text("reply_to", Self.nobody)),
                ("send-whatsapp-template", template(1), template(Self.nobody)),
                ("whatsapp/preflight", template(1), template(Self.nobody)),
                ("whatsapp/preflight", text("instance_id", 1), text("instance_id", Self.nobody)),
            ]
            for (route, body, unknownBody) in cases {
                let path = "/api/v1/leads/\(try theirs.id)/\(route)"
                let (foreign, unknown) = try await stage.alike(
                    .post, path, path, body: body, otherBody: unknownBody, key: stage.keys.other.text)
                #expect(foreign.body == unknown.body, "\(route): \(foreign.text)")
                #expect(foreign.status == unknown.status)
                if route != "whatsapp/preflight" { #expect(foreign.status == 422, "\(route)") }
            }
            #expect(try await stage.ownRows() == before)
        }
    }

    @Test func `lists hold the caller's own account and nothing else`() async throws {
        try await Stage.run { stage in
            let theirs = stage.keys.other.text
            let leads = try await stage.get("/api/v1/leads?per_page=200", key: theirs)
            #expect(leads.data.array?.compactMap { $0["name"]?.string } == ["Úrsula Teixeira"])
            #expect(leads.json["meta"]?["total"] == 1)
            #expect(try await stage.get("/api/v1/leads?q=Ana", key: theirs).data.array?.isEmpty == true)
            #expect(try await stage.get("/api/v1/leads?stage_id=1", key: theirs).data.array?.isEmpty == true)
            let instances = try await stage.get("/api/v1/whatsapp/instances", key: theirs)
            #expect(instances.data.array?.compactMap { $0["phone_number"]?.string } == ["+5531987650000"])
            let mine = Set(
                try await stage.get("/api/v1/whatsapp/templates").data.array?.compactMap { $0["id"]?.int64 } ?? [])
            let other = Set(
                try await stage.get("/api/v1/whatsapp/templates", key: theirs).data.array?
                    .compactMap { $0["id"]?.int64 } ?? [])
            #expect(!mine.isEmpty && !other.isEmpty && mine.isDisjoint(with: other))
            let foreign = try await stage.get("/api/v1/whatsapp/templates?instance_id=2", key: theirs)
            #expect(foreign.status == 200)
            #expect(foreign.data.array?.isEmpty == true)
        }
    }

    @Test func `a key bound to one instance sees nothing of the others`() async throws {
        try await Stage.run { stage in
            let lead = try await stage.lead(phone: "+5511987650102")
            let template = try await stage.sendTemplate(1, ["Ana", "proposta", "10/07"], lead: lead)
            let official = try #require(template.message["id"]?.int64)
            let plain = try #require(try await stage.sendText("Oi", lead: lead, instance: 1).message["id"]?.int64)
            let bound = try await stage.newKey(instances: [Instance.ID(1)]).token

            let list = try await stage.get("/api/v1/whatsapp/instances", key: bound)
            #expect(list.data.array?.compactMap { $0["id"]?.int64 } == [1])
            #expect(try await stage.get("/api/v1/whatsapp/instances/1", key: bound).status == 200)
            #expect(try await stage.get("/api/v1/messages/\(plain)", key: bound).status == 200)
            #expect(try await stage.get("/api/v1/whatsapp/templates", key: bound).data.array?.isEmpty == true)
            for (path, id) in [
                ("/api/v1/whatsapp/instances/", 2), ("/api/v1/whatsapp/templates/", 1), ("/api/v1/messages/", official),
            ] {
                let (hidden, unknown) = try await stage.alike(.get, "\(path)\(id)", "\(path)\(Self.nobody)", key: bound)
                #expect(hidden.status == 404, "\(path)")
                #expect(hidden.body == unknown.body, "\(path)")
            }

            let before = try await stage.ownRows()
            let calls = try await stage.providerCalls()
            for route in ["send-whatsapp", "whatsapp/preflight"] {
                let path = "/api/v1/leads/\(lead)/\(route)"
                let (hidden, unknown) = try await stage.alike(
                    .post, path, path, body: ["message": "Oi", "instance_id": 2],
                    otherBody: ["message": "Oi", "instance_id": JSONValue(Self.nobody)], key: bound)
                #expect(hidden.body == unknown.body, "\(route)")
            }
            // Its templates go out by the instance that the key does not see.
            let unseen = try await stage.sendTemplate(1, ["Ana", "proposta", "10/07"], lead: lead, key: bound)
            #expect(unseen.status == 422)
            #expect(try await stage.ownRows() == before)
            #expect(try await stage.providerCalls() == calls)
        }
    }

    @Test func `a key bound to the official number sends by it alone`() async throws {
        try await Stage.run { stage in
            let bound = try await stage.newKey(instances: [Instance.ID(2)]).token
            let sent = try await stage.sendTemplate(1, ["Ana", "proposta", "10/07"], key: bound)
            #expect(sent.status == 201)
            #expect(sent.message["instance_id"] == 2)
            // The primary is another: the only instance it sees is the one it takes.
            let text = try await stage.sendText("Oi", lead: 2, key: bound)
            #expect(text.code == "window_closed", "\(text.text)")
        }
    }
}
