import Crypto
import EventLoop
import Testing

@testable import HTTP

@Suite struct ClientTests {
    static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
    static let brief = HTTPClientRequest.Deadlines(connect: .milliseconds(60), firstByte: .milliseconds(60))

    @Test func `a request is answered, and the connection serves the next one`() async throws {
        try await withScript([[.awaitRequest, .send(Self.ok)]], repeats: true) { server, client in
            for number in 1...3 {
                let request = HTTPClientRequest(method: .post, url: server.url("/n"), body: Array("\(number)".utf8))
                let response = try await client.send(request)
                #expect(response.status == .ok)
                #expect(response.body == Array("hello".utf8))
            }
            #expect(server.accepted == 1)
            #expect(server.requests.map(\.last) == ["1", "2", "3"])
            #expect(client.idleConnections == 1)
        }
    }

    @Test func `an answer cut at any byte is no answer, and nobody knows what became of the request`() async throws {
        let answer = Array(Self.ok.utf8)
        let scripts = answer.indices.map {
            [.awaitRequest, .send(Array(answer[..<$0])), .close] as [ScriptedServer.Step]
        }
        try await withScript(scripts) { server, client in
            for cut in answer.indices {
                let failure = await client.failure(HTTPClientRequest(method: .post, url: server.url()))
                #expect(failure?.code == .closedEarly, "cut at \(cut)")
                #expect(failure?.certainty == .unknown)
            }
            #expect(server.accepted == answer.count)
            #expect(client.openConnections == 0)
        }
    }

