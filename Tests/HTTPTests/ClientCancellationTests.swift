import EventLoop
import Testing

@testable import HTTP

@Suite struct ClientCancellationTests {
    @Test func `cancelling an exchange closes its connection at once and leaves the request unknown`() async throws {
        try await withScript([[.awaitRequest]]) { server, client in
            let url = server.url()
            let task = spawn { await client.failure(HTTPClientRequest(method: .post, url: url)) }
            await server.received(1)
            #expect(client.openConnections == 1)
            task.cancel()
            let failure = await task.value
            #expect(client.openConnections == 0)
            #expect(failure?.code == .cancelled)
            #expect(failure?.certainty == .unknown)
            await server.hungUp(1)
        }
    }

    @Test func `cancelling while connecting or waiting frees the place, and nothing was sent`() async throws {
        let configuration = HTTPClientConfiguration(connectionsPerOrigin: 1)
        try await withScript([[]], configuration: configuration) { server, client in
            let url = server.url()
            // Neither has had a turn of the loop: the first connects, the second waits for its place.
            let connecting = spawn { await client.failure(HTTPClientRequest(method: .post, url: url)) }
            let waiting = spawn { await client.failure(HTTPClientRequest(method: .post, url: url)) }
            waiting.cancel()
            connecting.cancel()
            for task in [connecting, waiting] {
                let failure = await task.value
                #expect(failure?.code == .cancelled)
                #expect(failure?.certainty == .notSent)
            }
            #expect(client.openConnections == 0)
        }
    }

    @Test func `a task that is already cancelled sends nothing`() async throws {
        try await withScript([[]]) { server, client in
            let url = server.url()
            let task = spawn { () -> HTTPClientError? in
                withUnsafeCurrentTask { $0?.cancel() }
                return await client.failure(HTTPClientRequest(method: .post, url: url))
            }
            let failure = await task.value
            #expect(failure?.code == .cancelled)
            #expect(failure?.certainty == .notSent)
            #expect(server.accepted == 0)
        }
    }

    @Test func `cancelling during a name's look-up ends the wait`() async throws {
        try await withScript([[]]) { server, client in
            let url = server.url(host: "localhost")
            let task = spawn { await client.failure(HTTPClientRequest(url: url)) }
            task.cancel()
            #expect(await task.value?.certainty == .notSent)
            #expect(client.openConnections == 0)
        }
    }

    @Test func `closing the client ends what is in flight and refuses what comes after`() async throws {
        try await withScript([[.awaitRequest]]) { server, client in
            let url = server.url()
            let task = spawn { await client.failure(HTTPClientRequest(method: .post, url: url)) }
            await server.received(1)
            client.close()
            #expect(await task.value?.code == .cancelled)
            #expect(await client.failure(HTTPClientRequest(url: url))?.code == .cancelled)
            await server.hungUp(1)
        }
    }
}
