import Testing

@testable import HTTP

/// Octets on a connection, and what must come back: written for this server from RFC 9110 and RFC 9112.
struct EchoCase: Sendable, CustomTestStringConvertible {
    let rule: String
    let input: String
    /// Of all answers, in order; interim ones too.
    let statuses: [Int]
    /// The server ends the connection of its own accord.
    let closes: Bool
    /// What one of the answers must hold.
    let part: String

    init(_ rule: String, _ input: String, _ statuses: [Int], closes: Bool = false, _ part: String = "") {
        self.rule = rule
        self.input = input
        self.statuses = statuses
        self.closes = closes
        self.part = part
    }

    var testDescription: String { "\(rule): \(input.prefix(60).debugDescription)" }
}

extension EchoCase {
    static func get(_ target: String, _ fields: String = "") -> String {
        "GET \(target) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n"
    }

    static func post(_ fields: String, _ body: String = "") -> String {
        "POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n\(body)"
    }

    static let routes: [EchoCase] = [
        .init("the root says OK", get("/"), [200], "\r\n\r\nOK"),
        .init("the root gives back a body", post("Content-Length: 5", "hello"), [200], "\r\n\r\nhello"),
        .init("an empty body", post("Content-Length: 0"), [200], "Content-Length: 0\r\n\r\n"),
        .init("no body", post("X: y"), [200], "Content-Length: 0\r\n\r\n"),
        .init("fields come back", get("/echo", "X-One:  1 \r\nx-two:\r\n"), [200], "Host: a\nX-One: 1\nx-two: \n"),
        .init("cookies come back", get("/cookie", "Cookie: a=1; b=x=y;c\r\n"), [200], "\r\n\r\na=1\nb=x=y\n"),
        .init("no such path", get("/none"), [404]),
        .init(
            "9110 15.5.6 a method not allowed", "DELETE / HTTP/1.1\r\nHost: a\r\n\r\n", [405], "Allow: GET, HEAD, POST"),
    ]

    static let messages: [EchoCase] = [
        .init("9112 9.3 pipelined answers in order", get("/") + get("/none") + get("/"), [200, 404, 200]),
        .init("9112 9.3 a GET's body is read", get("/", "Content-Length: 3\r\n") + "abc" + get("/none"), [200, 404]),
        .init(
            "9112 7.1 chunks", post("Transfer-Encoding: chunked", "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n") + get("/"),
            [200, 200], "abcde"),
        .init(
            "9112 7.1.2 trailers are dropped", post("Transfer-Encoding: chunked", "0\r\nX-T: 1\r\n\r\n") + get("/echo"),
            [200, 200]),
        .init("9112 2.2 one empty line before", "\r\n" + get("/"), [200]),
        .init("9112 2.3 a later minor version", "GET / HTTP/1.3\r\nHost: a\r\n\r\n", [200], "HTTP/1.1 200"),
        .init(
            "9112 3.2.2 absolute-form wins over Host", "GET http://b:1/echo HTTP/1.1\r\nHost: a\r\n\r\n", [200],
            "Host: b:1\n"),
        .init("9112 3.2.4 asterisk-form", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", [204], "Allow: GET"),
        .init(
            "9110 9.3.2 HEAD", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + get("/none"), [200, 404],
            "Content-Length: 2\r\n\r\nHTTP/1.1 404"),
        .init(
            "9110 8.6 no length in 204", "OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n" + get("/"), [204, 200],
            "OPTIONS\r\n\r\nHTTP/1.1 200"),
        .init("9110 10.1.1 leave to continue", post("Expect: 100-continue\r\nContent-Length: 5"), [100]),
        .init(
            "9110 10.1.1 the body came along", post("Expect: 100-continue\r\nContent-Length: 5", "hello"), [200],
            "hello"),
        .init(
            "9110 10.1.1 in 1.0 it means nothing",
            "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi", [200], closes: true, "hi"),
        .init("9112 9.6 nothing after close", get("/", "Connection: close\r\n") + get("/none"), [200], closes: true),
        .init("9112 9.3 1.0 ends", "GET / HTTP/1.0\r\n\r\n", [200], closes: true, "Connection: close"),
        .init(
            "9112 9.3 1.0 that asks stays", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + get("/"), [200, 200]),
        .init("9110 7.8 an upgrade is passed over", get("/", "Connection: Upgrade\r\nUpgrade: h2c\r\n"), [200]),
        .init("9110 5.5 octets above ASCII", get("/echo", "X: é\r\n"), [200], "X: é\n"),
    ]

    /// Each refusal of the parser's own cases, over a socket: the status, and the end of the connection.
    static let refusals: [EchoCase] = RefusedCase.all.map { refused in
        EchoCase(
            refused.rule, refused.input + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n", [refused.fault.status.code],
            closes: true, "\(refused.fault.code)\n")
    }

    static let limits: [EchoCase] = [
        .init("9112 3.1 a method without an end", String(repeating: "A", count: 100_000), [400], closes: true),
        .init("9112 3 a line too long", get("/" + String(repeating: "a", count: 8192)), [414], closes: true),
        .init(
            "6585 5 a field too long", get("/", "X: \(String(repeating: "a", count: 16_400))\r\n"), [431], closes: true),
        .init("6585 5 too many fields", get("/", String(repeating: "X: y\r\n", count: 100)), [431], closes: true),
        .init(
            "6585 5 too much in all",
            get("/", String(repeating: "X: \(String(repeating: "a", count: 9000))\r\n", count: 4)), [431], closes: true),
        .init("9110 15.5.14 a length too large", post("Content-Length: 1048577"), [413], closes: true),
        .init(
            "9110 15.5.14 in place of leave", post("Expect: 100-continue\r\nContent-Length: 1048577"), [413],
            closes: true),
        .init("9110 15.5.14 a chunk too large", post("Transfer-Encoding: chunked", "100001\r\n"), [413], closes: true),
        .init(
            "9112 7.1.1 extensions too long",
            post("Transfer-Encoding: chunked", "1;\(String(repeating: "a", count: 8300))\r\n"), [400], closes: true),
    ]
}
