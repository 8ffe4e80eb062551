import Domain
import EventLoop
import HTTP
import JSON
import Postgres
import Simulator
import TestSupport
import Testing

@testable import leadwire

/// PRODUCT § 6.7–8: what the providers' misbehaviour makes of a send, and that nothing is sent twice.
@Suite struct ProviderFaultTests {
    private static let proposal: JSONValue = ["Ana", "proposta", "10/07"]

    /// A number whose last four digits misbehave.
    private static func magic(_ digits: String) -> String { "+551198765\(digits)" }

    private enum Provider: String, CaseIterable, Sendable { case cloudAPI = "cloud_api", waha }

    private static func send(
        _ stage: Stage, _ provider: Provider, to lead: Int64, key: String? = nil
    ) async throws -> Answer {
        switch provider {
        case .cloudAPI:
            try await stage.sendTemplate(1, proposal, lead: lead, fields: key.map { ["Idempotency-Key": $0] } ?? [:])
        case .waha:
            try await stage.sendText(
                "Olá", lead: lead, instance: 1, fields: key.map { ["Idempotency-Key": $0] } ?? [:])
        }
    }

    struct Refusal: Sendable {
        let digits: String
        let isWAHA: Bool
        let code: String
        let retryable: Bool
        let sends: Int64
    }

    private static let refusals: [Refusal] = [
        Refusal(digits: "0001", isWAHA: false, code: "131026", retryable: false, sends: 1),
        Refusal(digits: "0015", isWAHA: false, code: "131026", retryable: false, sends: 1),
        Refusal(digits: "0009", isWAHA: true, code: "422", retryable: false, sends: 1),
        Refusal(digits: "0015", isWAHA: true, code: "not_on_whatsapp", retryable: false, sends: 0),
        Refusal(digits: "0016", isWAHA: true, code: "463", retryable: true, sends: 1),
    ]

    @Test func `a refusal is a 502 that says who refused and why, now and on a retry`() async throws {
        try await Stage.run { stage in
            for (index, refusal) in Self.refusals.enumerated() {
                let provider = refusal.isWAHA ? Provider.waha : .cloudAPI
                // Same last digits, another number for each case.
                let phone = "+55119876\(index)\(refusal.digits)"
                let lead = try await stage.lead(phone: phone)
                let answer = try await Self.send(stage, provider, to: lead, key: "k\(index)")
                let name = "\(provider) \(refusal.digits)"
                #expect(answer.status == 502, "\(name): \(answer.text)")
                #expect(answer.code == "provider_refused", "\(name)")
                let told = answer.json["provider"]
                #expect(told?["name"]?.string == provider.rawValue, "\(name)")
                #expect(told?["code"]?.string == refusal.code, "\(name)")
                #expect(told?["title"]?.string?.isEmpty == false, "\(name)")
                #expect(told?.object?.keys.contains("details") == true, "\(name)")
                #expect(told?["retryable"]?.bool == refusal.retryable, "\(name)")
                let message = try await stage.message(answer)
                #expect(message["status"] == "failed", "\(name)")
                #expect(message["error"]?["code"]?.string == refusal.code, "\(name)")
                #expect(message["failed_at"] != .null, "\(name)")

                let again = try await Self.send(stage, provider, to: lead, key: "k\(index)")
                #expect(again.status == 502, "\(name)")
                #expect(again.message["id"] == answer.message["id"], "\(name)")
                #expect(again.fields["Idempotent-Replayed"] == "true", "\(name)")
                #expect(try await stage.sends(to: phone) == refusal.sends, "\(name)")
                #expect(try await stage.received(phone).isEmpty, "\(name)")
            }
            #expect(try await stage.count(.outbox) == 0)
        }
    }

