import Domain
import EventLoop
import Foundation
import JSON
import Postgres
import Storage
import TestSupport
import Testing

@testable import leadwire

private let isAsked = ProcessInfo.processInfo.environment["LEADWIRE_IMPORT_KILLS"] != nil && CommandRun.binary != nil

/// Two server processes that are killed and started again while sixteen clients upsert and import.
///
/// `.ci/kill` runs it.
@Suite(.serialized, .enabled(if: isAsked, "LEADWIRE_IMPORT_KILLS says how often"))
struct ImportKillTests {
    private static let rounds = ProcessInfo.processInfo.environment["LEADWIRE_IMPORT_KILLS"].flatMap { Int($0) } ?? 5

    @Test func `no acknowledged write is lost, and nothing is there twice`() async throws {
        try await withTestDatabase(migrations: Schema.migrations) { pool in
            let site = try await ImportKillSite.set(on: pool)
            let clients = (0..<16).map { ImportKillClient(site, $0) }
            let tasks = clients.map { client in spawn { await client.work { site.kills >= Self.rounds } } }
            while site.kills < Self.rounds {
                await pause(.milliseconds(Int.random(in: 100...900)))
                try await site.kill()
            }
            for task in tasks { await task.value }
            for client in clients { #expect(client.strange == []) }
            try await Self.settle(site)
            try await Self.check(clients, site)
            await site.end()
        }
    }

    /// What was acknowledged is worked by whoever lives.
    @Reactor private static func settle(_ site: ImportKillSite) async throws {
        let deadline = MonotonicTime.now + .seconds(120)
        while try await site.rows("SELECT 1 FROM imports WHERE status IN ('queued', 'running')").isEmpty == false {
            guard MonotonicTime.now < deadline else { throw StageError(what: "imports are never worked") }
            await pause(.milliseconds(50))
        }
    }

    @Reactor private static func check(_ clients: [ImportKillClient], _ site: ImportKillSite) async throws {
        let stored = try await site.rows(
            "SELECT external_id, value_minor / 100, version, count(*) OVER (PARTITION BY external_id) FROM leads"
                + " WHERE external_id LIKE 'c%-%'")
        var leads: [String: (value: Int64, version: Int64)] = [:]
        for row in stored {
            #expect(try row.int(3) == 1)
            leads[try row.text(0)] = (try row.int(1), try row.int(2))
        }
        var (writes, imports) = (0, 0)
        for client in clients {
            for (id, last) in client.acknowledged {
                #expect(leads[id]?.value == Int64(last.value), "\(id) was acknowledged as \(last.value)")
                // Applied once each: every write has changed its leads.
                #expect(leads[id]?.version == Int64(last.writes), "\(id) was written \(last.writes) times")
                writes += last.writes
            }
            for (id, lines) in client.imports {
                imports += 1
                let row = try await site.rows(
                    """
                    SELECT i.status, i.received, i.created + i.updated + i.unchanged, i.erased + i.invalid + i.conflict,
                        (SELECT count(*) FROM import_lines n WHERE n.account_id = $1 AND n.import_id = i.id)
                    FROM imports i WHERE i.account_id = $1 AND i.id = $2
                    """, [.int(site.account.rawValue), .int(id)])[0]
                #expect(try row.text(0) == "completed")
                #expect(try [1, 2, 4].map { try row.int($0) } == [Int64](repeating: Int64(lines), count: 3))
                #expect(try row.int(3) == 0)
            }
        }
        // Leads that nobody was told of were not made; those of everybody are one each, by whatever form of the phone.
        #expect(leads.count == Set(clients.flatMap { $0.acknowledged.keys }).count)
        let people = try await site.rows(
            "SELECT count(*), count(DISTINCT l.contact_id), count(DISTINCT c.phone) FROM leads l"
                + " JOIN contacts c ON c.id = l.contact_id WHERE l.name = 'Todos'")[0]
        let count = try people.int(0)
        #expect(count > 0 && count <= Int64(ImportKillClient.shared))
        #expect(try [1, 2].map { try people.int($0) } == [count, count])
        // Of imports that were never acknowledged nothing was applied.
        let ghosts = try await site.rows(
            "SELECT count(*) FROM imports WHERE status NOT IN ('receiving', 'failed')")[0].int(0)
        #expect(ghosts == Int64(imports))
        let applied = try await site.rows(
            "SELECT count(*) FROM imports WHERE status IN ('receiving', 'failed') AND line > 0")[0].int(0)
        #expect(applied == 0)
        #expect(try await Wholeness.faults(in: site.pool) == [])
        let repetitions = clients.reduce(0) { $0 + $1.repetitions }
        print("kills: \(site.kills); lead writes \(writes), imports \(imports), repeated \(repetitions)")
    }
}
