import EventLoop
import Testing

@testable import HTTP

@Suite struct ClientConnectionReuseTests {
    static let ok = ClientTests.ok

    @Test func `a kept connection that the server closed is replaced before a byte is written`() async throws {
        try await withScript([[.awaitRequest, .send(Self.ok), .close]]) { server, client in
            for _ in 1...5 {
                _ = try await client.send(HTTPClientRequest(method: .post, url: server.url(), body: [1]))
            }
            #expect(server.accepted == 5)
        }
    }

    @Test func `a connection that served for long and then ended with its answer is replaced before a byte is written`()
        async throws
    {
        let stays: [ScriptedServer.Step] = [.awaitRequest, .send(Self.ok)]
        try await withScript([stays + stays + stays + [.close], stays]) { server, client in
            for _ in 1...4 {
                _ = try await client.send(HTTPClientRequest(method: .post, url: server.url(), body: [1]))
            }
            #expect(server.accepted == 2)
            #expect(server.requests.count == 4)
        }
    }

    @Test func `an answer followed by more than itself ends a connection that served for long`() async throws {
        let stays: [ScriptedServer.Step] = [.awaitRequest, .send(Self.ok)]
        try await withScript([stays + stays + stays + [.send(Self.ok)], stays]) { server, client in
            for _ in 1...4 {
                _ = try await client.send(HTTPClientRequest(method: .post, url: server.url(), body: [1]))
            }
            #expect(server.accepted == 2)
        }
    }

    @Test func `the deadline of one call leaves the next over the same connection its own time`() async throws {
        try await withScript([
            [.awaitRequest, .send(Self.ok), .awaitRequest, .awaitSignal, .send(Self.ok), .awaitRequest]
        ]) { server, client in
            let url = server.url()
            func request(firstByte: Duration) -> HTTPClientRequest {
                HTTPClientRequest(method: .post, url: url, deadlines: .init(firstByte: firstByte))
            }
            _ = try await client.send(request(firstByte: .seconds(2)))
            // The answer comes after the first call's time would have been over.
            EventLoop.shared.schedule(after: .seconds(2.2)) { server.signal() }
            _ = try await client.send(request(firstByte: .seconds(14)))
            // And one that is shorter than the call's before is kept.
            let start = MonotonicTime.now
            #expect(await client.failure(request(firstByte: .milliseconds(60)))?.code == .firstByteTimeout)
            #expect(MonotonicTime.now - start < .seconds(10))
            #expect(server.accepted == 1)
        }
    }

    @Test func `a POST over a kept connection that dies under it is not sent again`() async throws {
        try await withScript([
            [.awaitRequest, .send(Self.ok), .awaitRequest, .close], [.awaitRequest, .send(Self.ok)],
        ]) { server, client in
            _ = try await client.send(HTTPClientRequest(method: .post, url: server.url()))
            let failure = await client.failure(HTTPClientRequest(method: .post, url: server.url()))
            #expect(failure?.code == .closedEarly)
            #expect(failure?.certainty == .unknown)
            #expect(server.requests.count == 2)
        }
    }

    @Test func `a GET over a kept connection that dies under it goes out once more, and only once`() async throws {
        let dying: [ScriptedServer.Step] = [.awaitRequest, .send(Self.ok), .awaitRequest, .reset]
        try await withScript([dying, [.awaitRequest, .send(Self.ok)]]) { server, client in
            _ = try await client.send(HTTPClientRequest(url: server.url()))
            let response = try await client.send(HTTPClientRequest(url: server.url()))
            #expect(response.status == .ok)
            #expect(server.requests.count == 3)
        }
        try await withScript([dying, [.awaitRequest, .close]]) { server, client in
            _ = try await client.send(HTTPClientRequest(url: server.url()))
            let failure = await client.failure(HTTPClientRequest(url: server.url()))
            #expect(failure?.code == .closedEarly)
            #expect(server.requests.count == 3)
        }
    }

