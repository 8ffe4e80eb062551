import Cluster
import EventLoop
import TestSupport
import Testing

@testable import Postgres

private let one = Statement("one", "SELECT 1")
private let wait = Statement("wait", "SELECT 1 FROM pg_sleep($1)")

/// Servers that fall silent without closing anything, and statements that only take long.
@Suite struct SilenceTests {
    /// What the service itself is set to.
    private static let usual = PostgresConfiguration(connectionString: "")

    @Test(arguments: [false, true])
    func `a server that falls silent is given up long before the limits of its statements`(
        _ isPooled: Bool
    ) async throws {
        try await withVictim({
            Self.watch(&$0)
            $0.isPooled = isPooled
        }) { victim, proxy async throws in
            proxy.isStalled = true
            let began = MonotonicTime.now
            let idle = proxy.connections
            let outcomes = await together([true, false]) { inTransaction in
                guard inTransaction else { return try await victim.write(one).count }
                return try await victim.withTransaction { try await $0.query(one).count }
            }
            let took = MonotonicTime.now - began
            #expect(took >= Self.usual.silence + Self.usual.probeTimeout)
            // The statements' own limits are a minute.
            #expect(took < .seconds(20))
            print("a silent server was given up after \(took)")
            for outcome in outcomes {
                #expect {
                    try outcome.get()
                } throws: {
                    ($0 as? PostgresError)?.code == .connectionLost && ($0 as? PostgresError)?.certainty == .unknown
                }
            }
            // Those that nobody used are new too: all dial, and one connection was the probe.
            try await until { proxy.connections >= idle + 1 + Self.lanes }
            proxy.isStalled = false
            try await until { victim.writeFigures.connected == 8 && victim.exclusiveFigures.connected == 2 }
            #expect(try await victim.write(one).count == 1)
            #expect(try await victim.read(one).count == 1)
            #expect(try await victim.withTransaction { try await $0.query(one).count } == 1)
        }
    }

    @Test func `a read on a server that falls silent is served when there is one again`() async throws {
        try await withVictim({
            Self.watch(&$0)
            $0.silence = .milliseconds(500)
            $0.probeTimeout = .milliseconds(500)
        }) { victim, proxy async throws in
            proxy.isStalled = true
            let reads = spawn { await together(Array(0..<12)) { _ in try await victim.read(one).count } }
            try await until { victim.readFigures.connected == 0 }
            proxy.isStalled = false
            for outcome in await reads.value { #expect(try outcome.get() == 1) }
        }
    }

    @Test func `statements that only take long are left alone, and ask once for all of them`() async throws {
        try await withVictim(Self.watch) { victim, proxy async throws in
            let before = proxy.connections
            // Each on a connection of its own, and nothing else is heard meanwhile.
            let slow: [Double] = [3, 3, 3, 3, 3, 3, 3, 3]
            let outcomes = await together([6.0] + slow) { seconds in
                guard seconds > 5 else { return try await victim.write(wait, [.double(seconds)]).count }
                return try await victim.withTransaction { try await $0.query(wait, [.double(seconds)]).count }
            }
            for outcome in outcomes { #expect(try outcome.get() == 1) }
            let probes = proxy.connections - before
            #expect((1...8).contains(probes), "\(probes) probes for nine statements")
            print("probes while nine statements took up to six seconds: \(probes)")
            #expect(victim.writeFigures.connected == 8)
            #expect(victim.exclusiveFigures.connected == 2)
        }
    }

    @Test func `on a Unix socket a statement that takes long is left alone too`() async throws {
        try await withTestDatabase { pool async throws in
            try await withPool(
                like: pool,
                {
                    $0.silence = .milliseconds(50)
                    // Time for a busy machine to answer: a probe that goes wrong at once would show all the same.
                    $0.probeTimeout = .seconds(15)
                }
            ) { pool async throws in
                #expect(try await pool.write(wait, [1]).count == 1)
            }
        }
    }

    @Test func `a stream that its own reader holds up is not silent`() async throws {
        try await withVictim({
            Self.watch(&$0)
            $0.silence = .milliseconds(500)
            $0.probeTimeout = .seconds(2)
        }) { victim, proxy async throws in
            let wide = Statement("wide", "SELECT repeat('x', 1000) FROM generate_series(1, 5000)")
            let count = try await victim.stream(wide) { rows in
                try await until { rows.isFull }
                // Long enough to be given up, if it were the server that is silent.
                proxy.isStalled = true
                await pause(.seconds(4))
                proxy.isStalled = false
                var count = 0
                while try await rows.next() != nil { count += 1 }
                return count
            }
            #expect(count == 5000)
        }
    }

    private static let lanes = 4 + 1 + 8 + 2

    /// The limits of a silence as they are, those of statements far off.
    private static func watch(_ configuration: inout PostgresConfiguration) {
        configuration.silence = usual.silence
        configuration.probeTimeout = usual.probeTimeout
        configuration.statementTimeout = .seconds(60)
        configuration.exclusiveStatementTimeout = .seconds(60)
        configuration.readLanes = 4
        configuration.writeLanes = 8
    }
}

/// Lends a pool that is connected through a proxy, and the proxy.
@Reactor
private func withVictim(
    _ change: @escaping @Sendable (inout PostgresConfiguration) -> Void,
    _ body: @escaping @Reactor @Sendable (PostgresPool, FaultProxy) async throws -> Void
) async throws {
    try await withTestDatabase { pool async throws in
        let cluster = try await TestCluster.shared()
        let proxy = try FaultProxy(.socket(cluster.socketDirectory))
        do {
            try await withPool(
                like: pool,
                {
                    $0.connectionString += " \(proxy.address)"
                    change(&$0)
                }
            ) { victim async throws in
                let wanted = victim.configuration
                try await until {
                    victim.writeFigures.connected == wanted.writeLanes
                        && victim.readFigures.connected == wanted.readLanes
                        && victim.exclusiveFigures.connected == wanted.exclusive
                }
                try await body(victim, proxy)
            }
        } catch {
            proxy.stop()
            throw error
        }
        proxy.stop()
    }
}
