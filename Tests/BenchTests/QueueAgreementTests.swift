import Postgres
import Storage
import TestSupport
import Testing

@testable import leadwire_bench

/// The model that `leadwire-bench simulate` runs is what the statements make of the tables: the same acts at random on
/// both, compared after each.
@Suite struct QueueAgreementTests {
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `the model and PostgreSQL agree after every act`(_ seed: UInt64) async throws {
        try await withTestDatabase(migrations: Schema.migrations) { pool in
            let found = try await Self.disagreement(seed, Storage.Database(pool))
            #expect(found == nil)
        }
    }

    /// The guards that stand in statements; the others stand before them.
    @Test(arguments: [
        Flaw.fencing, .ladder, .rescue, .idempotency, .order, .retry, .parking, .forgotten,
    ])
    func `a model without one of its guards does not agree`(_ flaw: Flaw) async throws {
        for seed in 1...20 as ClosedRange<UInt64> {
            let found = try await withTestDatabase(migrations: Schema.migrations) { pool in
                try await Self.disagreement(seed, Storage.Database(pool), flaw)
            }
            if found != nil { return }
        }
        Issue.record("no act told them apart")
    }

    /// The first act after which the two are not the same; nil when there is none.
    private static func disagreement(
        _ seed: UInt64, _ database: Storage.Database, _ flaw: Flaw? = nil
    ) async throws -> String? {
        var twins = await QueueTwins(seed: seed, database, flaw: flaw)
        try await twins.fill()
        for act in 1...80 {
            do {
                let words = try await twins.act()
                let (model, tables) = (await twins.model, try await twins.tables())
                guard model != tables else { continue }
                let lines = Set(model).symmetricDifference(tables).sorted().joined(separator: "; ")
                return "seed \(seed), act \(act), \(words): \(lines)"
            } catch let disagreement as QueueTwins.Disagreement {
                return "seed \(seed), act \(act), \(disagreement.words)"
            }
        }
        return nil
    }
}
