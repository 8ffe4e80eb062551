import Crypto
import EventLoop
import Foundation
import TestCertificates
import Testing

@testable import HTTP

@Suite(.timeLimit(.minutes(10))) struct ServerTLSTests {
    private static let names = ["DNS:localhost", "IP:127.0.0.1"]

    private let authority: TestAuthority
    private let context: TLSServerContext

    init() throws {
        authority = try TestAuthority()
        let certificate = try authority.issue(Self.names)
        context = try TLSServerContext(certificateChain: certificate.chain, privateKey: certificate.key)
    }

    private func withTLSServer(
        _ configure: @escaping @Sendable (inout HTTPServerConfiguration) -> Void = { _ in },
        handler: @escaping HTTPHandler = echo,
        _ body: @escaping @Reactor @Sendable (HTTPServer, UInt16, TLSClientContext) async throws -> Void
    ) async throws {
        let trust = TLSClientContext.Trust.file(authority.file)
        try await withServer(
            { [context] configuration in
                configuration.tls = context
                configure(&configuration)
            }, handler: handler
        ) { server, port in
            try await body(server, port, try TLSClientContext(trust: trust))
        }
    }

    @Test func `a connection serves what is sent one by one and what is sent ahead, in order`() async throws {
        try await withTLSServer { _, port, context in
            let client = try TLSTestClient(port: port, context: context)
            for number in 1...3 {
                client.send("GET /\(number) HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await client.receive(until: "/\(number) .").hasSuffix("GET /\(number) ."))
            }
            client.send((1...40).map { "GET /p\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
            let answers = try await client.receive(until: "/p40 .")
            let order = answers.split(separator: "\r\n\r\n").compactMap { part in
                part.hasPrefix("GET /p") ? String(part.dropFirst(6).prefix { $0 != " " }) : nil
            }
            #expect(order == (1...40).map(String.init))
            #expect(client.session.applicationProtocol == "http/1.1")
        }
    }

    @Test func `an answer that is the last ends with a word of it`() async throws {
        try await withTLSServer { server, port, context in
            let client = try TLSTestClient(port: port, context: context)
            client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            try await client.wait { $0.end != nil }
            #expect(client.end == .orderly)
            #expect(client.text.hasSuffix("GET / ."))
        }
    }

    @Test func `a client that has said all still gets its answer`() async throws {
        try await withTLSServer { server, port, context in
            let client = try TLSTestClient(port: port, context: context)
            try await client.established()
            client.send("GET /last HTTP/1.1\r\nHost: a\r\n\r\n")
            client.endSending()
            try await client.wait { $0.end != nil }
            #expect(client.end == .orderly)
            #expect(client.text.hasSuffix("GET /last ."))
        }
    }

    @Test func `a stream waits for its reader, and arrives whole`() async throws {
        let written = Counter()
        let chunk = [UInt8](repeating: 0x61, count: 100_000)
        try await withTLSServer(handler: { _ in
            HTTPResponse(
                body: .stream { writer in
                    for _ in 0..<200 {
                        try await writer.write(chunk)
                        written.value += 1
                    }
                })
        }) { _, port, context in
            let client = try TLSTestClient(port: port, context: context)
            try await client.established()
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            client.stopReading()
            while written.value == 0 { await nextTurn() }
            for _ in 0..<50 { await nextTurn() }
            #expect(written.value < 150)
            client.startReading()
            try await client.wait { $0.received.suffix(5) == Array("0\r\n\r\n".utf8)[...] }
            #expect(written.value == 200)
            // The bytes, and of each chunk the line that tells its size.
            #expect((20_000_000..<20_010_000).contains(client.received.count))
        }
    }

    @Test func `a stream that fails is cut without a word of its end`() async throws {
        struct Broken: Error {}
        try await withTLSServer(handler: { _ in
            HTTPResponse(
                body: .stream { writer in
                    try await writer.write(Array("half".utf8))
                    throw Broken()
                })
        }) { _, port, context in
            let client = try TLSTestClient(port: port, context: context)
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            try await client.wait { $0.end != nil }
            #expect(client.end == .cut)
        }
    }

    @Test func `a megabyte goes up and comes back`() async throws {
        let trust = HTTPClientConfiguration(trust: .file(authority.file))
        let body = (0..<1_048_576).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        try await withTLSServer(handler: { HTTPResponse(body: .bytes($0.body)) }) { _, port, _ in
            let client = HTTPClient(configuration: trust)
            defer { client.close() }
            let url = try #require(HTTPURL("https://localhost:\(port)/"))
            for _ in 1...3 {
                let response = try await client.send(HTTPClientRequest(method: .post, url: url, body: body))
                #expect(response.body == body)
            }
            #expect(client.openConnections == 1)
        }
    }

    @Test func `a client takes up its session`() async throws {
        try await withTLSServer { _, port, context in
            for number in 1...2 {
                let client = try TLSTestClient(port: port, context: context)
                client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try await client.receive(until: "GET / .")
                #expect(client.session.isResumed == (number == 2))
                client.close()
            }
        }
    }

    @Test func `a handshake that does not come to its end is cut`() async throws {
        try await withTLSServer({ $0.headTime = .milliseconds(50) }) { _, port, context in
            let session = try TLSSession(client: context, host: "127.0.0.1", port: port)
            _ = session.handshake()
            let hello = session.takeOutput()
            for sent in [0, 1, hello.count / 2, hello.count] {
                let client = try RawClient(port: port)
                try await client.send(Array(hello[..<sent]))
                try await client.wait { $0.hasEnded }
            }
        }
    }

    @Test func `a handshake's time does not bind the connection after it`() async throws {
        // Long enough for a handshake on a loop that other tests keep busy.
        try await withTLSServer({ $0.headTime = .seconds(2) }) { _, port, context in
            let client = try TLSTestClient(port: port, context: context)
            try await client.established()
            client.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await client.receive(until: "GET /1 .")
            let silent = try RawClient(port: port)
            try await silent.wait { $0.hasEnded }
            client.send("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await client.receive(until: "GET /2 .")
        }
    }

    @Test func `a client that leaves within the handshake leaves nothing behind`() async throws {
        try await withTLSServer { server, port, context in
            let session = try TLSSession(client: context, host: "127.0.0.1", port: port)
            _ = session.handshake()
            let hello = session.takeOutput()
            for sent in 0...hello.count {
                let client = try RawClient(port: port)
                try await client.send(Array(hello[..<sent]))
                if sent.isMultiple(of: 2) { client.close() } else { client.reset() }
            }
            let client = try TLSTestClient(port: port, context: context)
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await client.receive(until: "GET / .")
            while server.connectionCount > 1 { await nextTurn() }
        }
    }

    @Test func `plain HTTP is closed and reaches no handler`() async throws {
        try await withTLSServer(handler: { _ in
            Issue.record("a request came through")
            return HTTPResponse()
        }) { _, port, _ in
            let client = try RawClient(port: port)
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            let answer = try await client.receiveAll()
            #expect(!answer.contains("HTTP"))
        }
    }

    @Test func `a new certificate is taken up, and no connection is dropped for it`() async throws {
        let second = try TestAuthority()
        let certificate = try second.issue(Self.names)
        try await withTLSServer { server, port, context in
            let old = try TLSTestClient(port: port, context: context)
            old.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await old.receive(until: "/1 .")
            server.tls = try TLSServerContext(certificateChain: certificate.chain, privateKey: certificate.key)
            let distrustful = try TLSTestClient(
                port: port, context: try TLSClientContext(trust: .file(second.file)))
            distrustful.send("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await distrustful.receive(until: "/2 .")
            old.send("GET /3 HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await old.receive(until: "/3 .")
            let refused = try TLSTestClient(port: port, context: context)
            try await refused.wait { $0.end != nil }
            #expect(refused.received.isEmpty)
        }
    }

    @Test func `a server that stops says goodbye to idle connections`() async throws {
        try await withTLSServer { server, port, context in
            let client = try TLSTestClient(port: port, context: context)
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await client.receive(until: "GET / .")
            await server.stop(deadline: .seconds(1))
            try await client.wait { $0.end != nil }
            #expect(client.end == .orderly)
        }
    }

    @Test(arguments: [("1.2", "GET / ."), ("1.3", "GET / ."), ("1.1", "")])
    func `curl agrees on TLS 1.2 and 1.3, and on nothing older`(_ version: String, _ answer: String) async throws {
        let folder = authority.folder
        let trust = authority.file
        try await withTLSServer { _, port, _ in
            let path = folder.appendingPathComponent("answer").path
            let process = try ChildProcess(
                "/usr/bin/env",
                [
                    "curl", "-s", "--cacert", trust, "--tls-max", version, "--ciphers", "DEFAULT:@SECLEVEL=0", "-o",
                    path, "https://127.0.0.1:\(port)/",
                ], environment: ["PATH": "/usr/bin:/bin"])
            let exit = await process.waitForExit()
            #expect((exit == .status(0)) == !answer.isEmpty)
            #expect((try? String(contentsOfFile: path, encoding: .utf8)) ?? "" == answer)
        }
    }
}

@Reactor
private final class Counter {
    var value = 0
}
