import Domain
import HTTP
import JSON

extension Stage {
    /// A user of the demo account, unless said otherwise.
    func user(_ name: String, of account: Account.ID? = nil) async throws -> Int64 {
        let address = name.lowercased().filter { $0.isASCII && $0.isLetter }
        let key = try await newKey(of: account).token
        let made = try await post(
            "/api/v1/users", ["name": .string(name), "email": .string("\(address)@example.com")], key: key)
        guard made.status == 201, let id = made.data["id"]?.int64 else {
            throw StageError(what: "no user: \(made.status) \(made.code ?? "")")
        }
        return id
    }

    /// A PATCH, or whatever method, with a body.
    func change(
        _ path: String, _ body: JSONValue, _ method: HTTPMethod = .patch, key: String?? = .none,
        fields: HTTPFields = [:]
    ) async throws -> Answer {
        try await request(method, path, body: body.serialized(), key: key, fields: fields)
    }

    func delete(_ path: String, key: String?? = .none, fields: HTTPFields = [:]) async throws -> Answer {
        try await request(.delete, path, key: key, fields: fields)
    }

    /// The lines of the audit log about it, newest first: action and changes.
    func audited(_ entity: String, _ id: Int64) async throws -> [(action: String?, changes: JSONValue)] {
        try await get("/api/v1/audit-log?entity=\(entity)&entity_id=\(id)").data.array?.map {
            ($0["action"]?.string, $0["changes"] ?? .null)
        } ?? []
    }
}
