package import Domain
package import Postgres

/// Leads as they are read; `LeadStore+Create` makes them.
package struct LeadStore: Sendable {
    let pool: PostgresPool
    private static let statements = StatementShelf()

    package init(_ pool: PostgresPool) { self.pool = pool }

    static let columns = LeadColumn.allCases.map(\.sql).joined(separator: ", ")

    static let joins = """
        JOIN contacts c ON c.account_id = $1 AND c.id = l.contact_id
        JOIN stages s ON s.account_id = $1 AND s.id = l.stage_id
        JOIN pipelines p ON p.account_id = $1 AND p.id = l.pipeline_id
        """

    /// The same for a page of leads. They have few stages between them, and of what is asked for row by row the planner
    /// keeps the answers, which spares a look-up for each lead. A lead's pipeline is its stage's.
    static let listJoins = """
        JOIN contacts c ON c.account_id = $1 AND c.id = l.contact_id
        CROSS JOIN LATERAL (
            SELECT t.name, p.name AS pipeline_name FROM stages t
            JOIN pipelines p ON p.account_id = $1 AND p.id = t.pipeline_id
            WHERE t.account_id = $1 AND t.id = l.stage_id
            LIMIT 1
        ) s
        """

    /// What `listJoins` brings for `columns`.
    static let listColumns = LeadColumn.allCases.map { $0 == .pipelineName ? "s.pipeline_name" : $0.sql }
        .joined(separator: ", ")

    static let selectOne = Statement(
        "lead_get",
        """
        SELECT \(columns)
        FROM leads l
        \(joins)
        WHERE l.account_id = $1 AND l.id = $2 AND l.archived_at IS NULL
        """)

    /// The lead, unless it is archived or another account's.
    package func one(_ id: Lead.ID, of account: Account.ID) -> Query<LeadRecord?> {
        Query([(Self.selectOne, [.id(account), .id(id)])]) { $0[0].first.map(LeadRecord.init) }
    }

    /// The lists that are asked for most, all leads and a stage's, newest first; `LeadFilter` narrows the others.
    package struct Filter: Sendable, Hashable {
        package var stageID: Int64?

        package init(stageID: Int64? = nil) { self.stageID = stageID }

        fileprivate var conditions: String {
            // $2 is named even when it does not narrow, so that both variants take the same parameters.
            """
            l.account_id = $1 AND l.archived_at IS NULL
                AND \(stageID == nil ? "$2::bigint IS NULL" : "l.stage_id = $2")
            """
        }

        fileprivate var variant: String { stageID == nil ? "" : "_stage" }

        fileprivate func parameters(_ account: Account.ID) -> [PostgresValue] { [.id(account), .integer(stageID)] }
    }

    /// Newest first. The first page is a statement of its own: it is asked for most, and to one without an offset the
    /// planner finds the shortest way.
    static func selectPage(_ filter: Filter, _ length: PageLength, isFirst: Bool) -> Statement {
        statements.named("lead_page\(filter.variant)\(isFirst ? "" : "_further")_\(length)") {
            page(filter.conditions, length, further: isFirst ? "" : "OFFSET $4", limit: "$3")
        }
    }

    /// The rows are picked from the leads alone, in the order of an index, before anything is joined to them: what share
    /// of a table one account has is beyond the planner, which would join first and sort at the end.
    private static func page(
        _ conditions: String, _ length: PageLength, further: String = "", limit: String,
        columns: String = listColumns, joins: String = listJoins
    ) -> String {
        """
        SELECT \(columns)
        FROM (
            SELECT l.*
            FROM leads l
            WHERE \(conditions)
            ORDER BY l.id DESC
            LIMIT \(length) \(further)
        ) AS l
        \(joins)
        ORDER BY l.id DESC
        LIMIT \(limit)
        """
    }

    static func selectCount(_ filter: Filter) -> Statement {
        statements.named("lead_count\(filter.variant)") {
            """
            SELECT count(*)
            FROM leads l
            WHERE \(filter.conditions)
            """
        }
    }

    static func selectAfter(_ filter: Filter, _ length: PageLength) -> Statement {
        statements.named("lead_cursor\(filter.variant)_\(length)") {
            page(filter.conditions + "\n    AND l.id < $3", length, limit: "$4")
        }
    }

    /// The short page behind a cursor with a look-up for each lead, as one would write it at first: what it is worth to
    /// write it otherwise is measured against it.
    static let pageByJoins = Statement(
        "lead_cursor_by_joins",
        page(Filter().conditions + "\n    AND l.id < $3", .short, limit: "$4", columns: columns, joins: joins))

    /// One page by number, with the total.
    package func page(
        _ filter: Filter, of account: Account.ID, page: Int, perPage: Int
    ) -> Query<(leads: [LeadRecord], total: Int)> {
        let parameters = filter.parameters(account)
        let rows = Self.selectPage(filter, PageLength(atLeast: perPage), isFirst: page == 1)
        let offset: [PostgresValue] = page == 1 ? [] : [.int(Int64((page - 1) * perPage))]
        return Query([
            (rows, parameters + [.int(Int64(perPage))] + offset), (Self.selectCount(filter), parameters),
        ]) { results in
            (results[0].map(LeadRecord.init), try results[1].first.map { Int(try $0.int(0)) } ?? 0)
        }
    }

    /// The leads below an id: a cursor that rows made or changed meanwhile cannot upset.
    package func list(
        _ filter: Filter, of account: Account.ID, before: Lead.ID?, limit: Int
    ) -> Query<[LeadRecord]> {
        let statement = Self.selectAfter(filter, PageLength(atLeast: limit))
        let parameters = filter.parameters(account) + [.int(before?.rawValue ?? Int64.max), .int(Int64(limit))]
        return Query([(statement, parameters)]) { $0[0].map(LeadRecord.init) }
    }
}
