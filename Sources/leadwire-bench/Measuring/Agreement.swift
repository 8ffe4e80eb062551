import EventLoop
import Foundation
import HTTP

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

    private static func document(_ url: HTTPURL, _ key: String, _ client: HTTPClient) async throws -> Any {
        let answer = try await client.send(HTTPClientRequest(url: url, fields: ["X-API-Key": key]))
        guard answer.status == .ok else { throw BenchError("\(url) was answered with \(answer.status)") }
        return try JSONSerialization.jsonObject(with: Data(answer.body))
    }

    /// Where the first difference lies; nil if there is none.
    nonisolated static func difference(_ one: Any, _ other: Any, at place: String = "$") -> String? {
        switch (one, other) {
        case (let one as [String: Any], let other as [String: Any]):
            for key in Set(one.keys).union(other.keys).sorted() {
                guard let left = one[key], let right = other[key] else { return "\(place).\(key)" }
                if let found = difference(left, right, at: "\(place).\(key)") { return found }
            }
            return nil
        case (let one as [Any], let other as [Any]):
            guard one.count == other.count else { return "\(place).length" }
            for (index, pair) in zip(one, other).enumerated() {
                if let found = difference(pair.0, pair.1, at: "\(place)[\(index)]") { return found }
            }
            return nil
        default:
            return (one as? NSObject)?.isEqual(other) == true ? nil : place
        }
    }
}
