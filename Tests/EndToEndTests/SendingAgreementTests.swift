import Domain
import EventLoop
import JSON
import TestRandom
import TestSupport
import Testing

/// Preflight, `dry_run` and the send never disagree: a property over many made-up requests.
@Suite struct SendingAgreementTests {
    struct Request: Sendable {
        var isTemplate: Bool
        var body: JSONObject
    }

    private static let values: [JSONValue] = [
        "Ana", "proposta", "10/07", "ção 🎉", "\"aspas\"", "a/b\\c", "{{2}}", "4711", "linha única",
    ]
    private static let badValues: [JSONValue] = [
        "", "  ", "a\nb", "a\tb", "a     b", 5, true, .null, ["x"], .string(String(repeating: "x", count: 1100)),
    ]
    private static let slotCounts: [Int64: Int] = [
        1: 3, 2: 3, 3: 2, 4: 1, 5: 2, 6: 1, 7: 1, 8: 4, 9: 2, 10: 10, 11: 2, 12: 1, 13: 3, 14: 0,
    ]

    private static func variables(of template: Int64, _ chance: inout SeededGenerator) -> JSONValue {
        var count = slotCounts[template] ?? 1
        if chance.once(in: 8) { count += chance.one(of: [-1, 1]) }
        var list = (0..<max(0, count)).map { _ in chance.one(of: values) }
        if chance.once(in: 5), !list.isEmpty { list[chance.below(list.count)] = chance.one(of: badValues) }
        // Numbers name every slot of a template with a body alone.
        guard [1, 9, 10, 13].contains(template), chance.once(in: 3) else { return .array(list) }
        return .object(JSONObject(list.enumerated().map { ("\($0.offset + 1)", $0.element) }))
    }

    private static func template(_ chance: inout SeededGenerator) -> JSONObject {
        var body = JSONObject([])
        if chance.once(in: 10) {
            let language = chance.one(of: ["pt_BR", "en_US", "es"])
            body["template"] = ["name": "lembrete_proposta", "language": .string(language)]
            body["variables"] = variables(of: 1, &chance)
        } else {
            let id = chance.once(in: 15) ? 99 : Int64(chance.below(14) + 1)
            body["template_id"] = .number(JSONNumber(id))
            body["variables"] = variables(of: id, &chance)
            if id == 12 || chance.once(in: 20) { body["header_media"] = ["link": "https://loja.example/foto.jpg"] }
        }
        return body
    }

    private static func request(_ chance: inout SeededGenerator) -> Request {
        var request: Request
        if chance.once(in: 2) {
            request = Request(isTemplate: true, body: template(&chance))
        } else {
            let text = chance.one(of: ["Oi", "Tudo bem?\nAté logo.", "🎉", " com espaço "])
            request = Request(isTemplate: false, body: JSONObject([("message", .string(text))]))
            if chance.once(in: 2) { request.body["fallback"] = .object(template(&chance)) }
        }
        if chance.once(in: 2) {
            request.body["instance_id"] = .number(JSONNumber(chance.one(of: [Int64(1), 1, 2, 2, 3, 99])))
        }
        if chance.once(in: 12) { request.body["reply_to"] = .number(JSONNumber(chance.one(of: [Int64(1), 2, 999]))) }
        if chance.once(in: 10) { request.body["client_reference"] = "pedido 1" }
        return request
    }

