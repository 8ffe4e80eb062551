import API
import Domain
import HTTP
import JSON
import Testing

@testable import leadwire

/// What no route can read: a clear refusal that tells all faults, and nothing is stored.
@Suite struct BadInputTests {
    struct Bad: Sendable, CustomTestStringConvertible {
        let name: String
        let body: [UInt8]
        let status: Int
        let faults: Set<String>

        init(_ name: String, _ text: String, _ faults: Set<String>, status: Int = 400) {
            self.init(name, Array(text.utf8), faults, status: status)
        }

        init(_ name: String, _ body: [UInt8], _ faults: Set<String>, status: Int = 400) {
            self.name = name
            self.body = body
            self.status = status
            self.faults = faults
        }

        var testDescription: String { name }
    }

    /// A body whose name holds these bytes.
    private static func named(_ bytes: [UInt8]) -> [UInt8] {
        Array(#"{"name": ""#.utf8) + bytes + Array(#""}"#.utf8)
    }

    static let unreadable: [Bad] = [
        Bad("an empty body", "", ["empty"]),
        Bad("blanks alone", " \r\n\t", ["empty"]),
        Bad("an object that does not end", #"{"name": "Ana""#, ["unexpected_end"]),
        Bad("a word", "leads", ["unexpected_byte"]),
        Bad("a form", "name=Ana&phone=11", ["unexpected_byte"]),
        Bad("a comma too many", #"{"name": "Ana",}"#, ["unexpected_byte"]),
        Bad("single quotes", "{'name': 'Ana'}", ["unexpected_byte"]),
        Bad("a comment", #"{"name": "Ana" /* x */}"#, ["unexpected_byte"]),
        Bad("NaN", #"{"value": NaN}"#, ["unexpected_byte"]),
        Bad("a number with a leading zero", #"{"value": 012}"#, ["invalid_number"]),
        Bad("two values", "{} {}", ["trailing_data"]),
        Bad("a byte order mark", [0xef, 0xbb, 0xbf] + Array("{}".utf8), ["unexpected_byte"]),
        Bad("a key twice", #"{"name": "Ana", "name": "Bia"}"#, ["duplicate_key"]),
        Bad("a key twice, once in escapes", #"{"name": "Ana", "\u006eame": "Bia"}"#, ["duplicate_key"]),
        Bad("a lone surrogate", #"{"name": "\ud83d"}"#, ["lone_surrogate"]),
        Bad("surrogates the wrong way round", #"{"name": "\ude00\ud83d"}"#, ["lone_surrogate"]),
        Bad(
            "bytes that are no UTF-8", named([0xc3, 0x28]), ["invalid_utf8"]),
        Bad("an overlong slash", named([0xc0, 0xaf]), ["invalid_utf8"]),
        Bad("a raw NUL", named([0]), ["control_character"]),
        Bad("a raw line break", "{\"name\": \"a\nb\"}", ["control_character"]),
        Bad("an escape that is none", #"{"name": "\x41"}"#, ["invalid_escape"]),
        Bad(
            "10,000 levels of arrays",
            #"{"name": "# + String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000) + "}",
            ["too_deep"]),
        Bad("10,000 levels of objects", String(repeating: #"{"a":"#, count: 10_000), ["too_deep"]),
        Bad(
            "several faults at once", #"{"a": 1, "a": 2, "name": "\ud83d", "b": {"c": 1, "c": 2}}"#,
            ["duplicate_key", "lone_surrogate"]),
        Bad("an array", "[]", ["wrong_type"], status: 422),
        Bad("a string", #""name""#, ["wrong_type"], status: 422),
        Bad("null", "null", ["wrong_type"], status: 422),
        Bad("a number", "1e400", ["wrong_type"], status: 422),
    ]

    @Test func `every POST refuses what it cannot read, and stores nothing`() async throws {
        try await Stage.run { stage in
            let before = try await stage.rows()
            let calls = try await stage.providerCalls()
            for route in Route.guarded where route.takesBody {
                for bad in Self.unreadable {
                    let answer = try await stage.request(.post, route.path(), body: bad.body)
                    #expect(answer.status == bad.status, "\(route.name), \(bad.name): \(answer.text)")
                    #expect(Set(answer.details.compactMap { $0["code"]?.string }) == bad.faults, "\(bad.name)")
                    if bad.status == 400 {
                        #expect(answer.code == "malformed_json", "\(bad.name)")
                        for detail in answer.details {
                            #expect(detail["line"]?.int64 ?? 0 > 0, "\(bad.name)")
                            #expect(detail["offset"]?.int64 != nil, "\(bad.name)")
                        }
                    }
                }
            }
            #expect(try await stage.rows() == before)
            #expect(try await stage.providerCalls() == calls)
        }
    }

    @Test func `both duplicates and the broken text are told with their places`() async throws {
        try await Stage.run { stage in
            let body = #"{"name": "\ud83d", "tags": [1], "tags": [2], "custom_fields": {"a": 1, "a": 2}}"#
            let answer = try await stage.request(.post, "/api/v1/leads", body: Array(body.utf8))
            #expect(answer.status == 400)
            #expect(
                Set(answer.faults) == [
                    "/name lone_surrogate", "/tags duplicate_key", "/custom_fields/a duplicate_key",
                ], "\(answer.faults)")
        }
    }

    @Test(arguments: [
        "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", "json",
        "application/json; charset=iso-8859-1", "application/jsonp", "",
    ])
    func `a body that does not call itself JSON is 415`(_ type: String) async throws {
        try await Stage.run { stage in
            let before = try await stage.rows()
            for route in Route.guarded where route.takesBody {
                let answer = try await stage.request(
                    .post, route.path(), body: Array(#"{"name": "Ana"}"#.utf8), fields: ["Content-Type": type])
                #expect(answer.status == 415, "\(route.name)")
                #expect(answer.code == "unsupported_media_type")
            }
            #expect(try await stage.rows() == before)
        }
    }

    @Test func `a compressed body is 415, other spellings of JSON are taken`() async throws {
        try await Stage.run { stage in
            let body = Array(#"{"name": "Ana"}"#.utf8)
            let packed = try await stage.request(
                .post, "/api/v1/leads", body: body, fields: ["Content-Encoding": "gzip"])
            #expect(packed.status == 415)
            for type in [
                "application/json;charset=UTF-8", "APPLICATION/JSON", "application/vnd.crm+json",
                "application/json; charset=\"utf-8\"",
            ] {
                let answer = try await stage.request(.post, "/api/v1/leads", body: body, fields: ["Content-Type": type])
                #expect(answer.status == 201, "\(type)")
            }
        }
    }

    @Test func `a body beyond what the route takes is 413 in JSON`() async throws {
        try await Stage.run { stage in
            let before = try await stage.rows()
            let text = String(repeating: "a", count: 2 << 20)
            for route in Route.guarded where route.takesBody {
                let isLarge = ["/batch", "/batches", "/batches/preflight"].contains { route.pattern.hasSuffix($0) }
                let times = isLarge ? 4 : 1
                let names = JSONValue.array((0..<times).map { _ in .string(text) })
                let answer = try await stage.post(route.path(), ["name": names], way: .socket)
                #expect(answer.status == 413, "\(route.name)")
                #expect(answer.code == "body_too_large")
                #expect(answer.json["request_id"]?.string?.isEmpty == false)
            }
            #expect(try await stage.rows() == before)
            // A hook's body may be that long: here it is refused for its signature.
            let hook = try await stage.request(
                .post, "/hooks/cloud-api/nobody", body: Array(text.utf8), key: .some(nil), way: .socket)
            #expect(hook.status == 401)
        }
    }

    /// What no id can be.
    static let badIDs = [
        "0", "-1", "+1", "01", "1.0", "1e3", "9007199254740992", "9223372036854775808",
        "99999999999999999999999999", "abc", "null", "%31%00", "1%20", "%F0%9F%98%80", "%FF", "%ED%A0%80",
    ]

    @Test func `an id that cannot be is 404 in a path`() async throws {
        try await Stage.run { stage in
            let before = try await stage.rows()
            for route in Route.guarded where route.pattern.contains("{id}") {
                for id in Self.badIDs {
                    let answer = try await stage.request(
                        route.method, route.path(id),
                        body: route.method == .post ? Array(#"{"message": "Oi"}"#.utf8) : nil)
                    #expect([404, 422].contains(answer.status), "\(route.name) \(id): \(answer.status)")
                    #expect(answer.json["success"] == false)
                }
            }
            #expect(try await stage.rows() == before)
        }
    }

    @Test func `a path with broken escapes is refused in JSON over a socket too`() async throws {
        try await Stage.run { stage in
            for path in ["/api/v1/leads/%", "/api/v1/leads/%zz", "/api/v1/leads/%2", "/%%%", "/api/v1/leads/%00"] {
                let memory = try await stage.get(path)
                #expect([400, 404].contains(memory.status), "\(path)")
                #expect(memory.json["code"]?.string != nil, "\(path)")
            }
        }
    }
}
