import Domain
import HTTP
import JSON
import Postgres
import Storage
import Testing

@testable import leadwire

extension Stage {
    /// `POST /leads/import`
    func imports(
        _ body: some Sequence<UInt8>, csv: Bool = false, key: String?? = .none, fields: HTTPFields = [:],
        way: Way = .memory, at process: Application? = nil
    ) async throws -> Answer {
        var all = fields
        if all["Content-Type"] == nil { all["Content-Type"] = csv ? "text/csv" : "application/x-ndjson" }
        return try await request(
            .post, "/api/v1/leads/import", body: Array(body), key: key, fields: all, way: way, at: process)
    }

    func imports(
        _ text: String, csv: Bool = false, key: String?? = .none, fields: HTTPFields = [:], way: Way = .memory
    ) async throws -> Answer {
        try await imports(text.utf8, csv: csv, key: key, fields: fields, way: way)
    }

    /// The import that an answer tells of, once nothing more becomes of it.
    func ended(_ answer: Answer) async throws -> JSONValue {
        guard let id = answer.data["import"]?["id"]?.int64 else { throw StageError(what: "no import: \(answer.text)") }
        return try await endedImport(id)
    }

    func endedImport(_ id: Int64, key: String?? = .none) async throws -> JSONValue {
        var found = JSONValue.null
        try await eventually("import \(id) has ended") {
            found = try await get("/api/v1/imports/\(id)", key: key).data
            return ["completed", "failed", "canceled"].contains(found["status"])
        }
        return found
    }

    /// `line result` of each, with the code and the pointers where there are some.
    func reports(of ended: JSONValue, _ query: String = "") async throws -> [String] {
        let id = ended["id"]?.int64 ?? 0
        let answer = try await get("/api/v1/imports/\(id)/lines?limit=500\(query)")
        return (answer.data.array ?? []).map { line in
            let details = (line["details"]?.array ?? []).map {
                "\($0["pointer"]?.string ?? "?") \($0["code"]?.string ?? "?")"
            }
            let told = [line["code"]?.string].compactMap { $0 } + details
            return (["\(line["line"]?.int64 ?? 0) \(line["result"]?.string ?? "?")"] + told).joined(separator: " ")
        }
    }

    /// Keeps the account's imports from being worked until `unblockImports`.
    func blockImports() async throws {
        try await sql(
            """
            INSERT INTO imports (
                account_id, status, format, is_lenient, language, lease_owner, lease_until, turn_at, created_at, queued_at)
            VALUES ($1, 'running', 'ndjson', false, 'en', 'test', $2, $3, $3, $3)
            """, [.int(demo.rawValue), .timestamp((now + .seconds(86_400)).microseconds), .timestamp(now.microseconds)])
    }

    func unblockImports() async throws {
        try await sql("DELETE FROM imports WHERE lease_owner = 'test'")
    }
}
