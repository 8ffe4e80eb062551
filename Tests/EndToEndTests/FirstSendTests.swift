import JSON
import Testing

@Suite struct FirstSendTests {
    @Test(arguments: Stage.Way.allCases)
    func `a template with its variables arrives on the lead's phone, by the template's own number`(
        _ way: Stage.Way
    ) async throws {
        try await Stage.run { stage in
            // A status that overtakes the answer would show in it.
            try await stage.control("settings", ["statuses": false])
            let answer = try await stage.sendTemplate(1, ["Ana", "proposta", "10/07"], way: way)
            #expect(answer.status == 201)
            #expect(answer.message["status"] == "accepted")
            #expect(answer.message["text"] == "Olá Ana, sua proposta está agendada para 10/07.")
            #expect(answer.message["instance_id"] == 2)
            let phone = try await stage.received("+5511987651001")
            #expect(phone.count == 1)
            #expect(phone.first?["text"] == "Olá Ana, sua proposta está agendada para 10/07.")
            #expect(phone.first?["id"] == answer.message["provider_message_id"])
        }
    }
}
