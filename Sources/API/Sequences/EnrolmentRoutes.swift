import Domain
import EventLoop
import HTTP
import JSON
import Storage

/// A lead's ways through sequences.
enum EnrolmentRoutes {
    @Reactor
    static func list(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let account = try exchange.admitted().account.id
        let lead: Lead.ID = try exchange.id("id")
        var query = QueryReader(exchange)
        let paging = Paging.read(&query, pages: false)
        try query.finish(lenient: exchange.isLenient)
        let all = try exchange.found(try await service.database.sequences.enrolments(of: lead, of: account))
        return .few(exchange, all, paging, warnings: query.warnings, id: \.id.rawValue) { $0.enrolment($1) }
    }

    @Reactor
    static func enrol(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let (lead, sequence, warnings) = try read(exchange)
        return try await Writing.perform(exchange, service) { write in
            let store = service.database.sequences
            guard try await service.database.leads.exists(lead, in: write) else { throw Problem(.notFound) }
            guard let sequence = try await store.lock(sequence, in: write) else {
                throw Problem.validation([.init("/sequence_id", "not_found", Faults.notFound)])
            }
            guard sequence.isActive else {
                throw Problem.validation([.init("/sequence_id", "inactive", Faults.inactiveSequence)])
            }
            let active = try await store.active(lead, in: sequence.id, in: write)
            try Problem.refuse(taken: active?.rawValue, by: "sequence_id")
            let enrolment = try await store.enrol(lead, in: sequence, in: write)
            return .created(warnings: warnings) { $0.enrolment(enrolment) }
        }
    }

    /// 404 for a lead that is not on its way through the sequence.
    @Reactor
    static func leave(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let (lead, sequence, warnings) = try read(exchange)
        return try await Writing.perform(exchange, service) { write in
            guard try await service.database.leads.exists(lead, in: write),
                try await service.database.sequences.leave(lead, sequence, in: write)
            else { throw Problem(.notFound) }
            return .success(warnings: warnings)
        }
    }

    private static func read(_ exchange: Exchange) throws -> (Lead.ID, FollowUp.ID, warnings: [String]) {
        let lead: Lead.ID = try exchange.id("id")
        var body = try BodyReader(exchange, after: QueryReader(exchange))
        if !body.has("sequence_id") {
            _ = body.value("sequence_id")
            body.fail("sequence_id", "required", Faults.required)
        }
        let sequence: FollowUp.ID = body.id("sequence_id") ?? FollowUp.ID(0)
        body.refuseUnknown(lenient: exchange.isLenient)
        try body.throwIfFaulty()
        return (lead, sequence, body.warnings)
    }
}

extension JSONWriter {
    fileprivate mutating func enrolment(_ enrolment: Enrolment) {
        beginObject()
        member("id", enrolment.id.rawValue)
        member("lead_id", enrolment.leadID.rawValue)
        member("sequence_id", enrolment.sequence.id)
        key("sequence")
        beginObject()
        member("id", enrolment.sequence.id)
        member("name", enrolment.sequence.name)
        endObject()
        member("status", enrolment.status.rawValue)
        member("current_step_position", enrolment.currentStepPosition)
        member("next_step_at", enrolment.nextStepAt?.text)
        member("started_at", enrolment.startedAt.text)
        member("completed_at", enrolment.completedAt?.text)
        member("exited_at", enrolment.exitedAt?.text)
        member("exit_reason", enrolment.exitReason)
        endObject()
    }
}
