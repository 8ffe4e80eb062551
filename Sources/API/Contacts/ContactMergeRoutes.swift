import Domain
import EventLoop
import HTTP
import JSON
import Storage

/// One contact made of two, and parted again.
enum ContactMergeRoutes {
    @Reactor
    static func merge(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let (winner, loser, warnings) = try pair(exchange)
        return try await Writing.perform(exchange, service) { write in
            let (contact, merge) = try await refused {
                try await service.database.contacts.merge(loser, into: winner, in: write)
            }
            return .data(warnings: warnings) { json in
                json.beginObject()
                json.key("contact")
                json.contact(contact)
                json.key("merge")
                json.merge(merge)
                json.endObject()
            }
        }
    }

    @Reactor
    static func unmerge(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let (winner, loser, warnings) = try pair(exchange)
        return try await Writing.perform(exchange, service) { write in
            let parted = try await refused {
                try await service.database.contacts.unmerge(loser, from: winner, in: write)
            }
            return .data(warnings: warnings) { json in
                json.beginObject()
                json.key("winner")
                json.contact(parted.winner)
                json.key("loser")
                json.contact(parted.loser)
                json.endObject()
            }
        }
    }

    /// `{"winner_id", "loser_id"}`
    private static func pair(
        _ exchange: Exchange
    ) throws -> (winner: Contact.ID, loser: Contact.ID, warnings: [String]) {
        var body = try BodyReader(exchange, after: QueryReader(exchange))
        for key in ["winner_id", "loser_id"] where !body.has(key) { body.fail(key, "required", Faults.required) }
        let winner = body.id("winner_id", Contact.self)
        let loser = body.id("loser_id", Contact.self)
        if let winner, winner == loser { body.fail("loser_id", "not_allowed", Faults.twoContacts) }
        body.refuseUnknown(lenient: exchange.isLenient)
        try body.throwIfFaulty()
        guard let winner, let loser else { throw Problem(.internalError) }
        return (winner, loser, body.warnings)
    }

    @Reactor
    private static func refused<Result>(_ body: @Reactor () async throws -> Result) async throws -> Result {
        do {
            return try await Problem.ofContact(body)
        } catch let refusal as ContactStore.MergeRefusal {
            throw Problem.from(refusal)
        }
    }
}

extension Problem {
    fileprivate static func from(_ refusal: ContactStore.MergeRefusal) -> Problem {
        switch refusal {
        case .winnerNotFound: return .validation([.init("/winner_id", "not_found", Faults.notFound)])
        case .loserNotFound: return .validation([.init("/loser_id", "not_found", Faults.notFound)])
        case .merged(let winner): return .merged(into: winner)
        case .notMerged: return Problem(.notMerged)
        case .later(let loser):
            var problem = Problem(.mergeNotLatest)
            problem.existingID = loser.rawValue
            return problem
        }
    }
}

extension JSONWriter {
    fileprivate mutating func merge(_ merge: ContactStore.Merge) {
        beginObject()
        member("id", merge.id)
        member("winner_id", merge.winner.rawValue)
        member("loser_id", merge.loser.rawValue)
        member("lead_ids", merge.leads.map(\.rawValue))
        member("merged_at", merge.mergedAt.text)
        endObject()
    }
}