    @Test func `an event carries the message as the API shows it at that moment`() async throws {
        try await Stage.run { stage in
            try await stage.control("settings", ["statuses": false])
            let lead = try await stage.lead(phone: Self.magic("0001"))
            for (answer, ending) in [
                (try await stage.sendTemplate(1, ["Ana", "proposta", "10/07"]), "accepted"),
                (try await Self.send(stage, .cloudAPI, to: lead), "failed"),
            ] {
                let message = try await stage.message(answer)
                let told = try await stage.sql(
                    "SELECT data->'message' FROM events WHERE message_id = $1 AND type = $2",
                    [.int(message["id"]?.int64), .text("message.\(ending)")])
                #expect(try told.map { try JSONParser.parse(Array($0.text(0).utf8)) } == [message])
                let queued = try await stage.sql(
                    "SELECT data#>>'{message,status}' FROM events WHERE message_id = $1 AND type = 'message.queued'",
                    [.int(message["id"]?.int64)])
                #expect(try queued.map { try $0.text(0) } == ["queued"])
            }
        }
    }

    @Test func `131047 is a closed window, by Meta's count`() async throws {
        try await Stage.run { stage in
            let phone = Self.magic("0009")
            let lead = try await stage.lead(phone: phone)
            try await stage.hears(from: phone, at: Stage.cloudPhone)
            let answer = try await stage.sendText("Oi", lead: lead, instance: 2)
            #expect(answer.status == 422)
            #expect(answer.code == "window_closed")
            #expect(answer.json["skip_reason"] == "window_closed")
            #expect(answer.json["window"]?["state"] == "closed")
            #expect(answer.json["template_ids"] == [1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14])
            #expect(try await stage.messageStatus(answer) == "failed")
            // Our row is corrected: the next one is not even tried.
            let next = try await stage.sendText("Oi", lead: lead, instance: 2)
            #expect(next.code == "window_closed")
            #expect(try await stage.sends(to: phone) == 1)
        }
    }

    @Test(arguments: [false, true])
    func `refused credentials hold the message and stop the instance, which sends it when they are taken again`(
        _ isWAHA: Bool
    ) async throws {
        try await Stage.run { stage in
            let provider = isWAHA ? Provider.waha : .cloudAPI
            let instance = isWAHA ? Stage.waha : Stage.cloud
            let phone = "+5511987651777"
            let lead = try await stage.lead(phone: phone)
            // The send is refused, and so is the read that asks after the number.
            try await stage.breakToken(of: instance)
            let answer = try await Self.send(stage, provider, to: lead, key: "auth")
            #expect(answer.status == 202)
            #expect(answer.message["status"] == "queued")
            #expect(try await stage.status(of: instance) == "auth_failed")
            #expect(try await Self.send(stage, provider, to: 1).code == "instance_not_connected")

            try await stage.mendToken(of: instance)
            try await stage.set(instance, .connected)
            try await stage.eventuallyWithTime("the held message has arrived") {
                try await stage.received(phone).count == 1
            }
            try await stage.eventually("it is accepted") {
                try await Self.send(stage, provider, to: lead, key: "auth").status == 201
            }
            #expect(try await stage.received(phone).count == 1)
        }
    }

    @Test func `a message refused with 190 while the token is good holds up no other`() async throws {
        try await Stage.run { stage in
            let lead = try await stage.lead(phone: "+5511987650010")
            let answer = try await Self.send(stage, .cloudAPI, to: lead)
            #expect(answer.status == 202)
            #expect(answer.message["status"] == "queued")
            #expect(answer.message["error"]?["code"] == "190")
            #expect(try await stage.status(of: Stage.cloud) == "connected")
            #expect(try await Self.send(stage, .cloudAPI, to: 1).status == 201)
        }
    }

    struct Doubt: Sendable {
        let digits: String
        let isWAHA: Bool
        let arrives: Bool
    }

    private static let doubts: [Doubt] =
        ["0004", "0005", "0006", "0007", "0012", "0014"].flatMap { digits in
            [false, true].map { isWAHA in
                Doubt(digits: digits, isWAHA: isWAHA, arrives: !["0005", "0006"].contains(digits))
            }
        } + [Doubt(digits: "0001", isWAHA: true, arrives: false)]

