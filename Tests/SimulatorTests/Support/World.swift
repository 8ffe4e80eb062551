import EventLoop
import HTTP
import JSON
import Testing

@testable import Simulator

/// A simulator on a free port with one number at each provider, a hook, and a clock that a test moves.
@Reactor
final class World {
    let simulator: Simulator
    let hook = HookRecorder()
    let time: Lock<Int64>
    private(set) var port: UInt16 = 0

    /// 2026-03-01T12:00:00Z
    static let start: Int64 = 1_772_366_400_000_000
    static let cloudNumber = "1065"
    static let account = "1022"

    static func run(
        _ change: @Sendable (inout SimulatorConfiguration) -> Void = { _ in },
        _ body: @Reactor @Sendable (World) async throws -> Void
    ) async throws {
        let world = World(change)
        try await world.begin()
        do { try await body(world) } catch {
            await world.end()
            throw error
        }
        await world.end()
    }

    private init(_ change: (inout SimulatorConfiguration) -> Void) {
        let time = Lock(Self.start)
        self.time = time
        var configuration = SimulatorConfiguration(
            phones: [
                .cloudAPI(
                    CloudAPINumber(
                        phoneNumberID: Self.cloudNumber, businessAccountID: Self.account,
                        displayPhoneNumber: "+5521987654321", token: "token", appSecret: "app-secret",
                        verifyToken: "verify-me")),
                .waha(WAHASession(name: "sales", phone: "+5511999887766", apiKey: "key", hmacKey: "hmac-key")),
            ],
            templates: DemoTemplates.all(account: Self.account), clock: Clock { time.withLock { $0 } })
        configuration.pace.delay = .milliseconds(30)
        configuration.pace.stall = .milliseconds(60)
        configuration.pace.statuses = (.milliseconds(1), .milliseconds(4))
        configuration.pace.webhookRetries = [.milliseconds(2), .milliseconds(2)]
        change(&configuration)
        simulator = Simulator(configuration)
    }

    private func begin() async throws {
        port = try await simulator.start()
        try hook.start()
    }

    private func end() async {
        await simulator.stop()
        await hook.stop()
    }

    func listen() {
        simulator.setWebhookURL("http://127.0.0.1:\(hook.port)/hooks/cloud-api/x", of: Self.cloudNumber)
        simulator.setWebhookURL("http://127.0.0.1:\(hook.port)/hooks/waha/y", of: "sales")
    }

    // MARK: Calls

    struct Answer: Sendable {
        let status: Int
        let json: JSONValue
        var code: Int64? { json["error"]?["code"]?.int64 }
        var details: String? { json["error"]?["error_data"]?["details"]?.string }
        var title: String? { json["error"]?["message"]?.string }
    }

    func raw(
        _ method: String, _ path: String, _ body: JSONValue? = nil, fields: [String: String] = [:],
        silence: Duration = .seconds(10)
    ) async throws -> WireClient.Outcome {
        let octets = body?.serialized() ?? []
        var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nContent-Length: \(octets.count)\r\n"
        for (name, value) in fields { head += "\(name): \(value)\r\n" }
        return try await WireClient.exchange(Array((head + "\r\n").utf8) + octets, port: port, silence: silence)
    }

    func call(
        _ method: String, _ path: String, _ body: JSONValue? = nil, fields: [String: String] = [:]
    ) async throws -> Answer {
        let outcome = try await raw(method, path, body, fields: fields)
        guard case .answer(let status, let octets) = outcome else {
            Issue.record("no whole answer: \(outcome)")
            return Answer(status: 0, json: .null)
        }
        return Answer(status: status, json: (try? JSONParser.parse(octets)) ?? .null)
    }

    static let bearer = ["Authorization": "Bearer token"]
    static let apiKey = ["X-Api-Key": "key"]

    func graph(_ body: JSONValue) async throws -> Answer {
        try await call("POST", "/v23.0/\(Self.cloudNumber)/messages", body, fields: Self.bearer)
    }

    func rawGraph(_ body: JSONValue, silence: Duration = .seconds(10)) async throws -> WireClient.Outcome {
        try await raw(
            "POST", "/v23.0/\(Self.cloudNumber)/messages", body, fields: Self.bearer, silence: silence)
    }

    func waha(_ path: String, _ body: JSONValue) async throws -> Answer {
        try await call("POST", "/api/\(path)", body, fields: Self.apiKey)
    }

    func read(_ path: String) async throws -> Answer {
        try await call("GET", path, fields: path.hasPrefix("/api") ? Self.apiKey : Self.bearer)
    }

    func control(_ path: String, _ body: JSONValue? = nil, method: String? = nil) async throws -> Answer {
        try await call(method ?? (body == nil ? "GET" : "POST"), "/_simulator/\(path)", body)
    }

    /// The texts that reached a phone.
    func texts(_ number: String) async throws -> [String] {
        let answer = try await control("messages?to=\(number)")
        return (answer.json["messages"]?.array ?? []).compactMap { $0["text"]?.string }
    }

    func openWindow(_ contact: String) async throws {
        _ = try await control(
            "inbound", ["instance_phone": "+5521987654321", "from": .string(contact), "text": "oi"])
    }
}

/// Bodies of sends at the Cloud API.
enum Sample {
    static func text(_ to: String, _ body: String = "Olá") -> JSONValue {
        ["messaging_product": "whatsapp", "to": .string(to), "type": "text", "text": ["body": .string(body)]]
    }

    static func template(_ name: String, to: String = "+5521988887777", _ components: JSONValue = []) -> JSONValue {
        [
            "messaging_product": "whatsapp", "to": .string(to), "type": "template",
            "template": ["name": .string(name), "language": ["code": "pt_BR"], "components": components],
        ]
    }

    static func words(_ texts: String...) -> JSONValue {
        .array(texts.map { ["type": "text", "text": .string($0)] })
    }
}

extension JSONValue {
    /// The object with a member set, or with nil removed.
    func with(_ key: String, _ value: JSONValue?) -> JSONValue {
        guard var object else { return self }
        object[key] = value
        return .object(object)
    }
}
