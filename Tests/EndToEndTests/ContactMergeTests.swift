import Domain
import HTTP
import JSON
import Postgres
import Storage
import TestSupport
import Testing

@testable import leadwire

/// Two contacts made one, and parted again.
@Suite struct ContactMergeTests {
    private static let path = "/api/v1/contacts"
    private static let official = "+5521987654321"
    private static let ana = "+5511987651001"
    private static let bruno = "+5511987651002"

    @Test func `all that the loser had is the winner's, and two threads on one number are one`() async throws {
        try await Stage.run { stage in
            try await stage.talk(Self.bruno, "Oi de Bruno")
            try await stage.talk(Self.ana, "Oi de Ana")
            _ = try await stage.sendText("Resposta", lead: 1, instance: 2)
            _ = try await stage.sendText("Por fora", lead: 1, instance: 1)
            let messages = try await stage.count(.messages)
            let mark = try await stage.lastEvent()
            let merged = try await stage.merge(1, into: 2)
            #expect(merged.status == 200, "\(merged.text)")
            let contact = merged.data["contact"] ?? .null
            #expect(contact["id"] == 2)
            #expect(contact["name"] == "Bruno Lima")
            let values = Set(contact["identifiers"]?.array?.compactMap { $0["value"]?.string } ?? [])
            #expect(values.isSuperset(of: [Self.ana, Self.bruno, "ana.souza@example.com", "bruno.lima@example.com"]))
            #expect(merged.data["merge"]?["lead_ids"] == [1])
            #expect(try await stage.get("\(Self.path)/2").data == contact)

            #expect(try await stage.count(.messages) == messages)
            #expect(try await stage.ids("SELECT count(*) FROM messages WHERE contact_id = 1") == [0])
            #expect(
                try await stage.ids("SELECT instance_id FROM conversations WHERE contact_id = 2 ORDER BY 1") == [1, 2])
            #expect(
                try await stage.ids(
                    """
                    SELECT count(*) FROM messages m JOIN conversations v ON v.id = m.conversation_id
                    WHERE v.contact_id = 2 AND v.instance_id = 2
                    """) == [3])
            let lead = try await stage.get("/api/v1/leads/1").data
            #expect(lead["contact_id"] == 2)
            #expect(lead["name"] == "Ana Souza")
            #expect(lead["phone"] == .string(Self.bruno))
            let events = try await stage.events(after: mark).filter { !$0.type.hasPrefix("message.") }
            #expect(events.map(\.type) == ["lead.updated", "contact.merged"])
            #expect(events.last?.data["contact"]?["id"] == 2)
            #expect(events.last?.data["merge"]?["loser_id"] == 1)

