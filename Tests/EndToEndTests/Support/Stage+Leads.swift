import HTTP
import JSON
import Postgres
import Storage

@testable import leadwire

extension Stage {
    func patch(_ path: String, _ body: JSONValue, key: String?? = .none, fields: HTTPFields = [:]) async throws
        -> Answer
    {
        try await request(.patch, path, body: body.serialized(), key: key, fields: fields)
    }

    func put(_ path: String, _ body: JSONValue, key: String?? = .none, fields: HTTPFields = [:]) async throws -> Answer
    {
        try await request(.put, path, body: body.serialized(), key: key, fields: fields)
    }

    /// An event as it is stored.
    struct Event: Sendable {
        let type: String
        let leadID: Int64?
        let data: JSONValue
        let previous: JSONValue?
    }

    /// The events that were written since, in their order.
    func events(after id: Int64 = 0) async throws -> [Event] {
        try await sql("SELECT type, lead_id, data, previous FROM events WHERE id > $1 ORDER BY id", [.int(id)]).map {
            Event(
                type: try $0.text(0), leadID: try $0.intOrNil(1), data: try JSONParser.parse(try $0.json(2)),
                previous: try $0.jsonOrNil(3).map { try JSONParser.parse($0) })
        }
    }

    func lastEvent() async throws -> Int64 {
        try await sql("SELECT COALESCE(max(id), 0) FROM events").first?.int(0) ?? 0
    }
}

extension JSONValue {
    static func decimal(_ text: String) -> JSONValue { JSONNumber(text).map { .number($0) } ?? .null }
}
