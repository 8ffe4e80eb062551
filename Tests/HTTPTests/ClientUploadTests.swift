import EventLoop
import Testing

@testable import HTTP

/// Bodies that are made while they go out.
@Suite struct ClientUploadTests {
    private static let patient = HTTPClientRequest.Deadlines(
        connect: .seconds(60), firstByte: .seconds(60), total: .seconds(60))

    private struct GaveOut: Error {}

    @Reactor
    private static func request(_ url: HTTPURL, _ upload: HTTPClientUpload) -> HTTPClientRequest {
        var request = HTTPClientRequest(method: .post, url: url, body: Array("not this".utf8), deadlines: patient)
        request.upload = upload
        return request
    }

    @Test func `the pieces arrive in order and whole, and the connection serves the next request`() async throws {
        let pieces = (0..<40).map { [UInt8](repeating: UInt8(ascii: "a") + UInt8($0 % 26), count: 1 + $0 * 997) }
        let whole = pieces.flatMap { $0 }
        try await withScript([[.awaitRequest, .send(ClientTests.ok), .awaitRequest, .send(ClientTests.ok)]]) {
            server, client in
            for _ in 0..<2 {
                let upload = HTTPClientUpload(length: whole.count) { pieces[$0] }
                let response = try await client.send(Self.request(server.url("/up"), upload))
                #expect(response.status == .ok)
                let sent = try #require(server.requests.last)
                #expect(sent.contains("\r\nContent-Length: \(whole.count)\r\n"))
                #expect(sent.hasSuffix("\r\n\r\n" + String(decoding: whole, as: UTF8.self)))
            }
            #expect(server.accepted == 1)
        }
    }

    @Test(arguments: [0, 3])
    func `a body that gives out, or is empty before its end, breaks the request off`(_ good: Int) async throws {
        for throwsError in [false, true] {
            try await withScript([[.awaitRequest, .send(ClientTests.ok)]]) { server, client in
                let upload = HTTPClientUpload(length: 1000) { number in
                    if number < good { return [UInt8](repeating: 1, count: 100) }
                    if throwsError { throw GaveOut() }
                    return []
                }
                let request = Self.request(server.url(), upload)
                do throws(HTTPClientError) {
                    _ = try await client.send(request)
                    Issue.record("it was sent")
                } catch {
                    #expect(error.code == .bodyUnreadable)
                    // The head was out: nobody can say what became of it.
                    #expect(error.certainty == .unknown)
                }
                #expect(client.openConnections == 0)
            }
        }
    }

    @Test func `more than was promised is not sent`() async throws {
        try await withScript([[.awaitRequest, .send(ClientTests.ok)]]) { server, client in
            let upload = HTTPClientUpload(length: 10) { _ in [UInt8](repeating: 1, count: 11) }
            let request = Self.request(server.url(), upload)
            await #expect(throws: HTTPClientError.self) { try await client.send(request) }
            #expect(server.requests.isEmpty)
        }
    }

    @Test func `an answer that comes before the body is out is the answer, and ends the connection`() async throws {
        let refusal = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n"
        try await withScript([[.awaitTurn, .send(refusal)]]) { server, client in
            let upload = HTTPClientUpload(length: 1 << 20) { _ in
                // Longer than the answer takes.
                await withCheckedContinuation { continuation in
                    EventLoop.shared.schedule(after: .seconds(2)) { continuation.resume() }
                }
                return [1]
            }
            let response = try await client.send(Self.request(server.url(), upload))
            #expect(response.status.code == 413)
            #expect(client.idleConnections == 0)
        }
    }

    @Test func `a server that takes nothing is given no more than lies on the way`() async throws {
        final class Count: @unchecked Sendable { var value = 0 }
        let asked = Count()
        try await withScript([[.stopReading]]) { server, client in
            let upload = HTTPClientUpload(length: 256 << 20) { _ in
                asked.value += 1
                return [UInt8](repeating: 1, count: 1 << 20)
            }
            let request = Self.request(server.url(), upload)
            let sending = spawn { try? await client.send(request) }
            for _ in 0..<300 {
                await withCheckedContinuation { continuation in
                    EventLoop.shared.schedule(after: .microseconds(200)) { continuation.resume() }
                }
            }
            // The kernel holds some megabytes on either side.
            #expect(asked.value > 0)
            #expect(asked.value < 64)
            sending.cancel()
            _ = await sending.value
        }
    }
}
