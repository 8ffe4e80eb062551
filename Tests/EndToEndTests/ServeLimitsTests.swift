import EventLoop
import HTTP
import Postgres
import Storage
import TestSupport
import Testing

@testable import leadwire

/// The limits of the running server, as an operator sets and sees them.
@Suite(.enabled(if: CommandRun.binary != nil, "leadwire is not built beside the tests"), .timeLimit(.minutes(10)))
struct ServeLimitsTests {
    /// `leadwire serve` on a database of its own.
    private static func withServer(
        _ environment: [String: String], _ body: @escaping @Reactor @Sendable (CommandRun, UInt16) async throws -> Void
    ) async throws {
        try await withTestDatabase(migrations: Schema.migrations) { pool in
            var all = environment
            all["DATABASE_URL"] = pool.configuration.connectionString
            all["LEADWIRE_SECRET_KEY"] = String(repeating: "ab", count: 32)
            let server = try CommandRun(["serve", "--port", "0"], environment: all)
            #expect(await server.says("server.started"), "\(server.output)")
            let port = try #require(server.output.firstMatch(of: #/"port":(\d+)/#).flatMap { UInt16($0.1) })
            do {
                try await body(server, port)
            } catch {
                server.send(.kill)
                throw error
            }
            server.send(.terminate)
            #expect(await server.ended() == 0, "\(server.output)")
        }
    }

    @Test func `limits come from the environment, and without it are the product's`() throws {
        let limits = try Settings([
            "LEADWIRE_MAX_CONNECTIONS": "50", "LEADWIRE_MAX_CONNECTIONS_PER_ADDRESS": "5",
            "LEADWIRE_TRUSTED_PROXIES": "10.0.0.0/8, 2001:db8::/32", "LEADWIRE_HEADER_TIMEOUT": "3",
            "LEADWIRE_BODY_TIMEOUT": "20", "LEADWIRE_IDLE_TIMEOUT": "4", "LEADWIRE_DRAIN_TIMEOUT": "7",
            "LEADWIRE_ATTEMPTS_PER_NUMBER": "9",
        ]).limits
        var configuration = HTTPServerConfiguration()
        limits.apply(to: &configuration)
        #expect(configuration.connections == 50 && configuration.connectionsPerAddress == 5)
        #expect(configuration.trustedPeers == ["10.0.0.0/8", "2001:db8::/32"].compactMap { AddressRange($0) })
        #expect(configuration.headTime == .seconds(3) && configuration.keepAliveTime == .seconds(4))
        // A body may not stand still for longer than it may take.
        #expect(configuration.bodyTime == .seconds(20) && configuration.bodyIdleTime == .seconds(20))
        #expect(limits.drainTime == .seconds(7))
        #expect(limits.attemptsPerNumber == 9)

        let plain = try Settings([:]).limits
        #expect(plain == ServerLimits())
        var own = HTTPServerConfiguration()
        plain.apply(to: &own)
        let defaults = HTTPServerConfiguration()
        #expect(own.connections == defaults.connections && own.headTime == defaults.headTime)
        #expect(own.bodyIdleTime == defaults.bodyIdleTime && own.trustedPeers == AddressRange.loopback)
    }

