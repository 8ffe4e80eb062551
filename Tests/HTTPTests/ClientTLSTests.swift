import Crypto
import EventLoop
import TestCertificates
import Testing

@testable import HTTP

@Suite(.enabled(if: Nginx.path != nil, "nginx is not installed: apt-get install nginx"))
struct ClientTLSTests {
    private let authority: TestAuthority

    init() throws { authority = try TestAuthority() }

    private static let names = ["DNS:localhost", "IP:127.0.0.1"]

    @Test(arguments: ["TLSv1.2", "TLSv1.3"])
    func `a connection serves one request after another, and the next takes up its session`(
        _ version: String
    ) async throws {
        let server = Nginx.Server(
            certificate: try authority.issue(Self.names), lines: "ssl_protocols \(version); keepalive_requests 3;")
        try await withNginx(authority, [server]) { nginx, client in
            var answers: [String] = []
            for _ in 1...4 {
                let response = try await client.send(HTTPClientRequest(url: nginx.url("/", host: "localhost")))
                answers.append(String(decoding: response.body, as: UTF8.self))
            }
            let (first, resumed) = ("\(version) . localhost ", "\(version) r localhost ")
            #expect(answers == [first + "1", first + "2", first + "3", resumed + "1"])
            #expect(client.openConnections == 1)
        }
    }

    @Test func `each origin has sessions of its own`() async throws {
        let certificate = try authority.issue(Self.names)
        let servers = [Nginx.Server(certificate: certificate), Nginx.Server(certificate: certificate)]
        try await withNginx(authority, servers) { nginx, client in
            for server in servers.indices {
                let response = try await client.send(HTTPClientRequest(url: nginx.url("/", server: server)))
                #expect(String(decoding: response.body, as: UTF8.self) == "TLSv1.3 .  1")
            }
        }
    }

    @Test func `the name picks the certificate, and an address is verified as an address`() async throws {
        let servers = [
            Nginx.Server(certificate: try authority.issue(["IP:127.0.0.1"])),
            Nginx.Server(certificate: try authority.issue(["DNS:localhost"]), name: "localhost", sharesPortOf: 0),
        ]
        try await withNginx(authority, servers) { nginx, client in
            for host in ["127.0.0.1", "localhost"] {
                let response = try await client.send(HTTPClientRequest(url: nginx.url("/", host: host)))
                #expect(response.status == .ok)
            }
        }
    }

    @Test func `a certificate that is not to be trusted ends the matter before a byte is sent`() async throws {
        let foreign = try TestAuthority()
        let cases: [(certificate: TestAuthority.Certificate, words: String)] = [
            (try authority.issue(Self.names, validity: .past), "certificate_expired"),
            (try authority.issue(Self.names, validity: .future), "certificate_not_yet_valid"),
            (try authority.issue(["DNS:other.test"]), "certificate_host_mismatch"),
            (try authority.selfSigned(Self.names), "certificate_not_trusted"),
            (try foreign.issue(Self.names), "certificate_not_trusted"),
        ]
        let servers = cases.map { Nginx.Server(certificate: $0.certificate) }
        try await withNginx(authority, servers) { nginx, client in
            for (server, expected) in cases.enumerated() {
                let failure = await client.failure(
                    HTTPClientRequest(method: .post, url: nginx.url("/", server: server), body: [1]))
                #expect(failure?.code == .tlsCertificate)
                #expect(failure?.certainty == .notSent)
                #expect(failure?.detail?.hasPrefix(expected.words) == true, "\(failure?.detail ?? "no failure")")
            }
            #expect(client.openConnections == 0)
        }
        // Its files go with it.
        withExtendedLifetime(foreign) {}
    }

    @Test func `the system's authorities do not vouch for a test's`() async throws {
        let server = Nginx.Server(certificate: try authority.issue(Self.names))
        try await withNginx(authority, [server], configuration: HTTPClientConfiguration()) { nginx, client in
            let failure = await client.failure(HTTPClientRequest(url: nginx.url("/")))
            #expect(failure?.code == .tlsCertificate)
        }
    }

    @Test func `a server that knows only TLS 1.1 is refused`() async throws {
        let server = Nginx.Server(
            certificate: try authority.issue(Self.names),
            lines: "ssl_protocols TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0;")
        try await withNginx(authority, [server]) { nginx, client in
            let failure = await client.failure(HTTPClientRequest(method: .post, url: nginx.url("/")))
            #expect(failure?.code == .tlsHandshake)
            #expect(failure?.certainty == .notSent)
        }
    }

    @Test(arguments: ["TLSv1.2", "TLSv1.3"])
    func `a megabyte goes up and comes down whole`(_ version: String) async throws {
        let server = Nginx.Server(certificate: try authority.issue(Self.names), lines: "ssl_protocols \(version);")
        let body = (0..<1_048_576).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        try await withNginx(authority, [server]) { nginx, client in
            let put = try await client.send(
                HTTPClientRequest(method: .put, url: nginx.url("/files/a"), body: body))
            #expect(put.status == .created)
            for _ in 1...2 {
                let get = try await client.send(
                    HTTPClientRequest(url: nginx.url("/files/a"), maximumResponseBody: 2 << 20))
                #expect(get.body == body)
            }
            #expect(client.openConnections == 1)
        }
    }

    @Test func `sixty-four at once are all answered`() async throws {
        let server = Nginx.Server(certificate: try authority.issue(Self.names))
        try await withNginx(authority, [server]) { nginx, client in
            let url = nginx.url("/")
            for _ in 1...3 {
                let tasks = (0..<64).map { _ in spawn { await client.failure(HTTPClientRequest(url: url)) } }
                for task in tasks {
                    let failure = await task.value
                    #expect(failure == nil)
                }
            }
            #expect(client.openConnections <= 64)
        }
    }

    @Test func `a server that speaks no TLS is refused`() async throws {
        try await withScript([[.send("HTTP/1.1 400 Bad Request\r\n\r\n"), .close]]) { server, client in
            let url = try #require(HTTPURL("https://127.0.0.1:\(server.port)/"))
            let failure = await client.failure(HTTPClientRequest(method: .post, url: url))
            #expect(failure?.code == .tlsHandshake)
            #expect(failure?.certainty == .notSent)
            #expect(client.openConnections == 0)
        }
    }

    @Test func `a judge that refuses the address is asked before any handshake`() async throws {
        let server = Nginx.Server(certificate: try authority.issue(Self.names))
        let configuration = HTTPClientConfiguration(trust: .file(authority.file), addressJudge: { _ in false })
        try await withNginx(authority, [server], configuration: configuration) { nginx, client in
            let failure = await client.failure(HTTPClientRequest(url: nginx.url("/")))
            #expect(failure?.code == .addressRefused)
        }
    }
}
