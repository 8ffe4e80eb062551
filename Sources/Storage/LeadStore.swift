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

    /// What a list is narrowed by. Each combination is a statement of its own, so that the planner sees only the
    /// conditions that apply.
    package struct Filter: Sendable, Hashable {
        package var stageID: Int64?
        /// Part of name, email or phone.
        package var q: String?

        package init(stageID: Int64? = nil, q: String? = nil) {
            self.stageID = stageID
            self.q = q
        }

        fileprivate var conditions: String {
            // $2 and $3 are named even when they do not narrow, so that every variant takes the same parameters.
            """
            l.account_id = $1 AND l.archived_at IS NULL
                AND \(stageID == nil ? "$2::bigint IS NULL" : "l.stage_id = $2")
                AND \(q == nil ? "$3::text IS NULL" : Self.matches)
                AND \(q == nil ? "$4::text IS NULL" : "true")
            """
        }

        private static let matches = """
            (l.name ILIKE $3 OR EXISTS (
                SELECT 1 FROM contacts c
                WHERE c.account_id = $1 AND c.id = l.contact_id AND (c.email ILIKE $3 OR c.phone LIKE $4)))
            """

        fileprivate var variant: String { "\(stageID == nil ? "" : "_stage")\(q == nil ? "" : "_q")" }

        fileprivate func parameters(_ account: Account.ID) -> [PostgresValue] {
            let digits = q.map(Self.phoneDigits) ?? ""
            return [
                .id(account), .integer(stageID), .word(q.map { "%\(Self.escaped($0))%" }),
                // A phone is found by its digits, however they were typed; fewer than three would find everybody.
                q == nil ? .null : .text(digits.count >= 3 ? "%\(digits)%" : ""),
            ]
        }

        /// The digits of what looks like part of a phone number; "100% sure" does not.
        private static func phoneDigits(_ text: String) -> String {
            let digits = text.filter { $0.isASCII && $0.isNumber }
            return text.allSatisfy { digits.contains($0) || "+-(). ".contains($0) } ? digits : ""
        }

        private static func escaped(_ text: String) -> String {
            text.reduce(into: "") { result, character in
                if character == "%" || character == "_" || character == "\\" { result.append("\\") }
                result.append(character)
            }
        }
    }

    /// Newest first. The first page is a statement of its own: it is asked for most, and to one without an offset the
    /// planner finds the shortest way.
    static func selectPage(_ filter: Filter, _ length: PageLength, isFirst: Bool) -> Statement {
        statements.named("lead_page\(filter.variant)\(isFirst ? "" : "_further")_\(length)") {
            page(filter.conditions, length, further: isFirst ? "" : "OFFSET $6", limit: "$5")
        }
    }

    /// The rows are picked from the leads alone, in the order of an index, before anything is joined to them: what share
    /// of a table one account has is beyond the planner, which would join first and sort at the end.
    private static func page(
        _ conditions: String, _ length: PageLength, further: String = "", limit: String
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
            page(filter.conditions + "\n    AND l.id < $5", length, limit: "$6")
        }
    }

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
