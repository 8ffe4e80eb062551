import Crypto
import Delivery
import Domain
import HTTP
import JSON
import Postgres
import Storage
import TestSupport
import Testing

@testable import leadwire

/// What could not be taken in: whom it is told to, and that it is taken in once it can be.
@Suite struct InboundReplayTests {
    private static let path = "/api/v1/inbound-events"

    @Test func `of a thousand updates of two accounts one is poisoned: 999 are applied, one is listed`() async throws {
        try await Stage.run { stage in
            let poisoned = 613
            let entries = (0..<1000).compactMap { index -> JSONValue? in
                let id = index == poisoned ? "wamid.\u{0}" : "wamid.bulk.\(index)"
                let sender = "55119000\(10_000 + index % 20)"
                return stage.envelope(
                    [("messages", [stage.inboundText("\(index)", from: sender, id: id)])],
                    to: index % 2 == 0 ? stage.channels.other.phoneNumberID : nil)["entry"]?[0]
            }
            let body: JSONValue = ["object": "whatsapp_business_account", "entry": .array(entries)]
            #expect(try await stage.cloudHook(body).status == 200)
            // A slow machine gets its time for each quarter.
            for quarter in 1...3 {
                try await stage.eventually("quarter \(quarter) is applied") {
                    try await stage.count(.messages) >= quarter * 250
                }
            }
            try await stage.eventually("the body is processed") {
                try await stage.sql("SELECT 1 FROM hook_bodies WHERE state = 'pending'").isEmpty
            }
            let stored = try #require(try await stage.storedBodies().first)
            #expect(stored.state == "failed")
            #expect(stored.failures?.array?.compactMap { $0["index"]?.int64 } == [Int64(poisoned)])
            #expect(try await stage.count(.messages) == 999)
            let counted = try await stage.sql("SELECT account_id, count(*) FROM messages GROUP BY 1 ORDER BY 1")
            #expect(try counted.map { try $0.int(1) } == [499, 500])
            let listed = try await stage.get("\(Self.path)?state=failed").data
            #expect(listed.array?.count == 1)
            #expect(listed[0]?["item"]?.int64 == Int64(poisoned))
            #expect(listed[0]?["instance_id"] == 2)
            #expect(listed[0]?["provider"] == "cloud_api")
            #expect(listed[0]?["reason"] == "the database cannot hold this item")
            #expect(try await stage.get(Self.path, key: stage.keys.other.text).data == [])

            // Tried again it fails again, and the 999 stay as they are.
            let before = try await stage.rows()
            let id = try #require(listed[0]?["id"]?.int64)
            stage.clock.advance(by: .seconds(1))
            #expect(try await stage.post("\(Self.path)/\(id)/replay", [:]).data["state"] == "pending")
            try await stage.eventually("it was tried") {
                try await stage.get("\(Self.path)/\(id)").data["state"] == "failed"
            }
            #expect(try await stage.rows() == before)
            let again = try await stage.get("\(Self.path)/\(id)").data
            #expect(again["tried_at"] != listed[0]?["tried_at"])
            #expect(again["received_at"] == listed[0]?["received_at"])
        }
    }

