import EventLoop
import HTTP
import JSON

/// That those who are compared do the same work: a peer that answered something else, or less, would be no peer.
@Reactor
enum Agreement {
    /// Asks both the same and holds their answers against each other, as JSON: members in any order.
    static func check(_ path: String, key: String, _ ours: HTTPURL, _ peer: HTTPURL) async throws {
        let client = HTTPClient()
        defer { client.close() }
        let one = try await document(ours, key, client)
        let other = try await document(peer, key, client)
        if let place = difference(one, other) {
            throw BenchError("the peer's answer to GET \(path) is another one at \(place)")
        }
    }

    private static func document(_ url: HTTPURL, _ key: String, _ client: HTTPClient) async throws -> JSONValue {
        let answer = try await client.send(HTTPClientRequest(url: url, fields: ["X-API-Key": key]))
        guard answer.status == .ok else { throw BenchError("\(url) was answered with \(answer.status)") }
        return try JSONParser.parse(answer.body)
    }

    /// Where the first difference lies; nil if there is none. Numbers are told apart by their value alone.
    nonisolated static func difference(_ one: JSONValue, _ other: JSONValue, at place: String = "$") -> String? {
        switch (one, other) {
        case (.object(let one), .object(let other)):
            for key in Set(one.keys).union(other.keys).sorted() {
                guard let left = one[key], let right = other[key] else { return "\(place).\(key)" }
                if let found = difference(left, right, at: "\(place).\(key)") { return found }
            }
            return nil
        case (.array(let one), .array(let other)):
            guard one.count == other.count else { return "\(place).length" }
            for (index, pair) in zip(one, other).enumerated() {
                if let found = difference(pair.0, pair.1, at: "\(place)[\(index)]") { return found }
            }
            return nil
        case (.string(let one), .string(let other)): return one == other ? nil : place
        case (.number(let one), .number(let other)): return one.double == other.double ? nil : place
        case (.bool(let one), .bool(let other)): return one == other ? nil : place
        case (.null, .null): return nil
        default: return place
        }
    }
}
