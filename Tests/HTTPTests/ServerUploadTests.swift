import EventLoop
import Testing

@testable import HTTP

/// Request bodies that their handler reads while they arrive.
@Suite(.timeLimit(.minutes(10))) struct ServerUploadTests {
    private static let large = 64 << 20

    @Sendable private static func streamed(_ configuration: inout HTTPServerConfiguration) {
        configuration.bodyMode = { $0.path == "/whole" ? .buffered(limit: 100) : .streamed(limit: large) }
    }

    private static func head(_ fields: String, path: String = "/") -> String {
        "POST \(path) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n"
    }

    @Test func `64 megabytes pass through pieces of a few kilobytes, and the connection serves on`() async throws {
        let sizes = Sizes()
        try await withServer(
            Self.streamed,
            handler: { request in
                guard let stream = request.stream else { return HTTPResponse(body: .text("none")) }
                #expect(request.body.isEmpty)
                while let piece = try? await stream.read() { sizes.note(piece) }
                return HTTPResponse(body: .text("<\(sizes.total)>"))
            }
        ) { _, port in
            let client = try RawClient(port: port)
            try await client.send(Self.head("Content-Length: \(Self.large)"))
            let piece = [UInt8](repeating: 0x61, count: 1 << 20)
            for _ in 0..<64 { try await client.send(piece) }
            #expect(try await client.receive(until: ">").hasSuffix("\r\n\r\n<\(Self.large)>"))
            #expect(sizes.largest <= 128 << 10)
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.receive(until: "none").hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test func `a handler that is behind holds its client back, at no charge to the client's time`() async throws {
        let gate = Gate()
        let sizes = Sizes()
        try await withServer(
            {
                Self.streamed(&$0)
                $0.bodyIdleTime = .milliseconds(500)
                $0.bodyRateGrace = .milliseconds(500)
            },
            handler: { request in
                guard let stream = request.stream else { return HTTPResponse() }
                _ = try? await stream.read()
                await gate.pass()
                while let piece = try? await stream.read() { sizes.note(piece) }
                return HTTPResponse(body: .text("<all>"))
            }
        ) { _, port in
            let client = try RawClient(port: port)
            let sent = Sizes()
            let flood = spawn {
                try? await client.send(Self.head("Content-Length: \(Self.large)"))
                let piece = [UInt8](repeating: 0x61, count: 1 << 16)
                for _ in 0..<(Self.large >> 16) {
                    try? await client.send(piece)
                    sent.note(piece)
                }
            }
            await gate.waitForArrival()
            await settled { sent.total }
            // The kernel's buffers and the reader's 64 kB hold some of it.
            #expect(sent.total < 32 << 20)
            await pass(.milliseconds(600))
            #expect(client.count == 0)
            gate.open()
            #expect(try await client.receive(until: ">").hasPrefix("HTTP/1.1 200 OK"))
            await flood.value
        }
    }

    @Test func `chunks are read as they come, and pipelined requests after them`() async throws {
        try await withServer(
            Self.streamed,
            handler: { request in
                guard let stream = request.stream else {
                    return HTTPResponse(body: .text("<\(String(decoding: request.body, as: UTF8.self))>"))
                }
                let body = (try? await stream.collect()) ?? []
                return HTTPResponse(body: .text("<\(String(decoding: body, as: UTF8.self))>"))
            }
        ) { _, port in
            let client = try RawClient(port: port)
            let chunked = Self.head("Transfer-Encoding: chunked") + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
            let whole = Self.head("Content-Length: 2", path: "/whole") + "xy"
            try await client.send(chunked + whole + chunked)
            let answers = try await client.receive(until: ">", times: 3)
            #expect(answers.matches(of: /<(\w+)>/).map { String($0.1) } == ["abcde", "xy", "abcde"])
            for octet in chunked.utf8 {
                try await client.send([octet])
                await nextTurn()
            }
            #expect(try await client.receive(until: ">").hasSuffix("<abcde>"))
        }
    }

    @Test func `leave to continue is given when the handler first reads (RFC 9110 § 10.1.1)`() async throws {
        let gate = Gate()
        try await withServer(
            {
                Self.streamed(&$0)
                $0.bodyIdleTime = .milliseconds(400)
            },
            handler: { request in
                await gate.pass()
                let body = (try? await request.stream?.collect()) ?? []
                return HTTPResponse(body: .text("<\(body.count)>"))
            }
        ) { _, port in
            let client = try RawClient(port: port)
            try await client.send(Self.head("Expect: 100-continue\r\nContent-Length: 5"))
            await gate.waitForArrival()
            await pass(.milliseconds(500))
            #expect(client.count == 0)
            gate.open()
            #expect(try await client.receive(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            try await client.send("hello")
            #expect(try await client.receive(until: ">").contains("200 OK"))
        }
    }

    @Test(arguments: [
        ("Content-Length: 1000", "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("Transfer-Encoding: chunked", "FF\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("Expect: 100-continue\r\nContent-Length: 1000", "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"),
    ])
    func `an answer before the body's end closes, with nothing of the body taken for a request`(
        _ framing: String, _ rest: String
    ) async throws {
        try await withServer(Self.streamed, handler: { _ in HTTPResponse(status: .unauthorized) }) { server, port in
            let client = try RawClient(port: port)
            try await client.send(Self.head(framing))
            try await client.send(rest)
            let answer = try await client.receiveAll()
            #expect(answer.hasPrefix("HTTP/1.1 401 Unauthorized\r\n") && answer.contains("Connection: close\r\n"))
            #expect(answer.ranges(of: "HTTP/1.1 ").count == 1)
            #expect(!client.wasReset)
            client.close()
            while server.connectionCount > 0 { await nextTurn() }
        }
    }

    @Test func `a body that has come whole may be left unread`() async throws {
        try await withServer(Self.streamed, handler: { _ in HTTPResponse(body: .text("<no>")) }) { _, port in
            let client = try RawClient(port: port)
            for _ in 0..<2 {
                try await client.send(Self.head("Content-Length: 5") + "hello")
                #expect(!(try await client.receive(until: ">")).contains("Connection: close"))
            }
        }
    }

    @Test func `a client that leaves in the middle ends the reading`() async throws {
        let failed = Failures()
        try await withServer(
            Self.streamed,
            handler: { request in
                await failed.note(request)
                return HTTPResponse()
            }
        ) { server, port in
            for isReset in [false, true] {
                let client = try RawClient(port: port)
                try await client.send(Self.head("Content-Length: 10") + "hello")
                while server.connectionCount == 0 { await nextTurn() }
                for _ in 0..<3 { await nextTurn() }
                if isReset { client.reset() } else { client.endSending() }
                while server.connectionCount > 0 { await nextTurn() }
            }
            while failed.errors.count < 2 { await nextTurn() }
            #expect(failed.errors == [.incomplete, .incomplete])
        }
    }

    @Test(arguments: [
        ("Transfer-Encoding: chunked", "3\r\nabc\r\nX\r\n", "400 Bad Request", "malformed_chunk_size"),
        ("Transfer-Encoding: chunked", "3\r\nabc\r\n", "408 Request Timeout", "request_body_timeout"),
        ("Transfer-Encoding: chunked", "3\r\nabc\r\nFFFFFFFF\r\n", "413 Content Too Large", "content_too_large"),
        ("Content-Length: 67108865", "", "413 Content Too Large", "content_too_large"),
    ])
    func `what is wrong with a body in its midst is told in the handler's place`(
        _ framing: String, _ body: String, _ status: String, _ code: String
    ) async throws {
        let failed = Failures()
        try await withServer(
            {
                Self.streamed(&$0)
                if code == "request_body_timeout" { $0.bodyIdleTime = .milliseconds(60) }
            },
            handler: { request in
                await failed.note(request)
                return HTTPResponse(body: .text("unheard"))
            }
        ) { _, port in
            let client = try RawClient(port: port)
            try await client.send(Self.head(framing))
            for _ in 0..<3 { await nextTurn() }
            try await client.send(body)
            let answer = try await client.receiveAll()
            #expect(answer.hasPrefix("HTTP/1.1 \(status)\r\n"))
            #expect(answer.hasSuffix("\r\n\r\n\(code)\n"))
            if !body.isEmpty { #expect(failed.errors.map(\.description).allSatisfy { $0.hasSuffix(code) }) }
        }
    }

    @Test func `both bodies may flow at once, and a reader that outlives its request reads nothing`() async throws {
        let kept = Kept()
        try await withServer(
            Self.streamed,
            handler: { request in
                guard let stream = request.stream else { return HTTPResponse() }
                kept.reader = stream
                return HTTPResponse(
                    body: .stream { writer in
                        while let piece = try await stream.read() { try await writer.write(piece) }
                    })
            }
        ) { _, port in
            let client = try RawClient(port: port)
            try await client.send(Self.head("Content-Length: 6") + "abc")
            _ = try await client.receive(until: "3\r\nabc\r\n")
            try await client.send("def")
            #expect(try await client.receiveAll() == "3\r\ndef\r\n0\r\n\r\n")
            await #expect(throws: HTTPBodyReadError.answered) { try await kept.reader?.read() }
            // The handler holds what holds its server.
            kept.reader = nil
        }
    }

    @Test func `a connection that gave its body piece by piece is held by nothing once it is closed`() async throws {
        let seen = Seen()
        try await withServer(
            Self.streamed,
            handler: { request in
                seen.reader = request.stream
                _ = try? await request.stream?.collect()
                return HTTPResponse(body: .text("done"))
            }
        ) { _, port in
            let client = try RawClient(port: port)
            try await client.send(Self.head("Content-Length: 3") + "abc")
            _ = try await client.receive(until: "done")
            #expect(seen.reader != nil)
        }
        #expect(await seen.reader == nil)
    }
}

@Reactor
private final class Seen {
    weak var reader: HTTPBodyReader?
}

@Reactor
private final class Sizes {
    private(set) var total = 0
    private(set) var largest = 0

    func note(_ piece: [UInt8]) {
        total += piece.count
        largest = max(largest, piece.count)
    }
}

@Reactor
private final class Failures {
    private(set) var errors: [HTTPBodyReadError] = []

    func note(_ request: HTTPRequest) async {
        do {
            while try await request.stream?.read() != nil {}
        } catch let error as HTTPBodyReadError {
            errors.append(error)
        } catch {
            Issue.record(error)
        }
    }
}

@Reactor
private final class Kept {
    var reader: HTTPBodyReader?
}

/// Returns once the number has stood still for a while of turns.
@Reactor
func settled(_ number: () -> Int) async {
    var last = -1
    var still = 0
    while still < 50 {
        still = number() == last ? still + 1 : 0
        last = number()
        await nextTurn()
    }
}

/// Lets time go by on the loop, for what must not happen within it.
@Reactor
func pass(_ time: Duration) async {
    await withCheckedContinuation { continuation in
        EventLoop.shared.schedule(after: time) { continuation.resume() }
    }
}
