import Testing

@testable import HTTP

/// A stream that must be refused, with the rule that says so.
struct RefusedCase: Sendable, CustomTestStringConvertible {
    let rule: String
    let input: String
    let fault: HTTPServerFault

    init(_ rule: String, _ input: String, _ fault: HTTPServerFault) {
        self.rule = rule
        self.input = input
        self.fault = fault
    }

    init(_ rule: String, _ input: String, _ malformation: MalformedRequest) {
        self.init(rule, input, .badRequest(malformation))
    }

    var testDescription: String { "\(rule): \(input.prefix(70).debugDescription)" }

    static func chunked(_ rule: String, _ body: String, _ malformation: MalformedRequest) -> RefusedCase {
        RefusedCase(rule, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body, malformation)
    }

    static func field(_ rule: String, _ line: String, _ malformation: MalformedRequest) -> RefusedCase {
        RefusedCase(rule, "GET / HTTP/1.1\r\nHost: a\r\n\(line)\r\n\r\n", malformation)
    }

    static let requestLines: [RefusedCase] = [
        .init("9112 2.2 lone LF", "GET / HTTP/1.1\nHost: a\n\n", .lineEnding),
        .init("9112 2.2 LF alone before the line", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", .lineEnding),
        .init("9112 2.2 bare CR in the line", "GET /\rx HTTP/1.1\r\nHost: a\r\n\r\n", .target),
        .init("9112 2.2 three empty lines first", "\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", .requestLine),
        .init("9112 2.2 space before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", .foldedField),
        .init("9112 2.3 HTTP/0.9", "GET /\r\n\r\n", .requestLine),
        .init("9112 2.3 lower case", "GET / http/1.1\r\nHost: a\r\n\r\n", .version),
        .init("9112 2.3 two digits", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", .version),
        .init("9112 2.3 no dot", "GET / HTTP/1 1\r\nHost: a\r\n\r\n", .version),
        .init("9112 2.3 trailing space", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", .version),
        .init("9112 2.3 HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .versionNotSupported),
        .init("9112 2.3 HTTP/3", "GET / HTTP/3.0\r\nHost: a\r\n\r\n", .versionNotSupported),
        .init("9112 2.3 HTTP/0.9 by name", "GET / HTTP/0.9\r\nHost: a\r\n\r\n", .versionNotSupported),
        .init("9112 2.3 no number", "GET / HTTP/\r\nHost: a\r\n\r\n", .version),
        .init("9112 2.3 another protocol", "GET / ICAP/1.1\r\nHost: a\r\n\r\n", .version),
        .init("9112 2.2 tab before the first field", "GET / HTTP/1.1\r\n\tHost: a\r\n\r\n", .foldedField),
        .init("9112 2.2 CR CR LF", "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", .version),
        .init("9112 3 no target", "GET HTTP/1.1\r\nHost: a\r\n\r\n", .requestLine),
        .init("9112 3 space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", .version),
        .init("9112 3 two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", .requestLine),
        .init("9112 3 tab as separator", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", .requestLine),
        .init("9112 3 space first", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", .method),
        .init("9112 3.1 method that is no token", "GE(T / HTTP/1.1\r\nHost: a\r\n\r\n", .method),
        .init("9112 3.1 lower case method", "get / HTTP/1.1\r\nHost: a\r\n\r\n", .methodNotImplemented),
        .init("9110 9.1 unknown method", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", .methodNotImplemented),
        .init("9110 9.3.6 CONNECT", "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", .methodNotImplemented),
        .init("9112 3.2.3 authority-form without CONNECT", "GET a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n", .target),
        .init("9112 3.2.3 CONNECT with a path", "CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n", .target),
        .init("9112 3.2.4 asterisk and more", "OPTIONS *x HTTP/1.1\r\nHost: a\r\n\r\n", .target),
        .init("9112 3.2.2 comma in the authority", "GET http://a,b/ HTTP/1.1\r\nHost: a\r\n\r\n", .target),
        .init("9112 3.2.2 port beyond 65535", "GET http://a:70000/ HTTP/1.1\r\nHost: a\r\n\r\n", .target),
        .init("9112 3.2 backslash", "GET \\x HTTP/1.1\r\nHost: a\r\n\r\n", .target),
        .init("9112 3.2 DEL", "GET /\u{7F} HTTP/1.1\r\nHost: a\r\n\r\n", .target),
        .init("9112 3.2 no slash", "GET x HTTP/1.1\r\nHost: a\r\n\r\n", .target),
        .init("9112 3.2 fragment", "GET /#x HTTP/1.1\r\nHost: a\r\n\r\n", .target),
        .init("9112 3.2 octets above ASCII", "GET /é HTTP/1.1\r\nHost: a\r\n\r\n", .target),
        .init("9112 3.2 control character", "GET /\u{1} HTTP/1.1\r\nHost: a\r\n\r\n", .target),
        .init("9112 3.2.4 asterisk for GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", .target),
        .init("9112 3.2.2 userinfo", "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", .target),
        .init("9112 3.2.2 no authority", "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", .target),
        .init("9112 3.2.2 other scheme", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", .target),
        .init("a TLS handshake", "\u{16}\u{3}\u{1}", .method),
    ]

    static let hosts: [RefusedCase] = [
        .init("9112 3.2 no Host", "GET / HTTP/1.1\r\n\r\n", .hostMissing),
        .init("9112 3.2.2 absolute-form without Host", "GET http://a/ HTTP/1.1\r\n\r\n", .hostMissing),
        .init("9112 3.2.2 absolute-form with a bad Host", "GET http://a/ HTTP/1.1\r\nHost: b/c\r\n\r\n", .hostInvalid),
        .init("9112 3.2 Host of a blank", "GET / HTTP/1.1\r\nHost:  \t\r\n\r\n", .hostInvalid),
        .init("9112 3.2 inner blank", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", .hostInvalid),
        .init("9112 3.2 percent", "GET / HTTP/1.1\r\nHost: a%00\r\n\r\n", .hostInvalid),
        .init("9112 3.2 query", "GET / HTTP/1.1\r\nHost: a?b\r\n\r\n", .hostInvalid),
        .init("9112 3.2 bad Host in 1.0", "GET / HTTP/1.0\r\nHost: a b\r\n\r\n", .hostInvalid),
        .init("9112 3.2 two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", .hostRepeated),
        .init("9112 3.2 two Hosts in 1.0", "GET / HTTP/1.0\r\nHost: a\r\nhOST: b\r\n\r\n", .hostRepeated),
        .init("9112 3.2 empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", .hostInvalid),
        .init("9112 3.2 userinfo", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", .hostInvalid),
        .init("9112 3.2 path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", .hostInvalid),
        .init("9112 3.2 comma", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", .hostInvalid),
        .init("9112 3.2 port beyond 65535", "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", .hostInvalid),
        .init("9112 3.2 port with sign", "GET / HTTP/1.1\r\nHost: a:+80\r\n\r\n", .hostInvalid),
        .init("9112 3.2 open bracket", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", .hostInvalid),
        .init("9112 3.2 port alone", "GET / HTTP/1.1\r\nHost: :80\r\n\r\n", .hostInvalid),
    ]

    static let fields: [RefusedCase] = [
        .field("9112 5.1 space before the colon", "X-A : 1", .fieldName),
        .field("9112 5.1 tab before the colon", "X-A\t: 1", .fieldName),
        .field("9112 5.1 no colon", "X-A", .fieldName),
        .field("9112 5.1 no name", ": 1", .fieldName),
        .field("9110 5.1 name that is no token", "X[A]: 1", .fieldName),
        .field("9110 5.1 name above ASCII", "Xé: 1", .fieldName),
        .field("9112 5.2 folded", "X-A: 1\r\n 2", .foldedField),
        .field("9112 5.2 folded with tab", "X-A: 1\r\n\t2", .foldedField),
        .field("9110 5.5 NUL", "X-A: 1\u{0}2", .fieldValue),
        .field("9110 5.5 bare CR", "X-A: 1\r2", .fieldValue),
        .field("9110 5.5 escape", "X-A: \u{1B}[0m", .fieldValue),
        .field("9110 5.5 DEL", "X-A: \u{7F}", .fieldValue),
        .field("9112 2.2 lone LF in the fields", "X-A: 1\nX-B: 2", .lineEnding),
        .init("9110 10.1.1 other expectation", "GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", .expectationFailed),
    ]

    static let lengths: [RefusedCase] = [
        .field("9112 6.3 sign", "Content-Length: +1", .contentLength),
        .field("9112 6.3 minus", "Content-Length: -1", .contentLength),
        .field("9112 6.3 hexadecimal", "Content-Length: 0x1", .contentLength),
        .field("9112 6.3 list", "Content-Length: 1, 1", .contentLength),
        .field("9112 6.3 empty", "Content-Length:", .contentLength),
        .field("9112 6.3 inner space", "Content-Length: 1 0", .contentLength),
        .field("9112 6.3 underscore", "Content-Length: 1_0", .contentLength),
        .field("9112 6.3 overflow", "Content-Length: 99999999999999999999", .contentLength),
        .field("9112 6.3 fraction", "Content-Length: 1.0", .contentLength),
        .field("9112 6.3 exponent", "Content-Length: 1e1", .contentLength),
        .field("9112 6.3 list of equals", "Content-Length: 1,1", .contentLength),
        .field("9112 6.3 quoted", "Content-Length: \"1\"", .contentLength),
        .field("9112 6.3 past 64 bits", "Content-Length: 18446744073709551617", .contentLength),
        .field("9112 5.2 folded length", "Content-Length:\r\n 1", .contentLength),
        .field("9112 5.2 folded coding", "Transfer-Encoding:\r\n chunked", .transferEncoding),
        .field("9112 6.1 empty element first", "Transfer-Encoding: , chunked", .transferEncoding),
        .field("9112 6.1 empty element last", "Transfer-Encoding: chunked,", .transferEncoding),
        .field("9112 6.1 identity", "Transfer-Encoding: identity", .transferEncoding),
        .field("9112 6.1 blank inside", "Transfer-Encoding: chunk ed", .transferEncoding),
        .field("9112 5.1 blank before the colon", "Transfer-Encoding : chunked", .fieldName),
        .field("9112 5.1 length with a blank", "Content-Length : 1", .fieldName),
        .init(
            "9112 6.1 CL and TE in 1.0",
            "POST / HTTP/1.0\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            .contentLengthWithTransferEncoding),
        .field("9112 6.3 repeated alike", "Content-Length: 1\r\nContent-Length: 1", .contentLengthRepeated),
        .field("9112 6.3 repeated", "Content-Length: 1\r\nCONTENT-LENGTH: 2", .contentLengthRepeated),
        .field(
            "9112 6.1 CL and TE", "Content-Length: 1\r\nTransfer-Encoding: chunked",
            .contentLengthWithTransferEncoding),
        .field(
            "9112 6.1 TE and CL", "Transfer-Encoding: chunked\r\nContent-Length: 0",
            .contentLengthWithTransferEncoding),
        .field("9112 6.1 empty coding", "Transfer-Encoding:", .transferEncoding),
        .field("9112 6.1 chunked twice", "Transfer-Encoding: chunked, chunked", .transferEncoding),
        .field("9112 6.1 two fields", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", .transferEncoding),
        .field("9112 6.3 chunked not last", "Transfer-Encoding: chunked, gzip", .transferEncoding),
        .field("9112 6.3 no chunked", "Transfer-Encoding: gzip", .transferEncoding),
        .field("9112 6.1 lookalike", "Transfer-Encoding: xchunked", .transferEncoding),
        .field("9112 6.1 parameter", "Transfer-Encoding: chunked;q=1", .transferEncoding),
        .field("9112 6.1 quoted", "Transfer-Encoding: \"chunked\"", .transferEncoding),
        .field("9110 5.5 vertical tab", "Transfer-Encoding: \u{B}chunked", .fieldValue),
        .init(
            "9112 6.1 unknown coding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            .transferCodingNotImplemented),
        .init(
            "9112 6.1 TE in 1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
            .transferEncodingInHTTP10),
    ]

    static let chunks: [RefusedCase] = [
        .chunked("9112 7.1 no size", "\r\n", .chunkSize),
        .chunked("9112 7.1 sign", "+1\r\na\r\n0\r\n\r\n", .chunkSize),
        .chunked("9112 7.1 0x", "0x1\r\na\r\n0\r\n\r\n", .chunkSize),
        .chunked("9112 7.1 underscore", "1_0\r\n", .chunkSize),
        .chunked("9112 7.1 space first", " 1\r\na\r\n0\r\n\r\n", .chunkSize),
        .chunked("9112 7.1 space after", "1 \r\na\r\n0\r\n\r\n", .chunkExtension),
        .chunked("9112 7.1 minus", "-1\r\na\r\n0\r\n\r\n", .chunkSize),
        .chunked("9112 7.1 letter beyond F", "g\r\na\r\n0\r\n\r\n", .chunkSize),
        .chunked("9112 7.1 comma", "1,1\r\na\r\n0\r\n\r\n", .chunkSize),
        .chunked("9112 7.1 tab first", "\t1\r\na\r\n0\r\n\r\n", .chunkSize),
        .chunked("9112 7.1 NUL", "1\u{0}\r\na\r\n0\r\n\r\n", .chunkSize),
        .chunked("9112 7.1 bare CR after the size", "1\rX\r\na\r\n0\r\n\r\n", .chunkSize),
        .chunked("9112 7.1 data too short", "3\r\nab\r\n0\r\n\r\n", .chunkEnding),
        .chunked("9112 7.1 last chunk ended by LF", "0\n\r\n", .lineEnding),
        .chunked("9112 7.1 trailers ended by LF", "0\r\n\n", .lineEnding),
        .chunked("9112 7.1.1 LF in an extension", "1;a\nb\r\na\r\n0\r\n\r\n", .lineEnding),
        .chunked("9112 7.1.1 NUL in an extension", "1;a=\u{0}\r\na\r\n0\r\n\r\n", .chunkExtension),
        .chunked("9112 7.1 17 digits", "00000000000000001\r\na\r\n0\r\n\r\n", .chunkSize),
        .chunked("9112 7.1 lone LF", "1\na\r\n0\r\n\r\n", .lineEnding),
        .chunked("9112 7.1 data too long", "1\r\nab\r\n0\r\n\r\n", .chunkEnding),
        .chunked("9112 7.1 data ended by LF", "1\r\na\n0\r\n\r\n", .chunkEnding),
        .chunked("9112 7.1 data ended by CR", "1\r\na\r0\r\n\r\n", .chunkEnding),
        .chunked("9112 7.1.1 nameless extension", "1;\r\na\r\n0\r\n\r\n", .chunkExtension),
        .chunked("9112 7.1.1 open quote", "1;a=\"b\r\na\r\n0\r\n\r\n", .chunkExtension),
        .chunked("9112 7.1.1 bare CR", "1;a\rb\r\na\r\n0\r\n\r\n", .chunkExtension),
        .chunked("9112 7.1.1 valueless", "1;a=\r\na\r\n0\r\n\r\n", .chunkExtension),
        .chunked("9110 6.5.1 length in trailers", "0\r\nContent-Length: 1\r\n\r\n", .trailer),
        .chunked("9110 6.5.1 coding in trailers", "0\r\nTransfer-Encoding: chunked\r\n\r\n", .trailer),
        .chunked("9110 6.5.1 host in trailers", "0\r\nHost: b\r\n\r\n", .trailer),
        .chunked("9110 6.5.1 credentials in trailers", "0\r\nAuthorization: Bearer x\r\n\r\n", .trailer),
        .chunked("9110 6.5.1 connection in trailers", "0\r\nConnection: close\r\n\r\n", .trailer),
        .chunked("9110 6.5.1 cookie in trailers", "0\r\nCookie: a=b\r\n\r\n", .trailer),
        .chunked("9110 6.5.1 content type in trailers", "0\r\nContent-Type: a/b\r\n\r\n", .trailer),
        .chunked("9110 6.5.1 content coding in trailers", "0\r\nContent-Encoding: gzip\r\n\r\n", .trailer),
        .chunked("9110 6.5.1 expectation in trailers", "0\r\nExpect: 100-continue\r\n\r\n", .trailer),
        .chunked("9110 6.5.1 trailer in trailers", "0\r\nTrailer: x\r\n\r\n", .trailer),
        .chunked("9110 6.5.1 proxy credentials in trailers", "0\r\nProxy-Authorization: x\r\n\r\n", .trailer),
        .chunked("9110 5.5 control character in trailers", "0\r\nx: \u{1}\r\n\r\n", .fieldValue),
        .chunked("9112 5.1 trailer without colon", "0\r\nx\r\n\r\n", .fieldName),
        .chunked("9112 5.2 folded trailer", "0\r\nx: 1\r\n 2\r\n\r\n", .foldedField),
    ]

    static let expectations: [RefusedCase] = [
        .init("9110 10.1.1 list", "GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue, x\r\n\r\n", .expectationFailed),
        .init("9110 10.1.1 empty", "GET / HTTP/1.1\r\nHost: a\r\nExpect:\r\n\r\n", .expectationFailed),
        .init(
            "9110 10.1.1 lookalike", "GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continued\r\n\r\n", .expectationFailed),
    ]

    static let all =
        expectations + requestLines + hosts + fields + lengths + chunks + lineSpellings + fieldSpellings
        + codingSpellings + lengthSpellings + chunkSpellings
}

@Suite struct ParserTests {
    @Test(arguments: RefusedCase.all)
    func `what breaks a rule is refused, and nothing after it is read`(_ refused: RefusedCase) {
        let trace = ParserTrace(refused.input + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(trace.fault == refused.fault)
        #expect(trace.ends == 0)
    }

    @Test func `a request is taken apart`() throws {
        let trace = ParserTrace(
            "POST /a/%20b?x=1&y HTTP/1.1\r\nHost: example.org:8080\r\nX-One:  1 \t\r\nx-one: 2\r\nEmpty:\r\n"
                + "Content-Length: 3\r\n\r\nabc")
        let head = try #require(trace.heads.first)
        #expect(head.method == .post)
        #expect(head.target == "/a/%20b?x=1&y")
        #expect(head.path == "/a/%20b")
        #expect(head.query == "x=1&y")
        #expect(head.peer == "192.0.2.1")
        #expect(head.bodyLength == .known(3))
        #expect(head.keepsAlive)
        #expect(head.fields.all("X-ONE") == ["1", "2"])
        #expect(head.fields["empty"] == "")
        #expect(head.fields.map(\.name) == ["Host", "X-One", "x-one", "Empty", "Content-Length"])
        #expect(trace.bodies == ["abc"])
        #expect(trace.ends == 1)
    }

    @Test func `chunks are joined; extensions and trailers are dropped`() {
        let trace = ParserTrace(
            "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
                + "3\r\nabc\r\n00A ; n = \"v\\\"\" ;m\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n"
                + "GET /next HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(trace.fault == nil)
        #expect(trace.bodies == ["abc0123456789"])
        #expect(trace.heads.map(\.path) == ["/", "/next"])
        #expect(trace.heads[0].fields["X-Sum"] == nil)
        #expect(trace.ends == 2)
    }

    @Test(arguments: [
        ("GET /x HTTP/1.1\r\nHost: a\r\n", true), ("GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n", false),
        ("GET /x HTTP/1.1\r\nHost: a\r\nConnection: foo, CLOSE\r\n", false),
        ("GET /x HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\nConnection: close\r\n", false),
        ("GET /x HTTP/1.0\r\n", false), ("GET /x HTTP/1.0\r\nConnection: Keep-Alive\r\n", true),
        ("GET /x HTTP/1.7\r\nHost: a\r\n", true), ("GET /x HTTP/1.1\r\nHost: a\r\nConnection: closed\r\n", true),
    ])
    func `a connection persists as RFC 9112 § 9.3 says`(_ head: String, _ persists: Bool) throws {
        #expect(try #require(ParserTrace(head + "\r\n").heads.first).keepsAlive == persists)
    }

    @Test(arguments: ["a", "a:", "a:80", "A.b-c_d:65535", "127.0.0.1:1", "[::1]", "[fe80::1]:80"])
    func `a valid Host passes`(_ host: String) throws {
        let trace = ParserTrace("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")
        #expect(try #require(trace.heads.first).fields["host"] == host)
    }

    @Test(
        arguments: [
            ("http://b.example:81/x?y", "/x", "y", "b.example:81"), ("HTTP://b", "/", nil, "b"),
            ("https://b?q", "/", "q", "b"),
        ] as [(String, String, String?, String)])
    func `the host of an absolute target wins over Host`(
        _ target: String, _ path: String, _ query: String?, _ host: String
    ) throws {
        let head = try #require(ParserTrace("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n").heads.first)
        #expect(head.path == path)
        #expect(head.query == query)
        #expect(head.fields.all("Host") == [host])
    }

    @Test func `OPTIONS may ask for the server as a whole`() throws {
        #expect(try #require(ParserTrace("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").heads.first).path == "*")
    }

    @Test func `two empty lines before a request line are skipped`() {
        #expect(ParserTrace("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").ends == 1)
    }

    @Test func `only a 1 1 request with a body waits for leave to continue`() throws {
        let waits = { (text: String) in try #require(ParserTrace(text).heads.first).expectsContinue }
        #expect(try waits("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n"))
        #expect(try !waits("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n"))
        #expect(try !waits("PUT / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"))
    }

    @Test func `each limit holds at its edge and refuses one beyond`() {
        var small = HTTPServerConfiguration()
        small.requestLine = 20
        small.fieldLine = 12
        small.fieldsTotal = 40
        small.fieldCount = 3
        let fault = { (text: String) in ParserTrace(text, configuration: small).fault }
        #expect(fault("GET /56789 HTTP/1.1\r\nHost: a\r\n\r\n") == nil)
        #expect(fault("GET /567890 HTTP/1.1\r\nHost: a\r\n\r\n") == nil)
        #expect(fault("GET /5678901 HTTP/1.1\r\nHost: a\r\n\r\n") == .uriTooLong(limit: 20))
        #expect(fault("GET /56789012345 HTTP/1.1") == .uriTooLong(limit: 20))
        // Without a space in it there is no target that could be too long.
        #expect(fault("ABCDEFGHIJKLMNOPQRSTUV / HTTP/1.1\r\n") == .badRequest(.method))
        #expect(fault("GET / HTTP/1.1\r\nHost: a\r\nX: 456789012\r\n\r\n") == nil)
        #expect(fault("GET / HTTP/1.1\r\nHost: a\r\nX: 4567890123\r\n\r\n") == .fieldsTooLarge)
        #expect(fault("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\nY: 2\r\n\r\n") == nil)
        #expect(fault("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\nY: 2\r\nZ: 3\r\n\r\n") == .fieldsTooLarge)
        #expect(fault("GET / HTTP/1.1\r\nHost: a\r\nX: 45678901\r\nY: 45678901\r\nZ: 45678") == .fieldsTooLarge)
    }

    @Test func `a chunked body is refused at the chunk that passes the limit`() {
        let text = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n"
        let trace = { (rest: String) in ParserTrace(feeding: [Array((text + rest).utf8)[...]], bodyLimit: 6) }
        #expect(trace("2\r\nef\r\n0\r\n\r\n").bodies == ["abcdef"])
        #expect(trace("3\r\n").fault == .contentTooLarge(limit: 6))
        #expect(trace("FFFFFFFFFFFFFFFF\r\n").fault == .contentTooLarge(limit: 6))
    }

    @Test func `trailers are bounded in size and number (RFC 9112 § 7.1.2)`() {
        var small = HTTPServerConfiguration()
        small.fieldLine = 26
        small.fieldsTotal = 60
        small.fieldCount = 2
        let text = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
        let fault = { (trailers: String) in ParserTrace(text + trailers, configuration: small).fault }
        #expect(fault("a: 1\r\nb: 2\r\n\r\n") == nil)
        #expect(fault("a: 1\r\nb: 2\r\nc: 3\r\n\r\n") == .fieldsTooLarge)
        #expect(fault("a: \(String(repeating: "x", count: 25))") == .fieldsTooLarge)
    }

    @Test(arguments: ["HTTP/1.2", "HTTP/1.9"])
    func `a later minor version is served as 1 1 (RFC 9112 § 2.3)`(_ version: String) throws {
        let head = try #require(ParserTrace("GET / \(version)\r\nHost: a\r\n\r\n").heads.first)
        #expect(head.minorVersion == 1 && head.keepsAlive)
    }

    @Test(arguments: ["00000000000000000000", "0", "000000000000000003"])
    func `a length is digits and nothing else (RFC 9110 § 8.6)`(_ length: String) {
        let trace = ParserTrace("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\nabcGET")
        #expect((trace.fault == nil) == (length.count <= 18))
        #expect(trace.bodies == (length.hasSuffix("3") ? ["abc"] : []))
    }

    @Test func `a chunk size may have leading zeros up to sixteen digits (RFC 9112 § 7.1)`() {
        let text = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        #expect(ParserTrace(text + "0000000000000001\r\na\r\n0000000000000000\r\n\r\n").bodies == ["a"])
    }

    @Test func `chunk extensions are bounded over the whole body`() {
        var small = HTTPServerConfiguration()
        small.chunkExtensions = 10
        let text = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;abcd\r\nx\r\n"
        #expect(ParserTrace(text + "1;efgh\r\ny\r\n0\r\n\r\n", configuration: small).ends == 1)
        #expect(
            ParserTrace(text + "1;efghi\r\ny\r\n0\r\n\r\n", configuration: small).fault
                == .badRequest(.chunkExtension))
    }
}
