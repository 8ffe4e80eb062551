import API
import Domain
import EventLoop
import HTTP
import JSON
import Storage
import TestSupport
import Testing

@testable import leadwire

/// Who is let in: every route against every kind of key.
@Suite struct AccessTests {
    /// The answer of `route` to `key`, under a fixed request id.
    private static func ask(_ stage: Stage, _ route: Route, _ key: String?) async throws -> Answer {
        try await stage.request(
            route.method, route.path(), body: route.method == .post ? Array("{}".utf8) : nil, key: .some(key),
            fields: ["X-Request-Id": "same"])
    }

    @Test func `without a valid key every route answers one and the same 401`() async throws {
        try await Stage.run { stage in
            let good = stage.keys.full.text
            let revoked = try await stage.newKey()
            _ = try await stage.database.keys.revoke(revoked.id, of: stage.demo, now: stage.now)
            let expired = try await stage.newKey(expiresAt: stage.now)
            let unknown = try #require(APIKeyToken(random: Array(0...255)))
            let last = good.last == "0" ? "1" : "0"
            let keys: [(name: String, key: String?)] = [
                ("no key", nil), ("malformed", "crm_short"), ("empty", ""), ("not ours", "sk_live_12345"),
                ("wrong checksum", String(good.dropLast()) + last), ("unknown", unknown.text),
                ("revoked", revoked.token), ("expired", expired.token), ("two tokens in one", good + good),
            ]
            var bodies: Set<[UInt8]> = []
            for route in Route.guarded {
                for (name, key) in keys {
                    let answer = try await Self.ask(stage, route, key)
                    #expect(answer.status == 401, "\(route.name), \(name)")
                    #expect(answer.code == "unauthorized", "\(route.name), \(name)")
                    #expect(answer.fields["WWW-Authenticate"] != nil, "\(route.name), \(name)")
                    #expect(answer.fields["X-RateLimit-Limit"] == nil, "\(route.name), \(name)")
                    bodies.insert(answer.body)
                }
            }
            #expect(bodies.count == 1)
        }
    }

    @Test func `a key without a route's permission is told which one it lacks`() async throws {
        try await Stage.run { stage in
            for route in Route.guarded {
                guard case .needs(let permission) = route.access else { continue }
                let without = try await stage.newKey(Set(Permission.allCases).subtracting([permission]))
                let refused = try await Self.ask(stage, route, without.token)
                #expect(refused.status == 403, "\(route.name)")
                #expect(refused.code == "permission_denied", "\(route.name)")
                #expect(refused.json["required_permission"]?.string == permission.rawValue, "\(route.name)")
                // The other way round: this permission alone is enough.
                let only = try await stage.newKey([permission])
                let admitted = try await Self.ask(stage, route, only.token)
                #expect(admitted.status != 401, "\(route.name)")
                #expect(admitted.code != "permission_denied", "\(route.name)")
            }
            let bare = try await stage.newKey([])
            #expect(try await stage.get("/api/v1/me", key: bare.token).status == 200)
        }
    }

    @Test func `a suspended account is told so on every route, and let in again afterwards`() async throws {
        try await Stage.run { stage in
            _ = try await stage.database.accounts.set(.suspended, of: stage.other, now: stage.now)
            for route in Route.guarded {
                let answer = try await Self.ask(stage, route, stage.keys.other.text)
                #expect(answer.status == 403, "\(route.name)")
                #expect(answer.code == "account_suspended", "\(route.name)")
                #expect(answer.json["required_permission"] == nil, "\(route.name)")
            }
            // The demo account is not touched by it.
            #expect(try await stage.get("/api/v1/me").status == 200)
            _ = try await stage.database.accounts.set(.active, of: stage.other, now: stage.now)
            let fresh = try await stage.newKey(of: stage.other)
            #expect(try await stage.get("/api/v1/me", key: fresh.token).status == 200)
        }
    }

    @Test func `open routes ask for no key and mind none`() async throws {
        try await Stage.run { stage in
            // A signed link is a key by itself.
            for route in Route.open where !route.pattern.hasPrefix("/hooks/") && !route.pattern.hasSuffix("/content") {
                for key in [nil, "crm_nonsense", stage.keys.full.text] {
                    // Readiness minds a clock that lags behind the database's.
                    stage.clock.catchUp()
                    let answer = try await Self.ask(stage, route, key)
                    #expect(answer.status == 200, "\(route.name)")
                    #expect(answer.fields["X-RateLimit-Limit"] == nil, "\(route.name)")
                }
            }
        }
    }

    @Test func `the key comes in either header, and never in the query`() async throws {
        try await Stage.run { stage in
            let key = stage.keys.full.text
            for scheme in ["Bearer", "bearer", "BEARER"] {
                let answer = try await stage.request(
                    .get, "/api/v1/me", key: .some(nil), fields: ["Authorization": "\(scheme) \(key)"])
                #expect(answer.status == 200, "\(scheme)")
            }
            for value in [key, "Basic \(key)", "Bearer", "Bearer \(key) \(key)"] {
                let answer = try await stage.request(
                    .get, "/api/v1/me", key: .some(nil), fields: ["Authorization": value])
                #expect(answer.status == 401)
            }
            for parameter in ["api_key", "key", "X-API-Key", "access_token"] {
                let answer = try await stage.get("/api/v1/me?\(parameter)=\(key)", key: .some(nil))
                #expect(answer.status == 401, "\(parameter)")
            }
            var twice: HTTPFields = [:]
            twice.append("X-API-Key", key)
            twice.append("X-API-Key", stage.keys.other.text)
            #expect(try await stage.request(.get, "/api/v1/me", key: .some(nil), fields: twice).status == 401)
        }
    }

    @Test func `a key that is revoked in use is refused within two seconds`() async throws {
        try await Stage.run { stage in
            let key = try await stage.newKey(rate: 10_000_000)
            #expect(try await stage.get("/api/v1/me", key: key.token).status == 200)
            _ = try await stage.database.keys.revoke(key.id, of: stage.demo, now: stage.now)
            let revokedAt = MonotonicTime.now
            var status = 200
            while MonotonicTime.now - revokedAt < .seconds(10) {
                // What began in time may be answered late on a busy machine.
                let begun = MonotonicTime.now
                status = try await stage.get("/api/v1/me", key: key.token, way: .socket).status
                guard status == 200 else { break }
                #expect(begun - revokedAt < .seconds(2))
            }
            #expect(status == 401)
        }
    }

    @Test func `me tells who is calling`() async throws {
        try await Stage.run { stage in
            let key = try await stage.newKey(
                [.leadsRead, .whatsappRead], instances: [Instance.ID(2)], rate: 77,
                expiresAt: Timestamp(rfc3339: "2099-01-02T03:04:05Z"))
            let me = try await stage.get("/api/v1/me", key: key.token).data
            #expect(me["account"] == ["id": JSONValue(stage.demo.rawValue), "name": "Demo"])
            #expect(me["key"]?["id"]?.int64 == key.id.rawValue)
            #expect(me["key"]?["prefix"]?.string == String(key.token.prefix(8)))
            #expect(me["key"]?["permissions"] == ["leads:read", "whatsapp:read"])
            #expect(me["key"]?["instance_ids"] == [2])
            #expect(me["key"]?["rate_per_minute"] == 77)
            #expect(me["key"]?["expires_at"] == "2099-01-02T03:04:05.000Z")
            let unbound = try await stage.get("/api/v1/me").data
            #expect(unbound["key"]?["instance_ids"]?.isNull == true)
        }
    }
}
