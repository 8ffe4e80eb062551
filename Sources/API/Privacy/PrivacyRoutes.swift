import Domain
import EventLoop
import HTTP
import JSON
import Storage

/// What is kept of a person, told and taken away (LGPD art. 18, GDPR art. 15 and 17).
enum PrivacyRoutes {
    /// Of an archived lead too; nothing is left to tell of one whose person was erased.
    @Reactor
    static func ofLead(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        try await tell(of: .lead(try exchange.id("id")), exchange, service)
    }

    @Reactor
    static func ofContact(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        try await tell(of: .contact(try exchange.id("id")), exchange, service)
    }

    @Reactor
    static func eraseOfLead(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        try await erase(.lead(try exchange.id("id")), exchange, service)
    }

    @Reactor
    static func eraseContact(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        try await erase(.contact(try exchange.id("id")), exchange, service)
    }

    /// 404, or what the contact went into.
    @Reactor
    private static func found<Result>(
        _ result: Result?, of subject: ErasureStore.Subject, in account: Account.ID, _ service: Service
    ) async throws -> Result {
        if let result { return result }
        guard case .contact(let id) = subject,
            case .mergedInto(let winner) = try await service.database.run(
                service.database.contacts.one(id, of: account))
        else { throw Problem(.notFound) }
        throw Problem.merged(into: winner)
    }

    @Reactor
    private static func tell(
        of subject: ErasureStore.Subject, _ exchange: Exchange, _ service: Service
    ) async throws -> Reply {
        let account = try exchange.admitted().account.id
        var query = QueryReader(exchange)
        try query.finish(lenient: exchange.isLenient)
        let data = try await found(
            try await service.database.erasures.personalData(of: subject, in: account), of: subject, in: account,
            service)
        return .data(warnings: query.warnings) { json in
            json.beginObject()
            json.key("contact")
            json.contact(data.contact)
            json.key("leads")
            json.beginArray()
            for lead in data.leads { json.lead(lead) }
            json.endArray()
            for section in data.sections {
                json.key(section.name)
                json.beginArray()
                for row in section.rows { json.value(row) }
                json.endArray()
            }
            json.endObject()
        }
    }

    @Reactor
    private static func erase(
        _ subject: ErasureStore.Subject, _ exchange: Exchange, _ service: Service
    ) async throws -> Reply {
        var query = QueryReader(exchange)
        try query.finish(lenient: exchange.isLenient)
        let warnings = query.warnings
        let gone = Problem(.erased)
        let answer = (
            status: gone.code.status, body: gone.body(language: exchange.language, requestID: exchange.requestID)
        )
        return try await Writing.perform(exchange, service) { write in
            let erasure = try await found(
                try await service.database.erasures.erase(
                    personOf: subject, hashes: service.erasureHashes, answer: answer, in: write),
                of: subject, in: write.account, service)
            try await ImportErasure.perform(of: erasure, exchange, service, in: write)
            return .data(warnings: warnings) { json in
                json.beginObject()
                json.member("lead_ids", erasure.leads.map(\.rawValue))
                json.member("messages", erasure.messages)
                json.member("canceled", erasure.canceled)
                json.member("webhook_bodies_rewritten", erasure.hookBodiesRewritten)
                json.member("webhook_bodies_deleted", erasure.hookBodiesDeleted)
                json.member("erased_at", write.now.text)
                json.endObject()
            }
        }
    }
}
