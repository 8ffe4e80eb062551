@testable import HTTP

/// What is allowed though it looks odd, and what must have no effect: refusing it would break honest clients.
extension EchoCase {
    private static func chunked(_ rule: String, _ body: String, _ part: String) -> EchoCase {
        EchoCase(
            rule, post("Transfer-Encoding: chunked", body) + get("/none"), [200, 404], "\r\n\r\n\(part)HTTP/1.1 404")
    }

    private static func line(_ line: String, _ fields: String = "") -> String { "\(line)\r\nHost: a\r\n\(fields)\r\n" }

    static let oddButAllowed: [EchoCase] = [
        .init("9112 2.2 two empty lines before", "\r\n\r\n" + get("/"), [200]),
        .init("9112 2.2 an empty line after a body", post("Content-Length: 2", "hi") + "\r\n" + get("/"), [200, 200]),
        .init("9112 3 eight thousand octets", get("/" + String(repeating: "a", count: 7_980)), [404]),
        .init("9112 3.2.1 slashes are kept", get("///none"), [404]),
        .init("9112 3.2.1 a query with marks of its own", get("/?a=?&b=/|[]"), [200]),
        .init("9112 3.2.2 absolute-form without a path", line("GET http://b HTTP/1.1"), [200]),
        .init("9112 3.2.2 absolute-form with a query alone", line("GET http://b?x HTTP/1.1"), [200]),
        .init(
            "9112 3.2.2 absolute-form of an address", line("GET http://[::1]:80/echo HTTP/1.1"), [200], "Host: [::1]:80"
        ),
        .init("9110 5.5 an empty value", get("/echo", "X:\r\n"), [200], "X: \n"),
        .init("9110 5.6.3 blanks round a value", get("/echo", "X: \t y z\t \r\n"), [200], "X: y z\n"),
        .init("9110 5.1 any case of a name", "GET / HTTP/1.1\r\nhOsT: a\r\n\r\n", [200]),
        .init(
            "9110 5.1 every mark of a token", get("/echo", "!#$%&'*+-.^_`|~1a: y\r\n"), [200], "!#$%&'*+-.^_`|~1a: y\n"),
        .init(
            "9110 5.3 a repeated field keeps its order", get("/echo", "X: 1\r\nY: 2\r\nX: 3\r\n"), [200],
            "X: 1\nY: 2\nX: 3\n"),
        .init("9110 8.6 leading zeros", post("Content-Length: 0005", "hello") + get("/none"), [200, 404], "hello"),
        .init(
            "9110 8.6 blanks round a length", post("Content-Length:  5 ", "hello") + get("/none"), [200, 404], "hello"),
        .init(
            "9110 8.6 an underscore makes another field", post("Content-Length: 2\r\nContent_Length: 9", "hi"), [200],
            "hi"),
        .init(
            "9112 6.1 an underscore makes another field",
            post("Content-Length: 2\r\nTransfer_Encoding: chunked", "hi") + get("/none"), [200, 404], "hi"),
        .init(
            "9112 6.1 TE is not Transfer-Encoding", get("/", "TE: chunked, trailers\r\n") + get("/none"), [200, 404]),
        .init("9112 6.1 any case of chunked", post("Transfer-Encoding: CHUNKED", "2\r\nhi\r\n0\r\n\r\n"), [200], "hi"),
        .init(
            "9112 6.1 tabs round chunked", post("Transfer-Encoding:\tchunked\t", "2\r\nhi\r\n0\r\n\r\n"), [200], "hi"),
        chunked("9112 7.1 capital digits", "A\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
        chunked("9112 7.1 noughts before and at the end", "0002\r\nhi\r\n0000\r\n\r\n", "hi"),
        chunked("9112 7.1 no data", "0\r\n\r\n", ""),
        chunked("9112 7.1 data that looks like an end", "5\r\n0\r\n\r\n\r\n0\r\n\r\n", "0\r\n\r\n"),
        chunked("9112 7.1.1 extensions", "2;a;b=c;d=\"e;f\\\"\"\r\nhi\r\n0;g\r\n\r\n", "hi"),
        chunked("9112 7.1.1 blanks round extensions", "2 ; a = b ;\tc\r\nhi\r\n0\r\n\r\n", "hi"),
        chunked("9112 7.1.2 trailers", "2\r\nhi\r\n0\r\nX-Sum: 1\r\nX-Sum: 2\r\n\r\n", "hi"),
    ]

    static let withoutEffect: [EchoCase] = [
        .init(
            "9110 9.3.2 a HEAD's body is read",
            line("HEAD / HTTP/1.1", "Content-Length: 5\r\n") + "hello" + get("/none"), [200, 404]),
        .init(
            "9110 9.3.7 an OPTIONS' body is read",
            line("OPTIONS / HTTP/1.1", "Content-Length: 5\r\n") + "hello" + get("/none"), [204, 404]),
        .init(
            "9110 9.3.5 a DELETE's body is read, though it is not allowed",
            line("DELETE / HTTP/1.1", "Transfer-Encoding: chunked\r\n") + "5\r\nhello\r\n0\r\n\r\n" + get("/none"),
            [405, 404]),
        .init(
            "9110 9.3.1 a GET's body that is a request",
            get("/", "Content-Length: 32\r\n") + "GET /s HTTP/1.1\r\nHost: smuggle\r\n" + get("/none"), [200, 404]),
        .init(
            "9112 6.3 what follows a length of nought is the next request",
            post("Content-Length: 0", "X") + get("/"), [200, 501], closes: true),
        .init(
            "9110 7.8 an upgrade to WebSockets",
            get(
                "/",
                "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            ), [200]),
        .init(
            "9110 7.8 an upgrade with a body",
            post("Connection: Upgrade\r\nUpgrade: x/1\r\nContent-Length: 2", "hi") + get("/none"), [200, 404]),
        .init("9110 7.8 an upgrade without its option", get("/", "Upgrade: websocket\r\n"), [200]),
        .init(
            "9110 7.8 an upgrade in 1.0", "GET / HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", [200],
            closes: true),
        .init(
            "9113 3.2 settings of HTTP/2",
            get("/", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"), [200]),
        .init("9110 14.2 a range", get("/", "Range: bytes=0-0\r\n"), [200], "\r\n\r\nOK"),
        .init("9110 14.2 a range on POST", post("Range: bytes=0-0\r\nContent-Length: 5", "hello"), [200], "hello"),
        .init("9110 12.5.1 a type that is not there", get("/", "Accept: x/y\r\n"), [200]),
        .init(
            "9110 8.3 two types", post("Content-Type: a/b\r\nContent-Type: c/d\r\nContent-Length: 2", "hi"), [200], "hi"
        ),
        .init("9110 10.1.1 leave for no body", get("/", "Expect: 100-continue\r\n"), [200]),
        .init(
            "9112 9.6 close beside keep-alive", get("/", "Connection: keep-alive, close\r\n") + get("/"), [200],
            closes: true),
        .init(
            "9112 9.6 close in a second field", get("/", "Connection: x\r\nConnection: close\r\n") + get("/"), [200],
            closes: true),
        .init(
            "9112 9.6 close among empty elements", get("/", "Connection: , ,close,\r\n") + get("/"), [200], closes: true
        ),
        .init("9112 9.6 close in a longer word", get("/", "Connection: closed\r\n") + get("/"), [200, 200]),
        .init(
            "9112 9.3 1.0 that asks for both", "GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n" + get("/"),
            [200], closes: true),
        .init(
            "9112 9.3 1.0 between two of 1.1", get("/") + "GET /none HTTP/1.0\r\n\r\n" + get("/"), [200, 404],
            closes: true),
        .init(
            "9112 9.6 close with a body", post("Connection: close\r\nContent-Length: 2", "hi") + get("/"), [200],
            closes: true, "hi"),
        .init("9110 7.2 the host need not be this one", "GET / HTTP/1.1\r\nHost: other.example:65535\r\n\r\n", [200]),
        .init("6265 4.2.1 two cookie fields", get("/cookie", "Cookie: a=1\r\nCookie: b=2\r\n"), [200], "a=1\nb=2\n"),
        .init("6265 4.2.1 no cookie", get("/cookie"), [200], "Content-Length: 0\r\n\r\n"),
        .init("6265 4.2.1 an empty cookie field", get("/cookie", "Cookie:\r\n"), [200], "Content-Length: 0\r\n\r\n"),
        .init(
            "6265 4.2.1 values of all kinds", get("/cookie", "Cookie: a=; b=x y; c=\"q\"; d=e=f;g=h\r\n"), [200],
            "a=\nb=x y\nc=\"q\"\nd=e=f\ng=h\n"),
        .init(
            "6265 4.2.1 nothing but marks", get("/cookie", "Cookie: ===;;; ;\r\n"), [200], "Content-Length: 0\r\n\r\n"),
        .init(
            "6265 4.2.1 a thousand cookies",
            get("/cookie", "Cookie: \((0..<1_000).map { "k\($0)=v" }.joined(separator: "; "))\r\n"), [200], "k999=v\n"),
    ]

    static let methods: [EchoCase] =
        ["PUT", "PATCH", "DELETE"].map {
            EchoCase(
                "9110 15.5.6 \($0) is known and not allowed", line("\($0) / HTTP/1.1") + get("/"), [405, 200],
                "Allow: GET, HEAD, POST, OPTIONS\r\n")
        } + [
            .init(
                "9110 9.3.7 what a resource allows", line("OPTIONS / HTTP/1.1"), [204],
                "Allow: GET, HEAD, POST, OPTIONS\r\n"),
            .init(
                "9110 9.3.2 HEAD of what is not there", line("HEAD /none HTTP/1.1") + get("/"), [404, 200],
                "Content-Length: 10\r\n\r\nHTTP/1.1 200"),
            .init(
                "9110 9.3.6 nothing passes after CONNECT", "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n" + get("/"),
                [501], closes: true),
        ]
}
