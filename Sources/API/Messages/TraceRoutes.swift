import Domain
import EventLoop
import JSON
import Storage

/// Everything that happened with a message, why it waits, and what to do next.
enum TraceRoutes {
    @Reactor
    static func show(_ exchange: Exchange, _ service: Service) throws -> Query<Reply> {
        let caller = try exchange.admitted()
        let id: Message.ID = try exchange.id("id")
        var query = QueryReader(exchange)
        try query.finish(lenient: exchange.isLenient)
        let (warnings, now) = (query.warnings, exchange.now)
        return service.database.traces.facts(id, of: caller.account.id, now: now).map { found in
            let facts = try exchange.found(found)
            guard caller.key.sees(facts.standing.message.instanceID) else { throw Problem(.notFound) }
            return .data(warnings: warnings) { $0.trace(facts, exchange.language, now: now) }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func trace(_ facts: TraceStore.Facts, _ language: Language, now: Timestamp) {
        let message = facts.standing.message
        let wait = facts.place.map { MessageWait($0, now: now) }
        beginObject()
        key("message")
        self.message(message)
        key("window")
        window(
            ServiceWindow(instanceID: message.instanceID, lastInboundAt: facts.standing.lastInboundAt, now: now))
        key("steps")
        beginArray()
        for step in facts.trace.steps { self.step(step, language) }
        endArray()
        key("waiting")
        if let wait { waiting(wait, language) } else { null() }
        member("next_step", wait?.nextStep?.text(in: language) ?? message.nextStep(in: language))
        endObject()
    }

    private mutating func step(_ step: MessageTrace.Step, _ language: Language) {
        let fault = step.fault?.words(in: language)
        beginObject()
        member("at", step.at.text)
        member("step", step.kind.rawValue)
        member(
            "message",
            [step.kind.words.text(in: language), fault?.cause].compactMap { $0 }.joined(separator: " "))
        member("next_step", fault?.remedy)
        member("attempt", step.attempt)
        member("provider_at", step.providerAt?.text)
        key("provider")
        if let fault = step.fault { provider(fault) } else { null() }
        member("api_key_id", step.apiKeyID?.rawValue)
        member("request_id", step.requestID)
        endObject()
    }

    private mutating func waiting(_ wait: MessageWait, _ language: Language) {
        beginObject()
        member("reason", wait.reason)
        member("message", wait.words.text(in: language))
        member("until", wait.until?.text)
        if case .behind(let id) = wait { member("behind", id.rawValue) } else { member("behind", nil as Int64?) }
        endObject()
    }
}
