import Domain
import HTTP

/// Who is calling: `X-API-Key: crm_…` or `Authorization: Bearer crm_…`.
enum Authentication {
    /// The token, if its shape and checksum are right: a typo costs no query.
    static func token(_ fields: HTTPFields) -> APIKeyToken? {
        let keys = fields.all("X-API-Key")
        guard keys.count <= 1 else { return nil }
        if let key = keys.first { return APIKeyToken(key) }
        let authorizations = fields.all("Authorization")
        guard authorizations.count == 1, let value = authorizations.first else { return nil }
        let parts = value.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return APIKeyToken(parts[1].filter { $0 != " " })
    }
}