    @Test func `every limit that makes no sense is told, all at once`() throws {
        let wrong = [
            "LEADWIRE_MAX_CONNECTIONS": "0", "LEADWIRE_MAX_CONNECTIONS_PER_ADDRESS": "many",
            "LEADWIRE_TRUSTED_PROXIES": "10.0.0.1/8", "LEADWIRE_HEADER_TIMEOUT": "-1", "LEADWIRE_BODY_TIMEOUT": "1.5",
            "LEADWIRE_IDLE_TIMEOUT": "1h", "LEADWIRE_DRAIN_TIMEOUT": "3601",
            "LEADWIRE_ATTEMPTS_PER_NUMBER": "0",
        ]
        let error = try #require(throws: CommandError.self) { try Settings(wrong) }
        for name in wrong.keys { #expect(error.description.contains("\(name) must be"), "\(name)") }
    }

    @Test(arguments: [
        (1_000, 20_000, 1_000, false), (10_000, 10_256, 10_000, false), (10_000, 10_255, 9_999, true),
        (10_000, 1_024, 768, true), (10_000, 300, 150, true), (10_000, 0, 1, true),
    ])
    func `connections never take the last descriptors`(_ asked: Int, _ descriptors: Int, _ got: Int, _ fewer: Bool) {
        var limits = ServerLimits()
        limits.connections = asked
        #expect(limits.fit(descriptors: descriptors) == fewer)
        #expect(limits.connections == got)
    }

    @Test func `what the limits did is counted where an operator looks`() async throws {
        try await Self.withServer(["LEADWIRE_MAX_CONNECTIONS": "3", "LEADWIRE_HEADER_TIMEOUT": "1"]) { _, port in
            let silent = try WireClient(port: port)
            let slow = try WireClient(port: port)
            slow.send("GET /ping HTTP/1.1\r\n")
            let reader = try WireClient(port: port)
            reader.send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(await reader.receives("http_server_connections_open 3\n"))
            #expect(reader.text.contains("http_server_connections_turned_away_total{cap=\"total\"} 0\n"))

            let fourth = try WireClient(port: port)
            #expect(await fourth.ends())
            #expect(fourth.text.hasPrefix("HTTP/1.1 503 ") && fourth.text.contains("\r\nRetry-After: "))
            #expect(await slow.ends())
            #expect(slow.text.hasPrefix("HTTP/1.1 408 "))
            #expect(await silent.ends())
            #expect(silent.text == "")

            reader.send("GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(await reader.ends())
            for line in [
                "http_server_connections_turned_away_total{cap=\"total\"} 1",
                "http_server_connections_turned_away_total{cap=\"address\"} 0",
                "http_server_refusals_total{code=\"too_many_connections\"} 1",
                "http_server_refusals_total{code=\"request_head_timeout\"} 1",
                "http_server_timeouts_total{waiting_for=\"head\"} 1",
                "http_server_timeouts_total{waiting_for=\"idle\"} 1",
            ] { #expect(reader.text.contains("\n\(line)\n"), "\(line)") }
        }
    }

    @Test func `asked to end, it finishes what is under way, closes what is idle, and takes nothing new`() async throws
    {
        try await Self.withServer(["LEADWIRE_DRAIN_TIMEOUT": "20"]) { server, port in
            let idle = try WireClient(port: port)
            idle.send("GET /ping HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(await idle.receives("pong"))
            let slow = try WireClient(port: port)
            slow.send(
                "POST /hooks/waha/nobody HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n")
            // So it has the head, and waits for the body.
            #expect(await slow.receives("HTTP/1.1 100 Continue\r\n\r\n"))
            let asked = MonotonicTime.now
            server.send(.terminate)
            #expect(await idle.ends())
            // The listener was closed before it.
            let late = try WireClient(port: port)
            #expect(await late.ends())
            #expect(late.text == "")
            slow.send("{\"a\":\"b\"} ")
            #expect(await slow.ends())
            #expect(slow.text.contains("HTTP/1.1 401 ") && slow.text.contains("\r\nConnection: close\r\n"))
            #expect(await server.ended() == 0)
            #expect(MonotonicTime.now - asked < .seconds(20))
        }
    }

    @Test func `what is not done by the deadline is cut off, and the process ends all the same`() async throws {
        try await Self.withServer(["LEADWIRE_DRAIN_TIMEOUT": "2"]) { server, port in
            let stuck = try WireClient(port: port)
            stuck.send(
                "POST /hooks/waha/nobody HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n")
            #expect(await stuck.receives("HTTP/1.1 100 Continue\r\n\r\n"))
            let asked = MonotonicTime.now
            server.send(.terminate)
            #expect(await stuck.ends())
            #expect(stuck.text.contains("HTTP/1.1 503 "))
            #expect(await server.ended() == 0)
            #expect(MonotonicTime.now - asked < .seconds(15))
        }
    }
}
