import EventLoop
import TestCertificates
import Testing

@testable import HTTP

/// Bodies that are read as they come.
@Suite struct ClientStreamTests {
    private static let patient = HTTPClientRequest.Deadlines(
        connect: .seconds(60), firstByte: .seconds(60), total: .seconds(60))

    private static func bytes(_ count: Int) -> [UInt8] {
        // A prime number of them, so that what is lost or doubled does not fit.
        let pattern = (0..<65_521).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + pattern.count)
        while bytes.count < count { bytes += pattern }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    private static func head(_ framing: String) -> [UInt8] { Array("HTTP/1.1 200 OK\r\n\(framing)\r\n\r\n".utf8) }

    @Reactor
    private static func collect(_ stream: HTTPClientStream) async throws(HTTPClientError) -> [UInt8] {
        var whole: [UInt8] = []
        while let piece = try await stream.body.read() { whole += piece }
        return whole
    }

    @Reactor
    private static func failure(_ stream: HTTPClientStream) async -> HTTPClientError? {
        do throws(HTTPClientError) {
            _ = try await collect(stream)
            return nil
        } catch {
            return error
        }
    }

    /// Time enough for whatever would come by itself.
    @Reactor
    private static func turns(_ count: Int) async {
        for _ in 0..<count {
            await withCheckedContinuation { continuation in
                EventLoop.shared.schedule(after: .microseconds(100)) { continuation.resume() }
            }
        }
    }

    @Test func `what is not read holds the server back, and what is read is the whole`() async throws {
        let body = Self.bytes(32 << 20)
        let answer = Self.head("Content-Length: \(body.count)") + body
        try await withScript([[.awaitRequest, .send(answer), .awaitRequest, .send(ClientTests.ok)]]) { server, client in
            let stream = try await client.open(
                HTTPClientRequest(url: server.url(), deadlines: Self.patient, maximumResponseBody: 100 << 20))
            #expect(stream.status == .ok)
            #expect(stream.fields["Content-Length"] == "\(body.count)")
            await Self.turns(200)
            // The kernel holds some megabytes on either side.
            #expect(server.unsent > 16 << 20)
            #expect(client.idleConnections == 0)
            let whole = try await Self.collect(stream)
            #expect(whole == body)
            #expect(try await stream.body.read() == nil)
            _ = try await client.send(HTTPClientRequest(url: server.url(), deadlines: Self.patient))
            #expect(server.accepted == 1)
        }
    }

    @Test func `every framing comes to its end, however large its pieces`() async throws {
        let body = Self.bytes(1_000_000)
        var chunked = Self.head("Transfer-Encoding: chunked")
        for half in [body[..<500_000], body[500_000...]] {
            chunked += Array("7A120\r\n".utf8)
            chunked += half
            chunked += Array("\r\n".utf8)
        }
        chunked += Array("0\r\n\r\n".utf8)
        let untilClose = Self.head("Connection: close") + body
        try await withScript([
            [.awaitRequest, .send(chunked)], [.awaitRequest, .send(untilClose), .closeWhenSent],
        ]) { server, client in
            for _ in 1...2 {
                // Closed, so that the second goes over a connection of its own.
                let request = HTTPClientRequest(
                    url: server.url(), fields: ["Connection": "close"], deadlines: Self.patient)
                let stream = try await client.open(request)
                await Self.turns(20)
                let whole = try await Self.collect(stream)
                #expect(whole == body)
            }
            #expect(client.openConnections == 0)
        }
    }

    @Test(arguments: ["HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"])
    func `an answer without a body ends at once, and its connection serves on`(_ answer: String) async throws {
        try await withScript([[.awaitRequest, .send(answer)]], repeats: true) { server, client in
            for _ in 1...2 {
                let stream = try await client.open(HTTPClientRequest(url: server.url()))
                #expect(client.idleConnections == 1)
                #expect(try await stream.body.read() == nil)
            }
            #expect(server.accepted == 1)
        }
    }

    @Test(arguments: ["Content-Length: 600000", "Transfer-Encoding: chunked", "X: until-close"])
    func `a body beyond the cap is not let in`(_ framing: String) async throws {
        let body = Self.bytes(600_000)
        let chunk = framing.hasPrefix("T") ? Array("927C0\r\n".utf8) : []
        try await withScript([[.awaitRequest, .send(Self.head(framing) + chunk + body)]]) { server, client in
            let request = HTTPClientRequest(url: server.url(), deadlines: Self.patient, maximumResponseBody: 500_000)
            let failure: HTTPClientError?
            do throws(HTTPClientError) {
                failure = await Self.failure(try await client.open(request))
            } catch {
                failure = error
            }
            #expect(failure?.code == .responseTooLarge)
            #expect(failure?.certainty == .unknown)
            #expect(client.openConnections == 0)
            await server.hungUp(1)
        }
    }

