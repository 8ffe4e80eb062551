import EventLoop
import JSON
import Postgres
import TestSupport
import Testing

@testable import Simulator

/// Two servers that send under load, each killed in turn, or their database, and what phones and database say in the end.
@Reactor
enum KillRun {
    enum Victim {
        case servers
        /// Stopped as by a crash, or robbed of some of its backends.
        case database
    }

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

    /// - Parameters:
    ///   - sabotage: what is broken on purpose.
    ///   - perSecond: how fast Meta's number may send; nil leaves it as fast as the demo's.
    /// - Returns: what was found wrong, in words.
    nonisolated static func run(
        of victim: Victim = .servers, kills: Int, sends: Int, seed: UInt64, _ sabotage: Sabotage? = nil,
        perSecond: Int? = nil
    ) async throws -> [String] {
        try await onReactor {
            let server = try await TestServer.start()
            do {
                let faults = try await run(
                    on: server, victim, kills: kills, sends: sends, seed: seed, sabotage, perSecond: perSecond)
                await server.remove()
                return faults
            } catch {
                await server.remove()
                throw error
            }
        }
    }

    private static func run(
        on server: TestServer, _ victim: Victim, kills: Int, sends: Int, seed: UInt64, _ sabotage: Sabotage?,
        perSecond: Int?
    ) async throws -> [String] {
        let site = try await KillSite.set(on: server, seed: seed)
        do {
            try await sabotage?.carryOut(in: site.pool)
            if let perSecond {
                let slow = Statement("test_slow", "UPDATE instances SET throughput = $1 WHERE provider = 'cloud_api'")
                _ = try await site.pool.write(slow, [.int(perSecond)])
            }
            let faults = try await faults(of: site, on: server, victim, kills: kills, sends: sends, seed: seed)
            await site.end()
            return faults
        } catch {
            await site.end()
            throw error
        }
    }

    private static func faults(
        of site: KillSite, on server: TestServer, _ victim: Victim, kills: Int, sends: Int, seed: UInt64
    ) async throws -> [String] {
        try await site.enterLeads(for: sends)
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
            try await until("\(goal) are acknowledged") { load.progress >= goal || load.hasGivenUp }
            switch victim {
            case .servers:
                let replica = site.replicas[kill % 2]
                try await strike(replica, at: Place.allCases[kill % Place.allCases.count], site)
                // What no longer belongs to anybody: each of them may have reached the provider.
                inFlight.formUnion(try await sending(site))
                try await replica.restart()
            case .database:
                try await strike(server, kill, site)
                // Whoever was told 503 may have been written all the same, and never dispatched.
                inFlight.formUnion(try await sending(site))
            }
        }
        await over.value
        try await settle(site)
        let ledger = try await KillLedger.read(from: site)
        var faults = ledger.faults(
            acknowledged: load.acknowledged, inFlight: inFlight, answersLost: load.answersLost)
        faults += load.strange
        if load.progress < sends { faults.append("\(load.progress) of \(sends) were acknowledged") }
        #expect(try await Wholeness.openTransactions(in: site.pool) == 0)
        print(
            "kills: \(kills); sends \(sends), on the phones \(ledger.arrivals),",
            "unknown \(ledger.count("unknown")) (answers lost \(load.answersLost), in flight at kills \(inFlight.count))"
        )
        return faults
    }

    private static func strike(_ victim: Replica, at place: Place, _ site: KillSite) async throws {
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

    /// Every third time only some backends go, the others with the whole server.
    private static func strike(_ server: TestServer, _ kill: Int, _ site: KillSite) async throws {
        guard kill % 3 != 0 else {
            // Our own connection may be among them: then nobody tells how many they were.
            _ = try? await site.pool.write(
                Statement(
                    "test_terminate",
                    """
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE backend_type = 'client backend' AND pid % 2 = $1
                    """), [.int(Int64(kill % 2))])
            return
        }
        await server.stop(.immediate)
        await pause(.milliseconds(20))
        try await server.start()
    }

    private static func sending(_ site: KillSite) async throws -> [Int64] {
        try await site.pool.read(Statement("test_sending", "SELECT id FROM messages WHERE status = 'sending'")).map {
            try $0.int(0)
        }
    }

    /// Until everything has come to its end: the leases of the dead too.
    private static func settle(_ site: KillSite) async throws {
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

    private static func until(
        _ what: String, within time: Duration = .seconds(60), _ holds: @Reactor () async throws -> Bool
    ) async throws {
        let deadline = MonotonicTime.now + time
        while try await !holds() {
            guard MonotonicTime.now < deadline else { throw StageError(what: "not in time: \(what)") }
            await pause(.milliseconds(5))
        }
    }
}
