import EventLoop
import Synchronization
import Testing

@testable import HTTP

/// Runs `body` against a server of its own, on a free port, and stops it.
func withServer(
    _ configure: @Sendable (inout HTTPServerConfiguration) -> Void = { _ in },
    handler: @escaping HTTPHandler = echo,
    _ body: @escaping @Reactor @Sendable (HTTPServer, UInt16) async throws -> Void
) async throws {
    try await withServer(configure, answer: { request in .pending { await handler(request) } }, body)
}

/// The same with a handler that answers some or all on the spot.
func withServer(
    _ configure: @Sendable (inout HTTPServerConfiguration) -> Void = { _ in },
    answer: @escaping HTTPAnsweringHandler,
    _ body: @escaping @Reactor @Sendable (HTTPServer, UInt16) async throws -> Void
) async throws {
    var configuration = HTTPServerConfiguration()
    configuration.clock = Clock { 784_111_777_000_000 }
    configure(&configuration)
    try await onReactor { [configuration] in
        try await Turnstile.shared.pass {
            let server = HTTPServer(configuration: configuration, answer: answer)
            let port = try server.start(host: "127.0.0.1", port: 0)
            do {
                try await body(server, port)
            } catch {
                await server.stop(deadline: .zero)
                throw error
            }
            await server.stop(deadline: .zero)
            #expect(server.connectionCount == 0)
        }
    }
}

/// Answers with the method, the target and the body.
let echo: HTTPHandler = { request in
    HTTPResponse(body: .text("\(request.method) \(request.target) \(String(decoding: request.body, as: UTF8.self))."))
}

