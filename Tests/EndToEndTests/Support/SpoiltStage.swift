import Cluster
import EventLoop
import HTTP
import JSON
import Postgres
import Storage
import TestSupport
import Testing

@testable import leadwire

/// A stage whose every word with its database goes through a wire that can be cut.
@Reactor
struct SpoiltStage {
    let stage: Stage
    let proxy: FaultProxy
    /// Past the wire: what is really there.
    let truth: PostgresPool

    enum Spoil: String, CaseIterable, Sendable {
        /// The call never arrives.
        case cut
        /// It arrives and is carried out; its answer does not come back.
        case loseAnswer

        func fault(_ n: Int) -> FaultProxy.Fault { self == .cut ? .cutBefore(message: n) : .loseAnswer(n) }
    }

    /// More than any request says to the database: a loop that goes on so long does not end by itself.
    private static let limit = 400

    nonisolated static func run(_ body: @escaping @Reactor @Sendable (SpoiltStage) async throws -> Void) async throws {
        try await withTestDatabase(migrations: Schema.migrations) { truth in
            let proxy = try FaultProxy(.socket(try await TestCluster.shared().socketDirectory))
            var configuration = truth.configuration
            configuration.connectionString += " " + proxy.address
            let pool = PostgresPool(configuration)
            do {
                try await pool.start()
                try await Stage.run(
                    on: pool,
                    { $0.verdict = .seconds(5) },
                    { try await body(SpoiltStage(stage: $0, proxy: proxy, truth: truth)) })
            } catch {
                await pool.stop()
                proxy.stop()
                throw error
            }
            await pool.stop()
            proxy.stop()
        }
    }

    /// Spoils the first call to the database that `ask` leads to, the second, and so on, until one run is untouched.
    ///
    /// - Parameters:
    ///   - prepare: makes what the request acts upon, on a wire that is whole.
    ///   - ask: makes the request that this number names.
    ///   - judge: hears the number, the first answer, and the first that was no 409 and no 503.
    func everyCall(
        of name: String, _ spoil: Spoil, prepare: @Reactor (String) async throws -> Void = { _ in },
        ask: @Reactor (String) async throws -> Answer,
        judge: @Reactor (String, Answer, Answer) async throws -> Void
    ) async throws -> Int {
        var n = 0
        var isUntouched = false
        while !isUntouched, n < Self.limit {
            n += 1
            let tag = "\(name)-\(spoil.rawValue)-\(n)"
            try await prepare(tag)
            proxy.arm(spoil.fault(n))
            let first = try await ask(tag)
            isUntouched = !proxy.hasFired
            proxy.arm(nil)
            #expect([200, 201, 202, 503].contains(first.status), "\(tag): \(first.status) \(first.text)")
            if first.status == 503 { #expect(first.fields["Retry-After"] != nil, "\(tag)") }
            var last = first
            let deadline = MonotonicTime.now + .seconds(30)
            while [409, 503].contains(last.status), MonotonicTime.now < deadline {
                await pause(.milliseconds(10))
                last = try await ask(tag)
            }
            try await judge(tag, first, last)
        }
        #expect(isUntouched, "\(name) never came through")
        return n
    }
}
