package import Domain
package import Postgres

/// Tasks as they are read; `TaskStore+Write` makes and changes them.
package struct TaskStore: Sendable {
    let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    /// What every read of a task selects, in the order that `task(_:)` reads; of `tasks` as `t`.
    static let columns = """
        t.id, t.subject, t.description, t.type, t.priority, t.due_date::text, left(t.due_time::text, 5), t.notes,
        t.is_mandatory, t.lead_id, l.name, c.phone, c.email, t.assigned_to, u.name, t.stage_id, t.completed_at,
        t.created_at, t.updated_at
        """

    static let joins = """
        LEFT JOIN leads l ON l.account_id = $1 AND l.id = t.lead_id
        LEFT JOIN contacts c ON c.account_id = $1 AND c.id = l.contact_id
        LEFT JOIN users u ON u.account_id = $1 AND u.id = t.assigned_to
        """

    static let selectOne = Statement(
        "task_get",
        """
        SELECT \(columns)
        FROM tasks t
        \(joins)
        WHERE t.account_id = $1 AND t.id = $2
        """)

    package func get(_ id: LeadTask.ID, of account: Account.ID) async throws -> LeadTask? {
        try await pool.read(Self.selectOne, [.id(account), .id(id)]).first.map(Self.task)
    }

    /// What a list is narrowed by.
    package struct Filter: Sendable {
        package var leadID: Int64?
        package var assignedTo: Int64?
        package var status: LeadTask.Status?
        package var kind: LeadTask.Kind?
        package var priority: LeadTask.Priority?
        /// Days, `YYYY-MM-DD`, both included.
        package var dueFrom: String?
        package var dueTo: String?

        package init() {}

        func conditions(_ account: Account.ID) -> Conditions {
            var conditions = Conditions(account, column: "t.account_id")
            if let leadID { conditions.add("lead", "t.lead_id = ", .int(leadID)) }
            if let assignedTo { conditions.add("assignee", "t.assigned_to = ", .int(assignedTo)) }
            switch status {
            case .pending: conditions.add("pending", "t.completed_at IS NULL")
            case .completed: conditions.add("completed", "t.completed_at IS NOT NULL")
            case nil: break
            }
            if let kind { conditions.add("type", "t.type = ", .text(kind.rawValue)) }
            if let priority { conditions.add("priority", "t.priority = ", .text(priority.rawValue)) }
            if let dueFrom { conditions.add("from", "t.due_date >= ", .text(dueFrom), after: "::date") }
            if let dueTo { conditions.add("to", "t.due_date <= ", .text(dueTo), after: "::date") }
            return conditions
        }
    }

    /// Newest first. The rows are picked from the tasks alone before anything is joined to them.
    static func selectPage(_ conditions: Conditions) -> Statement {
        conditions.statement("task_page") {
            """
            SELECT t.* FROM tasks t
            WHERE \($0)
            ORDER BY t.id DESC
            """
        } around: {
            """
            SELECT \(columns)
            FROM (\($0)) AS t
            \(joins)
            ORDER BY t.id DESC
            """
        }
    }

    static func selectCount(_ conditions: Conditions) -> Statement {
        conditions.statement("task_count") { "SELECT count(*) FROM tasks t WHERE \($0)" }
    }

    /// One page by number, with the total.
    package func page(
        _ filter: Filter, of account: Account.ID, page: Int, perPage: Int
    ) async throws -> (tasks: [LeadTask], total: Int) {
        let counted = filter.conditions(account)
        var shown = counted
        shown.limit(perPage, after: (page - 1) * perPage)
        let results = try await pool.read([
            (Self.selectPage(shown), shown.parameters), (Self.selectCount(counted), counted.parameters),
        ])
        return (try results[0].map(Self.task), try results[1].first.map { Int(try $0.int(0)) } ?? 0)
    }

    /// Those below an id: a cursor that rows made or changed meanwhile cannot upset.
    package func list(
        _ filter: Filter, of account: Account.ID, before: Int64?, limit: Int
    ) async throws -> [LeadTask] {
        var conditions = filter.conditions(account)
        if let before { conditions.add("before", "t.id < ", .int(before)) }
        conditions.limit(limit)
        return try await pool.read(Self.selectPage(conditions), conditions.parameters).map(Self.task)
    }

    static func task(_ row: PostgresRow) throws -> LeadTask {
        var r = RowReader(row)
        let id: LeadTask.ID = try r.id()
        var fields = LeadTask.Fields(
            subject: try r.text(), description: try r.textOrNil(), kind: try r.word(), priority: try r.word(),
            dueDate: try r.text(), dueTime: try r.textOrNil(), notes: try r.textOrNil(), isMandatory: try r.bool())
        fields.leadID = try r.idOrNil()
        let (name, phone, email) = (try r.textOrNil(), try r.textOrNil(), try r.textOrNil())
        fields.assignedTo = try r.idOrNil()
        let user = try r.textOrNil()
        return LeadTask(
            id: id, fields: fields,
            lead: fields.leadID.map { LeadTask.About(id: $0, name: name ?? "", phone: phone, email: email) },
            assignedUser: fields.assignedTo.map { Lead.Reference(id: $0.rawValue, name: user ?? "") },
            stageID: try r.idOrNil(), completedAt: try r.timestampOrNil(), createdAt: try r.timestamp(),
            updatedAt: try r.timestamp())
    }
}
