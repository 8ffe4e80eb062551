import HTTP

/// What is asked of a server by the suites that judge HTTP implementations.
enum Echo {
    static func answer(_ request: HTTPRequest) -> HTTPResponse {
        guard request.method != .trace else { return allowed(.methodNotAllowed) }
        return switch request.path {
        case "/": root(request)
        case "/echo": text(fieldLines(request.fields))
        case "/cookie": text(cookieLines(request.fields))
        // `OPTIONS *` asks about the server as a whole (RFC 9110 § 9.3.7).
        case "*": allowed(.noContent)
        default: HTTPResponse(status: .notFound, fields: plain, body: .text("not found\n"))
        }
    }

    private static let plain: HTTPFields = ["Content-Type": "text/plain; charset=utf-8"]
    private static let octets: HTTPFields = ["Content-Type": "application/octet-stream"]
    private static let methods = "GET, HEAD, POST, OPTIONS"

    private static func root(_ request: HTTPRequest) -> HTTPResponse {
        switch request.method {
        case .get, .head: text("OK")
        case .post: HTTPResponse(fields: octets, body: .bytes(request.body))
        case .options: allowed(.noContent)
        default: allowed(.methodNotAllowed)
        }
    }

    private static func fieldLines(_ fields: HTTPFields) -> String {
        fields.map { "\($0.name): \($0.value)\n" }.joined()
    }

    /// `cookie-pair *( ";" SP cookie-pair )` (RFC 6265 § 4.2.1); what has no name is left out.
    private static func cookieLines(_ fields: HTTPFields) -> String {
        fields.all("Cookie").flatMap { $0.split(separator: ";") }.compactMap { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = trimmed(parts[0])
            guard parts.count == 2, !name.isEmpty else { return nil }
            return "\(name)=\(trimmed(parts[1]))\n"
        }.joined()
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let start = text.drop { $0 == " " || $0 == "\t" }
        guard let last = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return start[...last]
    }

    private static func text(_ text: String) -> HTTPResponse {
        HTTPResponse(fields: plain, body: .text(text))
    }

    private static func allowed(_ status: HTTPStatus) -> HTTPResponse {
        HTTPResponse(status: status, fields: ["Allow": methods])
    }
}