    @Test func `what came before its number was attached is taken in afterwards, once`() async throws {
        try await Stage.run { stage in
            // A session of the demo's own server: whatever comes there is its to see.
            #expect(try await stage.session("novo", "5548987650911", "a1").status == 200)
            #expect(try await stage.session("novo", "5548987650912", "a2").status == 200)
            _ = try await stage.storedBodies()
            let listed = try await stage.get("\(Self.path)?state=failed").data.array ?? []
            #expect(listed.compactMap { $0["instance_id"] } == [.null, .null])
            #expect(
                listed.first?["reason"]?.string == "no instance with this number is attached under this hook")
            #expect(!listed.description.contains("4898765"))
            let ids = listed.compactMap { $0["id"]?.int64 }
            let messages = try await stage.count(.messages)
            // A process died that had begun; its lease is not over.
            try await stage.sql(
                "UPDATE inbound_failures SET state = 'pending', due_at = $1 WHERE id = $2",
                [.timestamp((stage.now + .seconds(50)).microseconds), .int(ids[0])])
            try await stage.attach("novo")
            let asked = try await together(4) { _ in try await stage.post("\(Self.path)/\(ids[1])/replay", [:]) }
            #expect(asked.allSatisfy { $0.status == 202 }, "\(asked.map(\.text))")
            try await stage.eventually("it is applied") {
                try await stage.get("\(Self.path)/\(ids[1])").data["state"] == "replayed"
            }
            #expect(try await stage.count(.messages) == messages + 1)
            #expect(try await stage.get("\(Self.path)/\(ids[0])").data["state"] == "pending")
            stage.clock.advance(by: .seconds(51))
            // Asking for what is applied already wakes the rest.
            let applied = try await stage.post("\(Self.path)/\(ids[1])/replay", [:])
            #expect(applied.data["state"] == "replayed")
            try await stage.eventually("both are applied") {
                try await stage.get("\(Self.path)?state=replayed").data.array?.count == 2
            }
            #expect(try await stage.count(.messages) == messages + 2)
            #expect(try await stage.storedBodies().map(\.state) == ["done", "done"])
            #expect(try await stage.get("\(Self.path)/\(ids[0])").data["instance_id"] == 1)
            #expect(
                try await stage.audited("inbound_event", ids[1]).map(\.action).allSatisfy {
                    $0 == "inbound_event.replay"
                })
        }
    }

    @Test func `a number of a shared hook is told to nobody until it is somebody's, and then to them`() async throws {
        try await Stage.run { stage in
            let body = stage.envelope(
                [("messages", [stage.inboundText("Oi", from: "5511900000001", id: "wamid.late")])], to: "777")
            #expect(try await stage.cloudHook(body).status == 200)
            // Nor is what names no number at all.
            #expect(try await stage.cloudHook([UInt8]("nonsense".utf8)).status == 200)
            _ = try await stage.storedBodies()
            for key in [stage.keys.full.text, stage.keys.other.text] {
                #expect(try await stage.get(Self.path, key: key).data == [])
            }
            try await stage.sql("UPDATE instances SET provider_key = '777' WHERE id = 2")
            let listed = try await stage.get(Self.path).data
            #expect(listed.array?.count == 1)
            #expect(listed[0]?["instance_id"] == 2)
            #expect(try await stage.get(Self.path, key: stage.keys.other.text).data == [])
            let from = stage.now + .seconds(-3600)
            let asked = try await stage.post(
                "\(Self.path)/replay", ["from": .string(from.text), "to": .string(stage.now.text)])
            #expect(asked.status == 202, "\(asked.text)")
            #expect(asked.data == ["count": 1])
            try await stage.eventually("it is applied") {
                try await stage.get("\(Self.path)?state=replayed").data.array?.count == 1
            }
            let thread = try await stage.get("/api/v1/conversations").data
            #expect(thread.array?.count == 1)
            #expect(thread[0]?["unread"] == 1)
        }
    }

    @Test func `a body signed by one account's app that names another's number does nothing`() async throws {
        try await Stage.run { stage in
            // The other account gets an app of its own.
            let token = "apartada"
            let sealed = try stage.secrets.sealHook(
                .init(key: "segredo", verifyToken: "v"), tokenHash: SHA256.digest(Array(token.utf8)))
            let hook = try await stage.database.hooks.create(
                .cloudAPI, tokenHash: SHA256.digest(Array(token.utf8)), sealedSecrets: sealed, now: stage.now)
            try await stage.sql(
                "UPDATE instances SET hook_id = $1 WHERE account_id = $2", [.int(hook), .int(stage.other.rawValue)])
            let before = try await stage.rows(without: [.hookBodies])
            let body = stage.envelope([
                ("messages", [stage.inboundText("Oi", from: "5511987651001", id: "wamid.forged")])
            ]).serialized()
            let signature = Hex.encode(HMAC.sha256(key: Array("segredo".utf8), message: body))
            let answer = try await stage.request(
                .post, "/hooks/cloud-api/\(token)", body: body, key: .some(nil),
                fields: ["X-Hub-Signature-256": "sha256=\(signature)"])
            #expect(answer.status == 200)
            #expect(try await stage.storedBodies().map(\.state) == ["failed"])
            #expect(try await stage.rows(without: [.hookBodies]) == before)
            // It is the forger's to see, and to try in vain.
            #expect(try await stage.get(Self.path).data == [])
            let theirs = try await stage.get(Self.path, key: stage.newKey(of: stage.other).token).data
            #expect(theirs.array?.count == 1)
            #expect(theirs[0]?["instance_id"] == .null)
            let id = try #require(theirs[0]?["id"]?.int64)
            let key = try await stage.newKey(of: stage.other).token
            #expect(try await stage.post("\(Self.path)/\(id)/replay", [:], key: key).status == 202)
            try await stage.eventually("it was tried") {
                try await stage.get("\(Self.path)/\(id)", key: key).data["state"] == "failed"
            }
            #expect(try await stage.rows(without: [.hookBodies]) == before)
        }
    }

    @Test func `whose it is not is not found, and what is asked for wrongly is told whole`() async throws {
        try await Stage.run { stage in
            // One after the other: two bodies are processed in any order.
            for (session, message) in [("default", "\u{0}"), ("alheia", "a")] {
                #expect(try await stage.session(session, "5548987650911", message).status == 200)
                _ = try await stage.storedBodies()
            }
            let listed = try await stage.get(Self.path).data.array ?? []
            let ids = listed.compactMap { $0["id"]?.int64 }
            #expect(ids.count == 2)
            let (unnamed, own) = (ids[0], ids[1])
            #expect(try await stage.walk("\(Self.path)?limit=1") == ids)
            #expect(
                try await stage.get("\(Self.path)?instance_id=1").data.array?.compactMap { $0["id"]?.int64 } == [own])
            // A bound key sees what is for its numbers, and not what is for none.
            let waha = try await stage.newKey(instances: [Stage.waha]).token
            #expect(try await stage.get(Self.path, key: waha).data.array?.compactMap { $0["id"]?.int64 } == [own])
            let stranger = try await stage.newKey(of: stage.other).token
            let cloud = try await stage.newKey(instances: [Stage.cloud]).token
            for (key, id) in [(waha, unnamed), (cloud, own), (stranger, own), (stranger, unnamed)] {
                for (method, tail) in [(HTTPMethod.get, ""), (.post, "/replay")] {
                    let (hidden, unknown) = try await stage.alike(
                        method, "\(Self.path)/\(id)\(tail)", "\(Self.path)/999999\(tail)",
                        body: method == .post ? [:] : nil, key: key)
                    #expect(hidden.status == 404)
                    #expect(hidden.body == unknown.body)
                }
                let many = try await stage.post("\(Self.path)/replay", ["ids": [JSONValue(id)]], key: key)
                #expect(many.faults == ["/ids/0 not_found"])
            }
            for (body, faults) in [
                ([:], ["/from required", "/to required"]), (["ids": []], ["/ids required"]),
                (["ids": [1], "from": "2026-01-01"], ["/ids exclusive"]),
                (["from": "soon", "to": "2026-01-01"], ["/from invalid_format"]),
                (["ids": [.string("a")], "x": 1], ["/ids/0 wrong_type", "/x unknown_field"]),
            ] as [(JSONValue, [String])] {
                #expect(try await stage.post("\(Self.path)/replay", body).faults.sorted() == faults)
            }
            #expect(try await stage.get("\(Self.path)?state=gone").status == 422)
            let states = try await stage.sql("SELECT DISTINCT state FROM inbound_failures").map { try $0.text(0) }
            #expect(states == ["failed"])
            let both = try await stage.post(
                "\(Self.path)/replay", ["ids": .array(ids.map { JSONValue($0) })], fields: ["Idempotency-Key": "k"])
            #expect(both.data == ["count": 2])
            let repeated = try await stage.post(
                "\(Self.path)/replay", ["ids": .array(ids.map { JSONValue($0) })], fields: ["Idempotency-Key": "k"])
            #expect(repeated.fields["Idempotent-Replayed"] == "true")
            try await stage.eventually("both were tried") {
                try await stage.get("\(Self.path)?state=failed").data.array?.count == 2
            }
        }
    }

    @Test func `what an erasure takes out of a body leaves the failures of the others right`() async throws {
        try await Stage.run { stage in
            let items: [JSONValue] = [
                stage.inboundText("Oi", from: "5511987651001", id: "wamid.a"),
                stage.inboundText("Oi", from: "5511987651001", id: "wamid.b"), ["id": "wamid.c"],
            ]
            #expect(try await stage.cloudHook(stage.envelope([("messages", .array(items))])).status == 200)
            _ = try await stage.storedBodies()
            #expect(try await stage.get(Self.path).data[0]?["item"] == 2)
            #expect(try await stage.post("/api/v1/leads/1/erase", [:]).status == 200)
            stage.clock.advance(by: .seconds(30))
            try await stage.eventually("what is left is processed") {
                try await stage.get(Self.path).data[0]?["item"] == 0
            }
            #expect(try await stage.get(Self.path).data.array?.count == 1)
            #expect(try await stage.storedBodies().map(\.state) == ["failed"])
        }
    }
}

extension Stage {
    /// The WAHA number is this session from now on.
    fileprivate func attach(_ session: String) async throws {
        try await sql("UPDATE instances SET provider_key = $1 WHERE id = 1", [.text(session)])
    }
}
