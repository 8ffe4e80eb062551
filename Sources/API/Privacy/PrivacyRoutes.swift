import Domain
import EventLoop
import HTTP
import JSON
import Storage

/// What is kept of a person, told and taken away (LGPD art. 18, GDPR art. 15 and 17).
enum PrivacyRoutes {
    /// Of an archived lead too; nothing is left to tell of one whose person was erased.
    @Reactor
    static func personalData(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let account = try exchange.admitted().account.id
        let lead: Lead.ID = try exchange.id("id")
        var query = QueryReader(exchange)
        try query.finish(lenient: exchange.isLenient)
        let data = try exchange.found(try await service.database.erasures.personalData(of: lead, in: account))
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
    static func erase(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let lead: Lead.ID = try exchange.id("id")
        var query = QueryReader(exchange)
        try query.finish(lenient: exchange.isLenient)
        let warnings = query.warnings
        let gone = Problem(.erased)
        let answer = (
            status: gone.code.status, body: gone.body(language: exchange.language, requestID: exchange.requestID)
        )
        return try await Writing.perform(exchange, service) { write in
            let erasure = try exchange.found(
                try await service.database.erasures.erase(
                    personOf: lead, hashes: service.erasureHashes, answer: answer, in: write))
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
