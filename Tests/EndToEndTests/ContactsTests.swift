import Domain
import HTTP
import JSON
import Postgres
import TestSupport
import Testing

@testable import leadwire

/// Contacts: found, made, changed, and what they are known by.
@Suite struct ContactsTests {
    private static let path = "/api/v1/contacts"

    @Test func `a contact is made with all that it is known by, and found by each`() async throws {
        try await Stage.run { stage in
            let made = try await stage.post(
                Self.path,
                [
                    "name": "Zuleica", "phone": "(11) 98765-2001", "email": "Zu@Example.com", "birthday": "1990-02-28",
                    "identifiers": [
                        ["kind": "lid", "value": "777@lid"], ["kind": "external_id", "value": "erp-7"],
                        ["kind": "bsuid", "scope": "portfolio", "value": "BR.7"],
                    ],
                ])
            #expect(made.status == 201, "\(made.text)")
            let id = try #require(made.data["id"]?.int64)
            #expect(made.fields["Location"] == "\(Self.path)/\(id)")
            #expect(
                made.data.object?.keys == [
                    "id", "name", "phone", "email", "company", "birthday", "opted_out", "marketing_stopped",
                    "identifiers", "created_at", "updated_at", "version",
                ])
            #expect(made.data["phone"] == "+5511987652001")
            #expect(made.data["opted_out"] == false)
            let known = made.data["identifiers"]?.array ?? []
            #expect(
                known.map { "\($0["kind"]?.string ?? "") \($0["scope"]?.string ?? "-") \($0["value"]?.string ?? "")" }
                    == [
                        "bsuid portfolio BR.7", "email - Zu@Example.com", "external_id - erp-7", "lid - 777@lid",
                        "phone - +5511987652001",
                    ])
            #expect(known.allSatisfy { $0["evidence"] == "api" && $0["created_at"]?.string?.hasSuffix("Z") == true })
            #expect(try await stage.get("\(Self.path)/\(id)").data == made.data)
            for query in [
                "phone=11987652001", "phone=%2B551187652001", "email=zu@example.com", "external_id=erp-7", "q=zule",
                "q=98765-2001", "q=ZU@ex", "phone=%2B5511987652001&q=Zu",
            ] {
                for paging in ["", "&limit=5"] {
                    let found = try await stage.get("\(Self.path)?\(query)\(paging)")
                    #expect(found.data == [made.data], "\(query)\(paging): \(found.text)")
                }
            }
            #expect(try await stage.get("\(Self.path)?email=zu@example.com&external_id=other").data == [])
            #expect(try await stage.get("\(Self.path)?phone=12").faults == ["?phone invalid_phone"])
        }
    }

    @Test func `a contact without a phone is one, and one without anything is none`() async throws {
        try await Stage.run { stage in
            for identifier: JSONValue in [
                ["kind": "lid", "value": "778"], ["kind": "bsuid", "scope": "p", "value": "BR.8"],
                ["kind": "external_id", "value": "erp-8"], ["kind": "email", "value": "a@b.example"],
            ] {
                let made = try await stage.post(Self.path, ["identifiers": [identifier]])
                #expect(made.status == 201, "\(made.text)")
                #expect(made.data["phone"] == .null)
            }
            #expect(try await stage.post(Self.path, [:]).faults == ["/name required"])
            let faulty = try await stage.post(
                Self.path,
                [
                    "phone": "12", "nome": 1,
                    "identifiers": [
                        ["kind": "fax", "value": "1"], ["value": "x"], ["kind": "bsuid", "value": "y"], 7,
                    ],
                ])
            #expect(
                Set(faulty.faults) == [
                    "/phone invalid_phone", "/nome unknown_field", "/identifiers/0/kind not_allowed",
                    "/identifiers/1/kind required", "/identifiers/2/scope required", "/identifiers/3 wrong_type",
                ], "\(faulty.faults)")
        }
    }

    @Test func `an identifier of somebody else is a conflict that names them, and nothing is written`() async throws {
        try await Stage.run { stage in
            let before = try await stage.rows()
            for body: JSONValue in [
                ["name": "X", "phone": "+551187651001"],
                ["identifiers": [["kind": "wa_id", "value": "5511987651001"]]],
                ["phone": "+5511999990000", "email": "ANA.souza@example.com"],
            ] {
                let refused = try await stage.post(Self.path, body)
                #expect(refused.status == 409)
                #expect(refused.code == "identifier_conflict", "\(refused.text)")
                #expect(refused.json["existing_id"] == 1)
                #expect(refused.json["matched_on"] != nil)
            }
            let moved = try await stage.patch("\(Self.path)/2", ["phone": "+551187651001"])
            #expect(moved.code == "identifier_conflict", "\(moved.text)")
            #expect(moved.json["existing_id"] == 1)
            let added = try await stage.post(
                "\(Self.path)/2/identifiers", ["kind": "email", "value": "ana.souza@example.com"])
            #expect(added.code == "identifier_conflict")
            #expect(try await stage.rows() == before)
        }
    }

    @Test func `a change shows on the contact's leads, with its events and under If-Match`() async throws {
        try await Stage.run { stage in
            let read = try await stage.get("\(Self.path)/1")
            let lead = try await stage.get("/api/v1/leads/1").data
            let mark = try await stage.lastEvent()
            let tag = try #require(read.fields["ETag"])
            let changed = try await stage.patch(
                "\(Self.path)/1", ["phone": "+5511987652009", "company": "Souza Ltda"], fields: ["If-Match": tag])
            #expect(changed.status == 200, "\(changed.text)")
            #expect(changed.data["phone"] == "+5511987652009")
            #expect(changed.data["name"] == "Ana Souza")
            let shown = try await stage.get("/api/v1/leads/1").data
            #expect(shown["phone"] == "+5511987652009")
            #expect(shown["company"] == "Souza Ltda")
            #expect(shown["version"]?.int64 == lead["version"]?.int64.map { $0 + 1 })
            #expect(
                try await stage.events(after: mark).map { $0.type }.sorted() == ["contact.updated", "lead.updated"])
            #expect(try await stage.patch("\(Self.path)/1", ["name": "B"], fields: ["If-Match": tag]).status == 412)
            // The old number is free again, and the new one is taken.
            #expect(try await stage.post(Self.path, ["phone": "+5511987651001"]).status == 201)
            #expect(try await stage.post(Self.path, ["phone": "+551187652009"]).code == "identifier_conflict")

            let cleared = try await stage.put("\(Self.path)/1", ["phone": .null, "birthday": .null, "company": ""])
            #expect(cleared.data["phone"] == .null, "\(cleared.text)")
            #expect(cleared.data["company"] == .null)
            let same = try await stage.patch("\(Self.path)/1", ["name": "Ana Souza"])
            #expect(same.body == cleared.body)
        }
    }

    @Test func `a name alone is changed, taken away, and given by a lead that joins a nameless contact`() async throws {
        try await Stage.run { stage in
            let path = "/api/v1/contacts"
            let made = try await stage.post(path, ["name": "Zélia", "email": "zelia@example.com"])
            let id = try #require(made.data["id"]?.int64)
            for name: JSONValue in ["Zélia Prado", .null] {
                let changed = try await stage.patch("\(path)/\(id)", ["name": name])
                #expect(changed.status == 200, "\(changed.text)")
                #expect(changed.data["name"] == name)
            }
            let leads = try await stage.sql("SELECT count(*) FROM events WHERE type = 'lead.updated'")
            let lead = try await stage.post("/api/v1/leads", ["name": "Rui", "email": "zelia@example.com"])
            #expect(lead.status == 201, "\(lead.text)")
            #expect(lead.data["contact_id"]?.int64 == id)
            #expect(try await stage.get("\(path)/\(id)").data["name"] == "Rui")
            // A contact's name is not what its leads are called by: they have not changed with it.
            let after = try await stage.sql("SELECT count(*) FROM events WHERE type = 'lead.updated'")
            #expect(try after[0].int(0) == leads[0].int(0))
        }
    }

    @Test func `identifiers come and go one by one, and the main ones with them`() async throws {
        try await Stage.run { stage in
            let path = "\(Self.path)/20/identifiers"
            let phone = try await stage.post(path, ["kind": "phone", "value": "31 98765-2020"])
            #expect(phone.status == 200, "\(phone.text)")
            #expect(phone.data["phone"] == "+5531987652020")
            let second = try await stage.post(path, ["kind": "phone", "value": "31 98765-2021"])
            #expect(second.data["phone"] == "+5531987652020")
            #expect(second.data["identifiers"]?.array?.count == 3)
            // What it has already is no change.
            #expect(try await stage.post(path, ["kind": "phone", "value": "+5531987652021"]).body == second.body)
            #expect(try await stage.get("\(Self.path)?phone=31987652021").data == [second.data])

            let gone = try await stage.request(.delete, "\(path)?kind=phone&value=%2B5531987652020")
            #expect(gone.status == 200, "\(gone.text)")
            #expect(gone.data["phone"] == .null)
            #expect(gone.data["identifiers"]?.array?.count == 2)
            #expect(try await stage.request(.delete, "\(path)?kind=phone&value=%2B5531987652020").status == 404)
            #expect(
                try await stage.request(.delete, "\(path)?kind=fax").faults
                    == ["?kind not_allowed", "?value required"])
            // Another contact's is none of this one's.
            #expect(try await stage.request(.delete, "\(path)?kind=phone&value=%2B5511987651001").status == 404)
        }
    }

    @Test func `pages and cursors go through all, and updated_since starts half a minute early`() async throws {
        try await Stage.run { stage in
            let all = try await stage.get("\(Self.path)?per_page=200")
            #expect(all.json["meta"]?["total"] == 20)
            let ids = all.data.array?.compactMap { $0["id"]?.int64 } ?? []
            #expect(ids == ids.sorted(by: >))
            var seen: [Int64] = []
            var next: String? = "\(Self.path)?limit=7"
            while let path = next {
                let page = try await stage.get(path)
                seen += page.data.array?.compactMap { $0["id"]?.int64 } ?? []
                next = page.json["meta"]?["next_cursor"]?.string.map { "\(Self.path)?limit=7&cursor=\($0)" }
            }
            #expect(seen == ids)
            #expect(try await stage.get("\(Self.path)?per_page=7&page=3").data.array?.count == 6)
            stage.clock.advance(by: .seconds(60))
            let changed = try await stage.patch("\(Self.path)/4", ["company": "Nova"])
            stage.clock.advance(by: .seconds(29))
            let since = stage.now.text
            #expect(try await stage.get("\(Self.path)?updated_since=\(since)").data == [changed.data])
            stage.clock.advance(by: .seconds(2))
            #expect(try await stage.get("\(Self.path)?updated_since=\(stage.now.text)").data == [])
        }
    }

    @Test func `another account's contacts answer like ids that do not exist`() async throws {
        try await Stage.run { stage in
            let nobody = 9_007_199_254_740_000
            let before = try await stage.rows()
            let cases: [(HTTPMethod, String, JSONValue?)] = [
                (.get, "", nil), (.patch, "", ["name": "X"]), (.put, "", ["name": "X"]),
                (.post, "/identifiers", ["kind": "lid", "value": "1"]),
                (.delete, "/identifiers?kind=phone&value=%2B5511987651001", nil),
            ]
            for (method, rest, body) in cases {
                let (foreign, unknown) = try await stage.alike(
                    method, "\(Self.path)/1\(rest)", "\(Self.path)/\(nobody)\(rest)", body: body,
                    key: stage.keys.other.text)
                #expect(foreign.status == 404, "\(method) \(rest)")
                #expect(foreign.body == unknown.body, "\(method) \(rest)")
            }
            #expect(try await stage.rows() == before)
            // The same number is another person's in another account.
            let theirs = try await stage.post(
                Self.path, ["phone": "+5511987651001"], key: stage.keys.other.text)
            #expect(theirs.status == 201)
        }
    }

    @Test func `of many who make the same person one does, whatever the form of the number`() async throws {
        try await Stage.run { stage in
            let forms = ["+5511987653001", "551187653001", "11987653001", "(11) 8765-3001"]
            let answers = try await together(16) { index in
                try await stage.post(Self.path, ["name": "Um", "phone": .string(forms[index % forms.count])])
            }
            let made = answers.filter { $0.status == 201 }
            #expect(made.count == 1)
            #expect(answers.allSatisfy { $0.status == 201 || $0.code == "identifier_conflict" })
            #expect(answers.allSatisfy { $0.status == 201 || $0.json["existing_id"] == made[0].data["id"] })
            let replayed = try await together(8) { _ in
                try await stage.post(Self.path, ["name": "Dois"], fields: ["Idempotency-Key": "c"])
            }
            #expect(Set(replayed.map(\.body)).count == 1)
        }
    }
}
