import Domain
import EventLoop
import HTTP
import JSON
import Storage
import TestSupport
import Testing

@testable import leadwire

/// Contacts kept in step by `updated_since`, as leads are.
@Suite struct ContactsSyncTests {
    private static let path = "/api/v1/contacts"

    @Reactor
    private static func pass(
        _ query: String, _ stage: Stage, between: @Reactor ([Int64]) async throws -> Void = { _ in }
    ) async throws -> [Int64] {
        var ids: [Int64] = []
        var next = "\(path)?\(query)"
        while true {
            let page = try await stage.get(next)
            guard page.status == 200 else { throw StageError(what: page.text) }
            let found = page.data.array?.compactMap { $0["id"]?.int64 } ?? []
            ids += found
            try await between(found)
            guard let link = page.fields["Link"] else { return ids }
            next = String(link.dropFirst().prefix { $0 != ">" })
        }
    }

    @Test func `a pass comes in the order of the changes, each contact once while they go on changing`() async throws {
        try await Stage.run { stage in
            stage.clock.advance(by: .seconds(60))
            let ids = try await Self.pass("updated_since=2020-01-01&limit=4", stage) { page in
                stage.clock.advance(by: .seconds(1))
                for id in page.suffix(2) {
                    _ = try await stage.patch("\(Self.path)/\(id)", ["company": .string(stage.now.text)])
                }
            }
            #expect(ids == Array(1...20))
            let began = stage.now
            stage.clock.advance(by: .seconds(31))
            for id in [9, 3, 12] {
                stage.clock.advance(by: .seconds(1))
                _ = try await stage.patch("\(Self.path)/\(id)", ["company": "x"])
            }
            let since = (began + .seconds(31)).text
            #expect(try await Self.pass("updated_since=\(since)&limit=1", stage).suffix(3) == [9, 3, 12])
            #expect(try await Self.pass("updated_since=\(since)&limit=500&q=Isa", stage) == [9])
            // By page number newest first, as ever.
            let page = try await stage.get("\(Self.path)?updated_since=\(since)&per_page=200").data.array ?? []
            let shown = page.compactMap { $0["id"]?.int64 }
            #expect(shown == shown.sorted(by: >))
        }
    }

    @Test func `a change that commits late, after its contact was shown, is for the next pass`() async throws {
        try await Stage.run { stage in
            stage.clock.advance(by: .seconds(60))
            let (release, held) = (Signal(), Signal())
            let writer = spawn { () -> (any Error)? in
                do {
                    let contacts = stage.database.contacts
                    try await stage.database.write(
                        by: Actor(account: stage.demo, apiKeyID: nil, requestID: nil), now: stage.now
                    ) { write in
                        guard let locked = try await contacts.lock(Contact.ID(1), in: write).0 else { return }
                        var after = locked.contact
                        after.company = "spät"
                        _ = try await contacts.save(after, over: locked, in: write)
                        held.fire()
                        await release.wait()
                    }
                    return nil
                } catch { return error }
            }
            await held.wait()
            stage.clock.advance(by: .seconds(1))
            let began = stage.now
            let ids = try await Self.pass("updated_since=2020-01-01&limit=4", stage) { page in
                guard page.first == 1 else { return }
                release.fire()
                if let error = await writer.value { throw error }
            }
            #expect(ids == Array(1...20))
            #expect(try await Self.pass("updated_since=\(began.text)&limit=4", stage) == [1])
        }
    }

    @Test func `a cursor of another order is refused`() async throws {
        try await Stage.run { stage in
            stage.clock.advance(by: .seconds(60))
            let plain = try await stage.get("\(Self.path)?limit=1").json["meta"]?["next_cursor"]?.string ?? ""
            let changes =
                try await stage.get("\(Self.path)?updated_since=2020-01-01&limit=1")
                .json["meta"]?["next_cursor"]?.string ?? ""
            for query in ["updated_since=2020-01-01&cursor=\(plain)", "cursor=\(changes)", "cursor=x"] {
                #expect(try await stage.get("\(Self.path)?\(query)").faults == ["?cursor invalid_cursor"], "\(query)")
            }
        }
    }
}
