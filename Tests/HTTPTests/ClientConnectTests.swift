import Crypto
import EventLoop
import Testing

@testable import HTTP

/// From a name to a connection.
@Suite struct ClientConnectTests {
    private static let ok = ClientTests.ok

    private static func address(_ ip: String, _ port: UInt16) -> SocketAddress { SocketAddress(ip: ip, port: port)! }

    private static func configuration(
        judge: (@Sendable (SocketAddress) -> Bool)? = nil,
        _ resolve: @escaping @Sendable (String, UInt16) async throws -> [SocketAddress]
    ) -> HTTPClientConfiguration {
        var configuration = HTTPClientConfiguration(addressJudge: judge)
        configuration.resolve = resolve
        return configuration
    }

    /// An address that takes no connections: once its short queue is full, the kernel drops every further attempt.
    @Reactor
    private func withDeadAddress<Value>(_ body: (SocketAddress) async throws -> Value) async throws -> Value {
        let listener = try Socket.listen(on: ScriptedServer.anyPort, backlog: 0)
        let address = try #require(Socket.localAddress(listener))
        let fillers = try (0..<4).map { _ in try Socket.connect(to: address) }
        defer {
            for filler in fillers { Socket.close(filler) }
            Socket.close(listener)
        }
        return try await body(address)
    }

    @Test func `an address that is dead leaves the next one its share of the time`() async throws {
        try await onReactor {
            try await withDeadAddress { dead in
                let server = try ScriptedServer([[.awaitRequest, .send(Self.ok)]])
                let live = Self.address("127.0.0.1", server.port)
                let client = HTTPClient(configuration: Self.configuration { _, _ in [dead, live] })
                defer {
                    client.close()
                    server.close()
                }
                let response = try await client.send(
                    HTTPClientRequest(
                        method: .post, url: try #require(HTTPURL("http://name.test/")),
                        deadlines: HTTPClientRequest.Deadlines(
                            connect: .seconds(4), firstByte: .seconds(30), total: .seconds(60))))
                #expect(response.status == .ok)
                #expect(server.accepted == 1)
            }
        }
    }

    @Test func `an address that refuses gives way to the next`() async throws {
        try await withScript([[.awaitRequest, .send(Self.ok)]]) { server, _ in
            let closed = try Socket.listen(on: ScriptedServer.anyPort)
            let refused = try #require(Socket.localAddress(closed))
            Socket.close(closed)
            let live = Self.address("127.0.0.1", server.port)
            let client = HTTPClient(configuration: Self.configuration { _, _ in [refused, live] })
            defer { client.close() }
            let url = try #require(HTTPURL("http://name.test/"))
            #expect(try await client.send(HTTPClientRequest(url: url)).status == .ok)
        }
    }

    @Test func `each address is judged, and only those that pass are tried`() async throws {
        try await withScript([[.awaitRequest, .send(Self.ok)]]) { server, _ in
            let port = server.port
            let judged = Lock<[String]>([])
            let configuration = Self.configuration(judge: { address in
                judged.withLock { $0.append(address.ip) }
                return address.ip == "127.0.0.1"
            }) { _, _ in ["127.0.0.2", "127.0.0.1", "::1"].map { Self.address($0, port) } }
            let client = HTTPClient(configuration: configuration)
            defer { client.close() }
            let url = try #require(HTTPURL("http://name.test/"))
            #expect(try await client.send(HTTPClientRequest(url: url)).status == .ok)
            #expect(judged.withLock { $0 } == ["127.0.0.2", "127.0.0.1", "::1"])
        }
    }

    @Test func `a name that points elsewhere the next time is judged anew`() async throws {
        try await withScript([[.awaitRequest, .send(Self.ok), .close]]) { server, _ in
            let port = server.port
            let lookups = Lock(0)
            let configuration = Self.configuration(judge: { $0.ip == "127.0.0.1" }) { _, _ in
                let number = lookups.withLock { count -> Int in
                    count += 1
                    return count
                }
                return [Self.address(number == 1 ? "127.0.0.1" : "127.0.0.2", port)]
            }
            let client = HTTPClient(configuration: configuration)
            defer { client.close() }
            let url = try #require(HTTPURL("http://name.test/"))
            #expect(try await client.send(HTTPClientRequest(method: .post, url: url)).status == .ok)
            let failure = await client.failure(HTTPClientRequest(method: .post, url: url))
            #expect(failure?.code == .addressRefused)
            #expect(failure?.certainty == .notSent)
            #expect(server.accepted == 1)
        }
    }

    @Test func `an answer of the resolver that comes after the caller has left makes no connection`() async throws {
        try await withScript([[]]) { server, _ in
            let live = Self.address("127.0.0.1", server.port)
            let (asked, answer) = (Signal(), Signal())
            let client = HTTPClient(
                configuration: Self.configuration { _, _ in
                    await asked.fire()
                    await answer.wait()
                    return [live]
                })
            defer { client.close() }
            let url = try #require(HTTPURL("http://name.test/"))
            let task = spawn { await client.failure(HTTPClientRequest(url: url)) }
            await asked.wait()
            task.cancel()
            #expect(await task.value?.code == .cancelled)
            #expect(client.openConnections == 0)
            answer.fire()
            // Connections are accepted in order: had the late answer made one, it would be among them.
            for number in 1...2 {
                let probe = try Socket.connect(to: live)
                defer { Socket.close(probe) }
                await server.taken(number)
            }
            #expect(server.accepted == 2)
            #expect(client.openConnections == 0)
        }
    }

    @Test func `a resolver without an answer meets the connect deadline`() async throws {
        try await onReactor {
            let client = HTTPClient(
                configuration: Self.configuration { _, _ in
                    try await Task.sleep(for: .seconds(600))
                    return []
                })
            defer { client.close() }
            let url = try #require(HTTPURL("http://name.test/"))
            let failure = await client.failure(HTTPClientRequest(url: url, deadlines: ClientTests.brief))
            #expect(failure?.code == .connectTimeout)
            #expect(failure?.certainty == .notSent)
        }
    }

    @Test func `five thousand callers whose turn comes to nothing are told one after the other`() async throws {
        let isOpen = Lock(true)
        let configuration = HTTPClientConfiguration(
            connectionsPerOrigin: 1, addressJudge: { _ in isOpen.withLock { $0 } })
        try await withScript([[.awaitRequest]], configuration: configuration) { server, client in
            let url = server.url()
            let patient = HTTPClientRequest.Deadlines(
                connect: .seconds(120), firstByte: .seconds(120), total: .seconds(120))
            let holder = spawn { await client.failure(HTTPClientRequest(url: url, deadlines: patient)) }
            await server.received(1)
            let waiting = (0..<5_000).map { _ in
                spawn { await client.failure(HTTPClientRequest(url: url, deadlines: patient)) }
            }
            isOpen.withLock { $0 = false }
            holder.cancel()
            for task in waiting {
                let failure = await task.value
                #expect(failure?.code == .addressRefused)
            }
            #expect(client.openConnections == 0)
        }
    }
}

/// Something that happens once, and those who wait for it.
@Reactor
final class Signal {
    private var isFired = false
    private var waiters: [CheckedContinuation<Void, Never>] = []

    nonisolated init() {}

    func fire() {
        isFired = true
        for waiter in waiters { waiter.resume() }
        waiters = []
    }

    func wait() async {
        guard !isFired else { return }
        await withCheckedContinuation { waiters.append($0) }
    }
}
