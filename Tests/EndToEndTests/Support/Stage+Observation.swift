import Delivery
import Domain
import EventLoop
import HTTP
import JSON
import Postgres
import Storage
import TestSupport
import Testing

@testable import leadwire

/// What a send leaves behind, in the database and at the providers.
struct Traces: Hashable, Sendable {
    var rows: [CountedTable: Int64]
    var providerCalls: Int64
}

extension Stage {
    /// The demo's numbers.
    static let waha = Instance.ID(1)
    static let cloud = Instance.ID(2)
    static let wahaPhone = "+5511999887766"
    static let cloudPhone = "+5521987654321"
    /// Lead 1's.
    static let ana = "+5511987651001"

    func traces() async throws -> Traces {
        var rows: [CountedTable: Int64] = [:]
        for table in [CountedTable.messages, .attempts, .outbox, .conversations, .idempotencyKeys, .events] {
            rows[table] = try await count(table)
        }
        return Traces(rows: rows, providerCalls: try await providerCalls())
    }

    /// How often the providers were asked to send to this phone, whatever they answered.
    func sends(to phone: String) async throws -> Int64 {
        let to = phone.replacing("+", with: "%2B")
        let answer = try await send("\(simulatorURL)/_simulator/calls?to=\(to)", .get, [:], [])
        return answer.json["sends"]?.int64 ?? -1
    }

    /// Posts to the simulator's controls.
    func control(_ name: String, _ body: JSONValue) async throws {
        let answer = try await send(
            "\(simulatorURL)/_simulator/\(name)", .post, ["Content-Type": "application/json"], body.serialized())
        guard answer.status == 200 else { throw StageError(what: "the simulator said \(answer.status)") }
    }

    /// Reads or changes rows that no route shows or changes yet.
    @discardableResult
    func sql(_ sql: String, _ values: [PostgresValue] = []) async throws -> PostgresRows {
        try await database.pool.write(Statement("test_\(UInt(bitPattern: sql.hashValue))", sql), values)
    }

    func set(_ instance: Instance.ID, _ status: Instance.Status) async throws {
        try await sql(
            "UPDATE instances SET status = $1 WHERE account_id = $2 AND id = $3",
            [.text(status.rawValue), .int(demo.rawValue), .int(instance.rawValue)])
    }

    /// The provider refuses every call of the number from now on; its channel is read anew.
    func breakToken(of instance: Instance.ID) async throws { try await reseal(instance, token: "no longer taken") }

    func mendToken(of instance: Instance.ID) async throws {
        try await reseal(instance, token: instance == Stage.waha ? channels.session.apiKey : channels.official.token)
    }

    private func reseal(_ instance: Instance.ID, token: String) async throws {
        let key = instance == Stage.waha ? channels.session.name : channels.official.phoneNumberID
        let sealed = try secrets.sealInstance(token: token, account: demo.rawValue, providerKey: key)
        try await sql(
            "UPDATE instances SET secrets = $1 WHERE account_id = $2 AND id = $3",
            [.text(sealed), .int(demo.rawValue), .int(instance.rawValue)])
    }

    func status(of instance: Instance.ID) async throws -> String? {
        try await get("/api/v1/whatsapp/instances/\(instance)").data["status"]?.string
    }

    /// `GET /messages/{id}`
    func message(_ id: Int64) async throws -> JSONValue { try await get("/api/v1/messages/\(id)").data }

    func message(_ answer: Answer) async throws -> JSONValue {
        guard let id = answer.message["id"]?.int64 else { throw StageError(what: "no message: \(answer.text)") }
        return try await message(id)
    }

    func messageStatus(_ answer: Answer) async throws -> String { try await message(answer)["status"]?.string ?? "?" }

    /// Waits, turn by turn of the loop, until it holds; an issue is recorded when it does not within a minute.
    func eventually(
        _ what: String, location: SourceLocation = #_sourceLocation,
        _ holds: @Reactor () async throws -> Bool
    ) async throws {
        let deadline = MonotonicTime.now + .seconds(60)
        while try await !holds() {
            guard MonotonicTime.now < deadline else {
                Issue.record("not in time: \(what)", sourceLocation: location)
                throw StageError(what: what)
            }
            await pause()
        }
    }

    /// Lets the loop's other work go on, the timers of the delivery engine among it.
    private func pause() async {
        await withCheckedContinuation { continuation in
            EventLoop.shared.schedule(after: .milliseconds(10)) { continuation.resume() }
        }
    }

    /// As `eventually`, while the clock runs ahead so that what waits for its time comes due.
    func eventuallyWithTime(
        _ what: String, location: SourceLocation = #_sourceLocation, _ holds: @Reactor () async throws -> Bool
    ) async throws {
        try await eventually(what, location: location) {
            if try await holds() { return true }
            clock.advance(by: .milliseconds(250))
            return false
        }
    }

    /// The contact has written, and it is processed.
    func hears(from phone: String, at business: String, _ text: String = "Oi", sent: Timestamp? = nil) async throws {
        let before = try await inboundMessages()
        try await writes(from: phone, to: business, text, at: sent)
        try await eventually("the inbound message is stored") { try await inboundMessages() > before }
    }

    private func inboundMessages() async throws -> Int64 {
        try await sql("SELECT count(*) FROM messages WHERE direction = 'inbound'").first?.int(0) ?? -1
    }

    /// Moves the clock to the next whole second, the unit of Meta's timestamps.
    func alignClock() {
        clock.advance(by: .microseconds(1_000_000 - clock.clock.microseconds % 1_000_000))
    }

    var now: Timestamp { Timestamp(microseconds: clock.clock.microseconds) }
}

extension Stage {
    /// Returns when the outbox has been looked at since: what is held for another lead has gone out.
    func aTurnOfTheOutbox() async throws {
        try await set(Self.waha, .disconnected)
        let probe = try await sendText("Sonda", lead: 3, instance: 1)
        try await set(Self.waha, .connected)
        try await eventually("the outbox is looked at") { try await message(probe)["accepted_at"] != .null }
    }

    /// The same, by Meta.
    func aTurnWithoutWAHA() async throws {
        try await set(Self.cloud, .disconnected)
        let probe = try await sendTemplate(1, ["Sonda", "a", "b"], lead: 6)
        try await set(Self.cloud, .connected)
        try await eventually("the outbox is looked at") { try await message(probe)["accepted_at"] != .null }
    }
}