    @Test func `an answer that says close, or is ended by it, is the connection's last`() async throws {
        let closing = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
        try await withScript([
            [.awaitRequest, .send(closing)], [.awaitRequest, .send("HTTP/1.1 200 OK\r\n\r\nok"), .close],
            [.awaitRequest, .send(Self.ok)],
        ]) { server, client in
            for _ in 1...2 {
                let response = try await client.send(HTTPClientRequest(method: .post, url: server.url()))
                #expect(response.body == Array("ok".utf8))
                #expect(client.openConnections == 0)
            }
            _ = try await client.send(
                HTTPClientRequest(method: .post, url: server.url(), fields: ["Connection": "close"]))
            #expect(client.openConnections == 0)
            #expect(server.accepted == 3)
        }
    }

    @Test func `an idle connection is closed when its time is over`() async throws {
        try await withScript(
            [[.awaitRequest, .send(Self.ok)]], configuration: HTTPClientConfiguration(idleTime: .milliseconds(20))
        ) { server, client in
            _ = try await client.send(HTTPClientRequest(url: server.url()))
            await server.hungUp(1)
            #expect(client.openConnections == 0)
        }
    }

    @Test func `a server that speaks on an idle connection loses it`() async throws {
        try await withScript([
            [.awaitRequest, .send(Self.ok), .awaitSignal, .send("HTTP/1.1 408 Request Timeout\r\n\r\n")]
        ]) { server, client in
            _ = try await client.send(HTTPClientRequest(url: server.url()))
            server.signal()
            await server.hungUp(1)
            #expect(client.openConnections == 0)
        }
    }

    /// How many of so many requests at once are answered.
    @Reactor
    private func answers(_ count: Int, _ url: HTTPURL, _ client: HTTPClient) async -> Int {
        let tasks = (0..<count).map { _ in
            spawn { await client.verdict(HTTPClientRequest(method: .post, url: url, body: [1])).isSuccess }
        }
        var answered = 0
        for task in tasks where await task.value { answered += 1 }
        return answered
    }

    @Test func `sixty-four at once use sixty-four connections and all are answered`() async throws {
        try await withScript([[.awaitRequest, .send(Self.ok)]], repeats: true) { server, client in
            let url = server.url()
            for _ in 1...10 {
                let answered = await answers(64, url, client)
                #expect(answered == 64)
            }
            #expect(server.accepted <= 64)
            #expect(server.requests.count == 640)
            #expect(client.openConnections == server.accepted)
        }
    }

    @Test func `callers beyond the limit wait for a connection and get it`() async throws {
        let configuration = HTTPClientConfiguration(connectionsPerOrigin: 4)
        try await withScript(
            [[.awaitRequest, .send(Self.ok)]], repeats: true, configuration: configuration
        ) { server, client in
            let url = server.url()
            let answered = await answers(100, url, client)
            #expect(answered == 100)
            #expect(server.accepted == 4)
        }
    }

    @Test func `a caller whom no connection comes free for was never sent anything`() async throws {
        let configuration = HTTPClientConfiguration(connectionsPerOrigin: 1)
        try await withScript([[.awaitRequest]], configuration: configuration) { server, client in
            let url = server.url()
            let holder = spawn { await client.failure(HTTPClientRequest(method: .post, url: url)) }
            await server.received(1)
            let failure = await client.failure(
                HTTPClientRequest(method: .post, url: url, deadlines: ClientTests.brief))
            #expect(failure?.code == .poolExhausted)
            #expect(failure?.certainty == .notSent)
            holder.cancel()
            #expect(await holder.value?.code == .cancelled)
        }
    }

    @Test func `waiters of a dead connection get a new one`() async throws {
        let configuration = HTTPClientConfiguration(connectionsPerOrigin: 1)
        try await withScript(
            [[.awaitRequest, .close], [.awaitRequest, .send(Self.ok)]], configuration: configuration
        ) { server, client in
            let url = server.url()
            let first = spawn { await client.failure(HTTPClientRequest(method: .post, url: url)) }
            let second = spawn { await client.verdict(HTTPClientRequest(method: .post, url: url)) }
            #expect(await first.value?.code == .closedEarly)
            #expect(await second.value.isSuccess)
        }
    }
}

extension Result {
    fileprivate var isSuccess: Bool {
        if case .success = self { true } else { false }
    }
}
