import Domain
import EventLoop
import HTTP
import JSON
import Storage

/// What there is to do. A mandatory task keeps its lead in its stage while it is pending.
enum TaskRoutes {
    @Reactor
    static func list(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let account = try exchange.admitted().account.id
        let local = try exchange.localTime
        var query = QueryReader(exchange)
        var filter = TaskStore.Filter()
        filter.leadID = query.integer("lead_id", in: 1...Lead.ID.maximum)
        filter.assignedTo = query.integer("assigned_to", in: 1...User.ID.maximum)
        filter.status = query.word("status", LeadTask.Status.self)
        filter.kind = query.word("type", LeadTask.Kind.self)
        filter.priority = query.word("priority", LeadTask.Priority.self)
        filter.dueFrom = query.date("due_from")
        filter.dueTo = query.date("due_to")
        let paging = Paging.read(&query, pages: true)
        try query.finish(lenient: exchange.isLenient)
        let (store, warnings) = (service.database.tasks, query.warnings)
        switch paging {
        case .page(let page, let perPage):
            let (rows, total) = try await store.page(filter, of: account, page: page, perPage: perPage)
            return .page(rows, total: total, page: page, perPage: perPage, warnings: warnings) {
                $0.task($1, at: local)
            }
        case .cursor(let after, let limit):
            let rows = try await store.list(filter, of: account, before: after, limit: limit + 1)
            return .page(exchange, rows, limit: limit, warnings: warnings, id: \.id.rawValue) {
                $0.task($1, at: local)
            }
        case .whole: throw Problem(.internalError)
        }
    }

    @Reactor
    static func show(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let account = try exchange.admitted().account.id
        let local = try exchange.localTime
        var query = QueryReader(exchange)
        try query.finish(lenient: exchange.isLenient)
        let task = try exchange.found(try await service.database.tasks.get(try exchange.id("id"), of: account))
        return .resource(warnings: query.warnings) { $0.task(task, at: local) }
    }

    @Reactor
    static func create(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let local = try exchange.localTime
        var body = try BodyReader(exchange, after: QueryReader(exchange))
        let fields = TaskBody.new(&body)
        body.refuseUnknown(lenient: exchange.isLenient)
        try body.throwIfFaulty()
        return try await Writing.perform(exchange, service) { write in
            let store = service.database.tasks
            try await refuseMissing(
                lead: fields.leadID, assignee: fields.assignedTo, holdsLead: fields.isMandatory, store, in: write)
            let task = try await store.insert(fields, in: write)
            write.tell(.taskCreated, task, at: local)
            return .created(at: "/api/v1/tasks/\(task.id)", warnings: body.warnings) { $0.task(task, at: local) }
        }
    }

    @Reactor
    static func update(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let id: LeadTask.ID = try exchange.id("id")
        var body = try BodyReader(exchange, after: QueryReader(exchange))
        let changes = TaskBody.changes(&body)
        body.refuseUnknown(lenient: exchange.isLenient)
        try body.throwIfFaulty()
        return try await change(id, exchange, service, changes, body.warnings)
    }

    /// Completes the task, or opens it again with `{"completed": false}`. Doing it twice changes nothing more.
    @Reactor
    static func complete(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let id: LeadTask.ID = try exchange.id("id")
        var body = try BodyReader(optional: exchange)
        let isCompleted = body.boolean("completed") ?? true
        body.refuseUnknown(lenient: exchange.isLenient)
        try body.throwIfFaulty()
        var nothing = BodyReader(JSONObject([]))
        var changes = TaskBody.changes(&nothing)
        changes.status = .set(isCompleted ? .completed : .pending)
        return try await change(id, exchange, service, changes, body.warnings)
    }

    @Reactor
    private static func change(
        _ id: LeadTask.ID, _ exchange: Exchange, _ service: Service, _ changes: TaskBody.Changes,
        _ warnings: [String]
    ) async throws -> Reply {
        let local = try exchange.localTime
        return try await Writing.perform(exchange, service) { write in
            let store = service.database.tasks
            let now = write.now
            let old = try exchange.found(
                try await store.lock(id, for: { changes.applied(to: $0, now: now) }, in: write))
            try exchange.requireMatch { $0.task(old, at: local) }
            let new = changes.applied(to: old, now: now)
            let fields = new.fields
            // What it refers to already may have been archived since, and stays.
            try await refuseMissing(
                lead: fields.leadID == old.fields.leadID ? nil : fields.leadID,
                assignee: fields.assignedTo == old.fields.assignedTo ? nil : fields.assignedTo, store, in: write)
            let task = try await store.update(old, to: fields, completedAt: new.completedAt, in: write)
            if old.status == .pending, task.status == .completed { write.tell(.taskCompleted, task, at: local) }
            return .resource(warnings: warnings) { $0.task(task, at: local) }
        }
    }

    @Reactor
    static func delete(_ exchange: Exchange, _ service: Service) async throws -> Reply {
        let id: LeadTask.ID = try exchange.id("id")
        let local = try exchange.localTime
        var query = QueryReader(exchange)
        try query.finish(lenient: exchange.isLenient)
        return try await Writing.perform(exchange, service) { write in
            let store = service.database.tasks
            let task = try exchange.found(try await store.lock(id, in: write))
            try exchange.requireMatch { $0.task(task, at: local) }
            try await store.delete(id, in: write)
            return .success(warnings: query.warnings)
        }
    }

    /// Gives a lead what its stage asks for, and tells it; called by whatever brings a lead into a stage.
    @Reactor
    static func ask(
        _ entered: LeadStore.Entered?, _ exchange: Exchange, _ service: Service, in write: WriteTransaction
    ) async throws {
        try await ask(entered, of: exchange.admitted().account, service, in: write)
    }

    @Reactor
    static func ask(
        _ entered: LeadStore.Entered?, of account: Account, _ service: Service, in write: WriteTransaction
    ) async throws {
        guard let entered, !entered.stage.requiredTasks.isEmpty else { return }
        let tasks = try await service.database.tasks.ask(
            entered.stage.requiredTasks, of: entered.stage.id, for: entered.lead.id,
            assignedTo: entered.lead.assignedTo.map { User.ID($0) },
            today: LocalTime.at(write.now, in: account.timezone), in: write)
        let local = account.localTime(at: write.now)
        for task in tasks { write.tell(.taskCreated, task, at: local) }
    }

    @Reactor
    private static func refuseMissing(
        lead: Lead.ID?, assignee: User.ID?, holdsLead: Bool = false, _ store: TaskStore, in write: WriteTransaction
    ) async throws {
        let missing = try await store.missing(lead: lead, assignee: assignee, holdsLead: holdsLead, in: write)
        guard missing.isEmpty else {
            throw Problem.validation(
                missing.map { .init($0 == .lead ? "/lead_id" : "/assigned_to", "not_found", Faults.notFound) })
        }
    }
}

extension Exchange {
    /// The account's clock, as `2026-11-20T14:30:05`.
    fileprivate var localTime: String {
        get throws { try admitted().account.localTime(at: now) }
    }
}

extension Account {
    fileprivate func localTime(at now: Timestamp) -> String {
        String(LocalTime.at(now, in: timezone).text.prefix(19))
    }
}

extension WriteTransaction {
    @Reactor
    fileprivate func tell(_ type: EventType, _ task: LeadTask, at local: String) {
        var json = JSONWriter()
        json.beginObject()
        json.key("task")
        json.task(task, at: local)
        json.endObject()
        tell(type, of: task.fields.leadID, data: json.finish())
    }
}
