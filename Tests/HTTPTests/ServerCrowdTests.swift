import EventLoop
import Telemetry
import Testing

@testable import HTTP

/// Many slow clients at once, while one that is not slow wants to be served.
@Suite(.timeLimit(.minutes(10))) struct ServerCrowdTests {
    /// What the clients of a crowd do, and what a server does to them.
    enum Kind: String, CaseIterable {
        case slowHead = "head"
        case slowBody = "body"
        case slowReader = "write"

        var opening: String {
            switch self {
            case .slowHead: "GET / HTTP/1.1\r\nHost: a\r\n"
            case .slowBody: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"
            case .slowReader: "GET /endless HTTP/1.1\r\nHost: a\r\n\r\n"
            }
        }

        /// Sent again and again, far below any rate.
        var drip: String {
            switch self {
            case .slowHead: "X: y\r\n"
            case .slowBody: "x"
            case .slowReader: ""
            }
        }

        /// Each slow reader fills the kernel's buffers, which are a few megabytes.
        var count: Int { self == .slowReader ? 10 : 145 }
    }

    @Test func `three hundred slow clients are cut off by rate while a quick one is served all along`() async throws {
        let metrics = Metrics()
        try await withServer(
            {
                $0.metrics = metrics
                $0.requestsPerConnection = .max
                $0.headTime = .milliseconds(700)
                // However often the drip falls on a quick machine, it is time that ends it.
                $0.fieldCount = .max
                $0.fieldsTotal = 1 << 24
                $0.bodyRate = 100_000
                $0.bodyRateGrace = .milliseconds(700)
                $0.writeIdleTime = .milliseconds(350)
            },
            handler: { request in
                guard request.path == "/endless" else { return HTTPResponse(body: .text("<ok>")) }
                return HTTPResponse(
                    body: .stream { writer in
                        while true { try await writer.write([UInt8](repeating: 0x61, count: 65_536)) }
                    })
            }
        ) { server, port in
            let slow = try Kind.allCases.flatMap { kind in
                try (0..<kind.count).map { _ in (kind, try RawClient(port: port, isReading: kind != .slowReader)) }
            }
            for (kind, client) in slow { try await client.send(kind.opening) }
            while server.connectionCount < slow.count { await nextTurn() }

            let quick = try RawClient(port: port)
            var longest = Duration.zero
            var served = 0
            while server.connectionCount > 1 {
                for (kind, client) in slow where !client.hasEnded && !kind.drip.isEmpty {
                    try await client.send(kind.drip)
                }
                let asked = MonotonicTime.now
                try await quick.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                _ = try await quick.receive(until: "<ok>")
                longest = max(longest, MonotonicTime.now - asked)
                served += 1
            }
            #expect(served > 20)
            // Other tests share the loop.
            #expect(longest < .seconds(5))
            let counted = metrics.render()
            for kind in Kind.allCases {
                #expect(
                    counted.contains("http_server_timeouts_total{waiting_for=\"\(kind.rawValue)\"} \(kind.count)\n"))
            }
            for (kind, client) in slow where kind != .slowReader {
                #expect(client.text.hasPrefix("HTTP/1.1 408 Request Timeout\r\n"))
            }
            for (_, client) in slow { client.close() }
        }
    }

    @Test func `a reader that keeps the rate may take its time; one below it may not`() async throws {
        try await withServer(
            {
                $0.writeIdleTime = .milliseconds(300)
                $0.writeRate = 100_000
            }, handler: { _ in HTTPResponse(body: .bytes([UInt8](repeating: 0x61, count: 8 << 20))) }
        ) { server, port in
            let steady = try RawClient(port: port, isReading: false)
            try await steady.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            // A read a turn of the timers is slow, and well above the rate.
            while steady.count < 8 << 20, !steady.hasEnded {
                steady.ready(.read)
                await pass(.milliseconds(1))
            }
            #expect(!steady.wasReset)
            #expect(steady.count > 8 << 20)
            steady.close()
        }
    }
}
