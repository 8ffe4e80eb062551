import EventLoop
import Testing

@testable import HTTP

/// Connections between two requests.
@Suite struct ClientIdleTests {
    private static let ok = ClientTests.ok

    @Test func `a server's promise to stay for no time is taken at its word`() async throws {
        let leaving = "HTTP/1.1 200 OK\r\nKeep-Alive: max=5, timeout=0\r\nContent-Length: 0\r\n\r\n"
        try await withScript([[.awaitRequest, .send(leaving)]]) { server, client in
            for _ in 1...2 { _ = try await client.send(HTTPClientRequest(method: .post, url: server.url())) }
            #expect(server.accepted == 2)
        }
    }

    @Test(arguments: [
        "timeout=60", "timeout=99999999999", "timeout=", "timeout=x", "max=3", "", "TimeOut = 60 , max=1",
    ])
    func `a promise to stay long, or of nothing, keeps the connection`(_ promise: String) async throws {
        let staying = "HTTP/1.1 200 OK\r\nKeep-Alive: \(promise)\r\nContent-Length: 0\r\n\r\n"
        try await withScript([[.awaitRequest, .send(staying)]], repeats: true) { server, client in
            for _ in 1...2 { _ = try await client.send(HTTPClientRequest(method: .post, url: server.url())) }
            #expect(server.accepted == 1)
        }
    }

    @Test func `no more connections idle than are allowed, over all origins`() async throws {
        var configuration = HTTPClientConfiguration()
        configuration.idleConnections = 2
        configuration.resolve = { _, port in [SocketAddress(ip: "127.0.0.1", port: port)!] }
        try await withScript([[.awaitRequest, .send(Self.ok)]], repeats: true, configuration: configuration) {
            server, client in
            for name in ["a", "b", "c", "d"] {
                _ = try await client.send(HTTPClientRequest(url: server.url(host: "\(name).test")))
            }
            #expect(client.idleConnections == 2)
            #expect(client.openConnections == 2)
            await server.hungUp(2)
            // Those that are kept still serve.
            for name in ["a", "b"] {
                _ = try await client.send(HTTPClientRequest(url: server.url(host: "\(name).test")))
            }
            #expect(server.accepted == 4)
            #expect(client.idleConnections == 2)
        }
    }
}
