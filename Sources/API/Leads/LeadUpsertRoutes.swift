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
        let patches = items.compactMap { if case .patch(let patch) = $0 { patch } else { nil } }
        return try await Writing.perform(exchange, service) { write in
            guard !patches.isEmpty else { return reply(items, [], exchange.language, warnings) }
            let erased = try await service.erased(patches.map(\.named), in: write)
            let rest = patches.indices.filter { erased[$0] == nil }.map { patches[$0] }
            var done: [LeadUpsert.Verdict] = []
            if !rest.isEmpty {
                let upserted = try await service.database.leads.upsert(
                    rest, currency: account.currency, lenient: exchange.isLenient, in: write)
                for entered in upserted.entered { try await TaskRoutes.ask(entered, exchange, service, in: write) }
                done = upserted.verdicts
            }
            return reply(items, verdicts(of: patches.count, erased, done), exchange.language, warnings)
        }
    }

    /// Those of the erased in their places among the others'.
    nonisolated private static func verdicts(
        of count: Int, _ erased: [Int: ContactIdentifier.Kind], _ others: [LeadUpsert.Verdict]
    ) -> [LeadUpsert.Verdict] {
        var others = others[...]
        return (0..<count).map { index in
            guard let kind = erased[index] else { return others.popFirst() ?? LeadUpsert.Verdict(outcome: .invalid) }
            return LeadUpsert.Verdict(outcome: .erased, fault: .erased(kind))
        }
    }

    private enum Item: Sendable {
        case patch(LeadPatch)
        case invalid([Problem.Detail])
    }

    /// - Throws: what is wrong with the body as a whole.
    private static func items(_ exchange: Exchange, _ account: Account) throws -> ([Item], warnings: [String]) {
        var body = try BodyReader(exchange, after: QueryReader(exchange))
        var warnings: [String] = []
        if !body.has("leads") { body.fail("leads", "required", Faults.required) }
        let items = body.elements("leads", count: itemLimit).enumerated().map { index, value -> Item in
            let at = JSONPointer.appending(index, to: "/leads")
            guard let object = value.object else {
                return .invalid([.init(at, "wrong_type", Faults.wrongType, ["type": "object"])])
            }
            var reader = BodyReader(object, at: at)
            let patch = LeadBody.patch(&reader, account, isNew: false, lenient: exchange.isLenient)
            reader.refuseUnknown(lenient: exchange.isLenient)
            warnings += reader.warnings
            return reader.faults.isEmpty ? .patch(patch) : .invalid(reader.faults)
        }
        body.refuseUnknown(lenient: exchange.isLenient)
        try body.throwIfFaulty()
        return (items, body.warnings + warnings)
    }

    nonisolated private static func reply(
        _ items: [Item], _ done: [LeadUpsert.Verdict], _ language: Language, _ warnings: [String]
    ) -> Reply {
        var done = done[...]
        var json = JSONWriter(capacity: 256 + items.count * 128)
        var counts: [LeadUpsert.Outcome: Int] = [:]
        var warnings = warnings
        json.beginObject()
        json.member("success", true)
        json.key("data")
        json.beginArray()
        for (index, item) in items.enumerated() {
            let (verdict, problem) = verdict(item, &done, at: index)
            counts[verdict.outcome, default: 0] += 1
            json.verdict(verdict, at: index, problem, language)
            warnings += verdict.ignored.map { JSONPointer.appending($0, to: "/leads/\(index)/custom_fields") }
        }
        json.endArray()
        json.key("meta")
        json.beginObject()
        json.member("total", items.count)
        for outcome in LeadUpsert.Outcome.allCases {
            json.key(outcome.rawValue)
            json.int(counts[outcome] ?? 0)
        }
        json.endObject()
        if !warnings.isEmpty { json.member("warnings", warnings) }
        json.endObject()
        return Reply(.ok, json.finish())
    }

    nonisolated private static func verdict(
        _ item: Item, _ done: inout ArraySlice<LeadUpsert.Verdict>, at index: Int
    ) -> (LeadUpsert.Verdict, Problem?) {
        switch item {
        case .invalid(let details): return (LeadUpsert.Verdict(outcome: .invalid), .validation(details))
        case .patch:
            let verdict = done.popFirst() ?? LeadUpsert.Verdict(outcome: .invalid)
            guard let fault = verdict.fault else { return (verdict, nil) }
            var problem = Problem.from(fault)
            let at = JSONPointer.appending(index, to: "/leads")
            for detail in problem.details.indices {
                problem.details[detail].pointer = at + problem.details[detail].pointer
            }
            return (verdict, problem)
        }
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
        if let problem { refusal(problem, language) } else { null() }
        endObject()
    }

    private mutating func refusal(_ problem: Problem, _ language: Language) {
        beginObject()
        member("code", problem.code.rawValue)
        member("message", problem.code.message.text(in: language, problem.values))
        if let id = problem.existingID { member("existing_id", id) }
        if let kind = problem.matchedOn { member("matched_on", kind) }
        if let tasks = problem.pendingTasks { pendingTasks(tasks) }
        problem.writeDetails(to: &self, language)
        endObject()
    }
}

extension Problem {
    /// Why a lead of another system could not be taken in.
    static func from(_ fault: LeadUpsert.Fault) -> Problem {
        switch fault {
        case .identifierConflict(let kind, let contact): .from(LeadStore.Refusal.identifierConflict([(kind, contact)]))
        case .archived(let lead): .from(LeadStore.Refusal.externalIDTaken(lead))
        case .nameless: .validation([.init("/name", "required", Faults.required)])
        case .rules(let fault): .from(fault)
        case .erased(let kind): .erased(kind)
        }
    }
}
