import API
import Domain
import HTTP
import JSON
import TestSupport
import Testing

@testable import leadwire

/// What holds of every answer, whatever its route (PRODUCT § 2).
@Suite struct ReadsConventionTests {
    @Test func `a method that a path does not know is 405 and names those it knows`() async throws {
        try await Stage.run { stage in
            for route in Route.table {
                let known = Set(Route.table.filter { $0.pattern == route.pattern }.map(\.method))
                for method in [HTTPMethod.get, .post, .put, .patch, .delete] where !known.contains(method) {
                    let answer = try await stage.request(method, route.path(), key: .some(nil))
                    #expect(answer.status == 405, "\(method) \(route.pattern)")
                    #expect(answer.code == "method_not_allowed")
                    let allowed = Set(
                        (answer.fields["Allow"] ?? "").split(separator: ",").map { $0.filter { $0 != " " } })
                    var expected = Set(known.map(\.rawValue))
                    if known.contains(.get) { expected.insert("HEAD") }
                    #expect(allowed == expected, "\(route.pattern)")
                }
            }
        }
    }

    @Test func `a path that is not there is 404 in JSON`() async throws {
        try await Stage.run { stage in
            for path in [
                "/", "/api", "/api/v1", "/api/v1/lead", "/api/v1/leads/", "/api/v2/leads", "/favicon.ico", "/ping/",
            ] {
                for key in [nil, stage.keys.full.text] {
                    let answer = try await stage.get(path, key: .some(key), way: .socket)
                    #expect(answer.status == 404, "\(path)")
                    #expect(answer.code == "route_not_found", "\(path)")
                    #expect(answer.fields["Content-Type"] == "application/json")
                }
            }
        }
    }

