import Crypto
import Domain
import EventLoop
import HTTP
import JSON
import Postgres
import Storage
import TestSupport
import Testing

@testable import leadwire

/// PRODUCT § 7: what contacts send is fetched at once, kept, and read by signed links.
@Suite struct InboundMediaTests {
    @Reactor private static func receives(
        _ stage: Stage, _ bytes: [UInt8], as type: String, at business: String, filename: String? = nil,
        from phone: String = Stage.ana, text: String? = nil
    ) async throws -> Int64 {
        let before = try await stage.sql("SELECT count(*) FROM messages").first?.int(0) ?? 0
        var body = JSONObject([
            ("instance_phone", .string(business)), ("from", .string(phone)),
            (
                "media",
                [
                    "mime_type": .string(type), "data": .string(Base64.encode(bytes)),
                    "filename": filename.map(JSONValue.string) ?? .null,
                ]
            ),
        ])
        if let text { body["text"] = .string(text) }
        try await stage.control("inbound", .object(body))
        try await stage.eventually("the message is here") {
            try await stage.sql("SELECT count(*) FROM messages").first?.int(0) ?? 0 > before
        }
        return try #require(try await stage.sql("SELECT max(id) FROM messages").first?.int(0))
    }

    @Reactor private static func medium(_ stage: Stage, of message: Int64) async throws -> JSONValue {
        let id = try #require(try await stage.message(message)["media"]?["id"]?.int64)
        return try await stage.get("/api/v1/media/\(id)").data
    }

    private static let businesses = ["+5521987654321", "+5511999887766"]

    @Test(arguments: businesses)
    func `a received file is kept whole, told with its message, and read by its link`(_ business: String) async throws {
        try await Stage.run { stage in
            let bytes = Stage.jpeg(270_000)
            let id = try await Self.receives(stage, bytes, as: "image/jpeg", at: business, text: "Veja")
            try await stage.eventually("it is fetched") {
                try await Self.medium(stage, of: id)["status"] == "stored"
            }
            let message = try await stage.message(id)
            #expect(message["type"] == "image")
            #expect(message["direction"] == "inbound")
            #expect(message["media"]?["mime_type"] == "image/jpeg")
            #expect(message["media"]?["size"]?.int64 == Int64(bytes.count))
            #expect(message["media"]?["sha256"]?.string == Hex.encode(SHA256.digest(bytes)))
            let told = try await stage.sql(
                "SELECT data->'message'->'media' FROM events WHERE type = 'message.received'")
            #expect(try told.map { try JSONParser.parse(Array($0.text(0).utf8))["id"] } == [message["media"]?["id"]])
            let url = try #require(try await Self.medium(stage, of: id)["url"]?.string)
            #expect(try await stage.request(.get, url, key: .some(nil), way: .socket).body == bytes)
            #expect(try await stage.sql("SELECT 1 FROM media_fetches").isEmpty)
            // A received file can be sent on.
            let sent = try await stage.send(
                JSONObject([("media", ["id": message["media"]?["id"] ?? .null])]), lead: 2, instance: Stage.waha)
            #expect(sent.status == 201, "\(sent.text)")
        }
    }

    @Test func `a file of any type is kept, and a message that comes twice has one`() async throws {
        try await Stage.run { stage in
            let id = try await Self.receives(
                stage, Array("PK anything".utf8), as: "application/x-thing", at: Stage.cloudPhone, filename: "a.bin")
            try await stage.eventually("it is fetched") {
                try await Self.medium(stage, of: id)["status"] == "stored"
            }
            #expect(try await Self.medium(stage, of: id)["filename"] == "a.bin")
            let bodies = try await stage.storedBodies()
            _ = try await stage.cloudHook(try #require(bodies.last).body)
            _ = try await stage.storedBodies()
            #expect(try await stage.files() == 1)
        }
    }

    @Test(arguments: ["loses_answer", "half_answer", "unreadable_error", "resets_unseen"])
    func `a fetch that fails is tried again, and leaves nothing half`(_ fault: String) async throws {
        try await Stage.run { stage in
            for call in ["media", "download"] {
                try await stage.control("faults", ["next": [["fault": .string(fault), "call": .string(call)]]])
                let bytes = Stage.jpeg(300_000, seed: call == "media" ? 1 : 2)
                let id = try await Self.receives(stage, bytes, as: "image/jpeg", at: Stage.cloudPhone)
                try await stage.eventuallyWithTime("it is fetched") {
                    try await Self.medium(stage, of: id)["status"] == "stored"
                }
                #expect(
                    try await Self.medium(stage, of: id)["sha256"]?.string == Hex.encode(SHA256.digest(bytes)),
                    "\(call)")
            }
        }
    }

