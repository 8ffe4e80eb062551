import Domain
import EventLoop
import HTTP
import JSON
import TestSupport
import Testing

/// Who asks not to be written to is seen so by those who keep leads in step.
@Suite struct ConsentSyncTests {
    @Test func `a STOP word is a new version of the contact and of its leads, told once`() async throws {
        try await Stage.run { stage in
            let second = try await stage.post("/api/v1/leads", ["name": "Ana, outra vez", "phone": .string(Stage.ana)])
            let other = try #require(second.data["id"]?.int64)
            stage.clock.advance(by: .seconds(120))
            let before = try await stage.get("/api/v1/leads/1")
            let contact = try #require(before.data["contact_id"]?.int64)
            let version = before.data["version"]?.int64 ?? 0
            let (began, last) = (stage.now, try await stage.lastEvent())
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone, "PARAR")

            let after = try await stage.get("/api/v1/leads/1")
            #expect(after.data["opted_out"] == true)
            #expect(after.data["version"]?.int64 == version + 1)
            #expect(after.fields["ETag"] != before.fields["ETag"])
            let changed = try await stage.get("/api/v1/leads?updated_since=\(began.text)&limit=50")
            #expect(changed.data.array?.compactMap { $0["id"]?.int64 } == [1, other])
            let people = try await stage.get("/api/v1/contacts?updated_since=\(began.text)&limit=50")
            #expect(people.data.array?.compactMap { $0["id"]?.int64 } == [contact])

            let told = try await stage.events(after: last).filter { $0.type.hasSuffix(".updated") }
            #expect(told.map(\.type).sorted() == ["contact.updated", "lead.updated", "lead.updated"])
            for event in told {
                #expect(event.previous == ["opted_out": false], "\(event.type)")
                #expect((event.data["lead"] ?? event.data["contact"])?["opted_out"] == true, "\(event.type)")
            }
            let item = try await stage.get("/api/v1/leads/1/timeline?types=change").data[0]
            #expect(item?["change"]?["changes"] == ["opted_out": [false, true]])
            #expect(item?["api_key_id"] == .null)

            try await stage.hears(from: Stage.ana, at: Stage.wahaPhone, "Stop")
            #expect(try await stage.get("/api/v1/leads/1").data["version"]?.int64 == version + 1)
            #expect(try await stage.sql("SELECT 1 FROM consents").count == 2)
        }
    }

    @Test func `a marketing preference is a new version of the contact, and the newest choice stands`() async throws {
        try await Stage.run { stage in
            stage.clock.advance(by: .seconds(120))
            let (began, last) = (stage.now, try await stage.lastEvent())
            @Reactor func chooses(_ value: String, _ seconds: Int64, _ waID: String = "5511987651001") async throws {
                let preference: JSONValue = [
                    "wa_id": .string(waID), "detail": "d", "category": "marketing_messages", "value": .string(value),
                    "timestamp": JSONValue(began.microseconds / 1_000_000 + seconds),
                ]
                var body = stage.envelope([("user_preferences", [preference])])
                body = try JSONParser.parse(
                    Array(
                        String(decoding: body.serialized(), as: UTF8.self).replacing(
                            #""field":"messages""#, with: #""field":"user_preferences""#
                        ).utf8))
                #expect(try await stage.cloudHook(body).status == 200)
                #expect(try await stage.storedBodies().allSatisfy { $0.failures == nil })
            }
            func contact() async throws -> JSONValue { try await stage.get("/api/v1/contacts/1").data }
            let version = try await contact()["version"]?.int64 ?? 0
            try await chooses("stop", -30)
            #expect(try await contact()["marketing_stopped"] == true)
            #expect(try await contact()["version"]?.int64 == version + 1)
            #expect(try await stage.sendTemplate(11, ["Ana", "NATAL10"]).code == "opted_out")
            let people = try await stage.get("/api/v1/contacts?updated_since=\(began.text)&limit=50")
            #expect(people.data.array?.compactMap { $0["id"]?.int64 } == [1])
            // Again, and an older choice that comes late: nothing changes.
            try await chooses("stop", -30)
            try await chooses("resume", -60)
            #expect(try await contact()["version"]?.int64 == version + 1)
            try await chooses("resume", -10)
            #expect(try await contact()["marketing_stopped"] == false)
            #expect(try await contact()["version"]?.int64 == version + 2)
            let told = try await stage.events(after: last).filter { $0.type == "contact.updated" }
            #expect(told.map(\.previous) == [["marketing_stopped": false], ["marketing_stopped": true]])
            #expect(told.map { $0.data["contact"]?["marketing_stopped"] } == [true, false])
            #expect(try await stage.sql("SELECT 1 FROM consents").count == 3)
            // Nobody's: nobody is made of it.
            let rows = try await stage.rows(without: [.hookBodies])
            try await chooses("stop", 0, "5511900000000")
            #expect(try await stage.rows(without: [.hookBodies]) == rows)
        }
    }

    @Test func `a first message that is a STOP word makes a lead that is opted out`() async throws {
        try await Stage.run { stage in
            try await stage.hears(from: "+5511987659999", at: Stage.cloudPhone, "SAIR")
            let lead = try await stage.get("/api/v1/leads?q=87659999").data[0]
            #expect(lead?["opted_out"] == true)
        }
    }

    /// The contact first, then its threads, as everybody does who takes both.
    @Test func `a STOP word and a merge of its contact at the same time wait for each other and both happen`()
        async throws
    {
        try await Stage.run { stage in
            for round in 0..<6 {
                let phone = "+551198761\(1000 + round)"
                let lead = try await stage.lead(phone: phone)
                try await stage.hears(from: phone, at: Stage.cloudPhone, "Oi")
                let loser = try #require(try await stage.get("/api/v1/leads/\(lead)").data["contact_id"]?.int64)
                let winner = try #require(
                    try await stage.post("/api/v1/contacts", ["name": "Vencedor"]).data["id"]?.int64)
                _ = try await together(2) { index in
                    if index == 0 {
                        let pair: JSONValue = ["winner_id": JSONValue(winner), "loser_id": JSONValue(loser)]
                        let merged = try await stage.post("/api/v1/contacts/merge", pair)
                        #expect(merged.status == 200, "\(merged.text)")
                    } else {
                        try await stage.hears(from: phone, at: Stage.cloudPhone, "PARAR")
                    }
                }
                #expect(try await stage.get("/api/v1/leads/\(lead)").data["opted_out"] == true)
                #expect(try await stage.get("/api/v1/contacts/\(winner)").data["opted_out"] == true)
            }
        }
    }
}