            // Whoever asks for the loser is told where they are.
            for answer in [
                try await stage.get("\(Self.path)/1"), try await stage.patch("\(Self.path)/1", ["name": "X"]),
                try await stage.merge(1, into: 3), try await stage.merge(3, into: 1),
            ] {
                #expect(answer.status == 409)
                #expect(answer.code == "contact_merged", "\(answer.text)")
                #expect(answer.json["existing_id"] == 2)
            }
            // The loser writes again: it is the winner's message.
            try await stage.talk(Self.ana, "De novo")
            #expect(try await stage.ids("SELECT contact_id FROM messages ORDER BY id DESC LIMIT 1") == [2])
            #expect(try await stage.get("\(Self.path)?phone=\(Self.ana.dropFirst())").data[0]?["id"] == 2)
        }
    }

    @Test func `the window is the later one, and answers go to where the contact wrote last`() async throws {
        try await Stage.run { stage in
            try await stage.talk(Self.ana, "Cedo")
            stage.clock.advance(by: .seconds(20 * 3600))
            try await stage.talk(Self.bruno, "Tarde")
            stage.clock.advance(by: .seconds(5 * 3600))
            #expect(try await stage.window(of: 1) == "closed")
            #expect(try await stage.merge(2, into: 1).status == 200)
            #expect(try await stage.window(of: 1) == "open")
            let sent = try await stage.sendText("Oi", lead: 1, instance: 2)
            #expect(sent.status == 201, "\(sent.text)")
            #expect(try await stage.received(Self.bruno).count == 1)
            #expect(try await stage.received(Self.ana).isEmpty)
            #expect(try await stage.unmerge(2, from: 1).status == 200)
            #expect(try await stage.window(of: 1) == "closed")
            #expect(try await stage.window(of: 2) == "open")
        }
    }

    @Test func `undone, everything is as it was`() async throws {
        try await Stage.run { stage in
            try await stage.talk(Self.ana, "Um")
            try await stage.talk(Self.bruno, "Dois")
            _ = try await stage.sendText("Resposta", lead: 1, instance: 2)
            _ = try await stage.sendText("Por fora", lead: 1, instance: 1)
            try await stage.eventually("the statuses are in") {
                try await stage.ids("SELECT count(*) FROM messages WHERE status IN ('read', 'delivered')") == [2]
            }
            let before = try await stage.belongings()
            #expect(try await stage.merge(1, into: 2).status == 200)
            #expect(try await stage.belongings() != before)
            let mark = try await stage.lastEvent()
            let parted = try await stage.unmerge(1, from: 2)
            #expect(parted.status == 200, "\(parted.text)")
            #expect(try await stage.belongings() == before)
            #expect(parted.data["loser"]?["id"] == 1)
            #expect(parted.data["loser"]?["phone"] == .string(Self.ana))
            #expect(try await stage.get("\(Self.path)/1").data == parted.data["loser"])
            #expect(
                try await stage.events(after: mark).map(\.type)
                    == ["lead.updated", "contact.created", "contact.updated"])
            #expect(try await stage.unmerge(1, from: 2).code == "not_merged")
            // And made one again.
            #expect(try await stage.merge(1, into: 2).status == 200)
            #expect(try await stage.unmerge(1, from: 2).status == 200)
            #expect(try await stage.belongings() == before)
        }
    }

    @Test func `what came after the merge stays with the winner`() async throws {
        try await Stage.run { stage in
            try await stage.talk(Self.ana, "Antes")
            #expect(try await stage.merge(1, into: 20).data["contact"]?["phone"] == .string(Self.ana))
            try await stage.talk(Self.ana, "Depois")
            let sent = try #require(
                try await stage.sendText("Resposta", lead: 1, instance: 2).message["id"]?.int64)
            _ = try await stage.patch("\(Self.path)/20", ["company": "Nova"])
            let parted = try await stage.unmerge(1, from: 20)
            #expect(parted.status == 200, "\(parted.text)")
            #expect(parted.data["winner"]?["company"] == "Nova")
            #expect(parted.data["winner"]?["phone"] == .null)
            #expect(parted.data["loser"]?["phone"] == .string(Self.ana))
            func texts(_ contact: Int64) async throws -> [String] {
                try await stage.sql("SELECT text FROM messages WHERE contact_id = $1 ORDER BY id", [.int(contact)])
                    .map { try $0.text(0) }
            }
            #expect(try await texts(1) == ["Antes"])
            #expect(try await texts(20) == ["Depois", "Resposta"])
            #expect(try await stage.message(sent)["lead_id"] == 20)
            #expect(
                try await stage.ids(
                    """
                    SELECT count(*) FROM messages m JOIN conversations v ON v.id = m.conversation_id
                    WHERE v.contact_id <> m.contact_id
                    """) == [0])
        }
    }

    @Test func `a STOP holds under either name, and one said meanwhile holds for both`() async throws {
        try await Stage.run { stage in
            try await stage.talk(Self.ana, "SAIR")
            #expect(try await stage.merge(1, into: 2).data["contact"]?["opted_out"] == true)
            #expect(try await stage.get("/api/v1/leads/2").data["opted_out"] == true)
            let parted = try await stage.unmerge(1, from: 2)
            #expect(parted.data["winner"]?["opted_out"] == false)
            #expect(parted.data["loser"]?["opted_out"] == true)

            #expect(try await stage.merge(3, into: 4).data["contact"]?["opted_out"] == false)
            try await stage.talk("+5521987651003", "SAIR")
            let both = try await stage.unmerge(3, from: 4)
            #expect(both.data["winner"]?["opted_out"] == true)
            #expect(both.data["loser"]?["opted_out"] == true)
        }
    }

    @Test func `merges that share a contact are undone last first`() async throws {
        try await Stage.run { stage in
            let before = try await stage.belongings()
            #expect(try await stage.merge(1, into: 2).status == 200)
            #expect(try await stage.merge(2, into: 3).status == 200)
            #expect(try await stage.merge(4, into: 3).status == 200)
            let early = try await stage.unmerge(1, from: 2)
            #expect(early.code == "merge_not_latest", "\(early.text)")
            #expect(early.json["existing_id"] == 2)
            #expect(try await stage.unmerge(2, from: 3).json["existing_id"] == 4)
            #expect(try await stage.get("\(Self.path)/1").json["existing_id"] == 2)
            for (loser, winner) in [(4, 3), (2, 3), (1, 2)] as [(Int64, Int64)] {
                let parted = try await stage.unmerge(loser, from: winner)
                #expect(parted.status == 200, "\(parted.text)")
            }
            #expect(try await stage.belongings() == before)
        }
    }

    @Test func `what cannot be merged or parted is refused, and another account's contacts do not exist`() async throws
    {
        try await Stage.run { stage in
            let before = try await stage.rows()
            #expect(try await stage.merge(1, into: 1).faults == ["/loser_id not_allowed"])
            #expect(try await stage.merge(999_999, into: 1).faults == ["/loser_id not_found"])
            #expect(try await stage.merge(1, into: 999_999).faults == ["/winner_id not_found"])
            #expect(try await stage.unmerge(1, from: 2).code == "not_merged")
            #expect(try await stage.post("\(Self.path)/merge", ["winner": 1]).faults.count == 3)
            for route in ["merge", "unmerge"] {
                let (foreign, unknown) = try await stage.alike(
                    .post, "\(Self.path)/\(route)", "\(Self.path)/\(route)", body: ["winner_id": 1, "loser_id": 2],
                    otherBody: ["winner_id": 999_998, "loser_id": 999_999], key: stage.keys.other.text)
                #expect(foreign.status >= 400)
                #expect(foreign.body == unknown.body)
            }
            #expect(try await stage.rows() == before)
            let key: HTTPFields = ["Idempotency-Key": "m"]
            let first = try await stage.merge(1, into: 2, fields: key)
            let second = try await stage.merge(1, into: 2, fields: key)
            #expect(second.body == first.body)
            #expect(second.fields["Idempotent-Replayed"] == "true")
        }
    }

    @Test func `of merges that cross one wins, and many at once end in one contact`() async throws {
        try await Stage.run { stage in
            let crossed = try await together(2) { index in
                try await stage.merge(index == 0 ? 1 : 2, into: index == 0 ? 2 : 1)
            }
            #expect(crossed.map(\.status).sorted() == [200, 409])
            #expect(crossed.first { $0.status == 409 }?.code == "contact_merged")
            let ring = try await together(6) { index in
                try await stage.merge(Int64(3 + index), into: Int64(3 + (index + 1) % 6))
            }
            #expect(ring.allSatisfy { $0.status == 200 || $0.code == "contact_merged" }, "\(ring.map(\.text))")
            let left = try await stage.ids("SELECT count(*) FROM contacts WHERE id BETWEEN 3 AND 8")
            #expect(left == [6 - Int64(ring.count { $0.status == 200 })])
            let undone = try await together(4) { _ in try await stage.unmerge(1, from: crossed[0].status == 200 ? 2 : 0)
            }
            #expect(undone.count { $0.status == 200 } <= 1)
            #expect(try await Wholeness.faults(in: stage.database.pool) == [])
        }
    }

    @Test func `nothing that is sent or received while two become one is lost`() async throws {
        try await Stage.run { stage in
            try await stage.talk(Self.ana, "Oi")
            try await stage.talk(Self.bruno, "Oi")
            let before = try await stage.count(.messages)
            let answers = try await together(21) { index -> Answer in
                switch index {
                case 10: try await stage.merge(1, into: 2)
                case _ where index % 2 == 0:
                    try await stage.sendText("\(index)", lead: 1, instance: index % 4 == 0 ? 1 : 2)
                default:
                    try await stage.cloudHook(
                        stage.envelope([
                            (
                                "messages",
                                [stage.inboundText("\(index)", from: "5511987651001", id: "wamid.race\(index)")]
                            )
                        ]))
                }
            }
            #expect(answers.allSatisfy { [200, 201, 202].contains($0.status) }, "\(answers.map(\.text))")
            let faults = try await stage.storedBodies().flatMap { $0.failures?.array ?? [] }
            #expect(faults == [])
            #expect(try await stage.count(.messages) == before + 20)
            #expect(try await stage.ids("SELECT DISTINCT contact_id FROM messages") == [2])
            #expect(try await stage.ids("SELECT DISTINCT contact_id FROM conversations") == [2])
            #expect(try await stage.count(.contacts) == 20)
            try await stage.eventually("all is sent") { try await stage.count(.outbox) == 0 }
            #expect(try await Wholeness.faults(in: stage.database.pool) == [])
        }
    }

    @Test func `who reads, settles and hands on the one thread does so for both`() async throws {
        try await Stage.run { stage in
            let (rui, bia) = (try await stage.user("Rui Prado"), try await stage.user("Bia Reis"))
            try await stage.talk(Self.ana, "Um")
            try await stage.talk(Self.ana, "Dois")
            try await stage.talk(Self.bruno, "Três")
            let path = "/api/v1/conversations"
            let ana = try #require(try await stage.get("\(path)?contact_id=1").data[0]?["id"]?.int64)
            let bruno = try #require(try await stage.get("\(path)?contact_id=2").data[0]?["id"]?.int64)
            #expect(try await stage.patch("\(path)/\(ana)", ["assigned_to": JSONValue(rui)]).status == 200)
            #expect(try await stage.patch("\(path)/\(bruno)", ["status": "closed"]).status == 200)
            func state(_ id: Int64) async throws -> [JSONValue] {
                let thread = try await stage.get("\(path)/\(id)").data
                return ["status", "assigned_to", "unread"].map { thread[$0] ?? "?" }
            }

            // Nothing happened between: all is as it was.
            #expect(try await stage.merge(1, into: 2).status == 200)
            #expect(try await state(bruno) == ["open", JSONValue(rui), 3])
            #expect(try await stage.get("\(path)/\(ana)").status == 404)
            #expect(try await stage.unmerge(1, from: 2).status == 200)
            #expect(try await state(ana) == ["open", JSONValue(rui), 2])
            #expect(try await state(bruno) == ["closed", .null, 1])

            // Read, then written in again, by the one that both are: that stays with the winner.
            #expect(try await stage.merge(1, into: 2).status == 200)
            stage.clock.advance(by: .seconds(1))
            let read = try await stage.patch("\(path)/\(bruno)", ["read": true, "assigned_to": JSONValue(bia)])
            #expect(read.status == 200)
            stage.clock.advance(by: .seconds(1))
            try await stage.talk(Self.ana, "Quatro")
            #expect(try await stage.unmerge(1, from: 2).status == 200)
            #expect(try await state(ana) == ["open", JSONValue(rui), 0])
            #expect(try await state(bruno) == ["open", JSONValue(bia), 1])

            // Settled while they were one: both are.
            #expect(try await stage.merge(1, into: 2).status == 200)
            #expect(try await stage.patch("\(path)/\(bruno)", ["status": "closed"]).status == 200)
            #expect(try await stage.unmerge(1, from: 2).status == 200)
            #expect(try await state(ana)[0] == "closed")
            #expect(try await state(bruno)[0] == "closed")
        }
    }
}

