import EventLoop
import HTTP
import JSON
import Postgres
import Storage
import Testing

/// Sends that are accepted in the same moment share a statement, and nothing else.
@Suite struct GatheredSendTests {
    @Test func `of sixty sends at once each is answered, written and received as its own`() async throws {
        try await Stage.run { stage in
            var leads: [(id: Int64, phone: String)] = []
            for index in 0..<20 {
                let phone = "+55119876506\(index + 10)"
                leads.append((try await stage.lead(phone: phone), phone))
            }
            var accepts = 0
            stage.database.pool.onTrip = { names in if names == ["send_accept"] { accepts += 1 } }
            // Three sends to each lead: two under keys of their own, the third without one.
            let answers = try await together(60) { index in
                let lead = leads[index % 20]
                let fields: HTTPFields = index < 40 ? ["Idempotency-Key": "gathered \(index)"] : [:]
                return try await stage.sendTemplate(1, Self.variables(index), lead: lead.id, fields: fields)
            }
            stage.database.pool.onTrip = nil
            #expect(accepts < 60)
            for (index, answer) in answers.enumerated() {
                #expect(answer.status == 201, "\(answer.text)")
                #expect(answer.message["lead_id"]?.int64 == leads[index % 20].id)
                #expect(answer.message["text"]?.string == Self.text(index))
            }
            #expect(Set(answers.map { $0.message["id"]?.int64 }).count == 60)
            for (index, lead) in leads.enumerated() {
                let texts = try await stage.received(lead.phone).compactMap { $0["text"]?.string }
                #expect(Set(texts) == Set([index, index + 20, index + 40].map(Self.text)))
                #expect(texts.count == 3)
            }
            #expect(try await stage.count(.messages) == 60)
            #expect(try await stage.count(.idempotencyKeys) == 40)
        }
    }

    @Test func `of sends at once whose keys are taken, only those with free keys are written`() async throws {
        try await Stage.run { stage in
            var leads: [Int64] = []
            for index in 0..<10 { leads.append(try await stage.lead(phone: "+55119876507\(index + 10)")) }
            let first = try await together(10) { index in
                try await stage.sendTemplate(
                    1, Self.variables(index), lead: leads[index],
                    fields: ["Idempotency-Key": "taken \(index)"])
            }
            #expect(first.allSatisfy { $0.status == 201 })
            // The even ones once more as they were, the odd ones anew.
            let second = try await together(10) { index in
                try await stage.sendTemplate(
                    1, Self.variables(index), lead: leads[index],
                    fields: ["Idempotency-Key": index.isMultiple(of: 2) ? "taken \(index)" : "free \(index)"])
            }
            for index in 0..<10 {
                let isReplay = index.isMultiple(of: 2)
                #expect((second[index].fields["Idempotent-Replayed"] != nil) == isReplay)
                #expect((second[index].message["id"] == first[index].message["id"]) == isReplay)
            }
            #expect(try await stage.count(.messages) == 15)
        }
    }

    private static func variables(_ index: Int) -> JSONValue { [.string("n\(index)"), "proposta", "10/07"] }

    private static func text(_ index: Int) -> String { "Olá n\(index), sua proposta está agendada para 10/07." }
}
