import API
import EventLoop
import HTTP
import JSON
import TestSupport
import Testing

/// The document's examples, sent in its order to a fresh stage.
@Suite struct OpenAPIExampleTests {
    private struct Case: Sendable {
        let operation: OpenAPIDocument.Operation
        let response: OpenAPIDocument.Response
        let name: String
        let example: JSONValue
        let request: JSONValue
    }

    /// Those that say how they are asked for; the others are answers that a running demo cannot be brought to.
    private static func cases() -> [Case] {
        let document = OpenAPIDocument.shared
        return document.operations.flatMap { operation in
            document.responses(of: operation).flatMap { response in
                response.examples.compactMap { example in
                    let isAsked =
                        example.value["x-request"] != nil || document.requestBody(of: operation, example.key) != nil
                    guard isAsked, !operation.path.hasPrefix("/hooks/") else { return nil }
                    return Case(
                        operation: operation, response: response, name: example.key,
                        example: example.value["value"] ?? .null,
                        request: example.value["x-request"] ?? .object(JSONObject()))
                }
            }
        }
    }

    @Test func `the server answers the document's examples, value by value`() async throws {
        try await Stage.run { stage in
            let cases = Self.cases()
            #expect(cases.count > 35)
            for one in cases {
                let title: Comment = "\(one.operation.id) \(one.response.status) \(one.name)"
                // Readiness compares the clock with the database's.
                stage.clock.catchUp()
                let answer = try await Self.send(one, to: stage)
                #expect(answer.status == one.response.status, title)
                let schema = try #require(one.response.schema, title)
                let judged = OpenAPISchemaChecker.check(answer.json, schema, isClosed: true)
                #expect(judged.faults == [], title)
                #expect(
                    OpenAPIExampleComparison.differences(
                        Self.asAccepted(answer.json), from: one.example, volatile: judged.volatile) == [], title)
                if let code = answer.code { #expect(one.response.errorCodes.contains(code), title) }
                Self.expectHeaders(of: answer, one.response, title)
            }
            try await Self.expectNotModified(cases, on: stage)
            try await Self.expectReplays(cases, on: stage)
        }
    }

    /// Every operation that documents 304 gives it to who knows the tag.
    @Reactor
    private static func expectNotModified(_ cases: [Case], on stage: Stage) async throws {
        var asked = 0
        for one in cases where one.response.headerNames.contains("ETag") && one.operation.method == "get" {
            #expect(OpenAPIDocument.shared.response(304, of: one.operation) != nil)
            let tag = try #require(try await send(one, to: stage).fields["ETag"])
            let again = try await send(one, to: stage, with: ["If-None-Match": tag])
            #expect(again.status == 304, "\(one.operation.id)")
            #expect(again.body.isEmpty)
            asked += 1
        }
        #expect(asked >= 5)
    }

    /// Every success under an `Idempotency-Key` comes again, and says so.
    @Reactor
    private static func expectReplays(_ cases: [Case], on stage: Stage) async throws {
        var asked = 0
        for one in cases where one.response.status == 201 && one.request["headers"]?["Idempotency-Key"] != nil {
            let title: Comment = "\(one.operation.id) \(one.name)"
            let again = try await send(one, to: stage)
            #expect(again.status == 201, title)
            #expect(again.fields["Idempotent-Replayed"] == "true", title)
            let judged = OpenAPISchemaChecker.check(again.json, one.response.schema ?? .null, isClosed: true)
            #expect(
                OpenAPIExampleComparison.differences(
                    asAccepted(again.json), from: one.example, volatile: judged.volatile) == [], title)
            asked += 1
        }
        #expect(asked == 2)
    }

    /// The provider's webhook may overtake the answer: a message that has climbed above `accepted` was accepted too.
    private static func asAccepted(_ json: JSONValue) -> JSONValue {
        guard case .object(var answer) = json, case .object(var data)? = answer["data"],
            case .object(var message)? = data["message"],
            ["sent", "delivered", "read"].contains(message["status"]?.string)
        else { return json }
        message["status"] = "accepted"
        for key in ["sent_at", "delivered_at", "read_at"] { message[key] = .null }
        data["message"] = .object(message)
        answer["data"] = .object(data)
        return .object(answer)
    }

    /// Those that an answer always carries when its response documents them.
    private static func expectHeaders(
        of answer: Answer, _ response: OpenAPIDocument.Response, _ title: Comment
    ) {
        let always: Set<String> = [
            "X-Request-Id", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "RateLimit",
            "RateLimit-Policy", "ETag", "Location", "Content-Language", "WWW-Authenticate", "Allow",
        ]
        for name in response.headerNames where always.contains(name) {
            #expect(answer.fields[name] != nil, "\(title.rawValue): \(name)")
        }
        for name in always where answer.fields[name] != nil {
            #expect(response.headerNames.contains(name), "\(title.rawValue): \(name) is not documented")
        }
    }

    @Reactor
    private static func send(
        _ one: Case, to stage: Stage, with more: HTTPFields = [:]
    ) async throws -> Answer {
        var path = one.operation.path
        for member in one.request["path"]?.object?.members ?? [] {
            path = path.replacing("{\(member.key)}", with: member.value.number?.text ?? member.value.string ?? "")
        }
        if let query = one.request["query"]?.string { path += "?\(query)" }
        var fields = more
        for member in one.request["headers"]?.object?.members ?? [] { fields[member.key] = member.value.string }
        let method = try #require(HTTPMethod(rawValue: one.operation.method.uppercased()))
        let body = OpenAPIDocument.shared.requestBody(of: one.operation, one.name)
        let key: String?? = one.request["anonymous"] == true ? .some(nil) : .none
        return try await stage.request(method, path, body: body?.serialized(), key: key, fields: fields)
    }

    @Test func `the document is served as it lies in the repository, and a second look costs nothing`() async throws {
        try await Stage.run { stage in
            for path in ["/openapi.json", "/openapi.yaml"] {
                let answer = try await stage.get(path, key: .some(nil))
                #expect(answer.status == 200)
                #expect(answer.json == OpenAPIDocument.shared.root)
                let tag = try #require(answer.fields["ETag"])
                let again = try await stage.request(.get, path, key: .some(nil), fields: ["If-None-Match": tag])
                #expect(again.status == 304)
                #expect(again.body.isEmpty)
            }
            for path in ["/errors", "/api/v1/errors"] {
                let answer = try await stage.get(path, key: .some(nil))
                let codes = answer.data.array?.compactMap { $0["code"]?.string }
                #expect(codes == ProblemCode.allCases.map(\.rawValue))
                let schema = try #require(
                    OpenAPIDocument.shared.operation("listErrors").flatMap {
                        OpenAPIDocument.shared.response(200, of: $0)?.schema
                    })
                #expect(OpenAPISchemaChecker.check(answer.json, schema, isClosed: true).faults == [])
                let documented = OpenAPIDocument.shared.operation("listErrors")
                    .flatMap { OpenAPIDocument.shared.response(200, of: $0)?.examples.first?.value["value"]?["data"] }
                #expect(answer.data[0] == documented?[0])
            }
            let metrics = try await stage.get("/metrics", key: .some(nil))
            #expect(metrics.status == 200)
            #expect(metrics.text.contains("# TYPE leadwire_http_requests_total counter"))
        }
    }
}
