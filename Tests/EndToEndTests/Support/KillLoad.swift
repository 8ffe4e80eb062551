import EventLoop
import HTTP
import JSON
import TestRandom
import TestSupport

@testable import Simulator

/// Clients that send each text once, under a key, and ask until they are told what became of it.
@Reactor
final class KillLoad {
    /// By the words that the phone shows: the message's id.
    private(set) var acknowledged: [String: Int64] = [:]
    private(set) var strange: [String] = []
    /// Sends whose answer the provider was told to lose.
    private(set) var answersLost = 0
    private let site: KillSite
    private let leads: [Int64]
    private let client = HTTPClient()
    private var random: SeededGenerator
    private var next = 0
    private let goal: Int

    /// What the provider does to a send in so many, and whether it can leave in the dark what became of it.
    private static let faults: [(name: String, losesAnswer: Bool)] = [
        ("loses_answer", true), ("half_answer", true), ("nonsense", true), ("resets_unseen", true),
        ("unreadable_error", true), ("without_id", true), ("unavailable_once", false), ("slow", false),
    ]

    init(_ site: KillSite, leads: [Int64], sends: Int, seed: UInt64) {
        self.site = site
        self.leads = leads
        goal = sends
        random = SeededGenerator(seed: seed)
    }

    var progress: Int { acknowledged.count }

    /// So much went wrong that more of it would tell nothing new.
    var hasGivenUp: Bool { strange.count >= 20 }

    func run(clients: Int) async {
        let tasks = (0..<clients).map { _ in spawn { await self.work() } }
        for task in tasks { await task.value }
        client.close()
    }

    private func work() async {
        while next < goal, !hasGivenUp {
            next += 1
            let number = next
            if random.once(in: 12) { spoilNext() }
            let isTemplate = number.isMultiple(of: 2)
            let words = isTemplate ? "Olá k\(number), sua proposta está agendada para 10/07." : "kill \(number)"
            let body: JSONValue =
                isTemplate
                ? ["template_id": 1, "variables": [.string("k\(number)"), "proposta", "10/07"], "instance_id": 2]
                : ["message": .string(words), "instance_id": 1]
            let path =
                "/api/v1/leads/\(random.one(of: leads))/send-whatsapp" + (isTemplate ? "-template" : "")
            let isAsync = random.once(in: 2)
            while !hasGivenUp, await !ask(words, "key \(number)", path, body.serialized(), isAsync: isAsync) {
                await pause(.milliseconds(20))
            }
        }
    }

    private func spoilNext() {
        let fault = random.one(of: Self.faults)
        guard let scripted = try? ScriptedFault(.string(fault.name)) else { return }
        site.simulator.faults.append([scripted])
        if fault.losesAnswer { answersLost += 1 }
    }

    /// Whether it was told what became of the send.
    private func ask(_ words: String, _ key: String, _ path: String, _ body: [UInt8], isAsync: Bool) async -> Bool {
        guard let url = HTTPURL(random.one(of: site.replicas).url + path) else { return true }
        var fields: HTTPFields = [
            "X-API-Key": .init(site.key), "Content-Type": "application/json", "Idempotency-Key": .init(key),
        ]
        if isAsync { fields["Prefer"] = "respond-async" }
        var request = HTTPClientRequest(method: .post, url: url, fields: fields, body: body)
        request.deadlines.total = .seconds(30)
        request.deadlines.firstByte = .seconds(30)
        // A killed process says nothing; whoever asks again is told.
        guard let response = try? await client.send(request) else { return false }
        let json = (try? JSONParser.parse(response.body)) ?? .null
        switch response.status.code {
        case 201, 202:
            guard let id = json["data"]?["message"]?["id"]?.int64 else {
                strange.append("\(words): \(response.status.code) without an id")
                return true
            }
            if let known = acknowledged[words], known != id { strange.append("\(words): \(known), then \(id)") }
            acknowledged[words] = id
            return true
        // A killed process takes along the part of the key's rate that it had been lent.
        case 409, 429, 503: return false
        default:
            strange.append("\(words): \(response.status.code) \(json["code"]?.string ?? "")")
            return true
        }
    }
}
