import EventLoop
import TestRandom
import Testing

@testable import HTTP

@Suite(.timeLimit(.minutes(10))) struct ServerRefusalTests {
    @Test(arguments: [
        ("\u{16}\u{3}\u{1}\u{2}", "400 Bad Request", "malformed_method"),
        ("GET / HTTP/1.1\r\n\r\n", "400 Bad Request", "host_missing"),
        ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", "505 HTTP Version Not Supported", "http_version_not_supported"),
        ("BREW / HTTP/1.1\r\nHost: a\r\n\r\n", "501 Not Implemented", "method_not_implemented"),
        ("GET /" + String(repeating: "a", count: 9000), "414 URI Too Long", "uri_too_long"),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "a", count: 17_000),
            "431 Request Header Fields Too Large", "fields_too_large"
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n", "413 Content Too Large",
            "content_too_large"
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n100001\r\n", "413 Content Too Large",
            "content_too_large"
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "400 Bad Request", "content_length_with_transfer_encoding"
        ),
    ])
    func `a refusal says why, once, and the connection ends`(
        _ request: String, _ status: String, _ code: String
    ) async throws {
        try await withServer { server, port in
            let client = try RawClient(port: port)
            try await client.send(request + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n")
            let answer = try await client.receiveAll()
            #expect(answer.hasPrefix("HTTP/1.1 \(status)\r\n"))
            #expect(answer.contains("\r\nConnection: close\r\n"))
            #expect(answer.hasSuffix("\r\n\r\n\(code)\n"))
            #expect(answer.ranges(of: "HTTP/1.1 ").count == 1)
            #expect(!client.wasReset)
            client.close()
            while server.connectionCount > 0 { await nextTurn() }
        }
    }

    @Test func `a client that goes on sending after a refusal still reads it`() async throws {
        try await withServer({ $0.maximumBodySize = { _ in 100 } }) { server, port in
            let client = try RawClient(port: port, isReading: false)
            try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 800000\r\n\r\n")
            try await client.send([UInt8](repeating: 0x41, count: 800_000))
            client.startReading()
            #expect(try await client.receiveAll().hasPrefix("HTTP/1.1 413 "))
            #expect(!client.wasReset)
        }
    }

    @Test func `a client that sends without end after a refusal is cut off`() async throws {
        try await withServer({ $0.lingerBytes = 100_000 }) { server, port in
            let client = try RawClient(port: port)
            try await client.send("nonsense\r\n")
            try await client.wait { $0.hasEnded }
            let flood = [UInt8](repeating: 0x41, count: 50_000)
            while server.connectionCount > 0 {
                try await client.send(flood)
                await nextTurn()
            }
        }
    }

    @Test func `the renderer of refusals is the configuration's`() async throws {
        try await withServer({
            $0.serverFault = { HTTPResponse(status: $0.status, body: .text("{\"code\":\"\($0.code)\"}")) }
        }) { _, port in
            let client = try RawClient(port: port)
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
            #expect(try await client.receiveAll().hasSuffix("{\"code\":\"host_repeated\"}"))
        }
    }

    @Test func `a refusal after a HEAD has its body`() async throws {
        try await withServer { _, port in
            let client = try RawClient(port: port)
            try await client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await client.receive(until: "\r\n\r\n")
            try await client.send("nonsense\r\n")
            #expect(try await client.receiveAll().hasSuffix("malformed_request_line\n"))
        }
    }

    @Test(arguments: [
        "G", "GET / HTTP/1.1\r\nHost: a\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nabc",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
    ])
    func `a request that stalls is told so and cut off`(_ part: String) async throws {
        try await withServer({
            $0.headTime = .milliseconds(40)
            $0.bodyIdleTime = .milliseconds(40)
        }) { _, port in
            let client = try RawClient(port: port)
            try await client.send(part)
            #expect(try await client.receiveAll().hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
        }
    }

    @Test func `a body below the rate is cut off however steadily it drips`() async throws {
        try await withServer({
            $0.bodyRate = 1_000_000
            $0.bodyRateGrace = .milliseconds(60)
        }) { _, port in
            let client = try RawClient(port: port)
            try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
            while !client.hasEnded {
                try await client.send("x")
                await nextTurn()
            }
            #expect(client.text.hasPrefix("HTTP/1.1 408 "))
        }
    }

    @Test func `an idle connection closes without a word, and one that never spoke does so sooner`() async throws {
        try await withServer({
            $0.headTime = .milliseconds(300)
            $0.keepAliveTime = .milliseconds(500)
        }) { _, port in
            let began = MonotonicTime.now
            let fresh = try RawClient(port: port)
            #expect(try await fresh.receiveAll() == "")
            #expect(MonotonicTime.now - began >= .milliseconds(250))
            let used = try RawClient(port: port)
            try await used.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await used.receiveAll().hasSuffix("GET / ."))
        }
    }

    @Test func `a client that does not read its answer is cut off`() async throws {
        try await withServer(
            { $0.writeIdleTime = .milliseconds(60) },
            handler: { _ in HTTPResponse(body: .bytes([UInt8](repeating: 0x61, count: 16 << 20))) }
        ) { server, port in
            let client = try RawClient(port: port, isReading: false)
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            while server.connectionCount == 0 { await nextTurn() }
            while server.connectionCount > 0 { await nextTurn() }
            client.startReading()
            try await client.wait { $0.hasEnded }
            #expect(client.count < 16 << 20)
        }
    }

    @Test func `an answer that the kernel could hold is no less a wait for its reader`() async throws {
        // A megabyte would be swallowed by the kernel's buffers, and the connection pass for idle.
        try await withServer(
            { $0.writeIdleTime = .milliseconds(60) },
            handler: { _ in HTTPResponse(body: .bytes([UInt8](repeating: 0x61, count: 1 << 20))) }
        ) { server, port in
            let client = try RawClient(port: port, isReading: false, receiveBuffer: 4_096)
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            while server.connectionCount == 0 { await nextTurn() }
            while server.connectionCount > 0 { await nextTurn() }
            client.startReading()
            try await client.wait { $0.hasEnded }
            #expect(client.count < 1 << 20)
        }
    }

    @Test func `connections over the total are turned away with a reason`() async throws {
        try await withServer({ $0.connections = 1 }) { server, port in
            let first = try RawClient(port: port)
            while server.connectionCount == 0 { await nextTurn() }
            let second = try RawClient(port: port)
            #expect(try await second.receiveAll().hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
            first.close()
            while server.connectionCount > 0 { await nextTurn() }
            let third = try RawClient(port: port)
            try await third.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await third.receive(until: "GET / .")
        }
    }

    @Test func `connections of one address are bounded unless it is trusted`() async throws {
        try await withServer({
            $0.connectionsPerAddress = 1
            $0.trustedPeers = []
        }) { server, port in
            let first = try RawClient(port: port)
            while server.connectionCount == 0 { await nextTurn() }
            let second = try RawClient(port: port)
            #expect(try await second.receiveAll().contains("503"))
            first.close()
        }
        try await withServer({ $0.connectionsPerAddress = 1 }) { server, port in
            let clients = try (0..<3).map { _ in try RawClient(port: port) }
            while server.connectionCount < 3 { await nextTurn() }
            for client in clients { client.close() }
        }
    }

    @Test func `random noise is refused or ignored, and the server lives on`() async throws {
        try await withServer { _, port in
            var random = SeededGenerator(seed: 0xC0FFEE)
            for _ in 0..<50 {
                let client = try RawClient(port: port)
                try await client.send((0..<200).map { _ in UInt8.random(in: 0...255, using: &random) })
                client.endSending()
                try await client.wait { $0.hasEnded }
                #expect(
                    client.text.isEmpty || client.text.hasPrefix("HTTP/1.1 4") || client.text.hasPrefix("HTTP/1.1 5"))
            }
            let client = try RawClient(port: port)
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await client.receive(until: "GET / .")
        }
    }
}
