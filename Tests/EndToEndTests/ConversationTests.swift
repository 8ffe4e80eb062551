import Domain
import HTTP
import JSON
import Postgres
import TestSupport
import Testing

@testable import leadwire

/// The inbox: what it lists, and what settling a thread does.
@Suite struct ConversationTests {
    private static let path = "/api/v1/conversations"
    private static let bruno = "+5511987651002"

    @Test func `a thread tells whose it is, what was last said, and how much of it nobody has read`() async throws {
        try await Stage.run { stage in
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone, "Oi")
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone, "Tem alguém?")
            let listed = try await stage.get(Self.path)
            #expect(listed.json["meta"]?["total"] == 1)
            let thread = try #require(listed.data[0])
            #expect(thread["contact"]?["name"] == "Ana Souza")
            #expect(thread["contact"]?["phone"] == .string(Stage.ana))
            #expect(thread["lead_id"] == 1)
            #expect(thread["instance_id"] == 2)
            #expect(thread["unread"] == 2)
            #expect(thread["status"] == "open")
            #expect(thread["assigned_to"] == .null)
            #expect(thread["read_at"] == .null)
            let last = try #require(thread["last_message"]?["id"]?.int64)
            #expect(thread["last_message"] == (try await stage.message(last)))
            #expect(thread["last_message"]?["text"] == "Tem alguém?")
            let id = try #require(thread["id"]?.int64)
            #expect(try await stage.get("\(Self.path)/\(id)").data == thread)
            // What we send is in the thread, and unread is what the contact wrote.
            #expect(try await stage.sendText("Sim", instance: 2).status == 201)
            #expect(try await stage.get("\(Self.path)/\(id)").data["unread"] == 2)
            let said = try await stage.get("\(Self.path)/\(id)/messages?limit=2")
            #expect(said.data.array?.compactMap { $0["text"]?.string } == ["Sim", "Tem alguém?"])
            let cursor = try #require(said.json["meta"]?["next_cursor"]?.string)
            let rest = try await stage.get("\(Self.path)/\(id)/messages?limit=2&cursor=\(cursor)")
            #expect(rest.data.array?.compactMap { $0["text"]?.string } == ["Oi"])
            #expect(rest.json["meta"]?["has_more"] == false)
            #expect(rest.data[0] == (try await stage.message(try #require(rest.data[0]?["id"]?.int64))))
        }
    }

    @Test func `settling is told and logged once, and an unchanged PATCH leaves no trace`() async throws {
        try await Stage.run { stage in
            let rui = try await stage.user("Rui Prado")
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone, "Oi")
            let id = try #require(try await stage.get(Self.path).data[0]?["id"]?.int64)
            let mark = try await stage.lastEvent()
            let body: JSONValue = ["status": "closed", "assigned_to": JSONValue(rui), "read": true]
            let settled = try await stage.patch("\(Self.path)/\(id)", body)
            #expect(settled.status == 200, "\(settled.text)")
            #expect(settled.data["status"] == "closed")
            #expect(settled.data["assigned_to"] == JSONValue(rui))
            #expect(settled.data["unread"] == 0)
            #expect(settled.data["read_at"]?.string != nil)
            let events = try await stage.events(after: mark)
            #expect(events.map(\.type).sorted() == ["conversation.assigned", "conversation.closed"])
            let assigned = try #require(events.first { $0.type == "conversation.assigned" })
            #expect(assigned.data["conversation"]?["id"]?.int64 == id)
            #expect(assigned.data["conversation"]?["assigned_to"]?.int64 == rui)
            let lines = try await stage.audited("conversation", id)
            #expect(lines.map(\.action) == ["conversation.update"])
            #expect(
                lines.first?.changes
                    == ["status": ["open", "closed"], "assigned_to": [.null, JSONValue(rui)], "unread": [1, 0]])

            let rows = try await stage.rows()
            let same = try await stage.patch("\(Self.path)/\(id)", body)
            #expect(same.data == settled.data)
            #expect(try await stage.patch("\(Self.path)/\(id)", [:]).data == settled.data)
            #expect(try await stage.rows() == rows)
            #expect(try await stage.audited("conversation", id).count == 1)
            // That it is nobody's is told too; that it is open again is not.
            let after = try await stage.lastEvent()
            #expect(
                try await stage.patch("\(Self.path)/\(id)", ["assigned_to": .null, "status": "open"]).status == 200)
            #expect(try await stage.events(after: after).map(\.type) == ["conversation.assigned"])
        }
    }

    @Test func `what cannot be is refused, all of it at once`() async throws {
        try await Stage.run { stage in
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone)
            let id = try #require(try await stage.get(Self.path).data[0]?["id"]?.int64)
            let faults = try await stage.patch(
                "\(Self.path)/\(id)", ["status": "gone", "assigned_to": "me", "read": false, "note": 1])
            #expect(faults.status == 422)
            #expect(
                faults.faults.sorted() == [
                    "/assigned_to wrong_type", "/note unknown_field", "/read not_allowed", "/status not_allowed",
                ])
            let stranger = try await stage.user("Bia", of: stage.other)
            for user in [stranger, 999_999] {
                let refused = try await stage.patch("\(Self.path)/\(id)", ["assigned_to": JSONValue(user)])
                #expect(refused.faults == ["/assigned_to not_found"])
            }
            let tag = try #require(try await stage.get("\(Self.path)/\(id)").fields["ETag"])
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone, "Mais uma")
            let late = try await stage.patch(
                "\(Self.path)/\(id)", ["read": true], fields: ["If-Match": tag])
            #expect(late.status == 412)
            #expect(try await stage.get("\(Self.path)/\(id)").data["unread"] == 2)
        }
    }

    @Test func `a new message opens a closed thread, and one that came before does not`() async throws {
        try await Stage.run { stage in
            let body = stage.envelope([
                ("messages", [stage.inboundText("Oi", from: "5511987651001", id: "wamid.first")])
            ])
            let mark = try await stage.lastEvent()
            #expect(try await stage.cloudHook(body).status == 200)
            _ = try await stage.storedBodies()
            #expect(try await stage.events(after: mark).map(\.type).contains("conversation.created"))
            let id = try #require(try await stage.get(Self.path).data[0]?["id"]?.int64)
            let closed = try await stage.patch("\(Self.path)/\(id)", ["status": "closed", "read": true])
            #expect(closed.data["status"] == "closed")
            let rows = try await stage.rows(without: [.hookBodies])
            #expect(try await stage.cloudHook(body).status == 200)
            _ = try await stage.storedBodies()
            #expect(try await stage.get("\(Self.path)/\(id)").data == closed.data)
            #expect(try await stage.rows(without: [.hookBodies]) == rows)
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone, "De novo")
            let opened = try await stage.get("\(Self.path)/\(id)").data
            #expect(opened["status"] == "open")
            #expect(opened["unread"] == 1)
        }
    }

    @Test func `a message that comes again after its lead was archived makes no new one`() async throws {
        try await Stage.run { stage in
            let body = stage.envelope([
                ("messages", [stage.inboundText("Oi", from: "5511900000077", id: "wamid.once")])
            ])
            #expect(try await stage.cloudHook(body).status == 200)
            _ = try await stage.storedBodies()
            let lead = try #require(try await stage.get("/api/v1/leads?q=11900000077").data[0]?["id"]?.int64)
            #expect(try await stage.delete("/api/v1/leads/\(lead)").status == 200)
            let leads = try await stage.count(.leads)
            #expect(try await stage.cloudHook(body).status == 200)
            #expect(try await stage.storedBodies().map(\.state) == ["done", "done"])
            #expect(try await stage.count(.leads) == leads)
        }
    }

    @Test func `no message is lost from the count while others read`() async throws {
        try await Stage.run { stage in
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone, "Oi")
            let id = try #require(try await stage.get(Self.path).data[0]?["id"]?.int64)
            let answers = try await together(24) { index -> Answer in
                switch index % 4 {
                case 0: try await stage.patch("\(Self.path)/\(id)", ["read": true])
                case 1: try await stage.sendText("\(index)", instance: 2)
                default:
                    try await stage.cloudHook(
                        stage.envelope([
                            ("messages", [stage.inboundText("\(index)", from: "5511987651001", id: "wamid.u\(index)")])
                        ]))
                }
            }
            #expect(answers.allSatisfy { [200, 201, 202].contains($0.status) }, "\(answers.map(\.text))")
            _ = try await stage.storedBodies()
            // Every inbound message was counted when it came: what was read and what is left are all of them.
            let lines = try await stage.audited("conversation", id)
            let read = lines.compactMap { $0.changes["unread"]?[0]?.int64 }.reduce(0, +)
            let left = try #require(try await stage.get("\(Self.path)/\(id)").data["unread"]?.int64)
            #expect(read + left == 13)
            #expect(try await stage.patch("\(Self.path)/\(id)", ["read": true]).data["unread"] == 0)
        }
    }

    @Test func `each filter narrows, and both ways of paging go through all of it, latest first`() async throws {
        try await Stage.run { stage in
            let rui = try await stage.user("Rui Prado")
            var threads: [Int64] = []
            for lead in 1...5 {
                let phone = try #require(try await stage.get("/api/v1/leads/\(lead)").data["phone"]?.string)
                stage.clock.advance(by: .seconds(60))
                try await stage.hears(
                    from: phone, at: lead == 5 ? Stage.wahaPhone : Stage.cloudPhone, "Oi", sent: stage.now)
                threads.append(try #require(try await stage.get(Self.path).data[0]?["id"]?.int64))
            }
            let newest = Array(threads.reversed())
            #expect(Set(threads).count == 5)
            #expect(
                try await stage.patch("\(Self.path)/\(threads[0])", ["status": "closed", "read": true]).status == 200)
            #expect(
                try await stage.patch("\(Self.path)/\(threads[1])", ["assigned_to": JSONValue(rui)]).status == 200)
            let contact = try #require(try await stage.get("/api/v1/leads/3").data["contact_id"]?.int64)
            for (query, expected) in [
                ("", newest), ("status=open", newest.dropLast()), ("status=closed", [threads[0]]),
                ("assigned_to=\(rui)", [threads[1]]), ("assigned_to=none", newest.filter { $0 != threads[1] }),
                ("instance_id=1", [threads[4]]), ("instance_id=2", Array(newest.dropFirst())),
                ("lead_id=3", [threads[2]]), ("contact_id=\(contact)", [threads[2]]), ("lead_id=999", []),
                ("unread=true", newest.dropLast()), ("unread=false", [threads[0]]),
                ("unread=true&instance_id=2&status=open&assigned_to=none", [threads[3], threads[2]]),
            ] as [(String, [Int64])] {
                let page = try await stage.get("\(Self.path)?\(query)")
                #expect(page.data.array?.compactMap { $0["id"]?.int64 } == expected, "\(query)")
                #expect(page.json["meta"]?["total"]?.int64 == Int64(expected.count), "\(query)")
                let joined = query.isEmpty ? "" : "&\(query)"
                #expect(try await stage.walk("\(Self.path)?limit=2\(joined)") == expected, "\(query)")
                let second = try await stage.get("\(Self.path)?per_page=2&page=2\(joined)")
                #expect(
                    second.data.array?.compactMap { $0["id"]?.int64 } == Array(expected.dropFirst(2).prefix(2)),
                    "\(query)")
            }
            for bad in ["assigned_to=me", "status=x", "unread=x", "cursor=x", "cursor=\(try await stage.leadCursor())"]
            {
                #expect(try await stage.get("\(Self.path)?\(bad)").status == 422, "\(bad)")
            }
        }
    }

    @Test func `a thread that moves to the front while somebody pages hides no other and comes once`() async throws {
        try await Stage.run { stage in
            var threads: [Int64] = []
            for lead in 1...4 {
                let phone = try #require(try await stage.get("/api/v1/leads/\(lead)").data["phone"]?.string)
                stage.clock.advance(by: .seconds(60))
                try await stage.hears(from: phone, at: Stage.cloudPhone, "Oi", sent: stage.now)
                threads.append(try #require(try await stage.get(Self.path).data[0]?["id"]?.int64))
            }
            let first = try await stage.get("\(Self.path)?limit=2")
            stage.clock.advance(by: .seconds(60))
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone, "De novo", sent: stage.now)
            let cursor = try #require(first.json["meta"]?["next_cursor"]?.string)
            let rest = try await stage.walk("\(Self.path)?limit=2&cursor=\(cursor)")
            #expect(rest == [threads[1]])
            #expect(try await stage.get(Self.path).data[0]?["id"]?.int64 == threads[0])
        }
    }

    @Test func `a key sees its own account's threads, and of those its numbers'`() async throws {
        try await Stage.run { stage in
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone, "Oi")
            try await stage.hears(from: Stage.ana, at: Stage.wahaPhone, "Oi")
            let bound = try await stage.newKey(instances: [Stage.waha]).token
            let narrow = try await stage.newKey(instances: []).token
            let all = try await stage.get("\(Self.path)?lead_id=1").data.array ?? []
            #expect(all.count == 2)
            let own = try await stage.get(Self.path, key: bound)
            #expect(own.data.array?.compactMap { $0["instance_id"]?.int64 } == [1])
            #expect(own.json["meta"]?["total"] == 1)
            #expect(try await stage.get("\(Self.path)?limit=5", key: bound).data == own.data)
            #expect(try await stage.get("\(Self.path)?instance_id=2", key: bound).data == [])
            #expect(try await stage.get("\(Self.path)?lead_id=1&limit=5", key: bound).data == own.data)
            #expect(try await stage.get("/api/v1/messages?direction=inbound", key: bound).data.array?.count == 1)
            #expect(try await stage.get("/api/v1/messages?limit=9", key: bound).data.array?.count == 1)
            #expect(try await stage.get("/api/v1/messages?instance_id=2", key: bound).data == [])
            #expect(try await stage.get(Self.path, key: narrow).data == [])
            let foreign = try #require(all.first { $0["instance_id"] == 2 }?["id"]?.int64)
            let stranger = try await stage.newKey(of: stage.other).token
            #expect(try await stage.get(Self.path, key: stranger).data == [])
            #expect(try await stage.get("/api/v1/messages", key: stranger).data == [])
            for key in [bound, stranger] {
                for (method, tail, body) in [
                    (HTTPMethod.get, "", nil), (.get, "/messages", nil), (.patch, "", ["status": "closed"]),
                ] as [(HTTPMethod, String, JSONValue?)] {
                    let (hidden, unknown) = try await stage.alike(
                        method, "\(Self.path)/\(foreign)\(tail)", "\(Self.path)/999999\(tail)", body: body, key: key)
                    #expect(hidden.status == 404)
                    #expect(hidden.body == unknown.body)
                }
            }
            #expect(try await stage.get("\(Self.path)/\(foreign)").data["status"] == "open")
        }
    }
}

extension Stage {
    /// The ids of a list, page by page.
    func walk(_ path: String, key: String?? = .none) async throws -> [Int64] {
        var ids: [Int64] = []
        var next: String? = ""
        let base = path.split(separator: "&").filter { !$0.hasPrefix("cursor=") }.joined(separator: "&")
        var asked = path
        while next != nil {
            let page = try await get(asked, key: key)
            guard page.status == 200 else { throw StageError(what: "no page: \(page.text)") }
            ids += page.data.array?.compactMap { $0["id"]?.int64 } ?? []
            next = page.json["meta"]?["next_cursor"]?.string
            asked = "\(base)&cursor=\(next ?? "")"
        }
        return ids
    }

    /// A cursor of another list.
    fileprivate func leadCursor() async throws -> String {
        try await get("/api/v1/leads?limit=1").json["meta"]?["next_cursor"]?.string ?? ""
    }
}