    @Test func `a body that is cut throws, and throws again`() async throws {
        let answer = Self.head("Content-Length: 100000") + Self.bytes(60_000)
        try await withScript([
            [.awaitRequest, .send(answer), .closeWhenSent], [.awaitRequest, .send(answer), .awaitTurn, .reset],
        ]) { server, client in
            for code in [HTTPClientError.Code.closedEarly, .reset] {
                let stream = try await client.open(HTTPClientRequest(url: server.url(), deadlines: Self.patient))
                for _ in 1...2 {
                    let failure = await Self.failure(stream)
                    #expect(failure?.code == code)
                    #expect(failure?.certainty == .unknown)
                }
                #expect(client.openConnections == 0)
            }
        }
    }

    @Test func `a piece that does not come meets its deadline, a reader that takes its time does not`() async throws {
        let answer = Self.head("Content-Length: 100000") + Self.bytes(60_000)
        try await withScript([[.awaitRequest, .send(answer)]]) { server, client in
            let deadlines = HTTPClientRequest.Deadlines(
                connect: .seconds(60), firstByte: .seconds(2), total: .seconds(60))
            let start = MonotonicTime.now
            let stream = try await client.open(HTTPClientRequest(url: server.url(), deadlines: deadlines))
            while MonotonicTime.now - start < .milliseconds(2_500) { await Self.turns(10) }
            var received = 0
            while received < 60_000 { received += try #require(try await stream.body.read()).count }
            let failure = await Self.failure(stream)
            #expect(failure?.code == .bodyTimeout)
            await server.hungUp(1)
        }
    }

    @Test func `the whole's deadline holds for a reader that never comes`() async throws {
        let answer = Self.head("Content-Length: 100000") + Self.bytes(60_000)
        try await withScript([[.awaitRequest, .send(answer)]]) { server, client in
            let deadlines = HTTPClientRequest.Deadlines(total: .seconds(2))
            let stream = try await client.open(HTTPClientRequest(url: server.url(), deadlines: deadlines))
            await server.hungUp(1)
            #expect(await Self.failure(stream)?.code == .totalTimeout)
            #expect(client.openConnections == 0)
        }
    }

    @Test func `a reader that is cancelled, closes, or lets go ends the connection`() async throws {
        let answer = Self.head("Content-Length: 100000") + Self.bytes(60_000)
        try await withScript([[.awaitRequest, .send(answer)]]) { server, client in
            let request = HTTPClientRequest(url: server.url(), deadlines: Self.patient)
            let cancelled = try await client.open(request)
            let task = spawn { await Self.failure(cancelled) }
            task.cancel()
            #expect(await task.value?.code == .cancelled)
            await server.hungUp(1)
            let again = spawn { () -> HTTPClientError? in
                withUnsafeCurrentTask { $0?.cancel() }
                return await Self.failure(cancelled)
            }
            #expect(await again.value?.code == .cancelled)

            let closed = try await client.open(request)
            closed.body.close()
            await server.hungUp(2)
            #expect(await Self.failure(closed)?.code == .cancelled)

            _ = try await client.open(request)
            await server.hungUp(3)
            #expect(client.openConnections == 0)
        }
    }

    @Test func `a connection that is reset while nobody reads is let go`() async throws {
        let answer = Self.head("Content-Length: 64000000") + Self.bytes(8 << 20)
        try await withScript([[.awaitRequest, .send(answer), .awaitSignal, .reset]]) { server, client in
            let stream = try await client.open(
                HTTPClientRequest(url: server.url(), deadlines: Self.patient, maximumResponseBody: 64_000_000))
            await Self.turns(50)
            server.signal()
            while client.openConnections > 0 { await Self.turns(1) }
            #expect(await Self.failure(stream)?.code == .reset)
        }
    }

    @Test(.enabled(if: Nginx.path != nil, "nginx is not installed: apt-get install nginx"))
    func `a file comes whole over TLS to a reader that takes its time`() async throws {
        let authority = try TestAuthority()
        let server = Nginx.Server(certificate: try authority.issue(["IP:127.0.0.1"]))
        let body = Self.bytes(4_000_000)
        try await withNginx(authority, [server]) { nginx, client in
            let url = nginx.url("/files/large")
            let put = HTTPClientRequest(method: .put, url: url, body: body, deadlines: Self.patient)
            #expect(try await client.send(put).status == .created)
            let stream = try await client.open(
                HTTPClientRequest(url: url, deadlines: Self.patient, maximumResponseBody: 4_000_000))
            var whole: [UInt8] = []
            while let piece = try await stream.body.read() {
                whole += piece
                await Self.turns(3)
            }
            #expect(whole == body)
            #expect(client.idleConnections == 1)
        }
    }
}
