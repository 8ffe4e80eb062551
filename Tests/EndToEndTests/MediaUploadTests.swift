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

/// `POST /media` and what becomes of the file.
@Suite struct MediaUploadTests {
    @Test(arguments: Stage.Way.allCases)
    func `an uploaded file is told, and read whole by its link alone`(_ way: Stage.Way) async throws {
        try await Stage.run { stage in
            // Not a whole number of pieces, and one more than a whole number.
            for size in [5, 255 * 1024, 255 * 1024 + 1, 1_000_000] {
                let bytes = Stage.jpeg(size)
                let answer = try await stage.upload(bytes, as: "image/jpeg", filename: "foto%20a.jpg", way: way)
                #expect(answer.status == 201, "\(answer.text)")
                let id = try #require(answer.data["id"]?.int64)
                #expect(answer.fields["Location"] == "/api/v1/media/\(id)")
                #expect(answer.data["type"] == "image")
                #expect(answer.data["mime_type"] == "image/jpeg")
                #expect(answer.data["filename"] == "foto a.jpg")
                #expect(answer.data["size"]?.int64 == Int64(size))
                #expect(answer.data["sha256"]?.string == Hex.encode(SHA256.digest(bytes)))
                #expect(answer.data["status"] == "stored")
                #expect(try await stage.get("/api/v1/media/\(id)", way: way).data == answer.data)
                let url = try #require(answer.data["url"]?.string)
                let content = try await stage.request(.get, url, key: .some(nil), way: .socket)
                #expect(content.status == 200)
                #expect(content.body == bytes)
                #expect(content.fields["Content-Type"] == "image/jpeg")
                #expect(content.fields["Content-Disposition"] == "attachment; filename*=UTF-8''foto%20a.jpg")
                #expect(content.fields["X-Content-Type-Options"] == "nosniff")
                let head = try await stage.request(.head, url, key: .some(nil), way: .socket)
                #expect(head.status == 200)
                #expect(head.body.isEmpty)
            }
        }
    }

    @Test func `a link opens one file, for a while, and only as it was signed`() async throws {
        try await Stage.run { stage in
            let answer = try await stage.upload(Stage.pdf, as: "application/pdf")
            let other = try await stage.medium(Stage.jpeg(), as: "image/jpeg")
            let url = try #require(answer.data["url"]?.string)
            let id = try #require(answer.data["id"]?.int64)
            func status(_ url: String) async throws -> Int {
                try await stage.request(.get, url, key: .some(nil), way: .socket).status
            }
            #expect(try await status(url) == 200)
            for spoilt in [
                url.replacing("/media/\(id)/", with: "/media/\(other)/"),
                url.replacing("account=\(stage.demo)", with: "account=\(stage.other)"),
                url.replacing("expires=1", with: "expires=2"), String(url.dropLast()), url + "0",
                String(url.prefix { $0 != "?" }), url.replacing("signature=", with: "sig="),
            ] {
                #expect(spoilt != url)
                #expect(try await status(spoilt) == 404, "\(spoilt)")
            }
            stage.clock.advance(by: .seconds(3 * 3600))
            #expect(try await status(url) == 404)
            let fresh = try #require(try await stage.get("/api/v1/media/\(id)").data["url"]?.string)
            #expect(try await status(fresh) == 200)
        }
    }

    @Test func `what is no file of its type, too large, or of no type, leaves nothing`() async throws {
        try await Stage.run { stage in
            func refused(
                _ bytes: [UInt8], _ type: String, _ code: String, _ status: Int, way: Stage.Way = .memory
            ) async throws {
                let answer = try await stage.upload(bytes, as: type, way: way)
                #expect(answer.code == code, "\(type): \(answer.text)")
                #expect(answer.status == status, "\(type)")
            }
            for way in Stage.Way.allCases {
                try await refused(Stage.jpeg(), "application/x-thing", "media_type_not_supported", 415, way: way)
                try await refused(
                    Stage.jpeg(), "multipart/form-data; boundary=a", "media_type_not_supported", 415, way: way)
                try await refused(Stage.jpeg(), "image/png", "media_mismatch", 422, way: way)
                try await refused(Array("<html>".utf8), "application/pdf", "media_mismatch", 422, way: way)
                try await refused([], "image/jpeg", "media_mismatch", 422, way: way)
                try await refused(Stage.jpeg(5 * 1024 * 1024 + 1), "image/jpeg", "body_too_large", 413, way: way)
            }
            let name = try await stage.upload(Stage.jpeg(), as: "image/jpeg", filename: "a%2Fb")
            #expect(name.faults == ["?filename invalid_character"])
            #expect(try await stage.files() == 0)
            #expect(try await stage.sql("SELECT 1 FROM media_chunks").isEmpty)
            #expect(try await stage.upload(Stage.jpeg(5 * 1024 * 1024), as: "image/jpeg", way: .socket).status == 201)
        }
    }

