import Domain
import HTTP
import JSON
import Testing

@testable import leadwire

/// Users and the account: who things are assigned to, and what the account is set to.
@Suite struct UserTests {
    private static let path = "/api/v1/users"

    @Test func `a user is made, read, changed and taken away in Syncro's shape`() async throws {
        try await Stage.run { stage in
            let made = try await stage.post(Self.path, ["name": "Rui", "email": " rui@example.com ", "role": "admin"])
            #expect(made.status == 201, "\(made.text)")
            #expect(made.data.object?.keys == ["id", "name", "email", "role"])
            #expect(made.data["email"] == "rui@example.com")
            let id = try #require(made.data["id"]?.int64)
            #expect(made.fields["Location"] == "\(Self.path)/\(id)")
            #expect(try await stage.get(Self.path).data == [made.data])
            for method in [HTTPMethod.patch, .put] {
                let changed = try await stage.change("\(Self.path)/\(id)", ["name": "Rui Prado"], method)
                #expect(changed.data["name"] == "Rui Prado", "\(changed.text)")
                #expect(changed.data["role"] == "admin")
            }
            #expect(try await stage.delete("\(Self.path)/\(id)").json == ["success": true])
            #expect(try await stage.get("\(Self.path)/\(id)").status == 404)
            #expect(try await stage.delete("\(Self.path)/\(id)").status == 404)
            #expect(try await stage.get(Self.path).data == [])
            let log = try await stage.audited("user", id)
            #expect(log.map(\.action) == ["user.delete", "user.update", "user.create"])
            #expect(log[1].changes == ["name": ["Rui", "Rui Prado"]])
        }
    }

