import EventLoop
import Testing

@testable import leadwire

/// Octets that no client library sends, as the whole product answers them.
@Suite(.timeLimit(.minutes(10))) struct BadInputWireTests {
    private static let close = "Host: a\r\nConnection: close\r\n"

    private static func get(_ target: String, _ fields: String = "") -> String {
        "GET \(target) HTTP/1.1\r\n\(close)\(fields)\r\n"
    }

    /// The request, its status, and what its answer must hold.
    private static let exchanges: [(String, Int, String)] = [
        (get("/%70ing"), 200, "pong"),
        (get("http://other.example/ping"), 200, "pong"),
        ("GET /ping HTTP/1.0\r\n\r\n", 200, "Connection: close"),
        ("HEAD /ping HTTP/1.1\r\n\(close)\r\n", 200, "Content-Length: 33\r\n"),
        ("\r\n" + get("/ping"), 200, "pong"),
        (get("/ping", "Upgrade: h2c\r\n"), 200, "pong"),
        // RFC 3986 § 5.2.4 is for clients: a path is what it says.
        (get("/x/../ping"), 404, "route_not_found"),
        (get("/x/%2e%2e/ping"), 404, "route_not_found"),
        (get("/ping/"), 404, "route_not_found"),
        (get("//ping"), 404, "route_not_found"),
        (get("/ping%2F"), 404, "route_not_found"),
        (get("/ping%00"), 404, "route_not_found"),
        (get("/ping%0d%0aX:y"), 404, "route_not_found"),
        (get("/ping;x=y"), 404, "route_not_found"),
        (get("/PING"), 404, "route_not_found"),
        (get("/api/v1/leads/..%2f..%2f..%2fping"), 401, "unauthorized"),
        ("DELETE /ping HTTP/1.1\r\n\(close)\r\n", 405, "Allow: GET, HEAD\r\n"),
        ("OPTIONS /ping HTTP/1.1\r\n\(close)\r\n", 405, "Allow: GET, HEAD\r\n"),
        (get("/ping", "X-Request-Id: a\u{0}b\r\n"), 400, "malformed_request"),
        (get("/ping", "X-Request-Id: a\rb\r\n"), 400, "malformed_request"),
        (get("/ping", "X-API-Key: a\r\n b\r\n"), 400, "malformed_request"),
        (get("http://u:p@a/ping"), 400, "malformed_request"),
        (get("/ping\u{0}"), 400, "malformed_request"),
        (get("/ping#x"), 400, "malformed_request"),
        (get("/ping", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), 400, "malformed_request"),
        ("\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{FC}\u{3}\u{3}", 400, "malformed_request"),
        (get("/ping", (0..<100).map { "X-\($0): y\r\n" }.joined()), 431, "headers_too_large"),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "http_version_not_supported"),
        ("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n" + get("/ping"), 501, "not_implemented"),
        ("QUERY /ping HTTP/1.1\r\n\(close)\r\n", 405, "method_not_allowed"),
        ("TRACE /ping HTTP/1.1\r\n\(close)Authorization: Bearer secret\r\n\r\n", 405, "method_not_allowed"),
    ]

    @Test func `what is odd on the wire is answered once, in the product's words, and the connection ends`()
        async throws
    {
        try await Stage.run { stage in
            let port = try #require(stage.url.split(separator: ":").last.flatMap { UInt16($0) })
            for (request, status, part) in Self.exchanges {
                let client = try WireClient(port: port)
                client.send(request)
                #expect(await client.ends(), "\(request.debugDescription)")
                #expect(client.text.hasPrefix("HTTP/1.1 \(status) "), "\(request.debugDescription): \(client.text)")
                #expect(client.text.contains(part), "\(request.debugDescription): \(client.text)")
                #expect(client.text.ranges(of: "HTTP/1.1 ").count == 1, "\(request.debugDescription)")
                #expect(!client.text.contains("secret") && client.text.contains("\r\nX-Request-Id: "))
                if status >= 400 { #expect(client.text.contains("{\"success\":false,\"code\":\"")) }
            }
        }
    }
}
