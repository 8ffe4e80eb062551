import Domain
import EventLoop
import JSON
import TestSupport
import Testing

/// PRODUCT § 6.2.
@Suite struct SendingConsentTests {
    @Test(arguments: ["PARAR", " sair ", "Stop."])
    func `a STOP word blocks what the business begins, and not an answer in the open window`(
        _ word: String
    ) async throws {
        try await Stage.run { stage in
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone, word)
            let before = try await stage.traces()
            let template = try await stage.sendTemplate(1, ["Ana", "proposta", "10/07"])
            #expect(template.status == 422)
            #expect(template.code == "opted_out")
            // On another number there is no window to answer in.
            #expect(try await stage.sendText("Oi", instance: 1).code == "opted_out")
            #expect(try await stage.traces() == before)
            #expect(try await stage.get("/api/v1/leads/1").data["opted_out"] == true)

            let answer = try await stage.sendText("Tudo bem, até logo.", instance: 2)
            #expect(answer.status == 201)
            stage.clock.advance(by: .seconds(86_401))
            #expect(try await stage.sendText("Voltamos!", instance: 2).code == "opted_out")
            let fallback = JSONObject([("fallback", ["template_id": 14])])
            #expect(try await stage.sendText("Voltamos!", instance: 2, extra: fallback).code == "opted_out")
            #expect(try await stage.sends(to: Stage.ana) == 1)
        }
    }

    @Test func `the word inside a sentence is no STOP`() async throws {
        try await Stage.run { stage in
            try await stage.hears(from: Stage.ana, at: Stage.cloudPhone, "Pode parar aqui na frente?")
            #expect(try await stage.sendTemplate(1, ["Ana", "proposta", "10/07"]).status == 201)
        }
    }

    @Test func `a marketing stop blocks marketing templates alone`() async throws {
        try await Stage.run { stage in
            try await stage.sql(
                """
                UPDATE contacts SET marketing_stopped_at = now()
                WHERE id = (SELECT contact_id FROM leads WHERE account_id = \(stage.demo) AND id = 1)
                """)
            #expect(try await stage.sendTemplate(11, ["Ana", "NATAL10"]).code == "opted_out")
            #expect(try await stage.sendTemplate(1, ["Ana", "proposta", "10/07"]).status == 201)
        }
    }
}
