import Domain
import HTTP
import JSON
import Testing

/// Many at once, and two processes over one database.
@Suite struct SendingReplicaTests {
    private static let proposal: JSONValue = ["Ana", "proposta", "10/07"]

    @Test func `a hundred sends at once arrive once each, with the right words`() async throws {
        try await Stage.run { stage in
            let answers = try await together(100) { index in
                try await stage.sendTemplate(1, [.string("Ana \(index)"), "a", "b"], lead: Int64(index % 15 + 1))
            }
            #expect(answers.allSatisfy { $0.status == 201 })
            let all = try await stage.send("\(stage.simulatorURL)/_simulator/messages", .get, [:], [])
            let texts = (all.json["messages"]?.array ?? []).compactMap { $0["text"]?.string }
            #expect(texts.sorted() == (0..<100).map { "Olá Ana \($0), sua a está agendada para b." }.sorted())
            #expect(try await stage.providerCalls() == 100)
            #expect(try await stage.count(.outbox) == 0)
        }
    }

    @Test func `two processes share the outbox: each held message goes out once, in order`() async throws {
        try await Stage.run { stage in
            try await stage.set(Stage.waha, .disconnected)
            for number in 1...60 {
                let lead = Int64(number % 3 + 1)
                #expect(try await stage.sendText("\(number)", lead: lead, instance: 1).status == 202)
            }
            try await stage.withReplica { _ in
                try await stage.set(Stage.waha, .connected)
                try await stage.eventually("all are accepted") { try await stage.count(.outbox) == 0 }
                for lead in 1...3 {
                    let texts = try await stage.received("+55\(lead == 3 ? "21" : "11")98765100\(lead)")
                        .map { $0["text"]?.string }
                    #expect(texts == (1...60).filter { $0 % 3 + 1 == lead }.map { "\($0)" })
                }
            }
        }
    }

    @Test func `one key at two processes sends once, and both give its verdict`() async throws {
        try await Stage.run { stage in
            let slow = "+5511987650002"
            let lead = try await stage.lead(phone: slow)
            try await stage.withReplica { replica in
                let body: JSONValue = ["template_id": 1, "variables": Self.proposal]
                let answers = try await together(20) { index in
                    try await stage.request(
                        .post, "/api/v1/leads/\(lead)/send-whatsapp-template", body: body.serialized(),
                        fields: ["Idempotency-Key": "both"], at: index % 2 == 0 ? replica : stage.application)
                }
                for answer in answers {
                    #expect(answer.status == 201 || answer.code == "idempotency_key_processing")
                }
                let fresh = answers.filter { $0.status == 201 && $0.fields["Idempotent-Replayed"] == nil }
                #expect(fresh.count == 1)
                #expect(try await stage.sends(to: slow) == 1)
            }
        }
    }

    @Test func `a process that ends waits for the attempt under way`() async throws {
        try await Stage.run { stage in
            let slow = "+5511987650002"
            let lead = try await stage.lead(phone: slow)
            var answer: Answer?
            try await stage.withReplica { replica in
                let body: JSONValue = ["template_id": 1, "variables": Self.proposal]
                answer = try await stage.request(
                    .post, "/api/v1/leads/\(lead)/send-whatsapp-template", body: body.serialized(),
                    fields: ["Prefer": "respond-async"], at: replica)
            }
            let left = try #require(answer)
            #expect(left.message["status"] == "sending")
            let message = try await stage.message(left)
            #expect(message["accepted_at"] != .null)
            #expect(message["attempts"] == 1)
            #expect(try await stage.count(.outbox) == 0)
        }
    }
}
