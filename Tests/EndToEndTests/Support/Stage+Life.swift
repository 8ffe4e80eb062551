import Domain
import HTTP
import JSON
import Postgres

@testable import leadwire

extension Stage {
    /// The next sends are refused by Meta with this code.
    func refuseNext(_ code: Int64, status: Int64 = 400) async throws {
        try await control("faults", ["next": [["code": JSONValue(code), "status": JSONValue(status)]]])
    }

    /// The providers do to the next send what they do to the magic number of this name.
    func spoilNext(_ name: String) async throws { try await control("faults", ["next": [.string(name)]]) }

    func retry(
        _ sent: Answer, acceptDuplicate: Bool? = nil, key: String?? = .none, fields: HTTPFields = [:],
        at process: Application? = nil
    ) async throws -> Answer {
        let body = acceptDuplicate.map { JSONValue.object(JSONObject([("accept_duplicate", .bool($0))])).serialized() }
        return try await request(
            .post, "/api/v1/messages/\(try id(of: sent))/retry", body: body, key: key, fields: fields, at: process)
    }

    func cancel(_ sent: Answer, key: String?? = .none, fields: HTTPFields = [:]) async throws -> Answer {
        try await request(.post, "/api/v1/messages/\(try id(of: sent))/cancel", key: key, fields: fields)
    }

    func resolve(
        _ sent: Answer, _ outcome: String, key: String?? = .none, fields: HTTPFields = [:]
    ) async throws -> Answer {
        try await post(
            "/api/v1/messages/\(try id(of: sent))/resolve", ["outcome": .string(outcome)], key: key, fields: fields)
    }

    func trace(_ sent: Answer, key: String?? = .none) async throws -> Answer {
        try await get("/api/v1/messages/\(try id(of: sent))/trace", key: key)
    }

    /// The message that an answer names, be it a refusal's.
    func id(of answer: Answer) throws -> Int64 {
        guard let id = answer.message["id"]?.int64 else { throw StageError(what: "no message: \(answer.text)") }
        return id
    }

    /// Where an answer is not as the document says of its operation.
    func undocumented(_ answer: Answer, _ operation: String) -> [String] {
        let document = OpenAPIDocument.shared
        let response = document.operation(operation).flatMap { document.response(answer.status, of: $0) }
        guard let schema = response?.schema else { return ["\(operation) \(answer.status) is not documented"] }
        var faults = OpenAPISchemaChecker.check(answer.json, schema, isClosed: true).faults
        if let code = answer.code, response?.errorCodes.contains(code) != true { faults.append(code) }
        return faults
    }

    /// The types of the message's events, oldest first.
    func events(of answer: Answer) async throws -> [String] {
        try await sql("SELECT type FROM events WHERE message_id = $1 ORDER BY id", [.int(try id(of: answer))])
            .map { try $0.text(0) }
    }

    /// The actions that were taken on the message, with the status before and after.
    func audit(of answer: Answer) async throws -> [String] {
        try await sql(
            """
            SELECT action || ' ' || (changes -> 'status' ->> 0) || ' ' || (changes -> 'status' ->> 1) FROM audit_log
            WHERE entity = 'message' AND entity_id = $1 ORDER BY id
            """, [.int(try id(of: answer))]
        ).map { try $0.text(0) }
    }
}
