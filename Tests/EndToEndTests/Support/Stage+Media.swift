import Crypto
import Domain
import HTTP
import JSON
import Postgres
import Storage

@testable import leadwire

extension Stage {
    /// The smallest that passes for a picture, made larger by what follows.
    nonisolated static func jpeg(_ count: Int = 64, seed: UInt8 = 7) -> [UInt8] {
        [0xFF, 0xD8, 0xFF, 0xE0] + (0..<max(0, count - 4)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ Int(seed)) }
    }

    nonisolated static let pdf = Array("%PDF-1.7 proposta".utf8)
    nonisolated static let mp4 = [0, 0, 0, 0x18] + Array("ftypisom".utf8) + [UInt8](repeating: 1, count: 40)
    nonisolated static let ogg = Array("OggS".utf8) + [UInt8](repeating: 2, count: 40)

    /// `POST /media`
    func upload(
        _ bytes: [UInt8], as type: String, filename: String? = nil, key: String?? = .none, fields: HTTPFields = [:],
        way: Way = .memory
    ) async throws -> Answer {
        var all = fields
        all["Content-Type"] = type
        let query = filename.map { "?filename=\($0)" } ?? ""
        return try await request(.post, "/api/v1/media\(query)", body: bytes, key: key, fields: all, way: way)
    }

    /// The id of a new file.
    func medium(_ bytes: [UInt8], as type: String, filename: String? = nil) async throws -> Int64 {
        let answer = try await upload(bytes, as: type, filename: filename)
        guard let id = answer.data["id"]?.int64 else { throw StageError(what: "no file: \(answer.text)") }
        return id
    }

    /// `POST /leads/{lead}/send-whatsapp`
    func send(
        _ body: JSONObject, lead: Int64 = 1, instance: Instance.ID, key: String?? = .none, fields: HTTPFields = [:],
        query: String = "", way: Way = .memory
    ) async throws -> Answer {
        var body = body
        body["instance_id"] = .number(JSONNumber(instance.rawValue))
        return try await post(
            "/api/v1/leads/\(lead)/send-whatsapp\(query)", .object(body), key: key, fields: fields, way: way)
    }

    /// How often a path of the providers was called.
    func calls(_ suffix: String) async throws -> Int64 {
        let answer = try await send("\(simulatorURL)/_simulator/calls", .get, [:], [])
        let calls = answer.json["calls"]?.object?.members ?? []
        return calls.filter { $0.key.hasSuffix(suffix) }.compactMap { $0.value.int64 }.reduce(0, +)
    }

    func files() async throws -> Int64 { try await sql("SELECT count(*) FROM media").first?.int(0) ?? -1 }
}
