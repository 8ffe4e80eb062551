import Foundation
import Testing

private let isAsked = Setting.of("LEADWIRE_KILLS") != nil && CommandRun.binary != nil

/// What `.ci/kill` says in the environment.
private enum Setting {
    static func of(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }
}

/// The built server, killed while it sends: nothing is lost, nothing is sent twice, and what is not known is told.
///
/// `.ci/kill` runs it; `LEADWIRE_KILL_SEED` makes another one.
@Suite(.serialized, .enabled(if: isAsked, "LEADWIRE_KILLS says how often"))
struct KillTests {
    @Test func `killed anywhere while it sends, nothing is lost and nothing is sent twice`() async throws {
        let faults = try await KillRun.run(
            kills: Setting.of("LEADWIRE_KILLS") ?? 6, sends: Setting.of("LEADWIRE_KILL_SENDS") ?? 240,
            seed: UInt64(Setting.of("LEADWIRE_KILL_SEED") ?? 1))
        #expect(faults == [])
    }

    @Test func `killed while messages wait for their number's pace, nothing is lost and nothing is sent twice`()
        async throws
    {
        let faults = try await KillRun.run(kills: 6, sends: 240, seed: 2, perSecond: 4)
        #expect(faults == [])
    }
}

/// Its database, stopped as by a crash and robbed of its backends, likewise.
@Suite(.enabled(if: isAsked, "LEADWIRE_KILLS says how often"))
struct DatabaseKillTests {
    @Test func `its database killed anywhere while it sends, nothing is lost and nothing is sent twice`() async throws {
        let faults = try await KillRun.run(
            of: .database, kills: Setting.of("LEADWIRE_KILLS") ?? 6, sends: Setting.of("LEADWIRE_KILL_SENDS") ?? 240,
            seed: UInt64(Setting.of("LEADWIRE_KILL_SEED") ?? 1))
        #expect(faults == [])
    }
}

/// Whoever judges a run of `KillTests` is judged first.
@Suite(.enabled(if: isAsked, "LEADWIRE_KILLS says how often"))
struct KillCheckerTests {
    /// Enough kills for each place but one, after the provider among them.
    @Test(arguments: Sabotage.allCases)
    func `a guard that is taken away is found out`(sabotage: Sabotage) async throws {
        let faults = try await KillRun.run(kills: 6, sends: 120, seed: 1, sabotage)
        #expect(faults.contains { $0.hasPrefix(sabotage.complaint) }, "\(faults)")
    }
}
