import Domain
import HTTP
import JSON
import Postgres
import TestSupport
import Testing

@testable import leadwire

/// `GET /messages`: what narrows it, and how it is gone through.
@Suite struct MessageListTests {
    private static let path = "/api/v1/messages"

    @Test func `each filter narrows, each message is as it is by itself, and every way of paging finds all`()
        async throws
    {
        try await Stage.run { stage in
            stage.alignClock()
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone, "Oi", sent: stage.now)
            stage.clock.advance(by: .seconds(3600))
            let middle = stage.now
            #expect(
                try await stage.sendText("Um", instance: 2, extra: JSONObject([("client_reference", "r-1")])).status
                    == 201)
            #expect(try await stage.sendTemplate(1, ["Ana", "proposta", "10/07"]).status == 201)
            #expect(try await stage.sendText("Por fora", lead: 2, instance: 1).status == 201)
            try await stage.eventually("the reports are in") {
                try await stage.sql(
                    "SELECT count(*) FROM messages WHERE direction = 'outbound' AND status IN ('read', 'delivered')"
                ).first?.int(0) == 3
            }
            stage.clock.advance(by: .seconds(3600))
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone, "Tarde", sent: stage.now)
            let all = try await stage.get(Self.path)
            #expect(all.json["meta"]?["total"] == 5)
            let ids = all.data.array?.compactMap { $0["id"]?.int64 } ?? []
            #expect(ids == ids.sorted(by: >))
            for message in all.data.array ?? [] {
                #expect(message == (try await stage.message(try #require(message["id"]?.int64))))
            }
            let (oi, um, template, outside, late) = (ids[4], ids[3], ids[2], ids[1], ids[0])
            let thread = try #require(all.data[4]?["conversation_id"]?.int64)
            let contact = try #require(try await stage.get("/api/v1/leads/1").data["contact_id"]?.int64)
            let sentStatus = try #require(try await stage.message(outside)["status"]?.string)
            for (query, expected) in [
                ("lead_id=1", [late, template, um, oi]), ("conversation_id=\(thread)", [late, template, um, oi]),
                ("contact_id=\(contact)", [late, template, um, oi]), ("instance_id=1", [outside]),
                ("direction=inbound", [late, oi]), ("direction=outbound", [outside, template, um]),
                ("status=received", [late, oi]), ("status=failed", []),
                ("status=\(sentStatus)&instance_id=1", [outside]), ("type=template", [template]),
                ("type=text&direction=outbound", [outside, um]), ("template_id=1", [template]),
                ("client_reference=r-1", [um]), ("client_reference=r", []), ("lead_id=999", []),
                ("created_from=\(middle.text)", [late, outside, template, um]),
                ("created_to=\((middle + .seconds(-1)).text)", [oi]),
                ("created_from=\(middle.text)&direction=inbound", [late]),
                ("contact_id=\(contact)&created_from=\(middle.text)", [late, template, um]),
                ("sent_from=\((middle + .seconds(-5)).text)&instance_id=1", [outside]),
                ("sent_to=2020-01-01", []), ("direction=inbound&status=sent", []),
            ] as [(String, [Int64])] {
                let page = try await stage.get("\(Self.path)?\(query)")
                let found = page.data.array?.compactMap { $0["id"]?.int64 } ?? []
                // What was queued at one instant is in the order of the ids.
                #expect(found == expected, "\(query)")
                #expect(page.json["meta"]?["total"]?.int64 == Int64(expected.count), "\(query)")
                #expect(try await stage.walk("\(Self.path)?limit=1&\(query)") == expected, "\(query)")
                let second = try await stage.get("\(Self.path)?per_page=1&page=2&\(query)")
                #expect(second.data.array?.compactMap { $0["id"]?.int64 } == Array(expected.dropFirst().prefix(1)))
            }
            let cursor = try #require(
                try await stage.get("\(Self.path)?limit=1&created_from=2020-01-01").json["meta"]?["next_cursor"]?.string
            )
            for bad in ["limit=1&cursor=\(cursor)", "status=gone", "direction=up", "created_from=soon", "q=a"] {
                #expect(try await stage.get("\(Self.path)?\(bad)").status == 422, "\(bad)")
            }
        }
    }
}
