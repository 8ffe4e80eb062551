import API
import Domain
import EventLoop
import HTTP
import JSON
import Storage
import TestSupport

@testable import leadwire

extension Stage {

    /// A new key; all permissions unless said otherwise.
    func newKey(
        _ permissions: Set<Permission> = Set(Permission.allCases), instances: Set<Instance.ID>? = nil,
        rate: Int = 100_000, expiresAt: Timestamp? = nil, of account: Account.ID? = nil
    ) async throws -> (token: String, id: APIKey.ID) {
        let (token, key) = try await NewToken.create(
            name: "test", permissions: permissions, instances: instances, rate: rate, expiresAt: expiresAt,
            account: account ?? demo, database: database)
        return (token.text, key.id)
    }

    /// What a request leaves behind; statuses of earlier sends may still come in beside it.
    func ownRows() async throws -> [String: Int64] { try await rows(without: [.events, .hookBodies]) }

    /// The counted tables with their rows.
    func rows(without others: Set<CountedTable> = []) async throws -> [String: Int64] {
        var rows: [String: Int64] = [:]
        for table in CountedTable.allCases where !others.contains(table) {
            rows[table.rawValue] = try await count(table)
        }
        return rows
    }

    /// Two requests under one request id, so that what differs is the answer's own.
    func alike(
        _ method: HTTPMethod, _ path: String, _ otherPath: String, body: JSONValue? = nil,
        otherBody: JSONValue? = nil, key: String?? = .none
    ) async throws -> (Answer, Answer) {
        let fields: HTTPFields = ["X-Request-Id": "same"]
        return (
            try await request(method, path, body: body?.serialized(), key: key, fields: fields),
            try await request(method, otherPath, body: (otherBody ?? body)?.serialized(), key: key, fields: fields)
        )
    }
}

extension Route {
    /// A path of this route, with `value` in place of every parameter.
    func path(_ value: String = "1") -> String {
        pattern.split(separator: "/").map { $0.hasPrefix("{") ? value : String($0) }
            .reduce(into: "") { $0 += "/" + $1 }
    }

    /// Reads a JSON body.
    var takesBody: Bool {
        method == .post && !pattern.hasPrefix("/hooks/")
            && ![
                "/restore", "/erase", "/media", "/import", "/cancel", "/retry", "/pause", "/resume", "{id}/replay",
            ].contains {
                pattern.hasSuffix($0)
            }
    }

    static var guarded: [Route] { table.filter { $0.access != .open } }
    static var open: [Route] { table.filter { $0.access == .open } }
}

extension JSONValue {
    init(_ value: Int64) { self = .number(JSONNumber(value)) }
    init(_ value: Int) { self = .number(JSONNumber(Int64(value))) }
}