    @Test func `an address belongs to one user, whatever its case, until they are taken away`() async throws {
        try await Stage.run { stage in
            let first = try await stage.post(Self.path, ["name": "A", "email": "a@example.com"])
            let id = try #require(first.data["id"]?.int64)
            #expect(first.data["role"] == "viewer")
            let answers = try await together(8) { _ in
                try await stage.post(Self.path, ["name": "A", "email": "A@EXAMPLE.COM"])
            }
            for answer in answers {
                #expect(answer.code == "already_exists", "\(answer.text)")
                #expect(answer.json["existing_id"]?.int64 == id)
                #expect(answer.json["matched_on"] == "email")
            }
            let other = try #require(
                try await stage.post(Self.path, ["name": "B", "email": "b@example.com"]).data["id"]?.int64)
            let taken = try await stage.change("\(Self.path)/\(other)", ["email": "a@Example.com"])
            #expect(taken.code == "already_exists")
            // Its own address in another case is no other's.
            let own = try await stage.change("\(Self.path)/\(id)", ["email": "A@example.com"])
            #expect(own.data["email"] == "A@example.com", "\(own.text)")
            _ = try await stage.delete("\(Self.path)/\(id)")
            #expect(try await stage.post(Self.path, ["name": "A", "email": "a@example.com"]).status == 201)
        }
    }

    @Test func `of many who take one address at once one gets it`() async throws {
        try await Stage.run { stage in
            let answers = try await together(16) { _ in
                try await stage.post(Self.path, ["name": "A", "email": "one@example.com"])
            }
            #expect(answers.count { $0.status == 201 } == 1)
            #expect(answers.count { $0.code == "already_exists" } == 15)
        }
    }

    @Test func `one who is taken away keeps what is theirs and gets nothing new`() async throws {
        try await Stage.run { stage in
            let user = try await stage.user("Rui Prado")
            let lead = try await stage.post("/api/v1/leads", ["name": "x", "assigned_to": JSONValue(user)])
            let id = try #require(lead.data["id"]?.int64)
            #expect(try await stage.delete("\(Self.path)/\(user)").status == 200)
            #expect(try await stage.get("/api/v1/leads/\(id)").data["assigned_to"]?.int64 == user)
            let refused = try await stage.post("/api/v1/leads", ["name": "y", "assigned_to": JSONValue(user)])
            #expect(refused.faults == ["/assigned_to not_found"])
        }
    }

    @Test func `every fault of a user is told at once`() async throws {
        try await Stage.run { stage in
            let made = try await stage.post(
                "\(Self.path)?x=1", ["name": " ", "email": "a b@c", "role": "owner", "y": 1])
            #expect(
                Set(made.faults) == [
                    "?x unknown_parameter", "/name blank", "/email invalid_email", "/role not_allowed",
                    "/y unknown_field",
                ])
            let user = try await stage.user("Rui")
            let cleared = try await stage.change(
                "\(Self.path)/\(user)", ["name": .null, "email": .null, "role": .null])
            #expect(Set(cleared.faults) == ["/name required", "/email required", "/role required"])
        }
    }

    @Test func `a change on what has changed meanwhile is refused, and a key makes one user`() async throws {
        try await Stage.run { stage in
            let answers = try await together(8) { _ in
                try await stage.post(
                    Self.path, ["name": "A", "email": "a@example.com"], fields: ["Idempotency-Key": "u"])
            }
            #expect(Set(answers.map(\.body)).count == 1)
            #expect(answers.count { $0.fields["Idempotent-Replayed"] == nil } == 1)
            let id = try #require(answers[0].data["id"]?.int64)
            let tag = try #require(try await stage.get("\(Self.path)/\(id)").fields["ETag"])
            let match: HTTPFields = ["If-Match": tag]
            #expect(try await stage.change("\(Self.path)/\(id)", ["role": "admin"], fields: match).status == 200)
            #expect(try await stage.change("\(Self.path)/\(id)", ["role": "viewer"], fields: match).status == 412)
            #expect(try await stage.delete("\(Self.path)/\(id)", fields: match).status == 412)
        }
    }

    @Test func `the account is shown and set, and its keys follow at once`() async throws {
        try await Stage.run { stage in
            let path = "/api/v1/account"
            let read = try await stage.get(path)
            #expect(read.json.object?.keys == ["success", "account"])
            let account = try #require(read.json["account"]?.object)
            #expect(
                account.keys == [
                    "id", "name", "plan", "status", "locale", "timezone", "default_country", "currency",
                ])
            let body: JSONValue = [
                "name": "Outra", "locale": "en-US", "timezone": "America/New_York", "default_country": "US",
                "currency": "USD",
            ]
            let changed = try await stage.change(path, body)
            #expect(changed.status == 200, "\(changed.text)")
            for member in body.object?.members ?? [] {
                #expect(changed.json["account"]?[member.key] == member.value, "\(member.key)")
            }
            #expect(try await stage.get(path).json == changed.json)
            let lead = try await stage.post("/api/v1/leads", ["name": "x", "phone": "(201) 555-0123"])
            #expect(lead.data["currency"] == "USD", "\(lead.text)")
            #expect(lead.data["phone"] == "+12015550123")
            #expect(try await stage.get("/api/v1/leads/0").json["message"] == "There is no such resource.")
            let stale = try await stage.change(
                path, ["name": "x"], fields: ["If-Match": try #require(read.fields["ETag"])])
            #expect(stale.status == 412)
            let theirs = try await stage.get(path, key: try await stage.newKey(of: stage.other).token)
            #expect(theirs.json["account"]?["currency"] == "BRL")
        }
    }

    @Test func `the currencies of the document are those of the code`() throws {
        let change = OpenAPIDocument.shared.root["components"]?["schemas"]?["AccountChange"]
        let listed = try #require(change?["properties"]?["currency"]?["enum"]?.array)
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        var known: Set<String> = []
        for first in letters {
            for second in letters {
                for third in letters {
                    let code = String([first, second, third])
                    if Currency.isKnown(code) { known.insert(code) }
                }
            }
        }
        #expect(Set(listed.compactMap { $0.string }) == known)
    }

    @Test func `what an account cannot be set to is refused, all at once`() async throws {
        try await Stage.run { stage in
            let path = "/api/v1/account"
            let refused = try await stage.change(
                path,
                [
                    "name": .null, "locale": "portuguese!", "timezone": "Mars/Olympus", "default_country": "XX",
                    "currency": "XXX", "plan": "scale",
                ])
            #expect(
                Set(refused.faults) == [
                    "/name required", "/locale not_allowed", "/timezone not_allowed", "/default_country not_allowed",
                    "/currency not_allowed", "/plan unknown_field",
                ])
            for zone in ["", "EST5EDT", "GMT+3", "../../etc/passwd", "/etc/localtime", "america/sao_paulo "] {
                #expect(try await stage.change(path, ["timezone": .string(zone)]).status == 422, "\(zone)")
            }
            for country in ["br", "B", "BRA", "1A", ""] {
                #expect(try await stage.change(path, ["default_country": .string(country)]).status == 422, "\(country)")
            }
        }
    }
}