    @Test func `an upload that is cut leaves nothing`() async throws {
        try await Stage.run { stage in
            let port = try #require(HTTPURL(stage.url)?.port)
            let client = try WireClient(port: port)
            client.send(
                "POST /api/v1/media HTTP/1.1\r\nHost: a\r\nX-API-Key: \(stage.keys.full.text)\r\n"
                    + "Content-Type: text/plain\r\nContent-Length: 2000000\r\n\r\n"
                    + String(repeating: "a", count: 30_000))
            try await stage.eventually("it has begun") { try await stage.files() == 1 }
            // Nobody sees what is not whole.
            let id = try #require(try await stage.sql("SELECT id FROM media").first?.int(0))
            #expect(try await stage.get("/api/v1/media/\(id)").status == 404)
            #expect(
                try await stage.send(
                    JSONObject([("media", ["id": .number(JSONNumber(id))])]), instance: Stage.waha
                ).faults == ["/media/id not_found"])
            client.close()
            try await stage.eventually("nothing is left") { try await stage.files() == 0 }
            #expect(try await stage.sql("SELECT 1 FROM media_chunks").isEmpty)
        }
    }

    @Test func `the same key uploads once, and another file under it is another request`() async throws {
        try await Stage.run { stage in
            let key: HTTPFields = ["Idempotency-Key": "u-1"]
            let first = try await stage.upload(Stage.jpeg(), as: "image/jpeg", fields: key, way: .socket)
            #expect(first.status == 201)
            let again = try await stage.upload(Stage.jpeg(), as: "image/jpeg", fields: key, way: .socket)
            #expect(again.status == 201)
            #expect(again.body == first.body)
            #expect(again.fields["Idempotent-Replayed"] == "true")
            #expect(again.fields["Location"] == first.fields["Location"])
            let other = try await stage.upload(Stage.jpeg(65), as: "image/jpeg", fields: key, way: .socket)
            #expect(other.code == "idempotency_key_conflict")
            // The same bytes under another type are another file.
            for (type, status) in [("audio/mp4", 201), ("video/mp4", 409)] {
                let film = try await stage.upload(Stage.mp4, as: type, fields: ["Idempotency-Key": "u-3"])
                #expect(film.status == status, "\(film.text)")
            }
            try await stage.sql("DELETE FROM media WHERE mime_type = 'audio/mp4'")
            #expect(try await stage.files() == 1)
            let both = try await together(8) { _ in
                try await stage.upload(Stage.pdf, as: "application/pdf", fields: ["Idempotency-Key": "u-2"])
            }
            #expect(Set(both.compactMap { $0.data["id"]?.int64 }).count == 1)
            #expect(try await stage.files() == 2)
            #expect(try await stage.sql("SELECT 1 FROM audit_log WHERE action = 'media.create'").count == 3)
        }
    }

    @Test func `another account's file, and a missing permission, are as everywhere`() async throws {
        try await Stage.run { stage in
            let theirs = try await stage.upload(Stage.jpeg(), as: "image/jpeg", key: stage.keys.other.text)
            let id = try #require(theirs.data["id"]?.int64)
            let hidden = try await stage.get("/api/v1/media/\(id)")
            #expect(hidden.status == 404)
            #expect(hidden.code == (try await stage.get("/api/v1/media/999999")).code)
            let named = try await stage.send(
                JSONObject([("media", ["id": .number(JSONNumber(id))])]), instance: Stage.waha)
            let unknown = try await stage.send(JSONObject([("media", ["id": 999_999])]), instance: Stage.waha)
            #expect(named.status == 422)
            #expect(named.details == unknown.details)
            #expect(named.faults == ["/media/id not_found"])
            let preflight = try await stage.post(
                "/api/v1/leads/1/whatsapp/preflight", ["media": ["id": .number(JSONNumber(id))], "instance_id": 1])
            #expect(preflight.data["allowed"] == false)
            #expect(preflight.data["faults"]?[0]?["details"]?[0]?["pointer"] == "/media/id")
            let denied = try await stage.upload(Stage.jpeg(), as: "image/jpeg", key: stage.keys.read.text)
            #expect(denied.status == 403)
            #expect(denied.json["required_permission"] == "whatsapp:write")
            #expect(try await stage.files() == 1)
        }
    }

    @Test func `what no message has goes after a month, and what one has stays`() async throws {
        try await Stage.run { stage in
            let used = try await stage.medium(Stage.jpeg(), as: "image/jpeg")
            let unused = try await stage.medium(Stage.pdf, as: "application/pdf")
            let sent = try await stage.send(
                JSONObject([("media", ["id": .number(JSONNumber(used))])]), instance: Stage.waha)
            #expect(sent.status == 201)
            let now = stage.now
            // Begun by a process that is no more.
            let beginning = MediaStore.Beginning(
                source: .upload, kind: .image, mimeType: "image/jpeg", filename: nil, apiKeyID: nil)
            let lost = try await stage.database.media.begin(beginning, of: stage.demo, now: now)
            try await stage.database.media.append([1], number: 0, to: lost, of: stage.demo)
            try await stage.database.media.forget(partial: now, unused: now + .seconds(-60), limit: 10)
            #expect(try await stage.files() == 3)
            try await stage.database.media.forget(
                partial: now + .seconds(1), unused: now + .seconds(-60), limit: 10)
            #expect(try await stage.files() == 2)
            try await stage.database.media.forget(partial: now, unused: now + .seconds(60), limit: 10)
            #expect(try await stage.get("/api/v1/media/\(used)").status == 200)
            #expect(try await stage.get("/api/v1/media/\(unused)").status == 404)
            #expect(try await stage.sql("SELECT DISTINCT media_id FROM media_chunks").map { try $0.int(0) } == [used])
        }
    }
}
