import Testing

@testable import HTTP

@Suite struct ClientURLTests {
    @Test(arguments: [
        ("http://example.com", "http://example.com", "/"),
        ("HTTP://Example.COM:80/a/B?c=d%20e", "http://example.com", "/a/B?c=d%20e"),
        ("http://example.com?x=1", "http://example.com", "/?x=1"),
        ("http://127.0.0.1:8080/v23.0/1/messages", "http://127.0.0.1:8080", "/v23.0/1/messages"),
        ("https://graph.facebook.com:443/", "https://graph.facebook.com", "/"),
        ("https://h:80/", "https://h:80", "/"),
        ("http://[::1]:9000/x", "http://[::1]:9000", "/x"),
        ("http://[2001:DB8::1]/", "http://[2001:db8::1]", "/"),
        ("http://a_b-c.d/", "http://a_b-c.d", "/"), ("https://Name.test./", "https://name.test.", "/"),
        ("http://1.2.3.4.test/", "http://1.2.3.4.test", "/"),
        ("http://xn--caf-dma.test/", "http://xn--caf-dma.test", "/"),
    ])
    func `a URL is split into its origin and its target`(_ text: String, _ origin: String, _ target: String) throws {
        let url = try #require(HTTPURL(text))
        #expect(url.origin.description == origin)
        #expect(url.target == target)
    }

    @Test(arguments: [
        "", "example.com", "/path", "//h/", "ftp://h/", "http:/h", "http://", "http:///x", "http://user@h/",
        "http://user:pw@h/", "http://h@evil/", "http://h/#f", "http://h/a#", "http://h:/", "http://h:0/",
        "http://h:65536/", "http://h:8x/", "http://h:+8/", "http://h:80:80/", "http://[::1/", "http://[::1]x/",
        "http://[127.0.0.1]/", "http://[fe80::1%25eth0]/", "http://[::1\u{0}]/",
        "http://[::1\u{0}\r\nX: y]/", "http://::1/", "http://h /", "http://h/a b",
        "http://h/\r\nX: y", "http://h\r\n/", "http://h/\u{0}", "http://h/é", "http://é/", "http://h/%", "http://h/%2",
        "http://h/%zz", "http://h\\@evil/", "http://./",
        "http://.h/", "http://h../", "http://a..b/", "http://127.1/", "http://2130706433/", "http://0x7f000001/",
        "http://0177.0.0.1/", "http://127.0.0.1./", "http://1.2.3.4.5/", "http://a.0x1/", "http://256.0.0.1/",
        "http://h/\\", " http://h/", "http://h/\t", "http://h%2f/",
    ])
    func `what a request line cannot carry in safety is no URL`(_ text: String) {
        #expect(HTTPURL(text) == nil)
    }

    @Test func `a description shows neither path nor query`() throws {
        let url = try #require(HTTPURL("http://h/5511999990000?key=secret"))
        #expect("\(url)" == "http://h")
    }

    @Test func `a segment is escaped but for unreserved characters`() {
        #expect(HTTPURL.escape("true_5511@c.us_AB-1~/é?") == "true_5511%40c.us_AB-1~%2F%C3%A9%3F")
    }

    @Test func `a request is written with the client's own framing`() throws {
        let url = try #require(HTTPURL("http://h:8080/a?b"))
        let request = HTTPClientRequest(
            method: .post, url: url,
            fields: ["X-A": "1", "host": "evil", "Content-length": "9", "transfer-encoding": "chunked"],
            body: Array("{}".utf8))
        let expected =
            "POST /a?b HTTP/1.1\r\nHost: h:8080\r\nX-A: 1\r\nUser-Agent: Leadwire\r\nContent-Length: 2\r\n\r\n{}"
        #expect(String(decoding: request.serialized(), as: UTF8.self) == expected)
    }

    @Test func `a GET without a body tells no length, an empty POST tells 0`() throws {
        let url = try #require(HTTPURL("http://h/"))
        let get = HTTPClientRequest(url: url, fields: ["User-Agent": "t"]).serialized()
        #expect(String(decoding: get, as: UTF8.self) == "GET / HTTP/1.1\r\nHost: h\r\nUser-Agent: t\r\n\r\n")
        let post = HTTPClientRequest(method: .post, url: url, fields: ["User-Agent": "t"]).serialized()
        #expect(
            String(decoding: post, as: UTF8.self)
                == "POST / HTTP/1.1\r\nHost: h\r\nUser-Agent: t\r\nContent-Length: 0\r\n\r\n")
    }
}
