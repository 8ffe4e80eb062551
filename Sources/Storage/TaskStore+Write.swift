package import Domain
import JSON
import Postgres

@PostgresActor
extension TaskStore {
    nonisolated static let lock = Statement("task_lock", "\(selectOne.sql)\nFOR UPDATE OF t")

    /// For the length of the transaction nobody else changes the task.
    package func lock(_ id: LeadTask.ID, in write: WriteTransaction) async throws -> LeadTask? {
        try await write.transaction.query(Self.lock, [.id(write.account), .id(id)]).first.map(Self.task)
    }

    /// The same for a change. One after which the task keeps a lead in its stage that it did not keep there before is
    /// made while nobody moves that lead; who takes both takes the lead first.
    ///
    /// - Parameter change: the task as it shall be.
    package func lock(
        _ id: LeadTask.ID, for change: @Sendable (LeadTask) -> LeadTask, in write: WriteTransaction
    ) async throws -> LeadTask? {
        func newlyKept(_ task: LeadTask) -> Lead.ID? {
            let kept = change(task).keptLead
            return kept == task.keptLead ? nil : kept
        }
        let found = try await write.transaction.query(Self.selectOne, [.id(write.account), .id(id)])
        guard let seen = try found.first.map(Self.task) else { return nil }
        if let lead = newlyKept(seen) { _ = try await hold(lead, in: write) }
        guard let task = try await lock(id, in: write) else { return nil }
        // It was changed while it was waited for, and another lead has to be held.
        guard newlyKept(task) == newlyKept(seen) else { throw LeadStore.LostRace() }
        return task
    }

    /// Whether the account has the lead, and it is not archived; nobody moves it for the length of the transaction.
    private func hold(_ lead: Lead.ID, in write: WriteTransaction) async throws -> Bool {
        try await LeadStore(pool).lock(lead, in: write) != nil
    }

    /// Why a task cannot be as it is asked for.
    package enum Missing: Sendable, CaseIterable { case lead, assignee }

    /// What a task is to refer to and there is none of.
    ///
    /// - Parameter holdsLead: the task will keep the lead in its stage, so that nobody may be moving it.
    package func missing(
        lead: Lead.ID?, assignee: User.ID?, holdsLead: Bool = false, in write: WriteTransaction
    ) async throws -> [Missing] {
        var missing: [Missing] = []
        var asked: [(Missing, Statement, PostgresValue)] = []
        if let lead, holdsLead {
            if try await !hold(lead, in: write) { missing.append(.lead) }
        } else if let lead {
            asked.append((.lead, LeadStore.selectExisting, .id(lead)))
        }
        if let assignee { asked.append((.assignee, UserStore.selectIDs, .intArray([assignee.rawValue]))) }
        guard !asked.isEmpty else { return missing }
        let found = try await write.transaction.query(asked.map { ($0.1, [.id(write.account), $0.2]) })
        return missing + zip(asked, found).filter { $0.1.isEmpty }.map(\.0.0)
    }

    nonisolated static let insert = Statement(
        "task_insert",
        """
        WITH task AS (
            INSERT INTO tasks (
                account_id, lead_id, subject, description, type, priority, due_date, due_time, assigned_to, notes,
                is_mandatory, completed_at, created_at, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7::date, $8::time, $9, $10, $11, $12, $13, $13)
            RETURNING *
        )
        SELECT \(columns)
        FROM task t
        \(joins)
        """)

    package func insert(_ fields: LeadTask.Fields, in write: WriteTransaction) async throws -> LeadTask {
        let rows = try await write.transaction.query(
            Self.insert, [.id(write.account)] + Self.values(fields) + [.null, .time(write.now)])
        guard let row = rows.first else { throw StorageError.missing("the new task") }
        let task = try Self.task(row)
        write.audit(.create, of: .task, task.id.rawValue)
        return task
    }

    nonisolated static let update = Statement(
        "task_update",
        """
        WITH task AS (
            UPDATE tasks SET
                lead_id = $2, subject = $3, description = $4, type = $5, priority = $6, due_date = $7::date,
                due_time = $8::time, assigned_to = $9, notes = $10, is_mandatory = $11, completed_at = $12,
                updated_at = $13
            WHERE account_id = $1 AND id = $14
            RETURNING *
        )
        SELECT \(columns)
        FROM task t
        \(joins)
        """)