    @Test func `no verdict is a 202 unknown, and never sent again`() async throws {
        try await Stage.run { stage in
            try await stage.control("settings", ["statuses": false])
            for (index, doubt) in Self.doubts.enumerated() {
                let provider = doubt.isWAHA ? Provider.waha : .cloudAPI
                let phone = "+55119876\(index % 10)\(doubt.digits)"
                let name = "\(provider) \(doubt.digits)"
                let lead = try await stage.lead(phone: phone)
                let answer = try await Self.send(stage, provider, to: lead, key: "k\(index)")
                // The id that was stored before the send is proof enough for an empty 201.
                if doubt.isWAHA, doubt.digits == "0012" {
                    #expect(answer.status == 201, "\(name)")
                } else {
                    #expect(answer.status == 202, "\(name): \(answer.text)")
                    #expect(answer.message["status"] == "unknown", "\(name)")
                    #expect(answer.message["error"]?["title"]?.string?.isEmpty == false, "\(name)")
                    let again = try await Self.send(stage, provider, to: lead, key: "k\(index)")
                    #expect(again.status == 202, "\(name)")
                    #expect(again.message["id"] == answer.message["id"], "\(name)")
                }
                #expect(try await stage.received(phone).count == (doubt.arrives ? 1 : 0), "\(name)")
            }
            #expect(try await stage.count(.outbox) == 0)
            stage.clock.advance(by: .seconds(3600))
            try await stage.aTurnOfTheOutbox()
            for (index, doubt) in Self.doubts.enumerated() {
                let sends = try await stage.sends(to: "+55119876\(index % 10)\(doubt.digits)")
                #expect(sends == 1, "\(doubt)")
            }
        }
    }

    @Test func `a stalling provider is not waited for beyond the verdict's time`() async throws {
        try await Stage.run {
            $0.verdict = .milliseconds(200)
        } _: { stage in
            try await stage.control("settings", ["statuses": false])
            for provider in Provider.allCases {
                let phone = provider == .waha ? "+5511987600003" : "+5511987610003"
                let lead = try await stage.lead(phone: phone)
                let answer = try await Self.send(stage, provider, to: lead, key: "stall")
                #expect(answer.status == 202)
                #expect(answer.message["status"] == "sending")
                let again = try await Self.send(stage, provider, to: lead, key: "stall")
                #expect(again.status == 202)
                #expect(again.message["id"] == answer.message["id"])
                try await stage.eventually("its connection ends, and it is unknown") {
                    try await stage.messageStatus(answer) == "unknown"
                }
                #expect(try await stage.sends(to: phone) == 1)
                #expect(try await stage.received(phone).count == 1)
            }
        }
    }

    @Test func `respond-async answers at once`() async throws {
        try await Stage.run { stage in
            let lead = try await stage.lead(phone: Self.magic("0002"))
            let answer = try await stage.sendTemplate(
                1, Self.proposal, lead: lead, fields: ["Prefer": "respond-async"])
            #expect(answer.status == 202)
            #expect(answer.message["status"] == "sending")
            try await stage.eventually("it is accepted") { try await stage.message(answer)["accepted_at"] != .null }
        }
    }

    @Test func `a slow answer is waited for, and a status that overtakes it stands`() async throws {
        try await Stage.run { stage in
            let phone = Self.magic("0002")
            let lead = try await stage.lead(phone: phone)
            let answer = try await stage.sendTemplate(1, Self.proposal, lead: lead)
            #expect(answer.status == 201)
            #expect(answer.message["status"] == "delivered")
            let arrived = try await stage.received(phone)
            #expect(arrived.count == 1)
            #expect(arrived.first?["id"] == answer.message["provider_message_id"])
        }
    }

    @Test(arguments: [("0008", Int64(3)), ("0013", 2), ("0016", 2)])
    func `what Meta turns away for a moment is tried again by itself, and arrives once`(
        _ digits: String, _ sends: Int64
    ) async throws {
        try await Stage.run { stage in
            let phone = Self.magic(digits)
            let lead = try await stage.lead(phone: phone)
            let answer = try await Self.send(stage, .cloudAPI, to: lead, key: "t")
            #expect(answer.status == 202)
            #expect(answer.message["status"] == "queued")
            #expect(answer.message["error"]?["retryable"] == true)
            #expect(try await stage.sends(to: phone) == 1)
            try await stage.eventuallyWithTime("it has arrived") { try await stage.received(phone).count == 1 }
            try await stage.eventually("it is accepted") { try await stage.message(answer)["accepted_at"] != .null }
            let message = try await stage.message(answer)
            #expect(message["attempts"]?.int64 == sends)
            #expect(message["error"] == .null)
            #expect(try await Self.send(stage, .cloudAPI, to: lead, key: "t").status == 201)
            #expect(try await stage.sends(to: phone) == sends)
            #expect(try await stage.received(phone).count == 1)
        }
    }

