import EventLoop
import Testing

@testable import HTTP

/// A server that ends in the middle, drips, lies, and answers what nobody asked.
@Suite struct ClientCutTests {
    private static let patient = HTTPClientRequest.Deadlines(
        connect: .seconds(60), firstByte: .seconds(60), total: .seconds(60))

    static let answers = [
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nhe\r\n3\r\nllo\r\n0\r\nDigest: x\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n"
            + "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    ]

    @Test(arguments: answers, [ScriptedServer.Step.reset, .close])
    func `a connection that ends at any byte of an answer leaves the request unknown`(
        _ answer: String, _ ending: ScriptedServer.Step
    ) async throws {
        let bytes = Array(answer.utf8)
        let scripts = bytes.indices.map {
            [.awaitRequest, .send(Array(bytes[..<$0])), ending] as [ScriptedServer.Step]
        }
        try await withScript(scripts) { server, client in
            for cut in bytes.indices {
                let failure = await client.failure(
                    HTTPClientRequest(method: .post, url: server.url(), deadlines: Self.patient))
                #expect(failure?.code == .closedEarly || failure?.code == .reset, "\(failure as Any) at \(cut)")
                #expect(failure?.certainty == .unknown, "at \(cut)")
            }
            #expect(server.accepted == bytes.count)
            #expect(client.openConnections == 0)
        }
    }

    @Test(arguments: answers + ["HTTP/1.1 200 OK\r\n\r\nhello"])
    func `a whole answer counts, though the connection is reset behind it`(_ answer: String) async throws {
        let isFramed = answer.contains("chunked") || answer.contains("Content-Length")
        try await withScript([[.awaitRequest, .send(answer), .reset]]) { server, client in
            let verdict = await client.verdict(
                HTTPClientRequest(method: .post, url: server.url(), deadlines: Self.patient))
            switch verdict {
            case .success(let response):
                #expect(isFramed)
                #expect(response.body == Array("hello".utf8))
            // Without a length, a reset is no end.
            case .failure(let error): #expect(!isFramed && error.code == .reset, "\(error)")
            }
        }
    }

    @Test(arguments: answers)
    func `an answer that drips byte by byte comes to its end`(_ answer: String) async throws {
        let drips = answer.utf8.map { ScriptedServer.Step.send([$0]) }
        let steps = drips.flatMap { [$0, .awaitTurn] }
        try await withScript([[.awaitRequest] + steps]) { server, client in
            let response = try await client.send(HTTPClientRequest(url: server.url(), deadlines: Self.patient))
            #expect(response.body == Array("hello".utf8))
            #expect(client.idleConnections == 1)
        }
    }

    @Test func `an answer that drips for ever meets the whole's deadline`() async throws {
        let head: [ScriptedServer.Step] = [
            .awaitRequest, .send("HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n"),
        ]
        let script = head + [.dripForEver]
        try await withScript([script]) { server, client in
            let failure = await client.failure(
                HTTPClientRequest(
                    method: .post, url: server.url(),
                    deadlines: HTTPClientRequest.Deadlines(
                        connect: .seconds(60), firstByte: .seconds(60), total: .seconds(2)),
                    maximumResponseBody: 1 << 30))
            #expect(failure?.code == .totalTimeout)
            #expect(failure?.certainty == .unknown)
            await server.hungUp(1)
        }
    }

    @Test func `interim answers without end are no answer`() async throws {
        let many = String(repeating: "HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n", count: 1_000)
        try await withScript([[.awaitRequest, .send(many)]]) { server, client in
            let failure = await client.failure(HTTPClientRequest(method: .post, url: server.url()))
            #expect(failure?.code == .malformedResponse)
            #expect(failure?.detail == "too_many_interim_responses")
            #expect(client.openConnections == 0)
        }
    }

    @Test(arguments: ["204 No Content", "304 Not Modified"])
    func `a body where none may be ends the connection and is not taken for an answer`(_ status: String) async throws {
        let lie = "HTTP/1.1 \(status)\r\nContent-Length: 5\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        try await withScript([[.awaitRequest, .send(lie)], [.awaitRequest, .send(ClientTests.ok)]]) { server, client in
            let first = try await client.send(HTTPClientRequest(url: server.url()))
            #expect(first.body.isEmpty)
            let second = try await client.send(HTTPClientRequest(url: server.url()))
            #expect(second.body == Array("hello".utf8))
            #expect(server.accepted == 2)
        }
    }

    @Test func `a length that promises a gigabyte makes no room for it`() throws {
        var parser = HTTPResponseParser(toHEAD: false, maximumBody: 1 << 30)
        let head = Array("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\nabc".utf8)
        try head.withUnsafeBytes { try parser.consume($0) }
        #expect(parser.takeBody().capacity < 1 << 20)
    }

    @Test func `a server that answers before it is asked is not believed by the next request`() async throws {
        // Two answers at once: the second would be the answer to whatever is asked next.
        try await withScript([
            [.awaitRequest, .send(ClientTests.ok + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")],
            [.awaitRequest, .send(ClientTests.ok)],
        ]) { server, client in
            for _ in 1...2 {
                let response = try await client.send(HTTPClientRequest(method: .post, url: server.url()))
                #expect(response.body == Array("hello".utf8))
            }
            #expect(server.accepted == 2)
        }
    }
}