    /// - Parameter completedAt: nil reopens.
    package func update(
        _ old: LeadTask, to fields: LeadTask.Fields, completedAt: Timestamp?, in write: WriteTransaction
    ) async throws -> LeadTask {
        guard fields != old.fields || completedAt != old.completedAt else { return old }
        let rows = try await write.transaction.query(
            Self.update,
            [.id(write.account)] + Self.values(fields) + [.time(completedAt), .time(write.now), .id(old.id)])
        guard let row = rows.first else { throw StorageError.missing("the task") }
        let task = try Self.task(row)
        write.audit(.update, of: .task, task.id.rawValue, changes: Self.changes(old, task))
        return task
    }

    nonisolated static let delete = Statement("task_delete", "DELETE FROM tasks WHERE account_id = $1 AND id = $2")

    package func delete(_ id: LeadTask.ID, in write: WriteTransaction) async throws {
        try await write.transaction.query(Self.delete, [.id(write.account), .id(id)])
        write.audit(.delete, of: .task, id.rawValue)
    }

    /// What the stage asked for before, it does not ask for again.
    nonisolated static let insertRequired = Statement(
        "task_ask",
        """
        WITH task AS (
            INSERT INTO tasks (
                account_id, lead_id, subject, type, priority, due_date, assigned_to, is_mandatory, stage_id,
                stage_subject, created_at, updated_at)
            SELECT $1, $2, g.subject, g.type, g.priority, g.due_date::date, $7, true, $8, g.subject, $9, $9
            FROM unnest($3::text[], $4::text[], $5::text[], $6::text[]) AS g (subject, type, priority, due_date)
            ON CONFLICT (account_id, lead_id, stage_id, stage_subject) WHERE stage_id IS NOT NULL DO NOTHING
            RETURNING *
        )
        SELECT \(columns)
        FROM task t
        \(joins)
        ORDER BY t.id
        """)

    /// Gives the lead what the stage that it enters asks for; those that it has not got yet.
    ///
    /// - Parameters:
    ///   - required: the stage's own.
    ///   - today: in the account's time zone, as midnight UTC of that day.
    package func ask(
        _ required: [RequiredTask], of stage: Stage.ID, for lead: Lead.ID, assignedTo: User.ID?, today: Timestamp,
        in write: WriteTransaction
    ) async throws -> [LeadTask] {
        guard !required.isEmpty else { return [] }
        let rows = try await write.transaction.query(
            Self.insertRequired,
            [
                .id(write.account), .id(lead), .textArray(required.map(\.subject)),
                .textArray(required.map(\.kind.rawValue)), .textArray(required.map(\.priority.rawValue)),
                .textArray(required.map { String((today + .seconds($0.dueInDays * 86_400)).text.prefix(10)) }),
                .id(assignedTo), .id(stage), .time(write.now),
            ])
        let tasks = try rows.map(Self.task)
        for task in tasks { write.audit(.create, of: .task, task.id.rawValue) }
        return tasks
    }

    /// `$2` to `$11` of the statements.
    private static func values(_ fields: LeadTask.Fields) -> [PostgresValue] {
        [
            .id(fields.leadID), .text(fields.subject), .word(fields.description), .text(fields.kind.rawValue),
            .text(fields.priority.rawValue), .text(fields.dueDate), .word(fields.dueTime), .id(fields.assignedTo),
            .word(fields.notes), .bool(fields.isMandatory),
        ]
    }

    private static func changes(_ old: LeadTask, _ new: LeadTask) -> JSONValue? {
        let (from, to) = (old.fields, new.fields)
        return .changes([
            ("subject", .text(from.subject), .text(to.subject)),
            ("description", .text(from.description), .text(to.description)),
            ("type", .text(from.kind.rawValue), .text(to.kind.rawValue)),
            ("priority", .text(from.priority.rawValue), .text(to.priority.rawValue)),
            ("due_date", .text(from.dueDate), .text(to.dueDate)), ("due_time", .text(from.dueTime), .text(to.dueTime)),
            ("lead_id", .integer(from.leadID?.rawValue), .integer(to.leadID?.rawValue)),
            ("assigned_to", .integer(from.assignedTo?.rawValue), .integer(to.assignedTo?.rawValue)),
            ("notes", .text(from.notes), .text(to.notes)),
            ("is_mandatory", .bool(from.isMandatory), .bool(to.isMandatory)),
            ("completed_at", .text(old.completedAt?.text), .text(new.completedAt?.text)),
        ])
    }
}