    @Test(arguments: [
        ("/ping", true), ("/api/v1/ping", true), ("/healthz", true), ("/version", true), ("/openapi.json", true),
        ("/errors", true), ("/nowhere", true), ("/readyz", false), ("/api/v1/me", false),
    ])
    func `what waits for nothing is answered on the spot, with all that every answer has`(
        _ path: String, _ isImmediate: Bool
    ) async throws {
        try await Stage.run { stage in
            let answer = stage.application.service.answer(HTTPRequest(method: .get, target: path))
            guard case .ready(let response) = answer else {
                #expect(!isImmediate)
                return
            }
            #expect(isImmediate)
            let wired = try await stage.request(.get, path, key: .some(nil), way: .socket)
            #expect(response.status.code == wired.status)
            #expect(response.fields["Content-Type"] == wired.fields["Content-Type"])
            #expect(response.requestID?.hasPrefix("req_") == true)
            #expect(wired.fields["X-Request-Id"]?.hasPrefix("req_") == true)
            let metrics = try await stage.get("/metrics", key: .some(nil))
            let route = path == "/nowhere" ? "none" : "GET \(path)"
            #expect(
                metrics.text.contains("leadwire_http_requests_total{route=\"\(route)\",status=\"\(wired.status)\"}"))
        }
    }

    @Test func `HEAD answers as GET does, without the body`() async throws {
        try await Stage.run { stage in
            for path in ["/ping", "/api/v1/leads/1", "/api/v1/leads", "/api/v1/leads/999999"] {
                let get = try await stage.request(.get, path, way: .socket)
                let head = try await stage.request(.head, path, way: .socket)
                #expect(head.status == get.status, "\(path)")
                #expect(head.body.isEmpty, "\(path)")
                #expect(head.fields["Content-Length"] == get.fields["Content-Length"], "\(path)")
                #expect(head.fields["ETag"] == get.fields["ETag"], "\(path)")
                #expect(head.fields["Content-Type"] == get.fields["Content-Type"], "\(path)")
            }
        }
    }

    @Test func `a request id goes through, and one that is unfit is replaced`() async throws {
        try await Stage.run { stage in
            for path in ["/ping", "/api/v1/me", "/api/v1/leads/999999", "/nowhere"] {
                let given = try await stage.request(.get, path, fields: ["X-Request-Id": "a.B-9_z"])
                #expect(given.fields["X-Request-Id"] == "a.B-9_z", "\(path)")
                if given.status != 200 { #expect(given.json["request_id"] == "a.B-9_z") }
                for unfit in ["", " ", "a b", "a\"b", "é", String(repeating: "a", count: 65)] {
                    let answer = try await stage.request(.get, path, fields: ["X-Request-Id": unfit])
                    let id = try #require(answer.fields["X-Request-Id"])
                    #expect(id != unfit && id.hasPrefix("req_"), "\(path)")
                }
                let (one, two) = (try await stage.get(path), try await stage.get(path))
                #expect(one.fields["X-Request-Id"] != two.fields["X-Request-Id"])
            }
        }
    }

    @Test func `messages speak the account's language, and Accept-Language overrides it`() async throws {
        try await Stage.run { stage in
            func ask(_ language: String?, key: String?) async throws -> (String?, String?) {
                var fields: HTTPFields = [:]
                if let language { fields["Accept-Language"] = language }
                let answer = try await stage.request(.get, "/api/v1/leads/999999", key: .some(key), fields: fields)
                return (answer.json["message"]?.string, answer.fields["Content-Language"])
            }
            let key = stage.keys.full.text
            let portuguese = try await ask(nil, key: key)
            let english = try await ask("en", key: key)
            #expect(portuguese.1 == "pt")
            #expect(english.1 == "en")
            #expect(portuguese.0 != english.0)
            for language in ["en-US,en;q=0.9", "fr, en;q=0.5, pt;q=0.1", "EN"] {
                #expect(try await ask(language, key: key) == english, "\(language)")
            }
            for language in ["pt", "pt-PT", "fr", "*", "de, ja", "en;q=0", ""] {
                #expect(try await ask(language, key: key) == portuguese, "\(language)")
            }
            // Without a key there is no account: English, unless asked otherwise.
            #expect(try await ask(nil, key: nil).1 == "en")
            #expect(try await ask("pt-BR", key: nil).1 == "pt")
        }
    }

    @Test func `a resource that has not changed is 304`() async throws {
        try await Stage.run { stage in
            for path in [
                "/api/v1/leads/1", "/api/v1/whatsapp/instances/1", "/api/v1/whatsapp/templates/1", "/api/v1/me",
                "/openapi.json",
            ] {
                let first = try await stage.get(path, way: .socket)
                let tag = try #require(first.fields["ETag"], "\(path)")
                for value in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] {
                    let again = try await stage.request(.get, path, fields: ["If-None-Match": value], way: .socket)
                    #expect(again.status == 304, "\(path) \(value)")
                    #expect(again.body.isEmpty)
                    #expect(again.fields["ETag"] == tag)
                }
                let other = try await stage.request(.get, path, fields: ["If-None-Match": "\"x\""])
                #expect(other.status == 200)
                #expect(other.fields["ETag"] == tag)
            }
        }
    }

    @Test func `a lead's tag changes with it`() async throws {
        try await Stage.run { stage in
            let before = try await stage.get("/api/v1/leads/1").fields["ETag"]
            _ = try await stage.post("/api/v1/leads", ["name": "Ana", "phone": "+5511987651001", "company": "Nova"])
            #expect(try await stage.get("/api/v1/leads/1").fields["ETag"] != before)
        }
    }

    @Test func `personal data is kept by no cache`() async throws {
        try await Stage.run { stage in
            for route in Route.guarded {
                let answer = try await stage.request(
                    route.method, route.path(), body: route.method == .post ? Array("{}".utf8) : nil)
                #expect(answer.fields["Cache-Control"] == "no-store", "\(route.name) \(answer.status)")
                let isFile = route.pattern == "/api/v1/leads/export"
                #expect(
                    answer.fields["Content-Type"] == (isFile ? "application/x-ndjson" : "application/json"),
                    "\(route.name)")
            }
            #expect(try await stage.get("/api/v1/leads/999").fields["Cache-Control"] == "no-store")
            #expect(try await stage.get("/ping").fields["Cache-Control"] == nil)
        }
    }

    @Test func `the dictionary of errors holds every code in both languages`() async throws {
        try await Stage.run { stage in
            for path in ["/errors", "/api/v1/errors"] {
                let english = try await stage.request(.get, path, key: .some(nil), fields: ["Accept-Language": "en"])
                let portuguese = try await stage.request(.get, path, key: .some(nil), fields: ["Accept-Language": "pt"])
                #expect(english.data.array?.count == ProblemCode.allCases.count)
                for (one, two) in zip(english.data.array ?? [], portuguese.data.array ?? []) {
                    #expect(one["code"] == two["code"])
                    for key in ["message", "cause", "remedy"] {
                        #expect(one[key]?.string?.isEmpty == false, "\(one["code"]?.string ?? "")")
                        #expect(one[key] != two[key], "\(one["code"]?.string ?? "") \(key)")
                    }
                }
            }
        }
    }

    @Test func `the process says that it lives, that it is ready, and what it is`() async throws {
        try await Stage.run { stage in
            #expect(try await stage.get("/ping", key: .some(nil)).json == ["success": true, "message": "pong"])
            #expect(try await stage.get("/healthz", key: .some(nil)).json == ["success": true, "status": "ok"])
            // It has stood still while the stage was set, and two seconds of skew are too many.
            stage.clock.catchUp()
            #expect(try await stage.get("/readyz", key: .some(nil)).json == ["success": true, "status": "ready"])
            let version = try await stage.get("/version", key: .some(nil)).data
            #expect(version["name"] == "leadwire")
            let document = try await stage.get("/openapi.json", key: .some(nil), way: .socket)
            #expect(document.json["openapi"]?.string?.hasPrefix("3.1") == true)
            let yaml = try await stage.get("/openapi.yaml", key: .some(nil), way: .socket)
            #expect(yaml.body == document.body)
            #expect(yaml.fields["Content-Type"] == "application/yaml")
            let metrics = try await stage.get("/metrics", key: .some(nil))
            #expect(metrics.text.contains("leadwire_http_requests_total"))
            // A clock that disagrees with the database's is no state to serve in.
            stage.clock.advance(by: .seconds(60))
            let skewed = try await stage.get("/readyz", key: .some(nil))
            #expect(skewed.status == 503)
            #expect(skewed.fields["Retry-After"] != nil)
        }
    }
}
