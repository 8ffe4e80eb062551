import EventLoop
import Foundation
import HTTP
import JSON
import Postgres
import TestSupport
import Testing

@testable import leadwire

private let spoiltWritesAreWanted = ProcessInfo.processInfo.environment["LEADWIRE_SPOILT_WRITES"] != nil

/// Every call to the database of every other route that writes, failed once; `.ci/kill` asks for all of them.
@Suite(.serialized, .enabled(if: spoiltWritesAreWanted)) struct SpoiltWritesTests {
    @Test(arguments: SpoiltStage.Spoil.allCases)
    func `each write is answered with 2xx only when it is committed, and is whole and done once`(
        _ spoil: SpoiltStage.Spoil
    ) async throws {
        try await SpoiltStage.run { spoilt in
            for write in SpoiltWrite.all { try await Self.spoil(write, spoil, spoilt) }
            #expect(try await Wholeness.faults(in: spoilt.truth).filter { !$0.hasPrefix("a contact without") } == [])
            #expect(try await Wholeness.openTransactions(in: spoilt.truth) == 0)
        }
    }

    /// The audit log has a line for each thing that a write wrote, in the transaction that wrote it: as many lines as a
    /// write that nobody spoilt leaves are the whole of it.
    @Reactor
    private static func spoil(_ write: SpoiltWrite, _ spoil: SpoiltStage.Spoil, _ spoilt: SpoiltStage) async throws {
        let stage = spoilt.stage
        var asked: [String: SpoiltWrite.Asked] = [:]
        var lines: [String: Int64] = [:]
        let name = write.name.replacing(" ", with: "-")
        let calls = try await spoilt.everyCall(of: name, spoil) { tag in
            asked[tag] = try await write.ready(stage, tag)
        } ask: { tag in
            guard let asked = asked[tag] else { throw StageError(what: "\(tag) is not ready") }
            var fields: HTTPFields = ["X-Request-Id": .init(tag)]
            if asked.method == .post { fields["Idempotency-Key"] = tag }
            if let file = asked.file { fields["Content-Type"] = .init(file.type) }
            return try await stage.request(
                asked.method, asked.path, body: asked.file?.bytes ?? asked.body?.serialized(), fields: fields)
        } judge: { tag, first, last in
            let written = try await spoilt.truth.read(audited, [.text(tag)])[0].int(0)
            lines[tag] = written
            if first.status < 300 { #expect(written > 0, "\(tag): \(first.status), and nothing is there") }
            // What was taken away by a call whose answer got lost is not there to be taken away again.
            let isGone = asked[tag]?.method == .delete && last.status == 404 && first.status == 503
            #expect(last.status < 300 || isGone, "\(tag): \(last.status) \(last.text)")
        }
        #expect(calls > 1, "\(name)")
        #expect(Set(lines.values).count == 1, "\(name): \(lines.sorted { $0.key < $1.key })")
    }

    private static let audited = Statement(
        "test_audited", "SELECT count(*) FROM audit_log WHERE request_id = $1")
}
