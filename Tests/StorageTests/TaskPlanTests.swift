import Domain
import Postgres
import TestSupport
import Testing

@testable import Storage

/// How PostgreSQL goes about the tasks of a large account, whatever they are narrowed by.
@Suite struct TaskPlanTests {
    /// Account 1 with many tasks among many accounts with few, of which some kinds are rare.
    private static let rows = [
        "INSERT INTO accounts (id, name, created_at) SELECT n, 'a', now() FROM generate_series(1, 500) AS n",
        """
        INSERT INTO users (account_id, id, name, email, role, created_at, updated_at)
        SELECT n, n, 'u', 'u@example.com', 'viewer', now(), now() FROM generate_series(1, 500) AS n
        """,
        """
        INSERT INTO tasks (
            account_id, id, subject, type, priority, due_date, assigned_to, completed_at, created_at, updated_at)
        SELECT CASE WHEN n > 100000 THEN 2 + n % 499 ELSE 1 END, n, 's',
            CASE WHEN n % 5000 = 0 THEN 'visit' ELSE 'call' END, CASE WHEN n % 4000 = 0 THEN 'high' ELSE 'low' END,
            date '2026-01-01' + n % 365, NULL, CASE WHEN n % 3000 = 0 THEN now() END, now(), now()
        FROM generate_series(1, 105000) AS n
        """,
        "UPDATE tasks SET assigned_to = 1 WHERE account_id = 1 AND id % 2500 = 0",
        "VACUUM (ANALYZE) tasks, users, accounts",
    ]

    private static let filters: [(change: @Sendable (inout TaskStore.Filter) -> Void, arguments: String)] = [
        ({ _ in }, "1"), ({ $0.assignedTo = 1 }, "1, 1"), ({ $0.leadID = 1 }, "1, 1"), ({ $0.status = .pending }, "1"),
        ({ $0.status = .completed }, "1"), ({ $0.kind = .visit }, "1, 'visit'"),
        ({ $0.priority = .high }, "1, 'high'"), ({ $0.dueFrom = "2026-12-31" }, "1, '2026-12-31'"),
        ({ $0.dueTo = "2026-01-01" }, "1, '2026-01-01'"),
    ]

    @Test func `a page of tasks looks at little more than what it answers, whatever narrows it`() async throws {
        try await withTestDatabase(migrations: Schema.migrations) { pool in
            try await pool.withConnection { session in
                for (index, sql) in Self.rows.enumerated() {
                    _ = try await session.query(Statement("task_plan_rows_\(index)", sql))
                }
                for (index, (change, arguments)) in Self.filters.enumerated() {
                    var filter = TaskStore.Filter()
                    change(&filter)
                    var conditions = filter.conditions(Account.ID(1))
                    conditions.limit(PageLength.short.rawValue)
                    let statement = TaskStore.selectPage(conditions)
                    _ = try await session.query(
                        Statement("make_task_plan_\(index)", "PREPARE task_plan_\(index) AS \(statement.sql)"))
                    let plan = try await session.query(
                        Statement(
                            "show_task_plan_\(index)",
                            "EXPLAIN (ANALYZE, BUFFERS) EXECUTE task_plan_\(index) (\(arguments), 21)")
                    ).map { try $0.text(0) }
                    let words = plan.joined(separator: "\n")
                    #expect(!words.contains("Seq Scan on tasks"), "\(statement.name)")
                    let pages = PlanFigures.pages(plan)
                    // One day holds 274 tasks, wherever they lie.
                    #expect(try #require(pages) <= 700, "\(statement.name):\n\(words)")
                }
            }
        }
    }
}
