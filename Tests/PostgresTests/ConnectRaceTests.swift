import Cluster
import EventLoop
import TestSupport
import Testing

@testable import Postgres

@Suite struct ConnectRaceTests {
    private func at(_ milliseconds: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: milliseconds * 1_000_000) }
    private func race(_ servers: Int) -> ConnectRace { ConnectRace(servers: servers, deadline: at(5000)) }

    private static let refused = PostgresError(.connectFailed, certainty: .notSent, message: "refused")
    private static let readOnly = PostgresError(.connectFailed, certainty: .notSent, message: "read-only")
    private static let wrong = PostgresError(.misconfigured, certainty: .notSent, message: "wrong password")

    @Test func `servers that refuse are tried one right after the other, and all of them is the end`() {
        var race = race(2)
        var moves = [race.next(now: at(0)), race.next(now: at(0))]
        #expect(moves == [.begin(0), .wait(until: at(500))])
        race.failed(0, Self.refused, now: at(3))
        moves = [race.next(now: at(3)), race.next(now: at(3))]
        #expect(moves == [.begin(1), .wait(until: at(503))])
        race.failed(1, Self.readOnly, now: at(6))
        moves = [race.next(now: at(6))]
        #expect(moves == [.end])
        #expect(race.failures == [Self.refused, Self.readOnly])
    }

    @Test func `one that says nothing holds up the next for its head start alone`() {
        var race = race(3)
        _ = race.next(now: at(0))
        var moves = [race.next(now: at(499)), race.next(now: at(500)), race.next(now: at(500))]
        #expect(moves == [.wait(until: at(500)), .begin(1), .wait(until: at(1000))])
        moves = [race.next(now: at(1000)), race.next(now: at(1000)), race.next(now: at(1500))]
        #expect(moves == [.begin(2), .wait(until: at(1500)), .wait(until: at(5000))])
        moves = [race.next(now: at(5000))]
        #expect(moves == [.end])
        #expect(race.failures == [ConnectRace.late, ConnectRace.late, ConnectRace.late])
    }

    @Test func `while one says nothing, those that refused are asked again, unless waiting mends nothing`() {
        var race = race(3)
        _ = race.next(now: at(0))
        _ = race.next(now: at(500))
        race.failed(1, Self.wrong, now: at(510))
        var moves = [race.next(now: at(510))]
        #expect(moves == [.begin(2)])
        race.failed(2, Self.readOnly, now: at(520))
        moves = [race.next(now: at(520)), race.next(now: at(1020)), race.next(now: at(1020))]
        #expect(moves == [.wait(until: at(1020)), .begin(2), .wait(until: at(1520))])
        // What is known of it stays known.
        #expect(race.failures == [ConnectRace.late, Self.wrong, Self.readOnly])
        race.failed(0, Self.refused, now: at(1030))
        race.failed(2, Self.readOnly, now: at(1040))
        moves = [race.next(now: at(1040))]
        #expect(moves == [.end])
    }

    @Test func `nothing is begun behind the deadline`() {
        var race = race(2)
        _ = race.next(now: at(0))
        race.failed(0, Self.refused, now: at(4900))
        var moves = [race.next(now: at(4900)), race.next(now: at(4900))]
        #expect(moves == [.begin(1), .wait(until: at(5000))])
        moves = [race.next(now: at(5000))]
        #expect(moves == [.end])
        var none = self.race(0)
        moves = [none.next(now: at(0))]
        #expect(moves == [.end])
        #expect(none.failures == [])
    }

    // MARK: On sockets

    private static let one = Statement("one", "SELECT 1")

    @Test func `the first of two servers is silent: the second is had after half a second`() async throws {
        try await withTwoServers { silent, other, configuration async throws in
            silent.isStalled = true
            let began = MonotonicTime.now
            let pool = PostgresPool(configuration)
            try await pool.start()
            let took = MonotonicTime.now - began
            #expect(took >= ConnectRace.headStart)
            // Its share would be half a minute.
            #expect(took < .seconds(15))
            print("the first of two servers was silent: connected after \(took)")
            #expect(try await pool.write(Self.one).count == 1)
            // The attempts that lost are closed, which the proxy sees once it looks again.
            silent.isStalled = false
            try await until { silent.openConnections == 0 }
            #expect(other.openConnections == 4)
            await pool.stop()
        }
    }

    @Test func `one that refuses at first is had as soon as it does not, though the other stays silent`() async throws {
        try await withTwoServers { silent, other, configuration async throws in
            silent.isStalled = true
            other.refuses = true
            let pool = PostgresPool(configuration)
            pool.dial()
            let asked = spawn { (await together([0]) { _ in try await pool.write(Self.one).count })[0] }
            try await until { other.refused >= 4 }
            other.refuses = false
            let began = MonotonicTime.now
            #expect(try await asked.value.get() == 1)
            let took = MonotonicTime.now - began
            #expect(took < .seconds(15))
            print("the second of two servers was had \(took) after it could be")
            await pool.stop()
        }
    }

    /// Lends two ways to one server, and what tries them in turn with one connection of each kind, for a minute.
    @Reactor
    private func withTwoServers(
        _ body: @escaping @Reactor @Sendable (FaultProxy, FaultProxy, PostgresConfiguration) async throws -> Void
    ) async throws {
        try await withTestDatabase { pool async throws in
            let cluster = try await TestCluster.shared()
            let first = try FaultProxy(.socket(cluster.socketDirectory))
            let second = try FaultProxy(.socket(cluster.socketDirectory))
            var configuration = pool.configuration
            configuration.connectionString +=
                " host=127.0.0.1,127.0.0.1 port=\(first.port),\(second.port) sslmode=disable"
            configuration.readLanes = 1
            configuration.writeLanes = 1
            configuration.exclusive = 1
            configuration.connectTimeout = .seconds(60)
            configuration.waitLimit = .seconds(60)
            do {
                try await body(first, second, configuration)
            } catch {
                first.stop()
                second.stop()
                throw error
            }
            first.stop()
            second.stop()
        }
    }
}
