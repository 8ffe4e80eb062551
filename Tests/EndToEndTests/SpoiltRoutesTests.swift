import EventLoop
import HTTP
import JSON
import Postgres
import TestSupport
import Testing

@testable import leadwire

/// Every call to the database of every route, failed once.
@Suite(.serialized) struct SpoiltRoutesTests {
    typealias Spoil = SpoiltStage.Spoil

    enum Send: String, CaseIterable, Sendable { case text, template }

    @Test(arguments: Send.allCases, Spoil.allCases)
    func `a send is answered with 2xx only when it is committed, and happens once under its key`(
        _ send: Send, _ spoil: Spoil
    ) async throws {
        try await SpoiltStage.run { spoilt in
            let stage = spoilt.stage
            var tags: [String] = []
            let calls = try await spoilt.everyCall(of: send.rawValue, spoil) { tag in
                let fields: HTTPFields = ["Idempotency-Key": tag]
                return switch send {
                case .text: try await stage.sendText(tag, instance: 1, fields: fields)
                case .template: try await stage.sendTemplate(1, ["Ana", .string(tag), "10/07"], fields: fields)
                }
            } judge: { tag, first, last in
                tags.append(tag)
                #expect(last.status == 201 || last.status == 202, "\(tag): \(last.status) \(last.text)")
                let stored = try await Self.messages(with: tag, in: spoilt.truth)
                #expect(stored.count == 1, "\(tag): \(stored.count) messages")
                #expect(last.message["id"]?.int64 == stored.first)
                if first.status < 300 { #expect(first.message["id"]?.int64 == stored.first, "\(tag)") }
            }
            #expect(calls > 3)
            // What reached the phone: each once. An answer of the provider that could not be written down at once is
            // written later; nothing is sent twice for that.
            try await stage.eventuallyWithTime("every message has ended") {
                try await spoilt.truth.read(Self.unended)[0].int(0) == 0
            }
            let received = try await stage.received(Stage.ana).compactMap { $0["text"]?.string }
            for tag in tags {
                #expect(received.count { Self.carries($0, tag) } == 1, "\(tag) arrived otherwise than once")
            }
            #expect(try await Wholeness.faults(in: spoilt.truth) == [])
            #expect(try await Wholeness.openTransactions(in: spoilt.truth) == 0)
        }
    }

    private static let unended = Statement("test_unended", "SELECT count(*) FROM outbox")
    private static let byText = Statement(
        "test_by_text", "SELECT id FROM messages WHERE text = $1 OR text LIKE '% ' || $1 || ' %'")

    private static func messages(with tag: String, in pool: PostgresPool) async throws -> [Int64] {
        try await pool.read(byText, [.text(tag)]).map { try $0.int(0) }
    }

    private static func carries(_ text: String, _ tag: String) -> Bool {
        text == tag || text.contains(" \(tag) ")
    }

    @Test(arguments: Spoil.allCases)
    func `a lead is answered with 201 only when it is committed, and is made once under its key`(
        _ spoil: Spoil
    ) async throws {
        try await SpoiltStage.run { spoilt in
            let byName = Statement("test_by_name", "SELECT id FROM leads WHERE name = $1")
            let calls = try await spoilt.everyCall(of: "lead", spoil) { tag in
                let phone = "+55119" + String(40_000_000 + tag.utf8.reduce(0) { ($0 * 31 + Int($1)) % 9_999_999 })
                return try await spoilt.stage.post(
                    "/api/v1/leads", ["name": .string(tag), "phone": .string(phone)],
                    fields: ["Idempotency-Key": .init(tag)])
            } judge: { tag, first, last in
                #expect(last.status == 201, "\(tag): \(last.status) \(last.text)")
                let stored = try await spoilt.truth.read(byName, [.text(tag)]).map { try $0.int(0) }
                #expect(stored.count == 1, "\(tag): \(stored.count) leads")
                #expect(last.data["id"]?.int64 == stored.first)
                if first.status == 201 { #expect(first.data["id"]?.int64 == stored.first, "\(tag)") }
            }
            #expect(calls > 3)
            #expect(try await Wholeness.faults(in: spoilt.truth) == [])
            #expect(try await Wholeness.openTransactions(in: spoilt.truth) == 0)
        }
    }

    @Test(arguments: Spoil.allCases)
    func `an import is answered with 202 only when it is kept, and is worked once under its key`(
        _ spoil: Spoil
    ) async throws {
        try await SpoiltStage.run { spoilt in
            var ids: [Int64] = []
            _ = try await spoilt.everyCall(of: "import", spoil) { tag in
                let body = (0..<501).map { #"{"name": "\#(tag)", "external_id": "\#(tag)-\#($0)"}"# }
                return try await spoilt.stage.imports(
                    body.joined(separator: "\n"), fields: ["Idempotency-Key": .init(tag)])
            } judge: { tag, first, last in
                #expect(last.status == 202, "\(tag): \(last.status) \(last.text)")
                let id = last.data["import"]?["id"]?.int64 ?? -1
                if first.status == 202 { #expect(first.data["import"]?["id"]?.int64 == id, "\(tag)") }
                ids.append(id)
            }
            // Time runs on, so that no lease of a call that failed stands in the way.
            try await spoilt.stage.eventuallyWithTime("every import is worked") {
                try await spoilt.truth.read(Self.waiting)[0].int(0) == 0
            }
            let kept = Statement("test_kept", "SELECT id FROM imports WHERE status = 'completed' ORDER BY id")
            #expect(try await spoilt.truth.read(kept).map { try $0.int(0) } == ids.sorted())
            let leads = Statement("test_leads", "SELECT count(*) FROM leads WHERE external_id LIKE 'import-%'")
            #expect(try await spoilt.truth.read(leads)[0].int(0) == Int64(ids.count * 501))
            #expect(try await Wholeness.faults(in: spoilt.truth) == [])
            #expect(try await Wholeness.openTransactions(in: spoilt.truth) == 0)
        }
    }

    private static let waiting = Statement(
        "test_waiting", "SELECT count(*) FROM imports WHERE status IN ('queued', 'running')")

    @Test(arguments: Spoil.allCases)
    func `a lead without a key is there when the answer says so`(_ spoil: Spoil) async throws {
        try await SpoiltStage.run { spoilt in
            let byName = Statement("test_by_name", "SELECT id FROM leads WHERE name = $1")
            _ = try await spoilt.everyCall(of: "keyless", spoil) { tag in
                try await spoilt.stage.post("/api/v1/leads", ["name": .string(tag)])
            } judge: { tag, first, _ in
                guard first.status == 201 else { return }
                let stored = try await spoilt.truth.read(byName, [.text(tag)]).map { try $0.int(0) }
                #expect(stored == [first.data["id"]?.int64 ?? -1], "\(tag)")
            }
            #expect(try await Wholeness.faults(in: spoilt.truth) == [])
        }
    }

    @Test(arguments: Spoil.allCases)
    func `a webhook is answered with 200 only when its body is stored, and is applied once`(
        _ spoil: Spoil
    ) async throws {
        try await SpoiltStage.run { spoilt in
            let stage = spoilt.stage
            var ids: [String] = []
            _ = try await spoilt.everyCall(of: "wamid", spoil) { tag in
                let message = stage.inboundText("Oi", from: "5511987651001", id: tag)
                return try await stage.cloudHook(stage.envelope([("messages", [message])]))
            } judge: { tag, first, last in
                ids.append(tag)
                #expect(last.status == 200)
                let bodies = Statement(
                    "test_bodies",
                    "SELECT count(*) FROM hook_bodies WHERE position($1::text in convert_from(body, 'UTF8')) > 0")
                let quoted = "\"\(tag)\""
                if first.status == 200 {
                    let count = try await spoilt.truth.read(bodies, [.text(quoted)])[0].int(0)
                    #expect(count >= 1, "\(tag)")
                }
            }
            let applied = Statement(
                "test_applied", "SELECT count(*) FROM messages WHERE provider_message_id = ANY ($1)")
            // What lost its database while it was applied is taken up again.
            stage.clock.advance(by: .seconds(11))
            try await stage.eventually("every body is applied") {
                try await spoilt.truth.read(applied, [.textArray(ids)])[0].int(0) == Int64(ids.count)
            }
            #expect(try await Wholeness.faults(in: spoilt.truth) == [])
            #expect(try await Wholeness.openTransactions(in: spoilt.truth) == 0)
        }
    }

    @Test(arguments: Spoil.allCases)
    func `a read is answered from the database or with 503, whatever breaks`(_ spoil: Spoil) async throws {
        try await SpoiltStage.run { spoilt in
            for path in [
                "/api/v1/me", "/api/v1/leads", "/api/v1/leads?page=1", "/api/v1/leads/1", "/api/v1/whatsapp/instances",
                "/api/v1/whatsapp/templates", "/api/v1/whatsapp/templates/1", "/readyz",
            ] {
                let expected = try await spoilt.stage.get(path)
                #expect(expected.status == 200)
                _ = try await spoilt.everyCall(of: path, spoil) { _ in
                    try await spoilt.stage.get(path)
                } judge: { tag, first, last in
                    #expect(last.text == expected.text, "\(tag)")
                    if first.status == 200 { #expect(first.text == expected.text, "\(tag)") }
                }
            }
        }
    }
}
