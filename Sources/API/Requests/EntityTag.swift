import Crypto
import HTTP

/// `ETag` and the conditions on it (RFC 9110 § 8.8.3, § 13.1).
enum EntityTag {
    /// Strong: the same tag is the same answer, octet for octet.
    static func of(_ body: [UInt8]) -> String { "\"\(Hex.encode(Array(SHA256.digest(body).prefix(12))))\"" }

    /// § 13.1.2 compares weakly, so that a `W/` before the tag does not matter.
    static func isNoneMatch(_ tag: String, _ fields: HTTPFields) -> Bool {
        let asked = tags(fields.all("If-None-Match")).map { $0.replacing("W/", with: "") }
        return !asked.contains(tag) && !asked.contains("*")
    }

    /// § 13.1.1 compares strongly; without the field everything matches.
    static func isMatch(_ tag: String, _ fields: HTTPFields) -> Bool {
        let values = fields.all("If-Match")
        guard !values.isEmpty else { return true }
        let asked = tags(values)
        return asked.contains(tag) || asked.contains("*")
    }

    private static func tags(_ values: [String]) -> [String] {
        values.flatMap { $0.split(separator: ",") }.map { $0.filter { $0 != " " && $0 != "\t" } }
    }
}
