import EventLoop
import Testing

@testable import HTTP
@testable import http_echo

/// The cases against the live server over sockets: all at once, and cut into single octets.
@Suite(.timeLimit(.minutes(10))) struct EchoConformanceTests {
    private static func withEcho(_ body: @escaping @Reactor @Sendable (UInt16) async throws -> Void) async throws {
        try await withServer(answer: { .ready(Echo.answer($0)) }) { _, port in
            try await body(port)
        }
    }

    @Test(arguments: [
        EchoCase.routes, EchoCase.messages, EchoCase.oddButAllowed, EchoCase.withoutEffect, EchoCase.methods,
        EchoCase.limits,
        EchoCase.refusals,
    ])
    func `the server answers as the RFCs say`(_ cases: [EchoCase]) async throws {
        try await Self.withEcho { port in
            for one in cases { try await Self.run(one, [Array(one.input.utf8)], port) }
        }
    }

    @Test(arguments: [
        EchoCase.routes, EchoCase.messages, EchoCase.oddButAllowed, EchoCase.withoutEffect, EchoCase.methods,
    ])
    func `octet by octet it answers the same`(_ cases: [EchoCase]) async throws {
        try await Self.withEcho { port in
            for one in cases where !one.input.contains("Expect") && one.input.utf8.count < 1_000 {
                try await Self.run(one, one.input.utf8.map { [$0] }, port)
            }
        }
    }

    @Test(arguments: [
        "GET", "GET / HTTP/1.1\r\nHost: a\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\r",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n",
    ])
    func `a message that is cut short is none, and is not answered (RFC 9112 § 8)`(_ part: String) async throws {
        try await Self.withEcho { port in
            let client = try RawClient(port: port)
            try await client.send(part)
            client.endSending()
            #expect(try await client.receiveAll() == "")
            #expect(!client.wasReset)
        }
    }

    @Reactor
    private static func run(_ one: EchoCase, _ pieces: [[UInt8]], _ port: UInt16) async throws {
        let client = try RawClient(port: port)
        for piece in pieces {
            try await client.send(piece)
            if pieces.count > 1 { await nextTurn() }
        }
        if one.closes {
            try await client.wait { $0.hasEnded }
        } else {
            // What the server would say after its last answer, it would say before it answers this.
            try await client.wait { statuses($0.text).count >= one.statuses.count }
            if one.statuses != [100] {
                try await client.send("GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                try await client.wait { $0.hasEnded }
            }
        }
        let last = one.closes || one.statuses == [100] ? [] : [404]
        #expect(statuses(client.text) == one.statuses + last, "\(one.testDescription)")
        #expect(
            one.part.isEmpty || client.text.contains(one.part),
            "\(one.testDescription): \(client.text.debugDescription)")
        #expect(!client.wasReset, "\(one.testDescription)")
        client.close()
    }

    nonisolated private static func statuses(_ text: String) -> [Int] {
        text.matches(of: #/HTTP/1\.1 (\d{3}) /#).compactMap { Int($0.1) }
    }
}
