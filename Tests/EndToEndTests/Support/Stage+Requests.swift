import API
import Domain
import EventLoop
import HTTP
import JSON
import Postgres
import Storage

@testable import leadwire

/// An answer as a client reads it.
struct Answer: Sendable {
    let status: Int
    let fields: HTTPFields
    let body: [UInt8]

    var json: JSONValue { (try? JSONParser.parse(body)) ?? .null }
    var code: String? { json["code"]?.string }
    var data: JSONValue { json["data"] ?? .null }
    var text: String { String(decoding: body, as: UTF8.self) }
    /// `data.message`, as a send answers.
    var message: JSONValue { data["message"] ?? .null }
    var details: [JSONValue] { json["details"]?.array ?? [] }
    /// `pointer code` of every detail.
    var faults: [String] {
        details.map { "\($0["pointer"]?.string ?? "?") \($0["code"]?.string ?? "?")" }
    }
}

extension Stage {
    /// Where a request goes: into the service at once, or over a socket.
    enum Way: Sendable, CaseIterable { case memory, socket }

    /// - Parameter key: nil sends none; the default is the demo key with all permissions.
    func request(
        _ method: HTTPMethod, _ path: String, body: [UInt8]? = nil, key: String?? = .none,
        fields: HTTPFields = [:], way: Way = .memory, at process: Application? = nil
    ) async throws -> Answer {
        var all = fields
        let token: String? =
            switch key {
            case .none: keys.full.text
            case .some(let given): given
            }
        if let token, all["X-API-Key"] == nil { all["X-API-Key"] = token }
        if body != nil, all["Content-Type"] == nil { all["Content-Type"] = "application/json" }
        switch way {
        case .memory:
            let response = await (process ?? application).service.answer(
                HTTPRequest(method: method, target: path, fields: all, body: body ?? [], peer: "127.0.0.1")
            ).response
            let bytes: [UInt8]
            switch response.body {
            case .bytes(let all): bytes = all
            case .stream(let write):
                let collector = BodyCollector()
                try await write(collector)
                bytes = collector.bytes
            }
            return Answer(status: response.status.code, fields: response.allFields, body: bytes)
        case .socket:
            return try await send(url + path, method, all, body ?? [])
        }
    }

    func send(_ url: String, _ method: HTTPMethod, _ fields: HTTPFields, _ body: [UInt8]) async throws -> Answer {
        guard let url = HTTPURL(url) else { throw StageError(what: "a URL that cannot be read: \(url)") }
        var request = HTTPClientRequest(method: method, url: url, fields: fields, body: body)
        request.deadlines.total = .seconds(30)
        request.deadlines.firstByte = .seconds(30)
        let response = try await client.send(request)
        return Answer(status: response.status.code, fields: response.fields, body: response.body)
    }

    func get(_ path: String, key: String?? = .none, way: Way = .memory) async throws -> Answer {
        try await request(.get, path, key: key, way: way)
    }

    func post(
        _ path: String, _ body: JSONValue, key: String?? = .none, fields: HTTPFields = [:], way: Way = .memory
    ) async throws -> Answer {
        try await request(.post, path, body: body.serialized(), key: key, fields: fields, way: way)
    }

    /// `POST /leads/{lead}/send-whatsapp-template`
    func sendTemplate(
        _ template: Int64, _ variables: JSONValue, lead: Int64 = 1, extra: JSONObject = JSONObject([]),
        key: String?? = .none, fields: HTTPFields = [:], query: String = "", way: Way = .memory
    ) async throws -> Answer {
        var members: [(String, JSONValue)] = [
            ("template_id", .number(JSONNumber(template))), ("variables", variables),
        ]
        members += extra.members.map { ($0.key, $0.value) }
        return try await post(
            "/api/v1/leads/\(lead)/send-whatsapp-template\(query)", .object(JSONObject(members)), key: key,
            fields: fields, way: way)
    }

    /// `POST /leads/{lead}/send-whatsapp`
    func sendText(
        _ text: String, lead: Int64 = 1, instance: Int64? = nil, extra: JSONObject = JSONObject([]),
        key: String?? = .none, fields: HTTPFields = [:], query: String = "", way: Way = .memory
    ) async throws -> Answer {
        var members: [(String, JSONValue)] = [("message", .string(text))]
        if let instance { members.append(("instance_id", .number(JSONNumber(instance)))) }
        members += extra.members.map { ($0.key, $0.value) }
        return try await post(
            "/api/v1/leads/\(lead)/send-whatsapp\(query)", .object(JSONObject(members)), key: key, fields: fields,
            way: way)
    }

    /// A new lead with this phone; its id.
    func lead(phone: String?, name: String = "Teste") async throws -> Int64 {
        var members: [(String, JSONValue)] = [("name", .string(name))]
        if let phone { members.append(("phone", .string(phone))) }
        let answer = try await post("/api/v1/leads", .object(JSONObject(members)))
        guard answer.status == 201, let id = answer.data["id"]?.int64 else {
            throw StageError(what: "no lead: \(answer.status) \(answer.code ?? "")")
        }
        return id
    }

    /// What the simulated phone has received, oldest first.
    func received(_ phone: String) async throws -> [JSONValue] {
        let to = phone.replacing("+", with: "%2B")
        let answer = try await send("\(simulatorURL)/_simulator/messages?to=\(to)", .get, [:], [])
        return answer.json["messages"]?.array ?? []
    }

    /// How many calls the providers have had, of any kind.
    func providerCalls() async throws -> Int64 {
        let answer = try await send("\(simulatorURL)/_simulator/calls", .get, [:], [])
        return answer.json["total"]?.int64 ?? -1
    }

    /// The contact writes to a business number; returns when our hook has answered.
    func writes(from phone: String, to business: String, _ text: String = "Oi", at: Timestamp? = nil) async throws {
        var members: [(String, JSONValue)] = [
            ("instance_phone", .string(business)), ("from", .string(phone)), ("text", .string(text)),
        ]
        if let at { members.append(("timestamp", .string(at.text))) }
        let answer = try await send(
            "\(simulatorURL)/_simulator/inbound", .post, ["Content-Type": "application/json"],
            JSONValue.object(JSONObject(members)).serialized())
        guard answer.status == 200 else { throw StageError(what: "the simulator said \(answer.status)") }
    }

    /// How many rows a table has.
    func count(_ table: CountedTable) async throws -> Int64 {
        try await database.pool.read(table.statement).first?.int(0) ?? -1
    }
}

struct StageError: Error { let what: String }

/// What a streamed body comes to when nothing hinders it.
@Reactor
private final class BodyCollector: HTTPBodyWriter {
    private(set) var bytes: [UInt8] = []

    func write(_ more: [UInt8]) async throws { bytes += more }
}
