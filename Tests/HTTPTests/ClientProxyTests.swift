import Crypto
import EventLoop
import TestCertificates
import Testing

@testable import HTTP

@Suite struct ClientProxyTests {
    private static let way = "HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n"

    /// A script's server as the proxy, and as the server behind it.
    private static func withProxy(
        _ script: [ScriptedServer.Step], user: String = "",
        configure: @escaping @Sendable (inout HTTPClientConfiguration) -> Void = { _ in },
        _ body: @escaping @Reactor @Sendable (ScriptedServer, HTTPClient) async throws -> Void
    ) async throws {
        try await withScript([script]) { server, _ in
            var configuration = HTTPClientConfiguration()
            configuration.proxy = HTTPProxy("http://\(user)127.0.0.1:\(server.port)")
            configure(&configuration)
            let client = HTTPClient(configuration: configuration)
            defer { client.close() }
            try await body(server, client)
        }
    }

    @Test func `the proxy is asked for the way, and then not seen any more`() async throws {
        let script: [ScriptedServer.Step] = [
            .awaitRequest, .send(Self.way), .awaitRequest, .send(ClientTests.ok), .awaitRequest, .send(ClientTests.ok),
        ]
        try await Self.withProxy(script, user: "me:p%40ss@") { server, client in
            let url = try #require(HTTPURL("http://name.test/a?b=c"))
            for _ in 1...2 { #expect(try await client.send(HTTPClientRequest(url: url)).body == Array("hello".utf8)) }
            #expect(
                server.requests.first
                    == "CONNECT name.test:80 HTTP/1.1\r\nHost: name.test:80\r\n"
                    + "Proxy-Authorization: Basic bWU6cEBzcw==\r\n\r\n")
            #expect(
                server.requests.dropFirst().allSatisfy { $0.hasPrefix("GET /a?b=c HTTP/1.1\r\nHost: name.test\r\n") })
            #expect(server.requests.dropFirst().allSatisfy { !$0.contains("Proxy") })
            #expect(server.accepted == 1)
        }
    }

    @Test(arguments: [
        ("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", "the proxy answered 407"),
        ("HTTP/1.1 403 Forbidden\r\n\r\n", "the proxy answered 403"),
        ("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "the proxy speaks out of turn"),
        ("SOCKS\r\n", "the proxy: malformed_status_line"),
    ])
    func `a proxy that opens no way has seen nothing of the request`(_ answer: String, _ words: String) async throws {
        try await Self.withProxy([.awaitRequest, .send(answer)]) { server, client in
            let url = try #require(HTTPURL("http://name.test/"))
            let failure = await client.failure(HTTPClientRequest(method: .post, url: url, body: [1]))
            #expect(failure?.code == .connect)
            #expect(failure?.certainty == .notSent)
            #expect(failure?.detail == words)
            #expect(client.openConnections == 0)
            #expect(server.requests.count == 1)
        }
    }

    @Test func `a proxy that ends or stalls at any byte of its answer has seen nothing of the request`() async throws {
        for cut in 0..<Self.way.utf8.count {
            let part = Array(Self.way.utf8.prefix(cut))
            try await Self.withProxy([.awaitRequest, .send(part), .close]) { server, client in
                let url = try #require(HTTPURL("http://name.test/"))
                let failure = await client.failure(HTTPClientRequest(method: .post, url: url, body: [1]))
                #expect(failure?.code == .connect, "at \(cut)")
                #expect(failure?.certainty == .notSent)
            }
        }
        try await Self.withProxy([.awaitRequest, .send("HTTP/1.1 ")]) { server, client in
            let url = try #require(HTTPURL("http://name.test/"))
            let failure = await client.failure(HTTPClientRequest(method: .post, url: url, deadlines: ClientTests.brief))
            #expect(failure?.code == .connectTimeout)
            #expect(failure?.certainty == .notSent)
        }
    }

    @Test(arguments: ["127.0.0.1", "localhost", "a.localhost", "127.8.9.1"])
    func `what stands beside this process is called without it`(_ host: String) async throws {
        let configure: @Sendable (inout HTTPClientConfiguration) -> Void = {
            $0.resolve = { _, port in [SocketAddress(ip: "127.0.0.1", port: port)!] }
            $0.proxy = HTTPProxy("http://127.0.0.1:1")
        }
        try await Self.withProxy([.awaitRequest, .send(ClientTests.ok)], configure: configure) { server, client in
            _ = server.port
            let name = host == "127.8.9.1" ? "127.0.0.1" : host
            #expect(try await client.send(HTTPClientRequest(url: server.url(host: name))).status == .ok)
            let proxy = try #require(HTTPProxy("http://127.0.0.1:1"))
            #expect(!proxy.serves(try #require(HTTPURL("http://\(host)/")).origin))
        }
    }

    @Test func `where addresses are judged, no proxy goes around the judge`() async throws {
        let configure: @Sendable (inout HTTPClientConfiguration) -> Void = {
            $0.resolve = { _, port in [SocketAddress(ip: "127.0.0.1", port: port)!] }
            $0.addressJudge = { _ in false }
        }
        try await Self.withProxy([.awaitRequest, .send(Self.way)], configure: configure) { server, client in
            let failure = await client.failure(HTTPClientRequest(url: try #require(HTTPURL("http://name.test/"))))
            #expect(failure?.code == .addressRefused)
            #expect(server.accepted == 0)
        }
    }

    @Test(.enabled(if: Nginx.path != nil, "nginx is not installed: apt-get install nginx"))
    func `behind the proxy it is the server whose certificate is verified`() async throws {
        let authority = try TestAuthority()
        let behind = Nginx.Server(certificate: try authority.issue(["DNS:name.test"]))
        try await withNginx(authority, [behind]) { nginx, _ in
            let proxy = try RelayingProxy(to: try #require(SocketAddress(ip: "127.0.0.1", port: nginx.ports[0])))
            var configuration = HTTPClientConfiguration(trust: .file(authority.file))
            configuration.proxy = HTTPProxy("http://127.0.0.1:\(proxy.port)")
            let client = HTTPClient(configuration: configuration)
            defer {
                client.close()
                proxy.close()
            }
            for number in 1...2 {
                let url = try #require(HTTPURL("https://name.test/"))
                let response = try await client.send(HTTPClientRequest(url: url))
                #expect(String(decoding: response.body, as: UTF8.self) == "TLSv1.3 . name.test \(number)")
            }
            let other = try #require(HTTPURL("https://other.test/"))
            let failure = await client.failure(HTTPClientRequest(method: .post, url: other))
            #expect(failure?.code == .tlsCertificate)
            #expect(failure?.certainty == .notSent)
        }
    }

    @Test(arguments: [
        "http://proxy.test:3128", "http://proxy.test", "HTTP://10.0.0.1:8080/", "http://a:b@proxy.test:1",
        "http://[::1]:1",
        "http://a:@p.test",
    ])
    func `a proxy is a host and a port, and perhaps who asks`(_ text: String) { #expect(HTTPProxy(text) != nil) }

    @Test(arguments: [
        "", "proxy.test:3128", "https://proxy.test", "socks5://p.test", "http://", "http://p.test/path",
        "http://p.test?x",
        "http://a@p.test", "http://a:%zz@p.test", "http://p.test:0", "http://a:b\r\nX@p.test:x",
    ])
    func `what is none is refused`(_ text: String) { #expect(HTTPProxy(text) == nil) }
}