    @Test(arguments: [
        ("", HTTPClientError.Code.firstByteTimeout),
        ("HTTP/1.1 200 OK\r\nContent-", .totalTimeout),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", .totalTimeout),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n", .totalTimeout),
        ("HTTP/1.1 200 OK\r\n\r\nhello", .totalTimeout),
    ])
    func `a server that stalls meets the deadline of its stage`(
        _ sent: String, _ code: HTTPClientError.Code
    ) async throws {
        // Over a connection that stands already, so that a busy loop cannot spend the deadline on connecting.
        try await withScript([[.awaitRequest, .send(Self.ok), .awaitRequest, .send(sent)]]) { server, client in
            _ = try await client.send(HTTPClientRequest(method: .post, url: server.url()))
            let deadlines =
                code == .totalTimeout
                ? HTTPClientRequest.Deadlines(total: .milliseconds(60))
                : HTTPClientRequest.Deadlines(firstByte: .milliseconds(60))
            let start = MonotonicTime.now
            let failure = await client.failure(
                HTTPClientRequest(method: .post, url: server.url(), deadlines: deadlines))
            let elapsed = MonotonicTime.now - start
            #expect(failure?.code == code)
            #expect(failure?.certainty == .unknown)
            #expect(elapsed >= .milliseconds(60))
            await server.hungUp(1)
            #expect(client.openConnections == 0)
        }
    }

    @Test func `a server that reads nothing meets the first byte's deadline`() async throws {
        try await withScript([[.stopReading]]) { server, client in
            let body = [UInt8](repeating: 1, count: 16 << 20)
            let failure = await client.failure(
                HTTPClientRequest(
                    method: .post, url: server.url(), body: body,
                    deadlines: HTTPClientRequest.Deadlines(firstByte: .milliseconds(60))))
            #expect(failure?.code == .firstByteTimeout)
            #expect(failure?.certainty == .unknown)
        }
    }

    @Test func `a long body goes out whole`() async throws {
        try await withScript([[.awaitRequest, .send(Self.ok)]]) { server, client in
            let body = [UInt8](repeating: UInt8(ascii: "a"), count: 4 << 20)
            _ = try await client.send(HTTPClientRequest(method: .post, url: server.url(), body: body))
            #expect(server.requests.first?.utf8.suffix(body.count).elementsEqual(body) == true)
        }
    }

    @Test func `an answer before the request is all out counts, and ends the connection`() async throws {
        let answer = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n"
        try await withScript([[.stopReading, .send(answer)]]) { server, client in
            let body = [UInt8](repeating: 1, count: 16 << 20)
            let response = try await client.send(HTTPClientRequest(method: .post, url: server.url(), body: body))
            #expect(response.status == .contentTooLarge)
            #expect(client.openConnections == 0)
        }
    }

    @Test func `an address that takes no connections meets the connect deadline, and nothing was sent`() async throws {
        try await onReactor {
            // Nobody accepts: once its short queue is full, the kernel drops every further attempt.
            let listener = try Socket.listen(on: ScriptedServer.anyPort, backlog: 0)
            let address = try #require(Socket.localAddress(listener))
            let fillers = try (0..<4).map { _ in try Socket.connect(to: address) }
            let client = HTTPClient()
            defer {
                client.close()
                for filler in fillers { Socket.close(filler) }
                Socket.close(listener)
            }
            let url = try #require(HTTPURL("http://\(address)/"))
            let failure = await client.failure(HTTPClientRequest(method: .post, url: url, deadlines: Self.brief))
            #expect(failure?.code == .connectTimeout)
            #expect(failure?.certainty == .notSent)
            #expect(client.openConnections == 0)
        }
    }

    @Test func `a refused connection was never sent anything`() async throws {
        try await withScript([[]]) { server, client in
            let url = server.url()
            server.close()
            let failure = await client.failure(HTTPClientRequest(method: .post, url: url))
            #expect(failure?.code == .connect)
            #expect(failure?.certainty == .notSent)
        }
    }

    @Test func `a reset after the request leaves it unknown`() async throws {
        try await withScript([[.awaitRequest, .reset]]) { server, client in
            let failure = await client.failure(HTTPClientRequest(method: .post, url: server.url()))
            #expect(failure?.code == .reset)
            #expect(failure?.certainty == .unknown)
        }
    }

    @Test func `a name that does not resolve was never sent anything`() async throws {
        try await onReactor {
            let client = HTTPClient()
            let url = try #require(HTTPURL("http://name.invalid/"))
            let failure = await client.failure(HTTPClientRequest(url: url))
            #expect(failure?.code == .resolve)
            #expect(failure?.certainty == .notSent)
        }
    }

    @Test func `a malformed or oversized answer leaves the request unknown`() async throws {
        let answers: [(String, HTTPClientError.Code)] = [
            ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", .malformedResponse),
            ("SSH-2.0-server\r\n", .malformedResponse),
            ("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n", .responseTooLarge),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n01234567890", .responseTooLarge),
            ("HTTP/1.1 200 OK\r\n\r\n01234567890", .responseTooLarge),
        ]
        try await withScript(answers.map { [.awaitRequest, .send($0.0)] }) { server, client in
            for (_, code) in answers {
                let failure = await client.failure(
                    HTTPClientRequest(method: .post, url: server.url(), maximumResponseBody: 10))
                #expect(failure?.code == code)
                #expect(failure?.certainty == .unknown)
                #expect(client.openConnections == 0)
            }
        }
    }

    @Test func `a connection that brought more than was promised is not used again`() async throws {
        try await withScript([[.awaitRequest, .send(Self.ok + "HTTP/1.1 500")]]) { server, client in
            _ = try await client.send(HTTPClientRequest(url: server.url()))
            #expect(client.openConnections == 0)
            await server.hungUp(1)
        }
    }

    @Test func `the host's name is resolved and the judged address is the one connected to`() async throws {
        let judged = Lock<[String]>([])
        let configuration = HTTPClientConfiguration(addressJudge: { address in
            judged.withLock { $0.append(address.ip) }
            return address.ip == "127.0.0.1"
        })
        try await withScript([[.awaitRequest, .send(Self.ok)]], configuration: configuration) { server, client in
            let response = try await client.send(HTTPClientRequest(url: server.url(host: "localhost")))
            #expect(response.status == .ok)
            #expect(server.requests.first?.contains("\r\nHost: localhost:\(server.port)\r\n") == true)
        }
        let addresses = judged.withLock { $0 }
        #expect(addresses.contains("127.0.0.1"))
    }

    @Test func `no connection is made to an address that the judge refuses`() async throws {
        try await withScript(
            [[]], configuration: HTTPClientConfiguration(addressJudge: { _ in false })
        ) { server, client in
            let failure = await client.failure(HTTPClientRequest(url: server.url()))
            #expect(failure?.code == .addressRefused)
            #expect(failure?.certainty == .notSent)
            #expect(server.accepted == 0)
            #expect(client.openConnections == 0)
        }
    }

    @Test func `without the authorities to trust nothing is sent`() async throws {
        try await onReactor {
            let url = try #require(HTTPURL("https://127.0.0.1/"))
            let client = HTTPClient(configuration: HTTPClientConfiguration(trust: .file("/nowhere/ca.pem")))
            let failure = await client.failure(HTTPClientRequest(url: url))
            #expect(failure?.code == .tlsConfiguration)
            #expect(failure?.certainty == .notSent)
            #expect(client.openConnections == 0)
        }
    }

    @Test func `an error tells where, and neither path, query nor body`() async throws {
        try await withScript([[.awaitRequest, .close]]) { server, client in
            let failure = await client.failure(
                HTTPClientRequest(method: .post, url: server.url("/5511987654321?token=tk"), body: Array("text".utf8)))
            let words = try #require(failure.map { "\($0)" })
            #expect(words == "closed_early (unknown) at http://127.0.0.1:\(server.port)")
        }
    }
}