    @Test func `a process that died while it fetched loses no file`() async throws {
        try await Stage.run { stage in
            let bytes = Stage.jpeg(270_000)
            let id = try await Self.receives(stage, bytes, as: "image/jpeg", at: Stage.cloudPhone)
            try await stage.eventually("it is fetched") {
                try await Self.medium(stage, of: id)["status"] == "stored"
            }
            // As it stood in the middle: claimed, a piece written, the process gone.
            let file = try #require(try await stage.message(id)["media"]?["id"]?.int64)
            let place = try #require(
                try await stage.sql("SELECT content->'image'->>'id' FROM messages WHERE id = $1", [.int(id)])
                    .first?.text(0))
            try await stage.sql("DELETE FROM media_chunks WHERE number > 0")
            try await stage.sql("UPDATE media SET state = 'pending', size = NULL, sha256 = NULL")
            try await stage.sql(
                """
                INSERT INTO media_fetches (account_id, media_id, message_id, instance_id, place, attempts, run_at)
                VALUES ($1, $2, $3, 2, $4, 1, to_timestamp($5::bigint))
                """,
                [
                    .int(stage.demo.rawValue), .int(file), .int(id), .text(place),
                    .int((stage.now + .seconds(660)).microseconds / 1_000_000),
                ])
            #expect(try await Self.medium(stage, of: id)["status"] == "pending")
            #expect(try await Self.medium(stage, of: id)["url"] == .null)
            stage.clock.advance(by: .seconds(661))
            try await stage.eventually("it is fetched") {
                try await Self.medium(stage, of: id)["status"] == "stored"
            }
            let url = try #require(try await Self.medium(stage, of: id)["url"]?.string)
            #expect(try await stage.request(.get, url, key: .some(nil), way: .socket).body == bytes)
        }
    }

    @Test func `what the provider no longer has is given up, and said so`() async throws {
        try await Stage.run { stage in
            let message: JSONValue = [
                "from": "5511987651001", "id": "wamid.gone", "type": "image",
                "image": ["id": "999", "mime_type": "image/jpeg"],
                "timestamp": .string(String(stage.now.microseconds / 1_000_000)),
            ]
            _ = try await stage.cloudHook(stage.envelope([("messages", [message])]))
            try await stage.eventually("it is given up") {
                try await stage.sql("SELECT 1 FROM media WHERE state = 'failed'").count == 1
            }
            #expect(try await stage.sql("SELECT 1 FROM media_fetches").isEmpty)
        }
    }

    @Test func `a key bound to other numbers does not see it, and an erasure takes it along`() async throws {
        try await Stage.run { stage in
            let lead = try await stage.zuleica()
            let phone = "+5511987654444"
            let theirs = try await Self.receives(
                stage, Stage.pdf, as: "application/pdf", at: Stage.cloudPhone, filename: "zuleica.pdf", from: phone)
            try await stage.eventually("it is fetched") {
                try await Self.medium(stage, of: theirs)["status"] == "stored"
            }
            let file = try #require(try await stage.message(theirs)["media"]?["id"]?.int64)
            let bound = try await stage.newKey([.messagesRead, .whatsappWrite], instances: [Stage.waha])
            #expect(try await stage.get("/api/v1/media/\(file)", key: bound.token).status == 404)
            #expect(
                try await stage.send(
                    JSONObject([("media", ["id": .number(JSONNumber(file))])]), instance: Stage.waha, key: bound.token
                ).faults == ["/media/id not_found"])
            let own = try await stage.upload(
                Stage.jpeg(), as: "image/jpeg", filename: "para-zuleica.jpg", fields: ["Idempotency-Key": "u"])
            let shared = try await stage.medium(Stage.mp4, as: "video/mp4")
            let ownID = try #require(own.data["id"]?.int64)
            for id in [ownID, shared] {
                #expect(
                    try await stage.send(
                        JSONObject([("media", ["id": .number(JSONNumber(id))])]), lead: lead, instance: Stage.cloud
                    ).status == 201)
            }
            #expect(
                try await stage.send(
                    JSONObject([("media", ["id": .number(JSONNumber(shared))])]), instance: Stage.waha
                ).status == 201)
            let personal = try await stage.get("/api/v1/leads/\(lead)/personal-data").data["media"]?.array ?? []
            #expect(Set(personal.compactMap { $0["id"]?.int64 }) == [file, ownID, shared])
            #expect(try await stage.dump().holds("zuleica.pdf"))
            #expect(try await stage.post("/api/v1/leads/\(lead)/erase", .null).status == 200)
            let dump = try await stage.dump()
            for word in ["zuleica.pdf", "para-zuleica", "%PDF-1.7 proposta"] {
                #expect(!dump.holds(word), "\(word): \(dump.places(of: word))")
            }
            #expect(try await stage.sql("SELECT id FROM media").map { try $0.int(0) } == [shared])
            #expect(try await stage.message(theirs)["media"] == nil)
        }
    }
}
