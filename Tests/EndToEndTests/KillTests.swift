import EventLoop
import Foundation
import JSON
import Postgres
import TestSupport
import Testing

@testable import Simulator

private let isAsked = ProcessInfo.processInfo.environment["LEADWIRE_KILLS"] != nil && CommandRun.binary != nil

/// The built server, killed while it sends: nothing is lost, nothing is sent twice, and what is not known is told.
///
/// `.ci/kill` runs it; `LEADWIRE_KILL_SEED` makes another one.
@Suite(.serialized, .enabled(if: isAsked, "LEADWIRE_KILLS says how often"))
struct KillTests {
    private static func setting(_ name: String, _ usual: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? usual
    }
    private static let kills = setting("LEADWIRE_KILLS", 6)
    private static let sends = setting("LEADWIRE_KILL_SENDS", 240)
    private static let seed = UInt64(setting("LEADWIRE_KILL_SEED", 1))

    /// Where a process is killed, beside anywhere.
    private enum Place: CaseIterable {
        case anywhere, beforeInsert, beforeCommit, afterCommit, afterProvider, beforeSettling, whileReceiving

        /// Whether this is it; nil for what the wire does not show.
        func isReached(_ moment: FaultProxy.Moment) -> Bool {
            switch (self, moment) {
            case (.beforeInsert, .running("send_accept")), (.beforeSettling, .running("attempt_accepted")),
                (.whileReceiving, .running("inbound_status")):
                true
            case (.beforeCommit, .committing(let names)), (.afterCommit, .committed(let names)):
                names.contains("send_accept")
            default: false
            }
        }
    }

    @Test func `killed anywhere while it sends, nothing is lost and nothing is sent twice`() async throws {
        let faults = try await Self.run(kills: Self.kills, sends: Self.sends)
        #expect(faults == [])
    }

    private nonisolated static func run(kills: Int, sends: Int) async throws -> [String] {
        try await onReactor {
            let server = try await TestServer.start()
            do {
                let faults = try await run(on: server, kills: kills, sends: sends)
                await server.remove()
                return faults
            } catch {
                await server.remove()
                throw error
            }
        }
    }

    @Reactor private static func run(
        on server: TestServer, kills: Int, sends: Int
    ) async throws -> [String] {
        let site = try await KillSite.set(on: server, seed: seed)
        do {
            let faults = try await faults(of: site, kills: kills, sends: sends)
            await site.end()
            return faults
        } catch {
            await site.end()
            throw error
        }
    }

    @Reactor private static func faults(
        of site: KillSite, kills: Int, sends: Int
    ) async throws -> [String] {
        let reachable = Statement(
            "test_reachable",
            """
            SELECT l.id FROM leads l JOIN contacts c ON c.account_id = l.account_id AND c.id = l.contact_id
            WHERE l.account_id = 1 AND c.phone IS NOT NULL
            """)
        let leads = try await site.pool.read(reachable).map { try $0.int(0) }
        let load = KillLoad(site, leads: leads, sends: sends, seed: seed)
        let over = spawn { await load.run(clients: 12) }
        var inFlight: Set<Int64> = []
        for kill in 1...kills {
            let goal = min(sends - 1, sends * kill / (kills + 1))
            try await until("\(goal) are acknowledged: \(load.strange)") { load.progress >= goal }
            let place = Place.allCases[kill % Place.allCases.count]
            let victim = site.replicas[kill % 2]
            try await Self.kill(victim, at: place, site)
            // What no longer belongs to anybody: each of them may have reached the provider.
            inFlight.formUnion(try await Self.sending(site))
            try await victim.restart()
        }
        await over.value
        #expect(load.strange == [])
        #expect(load.progress == sends)
        try await Self.settle(site)
        let ledger = try await KillLedger.read(from: site)
        let faults = ledger.faults(
            acknowledged: load.acknowledged, inFlight: inFlight, answersLost: load.answersLost)
        #expect(try await Wholeness.openTransactions(in: site.pool) == 0)
        print(
            "kills: \(site.replicas.reduce(0) { $0 + $1.kills }); sends \(sends), on the phones \(ledger.arrivals),",
            "unknown \(ledger.count("unknown")) (answers lost \(load.answersLost), in flight at kills \(inFlight.count))"
        )
        return faults
    }

    @Reactor private static func kill(_ victim: Replica, at place: Place, _ site: KillSite) async throws {
        switch place {
        case .anywhere: victim.kill()
        case .afterProvider:
            // The provider has the message, and takes its time with the answer.
            guard let slow = try? ScriptedFault("slow") else { return }
            site.simulator.faults.append([slow])
            let before = site.simulator.mailbox.received(at: nil).count
            try await until("somebody is sent to") { site.simulator.mailbox.received(at: nil).count > before }
            victim.kill()
        default:
            victim.wire.onMoment = { moment in
                guard place.isReached(moment), victim.isUp else { return false }
                victim.kill()
                return true
            }
            let deadline = MonotonicTime.now + .seconds(20)
            while victim.isUp, MonotonicTime.now < deadline { await pause(.milliseconds(2)) }
            victim.wire.onMoment = nil
            // At the end of the load nobody may come by any more.
            victim.kill()
        }
    }

    @Reactor private static func sending(_ site: KillSite) async throws -> [Int64] {
        try await site.pool.read(Statement("test_sending", "SELECT id FROM messages WHERE status = 'sending'")).map {
            try $0.int(0)
        }
    }

    /// Until everything has come to its end: the leases of the dead too.
    @Reactor private static func settle(_ site: KillSite) async throws {
        let left = Statement(
            "test_left",
            """
            SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM hook_bodies WHERE state = 'pending')
            """)
        // What waited behind the dead is sent at the very end, and its provider reports on it a little later.
        var calm = 0
        try await until("everything has ended", within: .seconds(150)) {
            let isOver = try await site.pool.read(left)[0].int(0) == 0 && site.postman.underWay == 0
            calm = isOver ? calm + 1 : 0
            if isOver { await pause(.milliseconds(200)) }
            return calm > 5
        }
        #expect(site.postman.abandoned == 0)
    }

    @Reactor private static func until(
        _ what: String, within time: Duration = .seconds(60), _ holds: @Reactor () async throws -> Bool
    ) async throws {
        let deadline = MonotonicTime.now + time
        while try await !holds() {
            guard MonotonicTime.now < deadline else { throw StageError(what: "not in time: \(what)") }
            await pause(.milliseconds(5))
        }
    }
}
