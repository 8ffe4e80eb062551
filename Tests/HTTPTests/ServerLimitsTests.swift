import EventLoop
import Glibc
import Telemetry
import Testing

@testable import HTTP

@Suite(.timeLimit(.minutes(10))) struct ServerLimitsTests {
    @Test func `connections, refusals and timeouts are counted by kind`() async throws {
        let metrics = Metrics()
        try await withServer({
            $0.metrics = metrics
            $0.connections = 2
            $0.headTime = .milliseconds(30)
        }) { server, port in
            let kept = try RawClient(port: port)
            try await kept.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await kept.receive(until: "GET / .")
            for request in ["GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\n"] {
                let client = try RawClient(port: port)
                try await client.send(request)
                _ = try await client.receiveAll()
                client.close()
                while server.connectionCount > 1 { await nextTurn() }
            }
            // One that has been served: a silent one would have no more time than a head.
            let second = try RawClient(port: port)
            try await second.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await second.receive(until: "GET / .")
            let third = try RawClient(port: port)
            _ = try await third.receiveAll()
            let counted = metrics.render()
            for line in [
                "http_server_connections_open 2", "http_server_connections_accepted_total 4",
                "http_server_connections_turned_away_total{cap=\"total\"} 1",
                "http_server_refusals_total{code=\"host_missing\"} 1",
                "http_server_refusals_total{code=\"request_head_timeout\"} 1",
                "http_server_refusals_total{code=\"too_many_connections\"} 1",
                "http_server_timeouts_total{waiting_for=\"head\"} 1",
                // What has not happened yet is told too, or its first time would be no rise.
                "http_server_connections_turned_away_total{cap=\"address\"} 0",
                "http_server_timeouts_total{waiting_for=\"write\"} 0",
            ] {
                #expect(counted.contains("\n\(line)\n"))
            }
            second.close()
        }
        #expect(metrics.render().contains("\nhttp_server_connections_open 0\n"))
    }

    @Test func `an IPv4 client is the same through a socket of IPv6`() async throws {
        let mapped = try #require(SocketAddress(ip: "::ffff:192.0.2.7", port: 1))
        #expect(ServerSettings.peer(mapped) == "192.0.2.7")
        let six = try #require(SocketAddress(ip: "2001:db8::7", port: 1))
        #expect(ServerSettings.peer(six) == "2001:db8::7")
    }

    @Test func `each refusal is counted under its code, whatever its status`() async throws {
        let metrics = Metrics()
        let long = String(repeating: "a", count: 40_000)
        let refusals = [
            ("GET /\(long)", "uri_too_long"), ("GET / HTTP/1.1\r\nX: \(long)", "fields_too_large"),
            ("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n", "content_too_large"),
            ("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n", "request_body_timeout"),
            ("GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", "expectation_failed"),
            ("BREW / HTTP/1.1\r\n", "method_not_implemented"), ("GET / HTTP/2.0\r\n", "http_version_not_supported"),
            ("PUT / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n", "transfer_coding_not_implemented"),
            ("GET / HTTP/1.1\n", "malformed_line_ending"),
        ]
        try await withServer({
            $0.metrics = metrics
            $0.bodyIdleTime = .milliseconds(20)
        }) { _, port in
            for (request, _) in refusals {
                let client = try RawClient(port: port)
                try await client.send(request)
                _ = try await client.receiveAll()
            }
        }
        let counted = metrics.render()
        for (_, code) in refusals { #expect(counted.contains("\nhttp_server_refusals_total{code=\"\(code)\"} 1\n")) }
        #expect(counted.contains("\nhttp_server_timeouts_total{waiting_for=\"body\"} 1\n"))
    }

    @Test func `who sends many requests ahead does not hold up who sends one`() async throws {
        let log = PathLog()
        try await withServer(
            { $0.pipelineDepth = 4 },
            answer: { request in
                log.paths.append(request.path)
                return .ready(HTTPResponse(body: .text(".")))
            }
        ) { server, port in
            let many = try RawClient(port: port)
            let one = try RawClient(port: port)
            while server.connectionCount < 2 { await nextTurn() }
            // Both lie in the kernel before the loop looks at either.
            try await many.send(String(repeating: "GET /many HTTP/1.1\r\nHost: a\r\n\r\n", count: 200))
            try await one.send("GET /one HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await one.receive(until: "\r\n\r\n.")
            _ = try await many.receive(until: "\r\n\r\n.", times: 200)
            #expect(log.paths.count == 201)
            let place = try #require(log.paths.firstIndex(of: "/one"))
            #expect(place <= 8, "\(place)")
        }
    }

    @Reactor
    private final class PathLog: Sendable {
        var paths: [String] = []

        nonisolated init() {}
    }

    @Test func `a socket that listens already can be adopted, and no other`() async throws {
        try await onReactor {
            let address = try #require(SocketAddress(ip: "127.0.0.1", port: 0))
            let fd = try Socket.listen(on: address)
            let shared = dup(fd)
            let first = HTTPServer(handler: echo)
            let second = HTTPServer(handler: { _ in HTTPResponse(body: .text("second")) })
            let port = try first.start(adopting: fd)
            #expect(try second.start(adopting: shared) == port)
            await first.stop(deadline: .zero)
            let client = try RawClient(port: port)
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await client.receive(until: "second")
            await second.stop(deadline: .zero)

            let plain = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            #expect(throws: SystemError.self) { try first.start(adopting: plain) }
            Socket.close(plain)
        }
    }

    @Test func `stopping never outlasts its deadline`() async throws {
        let gate = Gate()
        try await withServer(
            { $0.lingerTime = .seconds(50) },
            handler: { _ in
                await gate.pass()
                return HTTPResponse()
            }
        ) { server, port in
            let stuck = try RawClient(port: port)
            try await stuck.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            await gate.waitForArrival()
            // Refused, and lingering on a client that neither reads nor closes.
            let lingering = try RawClient(port: port, isReading: false)
            try await lingering.send("nonsense\r\n")
            let half = try RawClient(port: port, isReading: false)
            try await half.send("GET / HTTP/1.1\r\n")
            while server.connectionCount < 3 { await nextTurn() }
            for _ in 0..<3 { await nextTurn() }
            let began = MonotonicTime.now
            await server.stop(deadline: .milliseconds(200))
            let took = MonotonicTime.now - began
            // `stuck` is told nothing and cut when the warning goes round, the others at the end.
            #expect(took < .seconds(5))
            #expect(server.connectionCount == 0)
            gate.open()
        }
    }

    @Test func `answers on the spot and answers that are waited for come in the order of their requests`() async throws
    {
        try await withServer(
            answer: { request in
                switch request.path {
                case "/now": .ready(HTTPResponse(body: .text("<now>")))
                case "/stream": .ready(HTTPResponse(body: .stream { try await $0.write(Array("<stream>".utf8)) }))
                default: .pending { HTTPResponse(body: .text("<later>")) }
                }
            }
        ) { _, port in
            let client = try RawClient(port: port)
            let requests = ["/now", "/x", "/stream", "/now"].map { "GET \($0) HTTP/1.1\r\nHost: a\r\n\r\n" }
            try await client.send(requests.joined())
            let answers = try await client.receive(until: ">", times: 4)
            #expect(
                answers.matches(of: /<(\w+)>/).map { String($0.1) } == ["now", "later", "stream", "now"])
        }
    }
}
