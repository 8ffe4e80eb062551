import HTTP
import JSON

extension Exchange {
    /// The body as JSON, strictly read.
    func json() throws -> JSONValue {
        if let type = request.fields["Content-Type"], !Self.isJSON(type) { throw Problem(.unsupportedMediaType) }
        if let coding = request.fields["Content-Encoding"], coding.lowercased() != "identity" {
            throw Problem(.unsupportedMediaType)
        }
        return try JSONParser.parse(request.body)
    }

    private static func isJSON(_ type: String) -> Bool {
        if type == "application/json" { return true }
        let parts = type.lowercased().split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
        guard let media = parts.first, media == "application/json" || media.hasSuffix("+json") else { return false }
        return parts.dropFirst().allSatisfy {
            !$0.hasPrefix("charset=") || $0 == "charset=utf-8" || $0 == "charset=\"utf-8\""
        }
    }
}