    @Test
    func `preflight, dry run and send agree on every request, and the phone shows what they say`() async throws {
        let seed: UInt64 = 20_260_711
        try await Stage.run { stage in
            var chance = SeededGenerator(seed: seed)
            try await stage.control("settings", ["statuses": false])
            // With a window, without, opted out inside and outside of it, without a phone.
            let phones = ["+5511987651101", "+5511987651102", "+5511987651103", "+5511987651104", nil]
            var leads: [(id: Int64, phone: String?)] = []
            for phone in phones { leads.append((try await stage.lead(phone: phone), phone)) }
            try await stage.hears(from: "+5511987651101", at: Stage.cloudPhone)
            try await stage.hears(from: "+5511987651103", at: Stage.cloudPhone, "PARAR")
            try await stage.hears(from: "+5511987651104", at: Stage.wahaPhone, "SAIR")
            var passed = 0
            var refused: Set<String> = []
            for round in 0..<170 {
                if chance.once(in: 8) {
                    let status = chance.one(of: Instance.Status.allCases)
                    try await stage.set(chance.one(of: [Stage.waha, Stage.cloud]), status)
                } else if chance.once(in: 2) {
                    try await stage.set(Stage.waha, .connected)
                    try await stage.set(Stage.cloud, .connected)
                }
                if round == 120 { stage.clock.advance(by: .seconds(86_400)) }
                stage.clock.advance(by: .seconds(1))
                let lead = chance.one(of: leads)
                let request = Self.request(&chance)
                let name = "seed \(seed), round \(round), lead \(lead.id): \(request)"
                let path = "/api/v1/leads/\(lead.id)/send-whatsapp\(request.isTemplate ? "-template" : "")"
                let body = JSONValue.object(request.body)
                let before = try await stage.traces()
                let preflight = try await stage.post("/api/v1/leads/\(lead.id)/whatsapp/preflight", body)
                let dry = try await stage.post("\(path)?dry_run=true", body)
                #expect(preflight.status == 200, "\(name)")
                #expect(try await stage.traces().providerCalls == before.providerCalls, "\(name)")
                let heard = try await stage.received(lead.phone ?? "+5511900000000").count
                let send = try await stage.post(path, body)

                guard preflight.data["allowed"] == true else {
                    let fault = preflight.data["faults"]?[0]
                    let code = try #require(fault?["code"]?.string, "\(name)")
                    refused.insert(code)
                    #expect(send.status == 422, "\(name)")
                    #expect(send.code == code, "\(name)")
                    #expect(send.json["message"] == fault?["message"], "\(name)")
                    #expect(dry.status == send.status, "\(name)")
                    #expect(Self.verdict(of: dry) == Self.verdict(of: send), "\(name)")
                    if fault?["details"] != nil {
                        // A fault of fields comes with those of every other one.
                        let all = (preflight.data["faults"]?.array ?? []).flatMap { $0["details"]?.array ?? [] }
                        #expect(send.details == all, "\(name)")
                    }
                    continue
                }
                passed += 1
                let rendered = try #require(preflight.data["rendered"]?["body"]?.string, "\(name)")
                #expect(preflight.data["faults"] == [], "\(name)")
                #expect([201, 202].contains(send.status), "\(name): \(send.text)")
                #expect(dry.status == 200, "\(name)")
                for field in ["text", "instance_id", "type", "template", "client_reference", "lead_id"] {
                    #expect(dry.message[field] == send.message[field], "\(name): \(field)")
                }
                #expect(send.message["text"]?.string == rendered, "\(name)")
                #expect(preflight.data["instance_id"] == send.message["instance_id"], "\(name)")
                #expect(preflight.data["used_fallback"] == send.data["used_fallback"], "\(name)")
                #expect(dry.data["window"] == send.data["window"], "\(name)")
                let phone = try #require(lead.phone, "\(name)")
                // What is held goes out once its number is connected again.
                try await stage.set(Stage.waha, .connected)
                try await stage.set(Stage.cloud, .connected)
                try await stage.eventually("the phone has it") { try await stage.received(phone).count == heard + 1 }
                #expect(try await stage.received(phone).last?["text"]?.string == rendered, "\(name)")
            }
            // The generator must not have made one kind alone.
            #expect(passed >= 20)
            #expect(
                refused.isSuperset(of: [
                    "binding_failed", "window_closed", "opted_out", "instance_not_connected", "validation_failed",
                    "template_not_approved", "templates_not_supported", "lead_without_phone",
                ]), "\(refused)")
        }
    }

    /// All of a refusal but its request's own id.
    private static func verdict(of answer: Answer) -> JSONValue {
        guard var object = answer.json.object else { return answer.json }
        object["request_id"] = nil
        return .object(object)
    }
}
