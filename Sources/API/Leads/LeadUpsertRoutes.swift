import Domain
import EventLoop
import HTTP
import JSON
import Storage

/// Leads kept in step with another system: found by what it knows of them, or made.
enum LeadUpsertRoutes {
    private static let itemLimit = 500

    /// 201 for a new lead, 200 for one that was there, as it is now.
    @Reactor
    static func upsert(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let account = try exchange.admitted().account
        let (patch, warnings) = try await LeadBody.read(exchange, service, isNew: false)
        return try await Writing.perform(exchange, service) { write in
            try await service.refuseErased(patch.named, in: write)
            let done = try await service.database.leads.upsert(
                [patch], currency: account.currency, lenient: exchange.isLenient, in: write)
            for entered in done.entered { try await TaskRoutes.ask(entered, exchange, service, in: write) }
            guard let verdict = done.verdicts.first else { throw Problem(.internalError) }
            if let fault = verdict.fault { throw Problem.from(fault) }
            guard let lead = verdict.lead.flatMap({ done.leads[$0] }) else { throw Problem(.internalError) }
            let ignored = verdict.ignored.map { JSONPointer.appending($0, to: "/custom_fields") }
            return try reply(lead, verdict, warnings + ignored)
        }
    }

    nonisolated private static func reply(
        _ lead: LeadRecord, _ verdict: LeadUpsert.Verdict, _ warnings: [String]
    ) throws -> Reply {
        var json = JSONWriter(capacity: 1024)
        json.beginObject()
        json.member("success", true)
        json.key("data")
        json.lead(lead)
        json.key("meta")
        json.beginObject()
        json.member("outcome", verdict.outcome.rawValue)
        json.member("matched_on", verdict.matchedOn?.rawValue)
        json.endObject()
        if !warnings.isEmpty { json.member("warnings", warnings) }
        json.endObject()
        var reply = Reply(verdict.outcome == .created ? .created : .ok, json.finish())
        if verdict.outcome == .created { reply.fields["Location"] = "/api/v1/leads/\(try lead.id)" }
        return reply
    }

    /// Each item has its own verdict: one that is refused harms no other.
    @Reactor
    static func batch(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let account = try exchange.admitted().account
        let (items, warnings) = try items(exchange, account)
        return try await Writing.perform(exchange, service) { write in
            let outcomes = try await LeadBatch.take(
                items, of: account, lenient: exchange.isLenient, service, in: write)
            return reply(outcomes, exchange.language, warnings)
        }
    }

    /// - Throws: what is wrong with the body as a whole.
    private static func items(
        _ exchange: Exchange, _ account: Account
    ) throws -> ([LeadBatch.Item], warnings: [String]) {
        var body = try BodyReader(exchange, after: QueryReader(exchange))
        if !body.has("leads") { body.fail("leads", "required", Faults.required) }
        let items = body.elements("leads", count: itemLimit).enumerated().map { index, value in
            LeadBatch.Item(value, at: place(index), account, lenient: exchange.isLenient)
        }
        body.refuseUnknown(lenient: exchange.isLenient)
        try body.throwIfFaulty()
        return (items, body.warnings)
    }

    private static func place(_ index: Int) -> String { JSONPointer.appending(index, to: "/leads") }

    nonisolated private static func reply(
        _ outcomes: [LeadBatch.Outcome], _ language: Language, _ warnings: [String]
    ) -> Reply {
        var json = JSONWriter(capacity: 256 + outcomes.count * 128)
        var counts: [LeadUpsert.Outcome: Int] = [:]
        var warnings = warnings
        json.beginObject()
        json.member("success", true)
        json.key("data")
        json.beginArray()
        for (index, outcome) in outcomes.enumerated() {
            counts[outcome.verdict.outcome, default: 0] += 1
            json.verdict(outcome.verdict, at: index, outcome.problem(at: place(index)), language)
            warnings += outcome.warnings(at: place(index))
        }
        json.endArray()
        json.key("meta")
        json.beginObject()
        json.member("total", outcomes.count)
        for outcome in LeadUpsert.Outcome.allCases {
            json.key(outcome.rawValue)
            json.int(counts[outcome] ?? 0)
        }
        json.endObject()
        if !warnings.isEmpty { json.member("warnings", warnings) }
        json.endObject()
        return Reply(.ok, json.finish())
    }
}

extension JSONWriter {
    fileprivate mutating func verdict(
        _ verdict: LeadUpsert.Verdict, at index: Int, _ problem: Problem?, _ language: Language
    ) {
        beginObject()
        member("index", index)
        member("outcome", verdict.outcome.rawValue)
        member("id", verdict.lead?.rawValue)
        member("contact_id", verdict.contact?.rawValue)
        member("matched_on", verdict.matchedOn?.rawValue)
        key("error")
        if let problem {
            beginObject()
            refusal(problem, language)
            endObject()
        } else {
            null()
        }
        endObject()
    }

    /// The members that say why an item was refused; the object around them is the caller's.
    mutating func refusal(_ problem: Problem, _ language: Language) {
        member("code", problem.code.rawValue)
        member("message", problem.code.message.text(in: language, problem.values))
        if let id = problem.existingID { member("existing_id", id) }
        if let kind = problem.matchedOn { member("matched_on", kind) }
        if let tasks = problem.pendingTasks { pendingTasks(tasks) }
        problem.writeDetails(to: &self, language)
    }
}

extension Problem {
    /// Why a lead of another system could not be taken in.
    static func from(_ fault: LeadUpsert.Fault) -> Problem {
        switch fault {
        case .identifierConflict(let kind, let contact): .from(LeadStore.Refusal.identifierConflict([(kind, contact)]))
        case .archived(let lead), .externalIDTaken(let lead): .from(LeadStore.Refusal.externalIDTaken(lead))
        case .ownArchived(let lead): .ownArchived(lead)
        case .nameless: .validation([.init("/name", "required", Faults.required)])
        case .rules(let fault): .from(fault)
        case .erased(let kind): .erased(kind)
        }
    }

    private static func ownArchived(_ lead: Lead.ID) -> Problem {
        var problem = Problem(.alreadyExists)
        problem.existingID = lead.rawValue
        problem.matchedOn = LeadUpsert.Match.id.rawValue
        problem.values["field"] = LeadUpsert.Match.id.rawValue
        return problem
    }
}
