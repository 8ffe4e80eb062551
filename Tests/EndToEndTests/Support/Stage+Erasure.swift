import HTTP
import JSON

@testable import leadwire

extension Stage {
    static let zuleicaBody: JSONValue = [
        "name": "Zuleica Quaresma", "phone": "+5511987654444", "email": "zuleica@quaresma.example",
        "external_id": "erp-zu", "notes": "Palavra-nota", "tags": ["Palavra-etiqueta"], "utm_term": "Palavra-utm",
        "company": "Quaresma Ltda", "birthday": "1980-01-02",
    ]

    /// The lead of a person whom nothing else in the demo names.
    func zuleica(fields: HTTPFields = [:]) async throws -> Int64 {
        let made = try await post("/api/v1/leads", Self.zuleicaBody, fields: fields)
        guard let id = made.data["id"]?.int64 else { throw StageError(what: made.text) }
        return id
    }
}
