import EventLoop
import Foundation
import HTTP
import JSON
import TestRandom
import TestSupport
import Testing

/// What `q` finds: every lead whose name, address or phone holds it, and no other.
@Suite struct LeadsSearchTests {
    private struct Person {
        let id: Int64
        let name: String
        let email: String
        let phone: String

        func holds(_ q: String) -> Bool {
            let digits = q.filter { ("0"..."9").contains($0) }
            let isPhone = digits.count >= 3 && q.allSatisfy { digits.contains($0) || "+-(). ".contains($0) }
            return name.lowercased().contains(q.lowercased()) || email.lowercased().contains(q.lowercased())
                || isPhone && phone.contains(digits)
        }
    }

    /// Few letters, so that much is found in many places.
    private static func word(_ length: Int, of letters: String, _ random: inout SeededGenerator) -> String {
        String((0..<length).map { _ in random.one(of: Array(letters)) })
    }

    @Test(arguments: [1, 2] as [UInt64]) func `whatever part is looked for is found`(_ seed: UInt64) async throws {
        try await Stage.run { stage in
            var random = SeededGenerator(seed: seed)
            var people: [Person] = []
            for index in 0..<60 {
                let name = "n" + Self.word(random.below(31), of: "abAB1 ção_%\\-", &random) + "x"
                let email = Self.word(1 + random.below(20), of: "abc12", &random) + "\(index)@ab.example"
                let phone = "+55119" + Self.word(6, of: "128", &random) + "\(index + 10)"
                let made = try await stage.post(
                    "/api/v1/leads", ["name": .string(name), "email": .string(email), "phone": .string(phone)])
                people.append(
                    Person(
                        id: try #require(made.data["id"]?.int64, "\(made.text)"), name: name, email: email, phone: phone
                    ))
            }
            var found = 0
            for _ in 0..<120 {
                let person = random.one(of: people)
                let text = Array(random.one(of: [person.name, person.email, String(person.phone.dropFirst())]))
                let from = random.below(text.count)
                let to = from + random.below(text.count - from)
                // As somebody types it, in any case; and at times one letter off.
                var q = String(text[from...to])
                if random.once(in: 2) { q = String(q.map { $0.isASCII ? Character($0.uppercased()) : $0 }) }
                if random.once(in: 5) { q += "7" }
                guard !q.allSatisfy(\.isWhitespace) else { continue }
                let asked = try #require(q.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
                let answer = try await stage.get("/api/v1/leads?limit=500&q=\(asked)")
                let ids = answer.data.array?.compactMap { $0["id"]?.int64 } ?? []
                let known = people.filter { ids.contains($0.id) }.map(\.name)
                let expected = people.filter { $0.holds(q) }.map(\.name)
                #expect(known.sorted() == expected.sorted(), "q=\(q)")
                found += expected.count
            }
            #expect(found > 200)
        }
    }
}
