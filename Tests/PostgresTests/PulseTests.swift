import Cluster
import EventLoop
import TestSupport
import Testing

@testable import Postgres

/// Whether a server is there, and how it is asked.
@Suite struct PulseTests {
    private func at(_ milliseconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: milliseconds * 1_000_000) }

    private func probed(from milliseconds: Int64 = 10_000) -> Pulse {
        var pulse = Pulse(limit: .milliseconds(1500), now: at(0))
        let deadline = pulse.wonder(now: at(milliseconds))
        #expect(deadline == at(milliseconds + 1500))
        return pulse
    }

    @Test func `a probe without an answer means that the server is not there`() {
        var pulse = probed()
        let verdict = pulse.judge(.nothing, now: at(11_501))
        #expect(verdict == .silent)
    }

    @Test func `whatever the server says, it is there`() {
        var pulse = probed()
        let verdict = pulse.judge(.sign, now: at(10_900))
        #expect(verdict == .waitOn)
        #expect(pulse.lastSign == at(10_900))
    }

    @Test func `what another connection hears while it is asked counts as its answer`() {
        for answer in [Pulse.Answer.nothing, .noRoute] {
            var pulse = probed()
            pulse.heard(at: at(10_001))
            let verdict = pulse.judge(answer, now: at(11_501))
            #expect(verdict == .waitOn)
        }
    }

    @Test func `of many that wonder one asks, and the next may when that is over`() {
        var pulse = probed()
        var deadline = pulse.wonder(now: at(10_001))
        #expect(deadline == nil)
        _ = pulse.judge(.sign, now: at(10_002))
        deadline = pulse.wonder(now: at(12_000))
        #expect(deadline == at(13_500))
    }

    @Test func `no way to the server is as good as none, and what is our own shortage is nothing`() {
        var pulse = probed()
        var verdict = pulse.judge(.noRoute, now: at(10_001))
        #expect(verdict == .silent)
        pulse = probed()
        verdict = pulse.judge(.unasked, now: at(10_001))
        #expect(verdict == .waitOn)
    }

    @Test func `a process that was itself held up does not blame the server`() {
        var pulse = probed()
        var verdict = pulse.judge(.nothing, now: at(20_000))
        #expect(verdict == .probeOn(until: at(21_500)))
        var deadline = pulse.wonder(now: at(20_001))
        #expect(deadline == nil)
        verdict = pulse.judge(.nothing, now: at(21_502))
        #expect(verdict == .silent)
        deadline = pulse.wonder(now: at(30_000))
        #expect(deadline == at(31_500))
    }

    // MARK: On sockets

    @Test func `a server answers on TCP and on its Unix socket, and a silent one does not`() async throws {
        try await onReactor {
            let cluster = try await TestCluster.shared()
            let path = "\(cluster.socketDirectory)/.s.PGSQL.5432"
            let socket = try #require(SocketAddress(unixPath: path))
            #expect(await Self.ask(socket) == .sign)
            let proxy = try FaultProxy(.socket(cluster.socketDirectory))
            let address = try #require(SocketAddress(ip: "127.0.0.1", port: proxy.port))
            #expect(await Self.ask(address) == .sign)
            proxy.isStalled = true
            #expect(await Self.ask(address, .milliseconds(50)) == .nothing)
            proxy.refuses = true
            #expect(await Self.ask(address) == .sign)
            proxy.stop()
            #expect(await Self.ask(address) == .sign)
            let nowhere = try #require(SocketAddress(unixPath: path + "0"))
            #expect(await Self.ask(nowhere) == .sign)
        }
    }

    @Test(.enabled(if: TestPooler.program != nil, "PgBouncer is not installed"))
    func `a pooler answers too`() async throws {
        try await onReactor {
            let pooler = try await TestPooler.start()
            let address = try #require(SocketAddress(ip: "127.0.0.1", port: pooler.port))
            #expect(await Self.ask(address) == .sign)
            await pooler.stop()
        }
    }

    @Reactor
    private static func ask(_ address: SocketAddress, _ limit: Duration = .seconds(30)) async -> Pulse.Answer {
        let probe = ServerProbe()
        return await withCheckedContinuation { continuation in
            probe.begin(address, until: .now + limit) { answer in
                probe.end()
                continuation.resume(returning: answer)
            }
        }
    }
}
