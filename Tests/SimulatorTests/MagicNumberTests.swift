import EventLoop
import JSON
import Simulator
import Testing

/// Each number of the table, at both providers, as a client on the socket sees it.
@Suite struct MagicNumberTests {
    private static func number(_ magic: MagicNumber) -> String { "+552198888" + magic.rawValue }

    private static func cloud(_ magic: MagicNumber) -> JSONValue {
        Sample.template("aviso_simples", to: number(magic))
    }

    private static func waha(_ magic: MagicNumber) -> JSONValue {
        ["session": "sales", "chatId": .string("552198888\(magic.rawValue)@c.us"), "text": "Olá", "id": "3EB0AA"]
    }

    private static func rawWAHA(
        _ world: World, _ magic: MagicNumber, silence: Duration = .seconds(10)
    ) async throws -> WireClient.Outcome {
        try await world.raw("POST", "/api/sendText", waha(magic), fields: World.apiKey, silence: silence)
    }

    private static func arrived(_ world: World, _ magic: MagicNumber) async throws -> Int {
        try await world.texts(number(magic)).count
    }

    // MARK: Refusals

    @Test(arguments: [
        (MagicNumber.undeliverable, 400, 131_026), (.windowClosed, 400, 131_047), (.badToken, 401, 190),
        (.notOnWhatsapp, 400, 131_026),
    ])
    func `the Cloud API refuses these for ever`(_ magic: MagicNumber, status: Int, code: Int64) async throws {
        try await World.run { world async throws in
            for _ in 1...3 {
                let answer = try await world.graph(Self.cloud(magic))
                #expect(answer.status == status)
                #expect(answer.code == code)
            }
            #expect(try await Self.arrived(world, magic) == 0)
        }
    }