extension Stage {
    /// The contact writes to the official number, and it is processed.
    fileprivate func talk(_ phone: String, _ text: String) async throws {
        try await hears(from: phone, at: "+5521987654321", text)
    }

    fileprivate func merge(_ loser: Int64, into winner: Int64, fields: HTTPFields = [:]) async throws -> Answer {
        try await post(
            "/api/v1/contacts/merge", ["winner_id": JSONValue(winner), "loser_id": JSONValue(loser)], fields: fields)
    }

    fileprivate func unmerge(_ loser: Int64, from winner: Int64) async throws -> Answer {
        try await post(
            "/api/v1/contacts/unmerge", ["winner_id": JSONValue(winner), "loser_id": JSONValue(loser)])
    }

    fileprivate func ids(_ query: String) async throws -> [Int64] { try await sql(query).map { try $0.int(0) } }

    /// Everything that hangs on contacts, but for the versions.
    fileprivate func belongings() async throws -> [String] {
        try await sql(
            """
            SELECT 'contact ' || (to_jsonb(c) - 'updated_at' - 'version')::text FROM contacts c
            UNION ALL SELECT 'identifier ' || to_jsonb(i)::text FROM contact_identifiers i
            UNION ALL SELECT 'lead ' || (to_jsonb(l) - 'updated_at' - 'version')::text FROM leads l
            UNION ALL SELECT 'conversation ' || to_jsonb(v)::text FROM conversations v
            UNION ALL SELECT 'message ' || to_jsonb(m)::text FROM messages m
            UNION ALL SELECT 'consent ' || to_jsonb(s)::text FROM consents s
            ORDER BY 1
            """
        ).map { try $0.text(0) }
    }
}