    @Test(arguments: [("0008", Int64(3)), ("0013", 2)])
    func `a WAHA session that is not ready is tried again, and the message arrives once`(
        _ digits: String, _ sends: Int64
    ) async throws {
        try await Stage.run { stage in
            let phone = Self.magic(digits)
            let lead = try await stage.lead(phone: phone)
            let answer = try await Self.send(stage, .waha, to: lead)
            #expect(answer.status == 202)
            #expect(answer.message["status"] == "queued")
            try await stage.eventuallyWithTime("it has arrived") { try await stage.received(phone).count == 1 }
            #expect(try await stage.sends(to: phone) == sends)
        }
    }

    @Test(arguments: [false, true])
    func `a provider that cannot be reached gets the message later, once`(_ isWAHA: Bool) async throws {
        try await Stage.run { stage in
            let provider = isWAHA ? Provider.waha : .cloudAPI
            guard let port = UInt16(stage.simulatorURL.split(separator: ":").last ?? "") else { return }
            await stage.simulator.stop()
            let answer = try await Self.send(stage, provider, to: 1, key: "down")
            #expect(answer.status == 202)
            #expect(answer.message["status"] == "queued")
            #expect(answer.message["error"]?["retryable"] == true)
            _ = try await stage.simulator.start(host: "127.0.0.1", port: port)
            try await stage.eventuallyWithTime("it has arrived") { try await stage.received(Stage.ana).count == 1 }
            try await stage.eventually("it is accepted") { try await stage.messageStatus(answer) == "accepted" }
            #expect(try await Self.send(stage, provider, to: 1, key: "down").status == 201)
            #expect(try await stage.sends(to: Stage.ana) == 1)
        }
    }

    @Test(arguments: [false, true])
    func `a provider that restarts between two sends gets the second once it is back`(_ isWAHA: Bool) async throws {
        try await Stage.run { stage in
            let provider = isWAHA ? Provider.waha : .cloudAPI
            guard let port = UInt16(stage.simulatorURL.split(separator: ":").last ?? "") else { return }
            // Its connection is kept, and dies with the provider.
            #expect(try await Self.send(stage, provider, to: 1).status == 201)
            await stage.simulator.stop()
            let answer = try await Self.send(stage, provider, to: 1)
            #expect(answer.status == 202)
            #expect(answer.message["status"] == "queued")
            _ = try await stage.simulator.start(host: "127.0.0.1", port: port)
            try await stage.eventuallyWithTime("it has arrived") { try await stage.received(Stage.ana).count == 2 }
            #expect(try await stage.sends(to: Stage.ana) == 2)
        }
    }

    @Test func `what a lost answer is found by is stored before the send`() async throws {
        try await Stage.run { stage in
            try await stage.control("settings", ["statuses": false])
            let phone = Self.magic("0004")
            let lead = try await stage.lead(phone: phone)
            let cloud = try await Self.send(stage, .cloudAPI, to: lead)
            let waha = try await Self.send(stage, .waha, to: lead)
            let arrived = try await stage.received(phone)
            #expect(arrived.count == 2)
            let id = try #require(cloud.message["id"]?.int64)
            #expect(arrived.first?["callback_data"]?.string == "\(stage.demo).\(id).1")
            let row = try await stage.sql(
                "SELECT preset_provider_id FROM messages WHERE id = $1", [.int(waha.message["id"]?.int64)])
            let preset = try #require(try row.first?.textOrNil(0))
            #expect(arrived.last?["id"]?.string?.hasSuffix("_\(preset)") == true)
        }
    }

    @Test func `an older Brazilian account is found by WAHA before the first message`() async throws {
        try await Stage.run { stage in
            let phone = Self.magic("0020")
            let lead = try await stage.lead(phone: phone)
            #expect(try await Self.send(stage, .waha, to: lead).status == 201)
            #expect(try await stage.received(phone).count == 1)
        }
    }
}