    @Test(arguments: [(MagicNumber.undeliverable, 500), (.windowClosed, 422), (.badToken, 401)])
    func `WAHA refuses these for ever`(_ magic: MagicNumber, status: Int) async throws {
        try await World.run { world async throws in
            for _ in 1...3 { #expect(try await world.waha("sendText", Self.waha(magic)).status == status) }
            #expect(try await Self.arrived(world, magic) == 0)
        }
    }

    @Test(arguments: [
        (MagicNumber.throughput, 2, 400, 130_429), (.unavailableOnce, 1, 503, 2), (.pairRateOnce, 1, 400, 131_056),
    ])
    func `the Cloud API refuses these at first, then accepts`(
        _ magic: MagicNumber, times: Int, status: Int, code: Int64
    ) async throws {
        try await World.run { world async throws in
            for _ in 0..<times {
                let answer = try await world.graph(Self.cloud(magic))
                #expect(answer.status == status)
                #expect(answer.code == code)
            }
            #expect(try await Self.arrived(world, magic) == 0)
            #expect(try await world.graph(Self.cloud(magic)).status == 200)
            #expect(try await Self.arrived(world, magic) == 1)
        }
    }

    @Test(arguments: [(MagicNumber.throughput, 2, 422), (.unavailableOnce, 1, 422), (.pairRateOnce, 1, 500)])
    func `WAHA refuses these at first, then accepts`(_ magic: MagicNumber, times: Int, status: Int) async throws {
        try await World.run { world async throws in
            for _ in 0..<times { #expect(try await world.waha("sendText", Self.waha(magic)).status == status) }
            #expect(try await Self.arrived(world, magic) == 0)
            #expect(try await world.waha("sendText", Self.waha(magic)).status == 201)
            #expect(try await Self.arrived(world, magic) == 1)
        }
    }

    @Test func `the reach-out limit and an unready session are told in WAHA's words`() async throws {
        try await World.run { world async throws in
            let limited = try await world.waha("sendText", Self.waha(.pairRateOnce))
            #expect(limited.json["exception"]?["message"] == "server returned error 463")
            let unready = try await world.waha("sendText", Self.waha(.throughput))
            #expect(unready.json["expected"] == ["WORKING"])
            #expect(unready.json["status"] == "STARTING")
        }
    }

    // MARK: Connections

    @Test func `a slow number is answered late`() async throws {
        try await World.run { world async throws in
            let start = MonotonicTime.now
            #expect(try await world.graph(Self.cloud(.slow)).status == 200)
            #expect(MonotonicTime.now - start >= .milliseconds(29))
            #expect(try await world.waha("sendText", Self.waha(.slow)).status == 201)
            #expect(try await Self.arrived(world, .slow) == 2)
        }
    }

    @Test func `a stalling number holds the connection in silence, delivers, then closes`() async throws {
        try await World.run { world async throws in
            for (provider, count) in [("cloud_api", 1), ("waha", 2)] {
                let start = MonotonicTime.now
                let outcome =
                    provider == "waha"
                    ? try await Self.rawWAHA(world, .stalls) : try await world.rawGraph(Self.cloud(.stalls))
                guard case .cut(let octets) = outcome else {
                    Issue.record("\(provider): not closed")
                    return
                }
                #expect(octets.isEmpty)
                // Sixty milliseconds, less what the clocks round.
                #expect(MonotonicTime.now - start >= .milliseconds(59))
                #expect(try await Self.comesToArrive(world, .stalls, count))
            }
        }
    }

    /// Silence does not say that the request was already taken in: the phone is looked at until it has it.
    @Reactor private static func comesToArrive(
        _ world: World, _ magic: MagicNumber, _ count: Int
    ) async throws -> Bool {
        let deadline = MonotonicTime.now + .seconds(20)
        while MonotonicTime.now < deadline {
            if try await arrived(world, magic) == count { return true }
            await Task.yield()
        }
        return false
    }

    @Test(arguments: [(MagicNumber.losesAnswer, 2), (.resetsUnseen, 0)])
    func `a reset comes with or without delivery`(_ magic: MagicNumber, arrived: Int) async throws {
        try await World.run { world async throws in
            for outcome in [try await world.rawGraph(Self.cloud(magic)), try await Self.rawWAHA(world, magic)] {
                guard case .reset = outcome else {
                    Issue.record("\(outcome)")
                    return
                }
            }
            #expect(try await Self.arrived(world, magic) == arrived)
        }
    }

    @Test func `half an answer is a whole head and half a body`() async throws {
        try await World.run { world async throws in
            for outcome in [
                try await world.rawGraph(Self.cloud(.halfAnswer)), try await Self.rawWAHA(world, .halfAnswer),
            ] {
                guard case .cut(let octets) = outcome else {
                    Issue.record("\(outcome)")
                    return
                }
                let text = String(decoding: octets, as: UTF8.self)
                let parts = text.split(separator: "\r\n\r\n", maxSplits: 1)
                try #require(parts.count == 2)
                let promised = try #require(
                    text.split(separator: "Content-Length: ").last.flatMap { Int($0.prefix(while: \.isNumber)) })
                let sent = parts[1].utf8.count
                #expect(sent > 0 && sent < promised)
            }
            #expect(try await Self.arrived(world, .halfAnswer) == 2)
        }
    }

    // MARK: Answers that cannot be used

    @Test func `an unreadable error delivers nothing`() async throws {
        try await World.run { world async throws in
            for outcome in [
                try await world.rawGraph(Self.cloud(.unreadableError)), try await Self.rawWAHA(world, .unreadableError),
            ] {
                guard case .answer(500, let body) = outcome else {
                    Issue.record("\(outcome)")
                    return
                }
                #expect(body.starts(with: Array("<html>".utf8)))
            }
            #expect(try await Self.arrived(world, .unreadableError) == 0)
        }
    }

    @Test func `a nonsense answer comes with success and a delivery`() async throws {
        try await World.run { world async throws in
            for (outcome, expected) in [
                (try await world.rawGraph(Self.cloud(.nonsense)), 200), (try await Self.rawWAHA(world, .nonsense), 201),
            ] {
                guard case .answer(expected, let body) = outcome else {
                    Issue.record("\(outcome)")
                    return
                }
                #expect(throws: JSONFaults.self) { try JSONParser.parse(body) }
            }
            #expect(try await Self.arrived(world, .nonsense) == 2)
        }
    }

    @Test func `a success can lack the id`() async throws {
        try await World.run { world async throws in
            let answer = try await world.graph(Self.cloud(.withoutID))
            #expect(answer.status == 200)
            #expect(answer.json["messages"] == [])
            guard case .answer(201, let body) = try await Self.rawWAHA(world, .withoutID) else {
                Issue.record("no answer")
                return
            }
            #expect(body.isEmpty)
            #expect(try await Self.arrived(world, .withoutID) == 2)
        }
    }

    @Test func `NOWEB's raw shape names the message by its bare hash`() async throws {
        try await World.run { world async throws in
            let answer = try await world.waha("sendText", Self.waha(.rawShape))
            #expect(answer.json["key"]?["id"] == "3EB0AA")
            #expect(answer.json["key"]?["remoteJid"] == "5521988880017@s.whatsapp.net")
            #expect(answer.json["id"] == nil)
        }
    }

    // MARK: Accounts

    @Test func `a number that is not on WhatsApp is unknown to check-exists, and a send goes nowhere`() async throws {
        try await World.run { world async throws in
            let check = try await world.read("/api/contacts/check-exists?phone=5521988880015&session=sales")
            #expect(check.json == ["numberExists": false])
            #expect(try await world.waha("sendText", Self.waha(.notOnWhatsapp)).status == 201)
            #expect(try await Self.arrived(world, .notOnWhatsapp) == 0)
        }
    }

    @Test func `an older Brazilian account has no ninth digit`() async throws {
        try await World.run { world async throws in
            let answer = try await world.graph(Self.cloud(.olderAccount))
            #expect(answer.json["contacts"]?[0]?["input"] == "+5521988880020")
            #expect(answer.json["contacts"]?[0]?["wa_id"] == "552188880020")
            let check = try await world.read("/api/contacts/check-exists?phone=5521988880020&session=sales")
            #expect(check.json == ["numberExists": true, "chatId": "552188880020@c.us"])
            #expect(try await world.waha("sendText", Self.waha(.olderAccount)).status == 201)
            #expect(try await Self.arrived(world, .olderAccount) == 1)
            let right = Self.waha(.olderAccount).with("chatId", "552188880020@c.us")
            #expect(try await world.waha("sendText", right).status == 201)
            #expect(try await Self.arrived(world, .olderAccount) == 2)
        }
    }

    @Test func `a message that fails later is accepted, fails by webhook and does not arrive`() async throws {
        try await World.run { world async throws in
            world.listen()
            let answer = try await world.graph(Self.cloud(.failsLater).with("biz_opaque_callback_data", "1.2.3"))
            #expect(answer.status == 200)
            let status = try await world.hook.posts(1)[0].change?["statuses"]?[0]
            #expect(status?["id"] == answer.json["messages"]?[0]?["id"])
            #expect(status?["status"] == "failed")
            #expect(status?["errors"]?[0]?["code"] == 131_049)
            #expect(status?["biz_opaque_callback_data"] == "1.2.3")
            #expect(try await world.waha("sendText", Self.waha(.failsLater)).status == 201)
            #expect(try await world.hook.posts(2)[1].json["payload"]?["ack"] == -1)
            #expect(try await Self.arrived(world, .failsLater) == 0)
        }
    }
}