@Suite(.timeLimit(.minutes(10))) struct ServerTests {
    @Test func `an answer has status, date, length and body, in one piece`() async throws {
        try await withServer { _, port in
            let client = try RawClient(port: port)
            try await client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
            let answer = try await client.receive(until: "GET /x .")
            #expect(
                answer
                    == "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 8\r\n\r\nGET /x .")
        }
    }

    @Test func `the date is that of the answer, however long the server was idle (RFC 9110 § 6.6.1)`() async throws {
        let now = Atomic<Int64>(784_111_777_999_999)
        try await withServer({ $0.clock = Clock { now.load(ordering: .relaxed) } }) { _, port in
            let client = try RawClient(port: port)
            for (microseconds, date) in [
                (784_111_777_999_999, "Sun, 06 Nov 1994 08:49:37 GMT"),
                (784_111_778_000_000, "Sun, 06 Nov 1994 08:49:38 GMT"),
                (784_200_000_000_000, "Mon, 07 Nov 1994 09:20:00 GMT"),
                (784_111_778_000_000, "Sun, 06 Nov 1994 08:49:38 GMT"),
            ] as [(Int64, String)] {
                now.store(microseconds, ordering: .relaxed)
                try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await client.receive(until: "GET / .").contains("\r\nDate: \(date)\r\n"))
            }
            // A refusal has one too.
            try await client.send("nonsense\r\n")
            #expect(try await client.receiveAll().contains("\r\nDate: Sun, 06 Nov 1994 08:49:38 GMT\r\n"))
        }
    }

    @Test func `one connection serves one request after another, with and without bodies`() async throws {
        try await withServer { server, port in
            let client = try RawClient(port: port)
            for number in 1...5 {
                try await client.send("POST /\(number) HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
                #expect(try await client.receive(until: "abc.").hasSuffix("\r\n\r\nPOST /\(number) abc."))
                try await client.send("GET /\(number) HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await client.receive(until: " .").hasSuffix("\r\n\r\nGET /\(number) ."))
            }
            #expect(server.connectionCount == 1)
        }
    }

    @Test func `pipelined requests are answered in order, though the first takes longest`() async throws {
        let gate = Gate()
        try await withServer(
            handler: { request in
                if request.path == "/1" { await gate.pass() }
                return HTTPResponse(body: .text("<\(request.path)>"))
            }
        ) { _, port in
            let client = try RawClient(port: port)
            try await client.send((1...40).map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
            await gate.waitForArrival()
            #expect(client.count == 0)
            gate.open()
            let answers = try await client.receive(until: ">", times: 40)
            #expect(answers.matches(of: /<\/(\d+)>/).map { Int($0.1) } == Array(1...40))
        }
    }

    @Test func `twenty thousand pipelined requests neither deepen the stack nor pile up`() async throws {
        try await withServer({ $0.requestsPerConnection = 50_000 }) { _, port in
            let client = try RawClient(port: port)
            let requests = Array(String(repeating: "GET / HTTP/1.1\r\nHost: a\r\n\r\n", count: 20_000).utf8)
            try await client.send(requests)
            let answerLength = 82
            try await client.wait { $0.count >= 20_000 * answerLength }
            #expect(client.count == 20_000 * answerLength)
        }
    }

    @Test func `input stops being read while an answer is awaited`() async throws {
        let gate = Gate()
        try await withServer(handler: { _ in
            await gate.pass()
            return HTTPResponse()
        }) { _, port in
            let client = try RawClient(port: port)
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            await gate.waitForArrival()
            // More than the kernel's buffers of both ends hold: it cannot all be taken unless the server reads on.
            let flood = spawn {
                try? await client.send([UInt8](repeating: 0x41, count: 32 << 20))
                return true
            }
            for _ in 0..<200 { await nextTurn() }
            #expect(client.count == 0)
            gate.open()
            // The flood is no request.
            let answer = try await client.receive(until: "malformed_method")
            #expect(answer.contains("HTTP/1.1 200 OK") && answer.contains("HTTP/1.1 400 Bad Request"))
            client.reset()
            _ = await flood.value
        }
    }

    @Test func `leave to continue is given once, before the body, and not when the body is there`() async throws {
        try await withServer { _, port in
            let client = try RawClient(port: port)
            let head = "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
            try await client.send(head)
            #expect(try await client.receive(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            try await client.send("hi")
            #expect(try await client.receive(until: "hi.").hasPrefix("HTTP/1.1 200 OK\r\n"))
            try await client.send(head + "yo")
            #expect(try await client.receive(until: "yo.").hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
    }

    @Test func `a body that will be too large is refused in place of leave to continue`() async throws {
        try await withServer({ $0.maximumBodySize = { _ in 10 } }) { _, port in
            let client = try RawClient(port: port)
            try await client.send("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n")
            let answer = try await client.receiveAll()
            #expect(answer.hasPrefix("HTTP/1.1 413 Content Too Large\r\n"))
            #expect(answer.contains("Connection: close\r\n"))
        }
    }

    @Test func `HEAD has the length and not the body`() async throws {
        try await withServer { _, port in
            let client = try RawClient(port: port)
            try await client.send(
                "HEAD /x HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let answers = try await client.receiveAll()
            #expect(answers.contains("Content-Length: 9\r\n\r\nHTTP/1.1 200 OK"))
        }
    }

    @Test func `chunks may come one octet at a time`() async throws {
        try await withServer { _, port in
            let client = try RawClient(port: port)
            let request =
                "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\nT: 1\r\n\r\n"
            for octet in request.utf8 {
                try await client.send([octet])
                await nextTurn()
            }
            #expect(try await client.receive(until: "abcde.").hasSuffix("\r\n\r\nPOST /c abcde."))
        }
    }

    @Test func `a large body arrives whole and a large answer leaves whole`() async throws {
        let size = 3 << 20
        try await withServer({ $0.maximumBodySize = { _ in size } }, handler: { HTTPResponse(body: .bytes($0.body)) }) {
            _, port in
            let client = try RawClient(port: port, isReading: false)
            let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            try await client.send("POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: \(size)\r\n\r\n")
            try await client.send(body)
            for _ in 0..<20 { await nextTurn() }
            client.startReading()
            try await client.wait { $0.hasEnded }
            #expect(!client.wasReset)
            #expect(client.octets.suffix(size).elementsEqual(body))
        }
    }

    @Test(arguments: [
        ("GET / HTTP/1.0\r\n\r\n", "Connection: close\r\n"),
        ("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n", "GET / ."),
    ])
    func `a connection that shall close does, and serves nothing more`(_ request: String, _ part: String) async throws {
        try await withServer { _, port in
            let client = try RawClient(port: port)
            try await client.send(request)
            let answer = try await client.receiveAll()
            #expect(answer.contains(part))
            #expect(answer.hasSuffix("\r\n\r\nGET / ."))
            #expect(answer.ranges(of: "HTTP/1.1 ").count == 1)
        }
    }

    @Test func `an HTTP 1 0 client that asks is kept`() async throws {
        try await withServer { _, port in
            let client = try RawClient(port: port)
            for _ in 0..<2 {
                try await client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                #expect(try await client.receive(until: "GET / .").contains("Connection: keep-alive\r\n"))
            }
        }
    }

    @Test func `a connection closes after its number of requests`() async throws {
        try await withServer({ $0.requestsPerConnection = 2 }) { _, port in
            let client = try RawClient(port: port)
            try await client.send(String(repeating: "GET / HTTP/1.1\r\nHost: a\r\n\r\n", count: 3))
            let answers = try await client.receiveAll()
            #expect(answers.ranges(of: "HTTP/1.1 200").count == 2)
            #expect(answers.ranges(of: "Connection: close").count == 1)
        }
    }

    @Test func `a client that only stops sending gets its answer`() async throws {
        let gate = Gate()
        try await withServer(handler: { request in
            await gate.pass()
            return HTTPResponse(body: .text("late"))
        }) { _, port in
            let client = try RawClient(port: port)
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            client.endSending()
            await gate.waitForArrival()
            for _ in 0..<3 { await nextTurn() }
            gate.open()
            #expect(try await client.receiveAll().hasSuffix("late"))
        }
    }

    @Test func `a handler runs to its end though its client has gone`() async throws {
        let gate = Gate()
        let done = Gate()
        try await withServer(handler: { _ in
            await gate.pass()
            #expect(!Task.isCancelled)
            spawn { await done.pass() }
            return HTTPResponse(body: .text("unheard"))
        }) { server, port in
            let client = try RawClient(port: port)
            try await client.send("POST / HTTP/1.1\r\nHost: a\r\n\r\n")
            await gate.waitForArrival()
            client.reset()
            while server.connectionCount > 0 { await nextTurn() }
            done.open()
            gate.open()
            await done.waitForArrival()
        }
    }

    @Test func `what a handler returns cannot write fields of its own or break the framing`() async throws {
        try await withServer(handler: { request in
            var response = HTTPResponse(body: .text("body"))
            response.fields.append("X-Echo", "a\r\nSet-Cookie: stolen=1")
            response.fields.append("Content-Length", "1")
            response.fields.append("Transfer-Encoding", "chunked")
            response.fields.append("Date", "never")
            response.fields.append("X-Kept", "yes")
            return response
        }) { _, port in
            let client = try RawClient(port: port)
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(
                try await client.receive(until: "body")
                    == "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nX-Kept: yes\r\n"
                    + "Content-Length: 4\r\n\r\nbody")
        }
    }

    @Test(arguments: [(204, "\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n"), (304, "GMT\r\n\r\n"), (100, "500 I")])
    func `a status without a body has none`(_ code: Int, _ part: String) async throws {
        try await withServer(handler: { request in
            request.path == "/end"
                ? HTTPResponse(fields: ["Connection": "close"])
                : HTTPResponse(status: HTTPStatus(code: code), body: .text("body"))
        }) { _, port in
            let client = try RawClient(port: port)
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /end HTTP/1.1\r\nHost: a\r\n\r\n")
            let answers = try await client.receiveAll()
            #expect(!answers.contains("body"))
            #expect(answers.contains(part))
            #expect(answers.ranges(of: "HTTP/1.1 ").count == 2)
        }
    }

    @Test func `the peer's address comes with the request`() async throws {
        try await withServer(handler: { HTTPResponse(body: .text("<\($0.peer)>")) }) { _, port in
            let client = try RawClient(port: port)
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.receive(until: ">").hasSuffix("<127.0.0.1>"))
        }
    }
}
