import Domain
import EventLoop
import Storage

extension Service {
    /// 409 for identifiers of a person who was erased, unless they are a contact again by themselves.
    func refuseErased(_ identifiers: [ContactIdentifier], in write: WriteTransaction) async throws {
        if let kind = try await erased([identifiers], in: write)[0] { throw Problem.erased(kind) }
    }

    /// Which of the people, by their places, are erased ones, and what gives them away.
    func erased(
        _ people: [[ContactIdentifier]], in write: WriteTransaction
    ) async throws -> [Int: ContactIdentifier.Kind] {
        let all = people.enumerated().flatMap { index, identifiers in
            identifiers.map { (index: index, identifier: $0) }
        }
        let found = try await database.erasures.erased(all.map(\.identifier), hashes: erasureHashes, in: write)
        return Dictionary(
            found.sorted().map { (all[$0].index, all[$0].identifier.kind) }, uniquingKeysWith: { first, _ in first })
    }
}

extension Problem {
    static func erased(_ kind: ContactIdentifier.Kind) -> Problem {
        var problem = Problem(.erased)
        problem.matchedOn = kind.rawValue
        return problem
    }
}
