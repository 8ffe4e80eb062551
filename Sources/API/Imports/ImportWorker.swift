import Crypto
import Domain
package import EventLoop
import JSON
import Storage
import Telemetry

/// Applies leads that came in bulk: a batch at a time, through the same code as `POST /leads/batch`, with the cursor moved
/// in the same transaction. Any number of processes do so beside each other.
@Reactor
package final class ImportWorker {
    /// Where bodies of any length are taken.
    package nonisolated static let uploadPath = "/api/v1/leads/import"

    /// A batch takes a second or two; one that takes longer may be taken over, and then finds that it is no longer its
    /// own to commit.
    private static let leaseTime = Duration.seconds(10)
    /// How often uploads are looked for whose process has stopped.
    private static let sweepInterval = Duration.seconds(5)

    private let service: Service
    private let owner = Hex.encode(SecureRandom.bytes(8))
    private var sweptAt: MonotonicTime?

    package init(_ service: Service) { self.service = service }

    private var store: ImportStore { service.database.imports }

    /// Applies the next batch; whether there was one.
    package func work() async -> Bool {
        do {
            try await sweep()
            let now = service.now
            guard let claimed = try await store.claim(owner: owner, until: now + Self.leaseTime, now: now) else {
                return false
            }
            return try await apply(claimed)
        } catch {
            Log.shared.warning("import.turn_failed", ["error": .string("\(error)")])
            return false
        }
    }

    private func sweep() async throws {
        if let sweptAt, MonotonicTime.now - sweptAt < Self.sweepInterval { return }
        sweptAt = .now
        let count = try await store.failLapsed(now: service.now)
        if count > 0 { Log.shared.warning("import.interrupted", ["imports": .int(Int64(count))]) }
    }

    private func apply(_ claimed: ImportStore.Claimed) async throws -> Bool {
        let rest = Array(try await store.lines(of: claimed).dropFirst(claimed.offset))
        var count = rest.count
        while true {
            do {
                try await apply(Array(rest.prefix(count)), isRest: count == rest.count, claimed)
                return true
            } catch {
                guard StorageError.isOfData(error) else {
                    try? await store.release(claimed)
                    throw error
                }
                // Some line is more than the database can hold; which one is found by halving.
                guard count > 1 else {
                    try await refuse(rest[0], error, isRest: rest.count == 1, claimed)
                    return true
                }
                count /= 2
            }
        }
    }

    private func apply(_ lines: [ImportLine], isRest: Bool, _ claimed: ImportStore.Claimed) async throws {
        let account = claimed.account
        let fields = claimed.format == .csv ? try await service.database.customFields.all(of: account.id) : []
        let reader = ImportedLead(
            claimed.format, columns: claimed.columns, fields, of: account, lenient: claimed.isLenient)
        let items = try await ThreadPool.compute.run { lines.map(reader.item) }
        let language = Language(rawValue: claimed.language) ?? .english
        try await service.database.write(by: claimed.actor, now: service.now) { [self] write in
            // Canceled, or taken over: what is there is no longer ours.
            guard try await store.hold(claimed, in: write) else { return }
            let outcomes = try await LeadBatch.take(
                items, of: account, lenient: claimed.isLenient, service, in: write)
            let reports = zip(lines, outcomes).map { Self.report($0, $1, language) }
            try await store.advance(claimed, by: reports, isRest: isRest, in: write)
        }
    }

    /// The one line that nothing can be made of.
    private func refuse(
        _ line: ImportLine, _ error: any Error, isRest: Bool, _ claimed: ImportStore.Claimed
    ) async throws {
        Log.shared.error(
            "import.line_refused",
            [
                "import": .int(claimed.id.rawValue), "line": .int(Int64(line.number)), "error": .string("\(error)"),
            ])
        let language = Language(rawValue: claimed.language) ?? .english
        let report = ImportStore.Report(
            line: Int64(line.number), result: .invalid, leadID: nil, matchedOn: nil,
            told: Self.told(Problem(.internalError), [], language))
        try await service.database.write(by: claimed.actor, now: service.now) { [self] write in
            guard try await store.hold(claimed, in: write) else { return }
            try await store.advance(claimed, by: [report], isRest: isRest, in: write)
        }
    }

    nonisolated private static func report(
        _ line: ImportLine, _ outcome: LeadBatch.Outcome, _ language: Language
    ) -> ImportStore.Report {
        let verdict = outcome.verdict
        return ImportStore.Report(
            line: Int64(line.number), result: line.fault == .erased ? .erased : verdict.outcome,
            leadID: verdict.lead, matchedOn: verdict.matchedOn?.rawValue,
            told: told(outcome.problem(at: ""), outcome.warnings(at: ""), language))
    }

    nonisolated private static func told(
        _ problem: Problem?, _ warnings: [String], _ language: Language
    ) -> JSONValue? {
        guard problem != nil || !warnings.isEmpty else { return nil }
        return KeptReport.of(problem, warnings, language)
    }
}
