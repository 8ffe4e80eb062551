package import Domain
package import JSON
package import Postgres

/// Leads in bulk as they are read; `ImportStore+Receive` keeps what comes in, `ImportStore+Work` applies it.
package struct ImportStore: Sendable {
    let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    /// What every read of an import selects, in the order that `imported(_:)` reads; of `imports` as `i`.
    static let columns = """
        i.id, i.status, i.format, i.is_lenient, i.api_key_id, i.received, i.created, i.updated, i.unchanged, i.conflict,
        i.invalid, i.erased, i.line, i.failure, i.created_at, i.started_at, i.finished_at
        """

    /// Never inlined: inside an async function the optimiser of Swift 6.3.1 crashes on it ("splitting coroutine").
    @inline(never)
    static func imported(_ row: PostgresRow) throws -> LeadImport {
        var r = RowReader(row)
        let (id, status, format): (LeadImport.ID, LeadImport.Status, LeadImport.Format) = (
            try r.id(), try r.word(), try r.word()
        )
        let (isLenient, key): (Bool, APIKey.ID?) = (try r.bool(), try r.idOrNil())
        let received = Int(try r.int())
        var counts: [LeadUpsert.Outcome: Int] = [:]
        for outcome in LeadUpsert.Outcome.allCases { counts[outcome] = Int(try r.int()) }
        let line = Int(try r.int())
        let failure = try r.textOrNil().flatMap(LeadImport.Failure.init)
        return LeadImport(
            id: id, status: status, format: format, isLenient: isLenient, apiKeyID: key, received: received,
            processed: counts.values.reduce(0, +), counts: counts, line: line, failure: failure,
            createdAt: try r.timestamp(), startedAt: try r.timestampOrNil(), finishedAt: try r.timestampOrNil())
    }

    static let selectOne = Statement(
        "import_get", "SELECT \(columns) FROM imports i WHERE i.account_id = $1 AND i.id = $2")

    package func one(_ id: LeadImport.ID, of account: Account.ID) -> Query<LeadImport?> {
        Query([(Self.selectOne, [.id(account), .id(id)])]) { try $0[0].first.map(Self.imported) }
    }

    static func selectPage(_ conditions: Conditions) -> Statement {
        conditions.statement("import_page") {
            """
            SELECT \(columns)
            FROM imports i
            WHERE \($0)
            ORDER BY i.id DESC
            """
        }
    }

    static func conditions(_ status: LeadImport.Status?, before: Int64?, _ account: Account.ID) -> Conditions {
        var conditions = Conditions(account, column: "i.account_id")
        if let status { conditions.add("status", "i.status = ", .text(status.rawValue)) }
        if let before { conditions.add("before", "i.id < ", .int(before)) }
        return conditions
    }

    /// Newest first, those below `before`.
    package func list(
        _ status: LeadImport.Status?, of account: Account.ID, before: Int64?, limit: Int
    ) -> Query<[LeadImport]> {
        var conditions = Self.conditions(status, before: before, account)
        conditions.limit(limit)
        return Query([(Self.selectPage(conditions), conditions.parameters)]) { try $0[0].map(Self.imported) }
    }

    /// What became of one line.
    package struct Report: Sendable {
        package let line: Int64
        package let result: LeadUpsert.Outcome
        package let leadID: Lead.ID?
        package let matchedOn: String?
        /// `code`, `message`, `existing_id`, `details`, `warnings`, as far as there is something to tell.
        package let told: JSONValue?

        package init(
            line: Int64, result: LeadUpsert.Outcome, leadID: Lead.ID?, matchedOn: String?, told: JSONValue?
        ) {
            self.line = line
            self.result = result
            self.leadID = leadID
            self.matchedOn = matchedOn
            self.told = told
        }
    }

    static func selectLines(_ conditions: Conditions) -> Statement {
        conditions.statement("import_line_page") {
            """
            SELECT n.line, n.result, n.lead_id, n.matched_on, n.report
            FROM import_lines n
            WHERE \($0)
            ORDER BY n.line
            """
        }
    }

    static func conditions(
        _ result: LeadUpsert.Outcome?, of id: LeadImport.ID, after: Int64?, _ account: Account.ID
    ) -> Conditions {
        var conditions = Conditions(account, column: "n.account_id")
        conditions.add("import", "n.import_id = ", .id(id))
        if let result { conditions.add("result", "n.result = ", .text(result.rawValue)) }
        if let after { conditions.add("after", "n.line > ", .int(after)) }
        return conditions
    }

    /// In the order of the body, those behind `after`; nil when there is no such import.
    package func lines(
        of id: LeadImport.ID, _ result: LeadUpsert.Outcome?, in account: Account.ID, after: Int64?, limit: Int
    ) -> Query<[Report]?> {
        var conditions = Self.conditions(result, of: id, after: after, account)
        conditions.limit(limit)
        return Query([
            (Self.selectOne, [.id(account), .id(id)]), (Self.selectLines(conditions), conditions.parameters),
        ]) { results in
            guard results[0].first != nil else { return nil }
            return try results[1].map(Self.report)
        }
    }

    @inline(never)
    private static func report(_ row: PostgresRow) throws -> Report {
        var r = RowReader(row)
        return Report(
            line: try r.int(), result: try r.word(), leadID: try r.idOrNil(), matchedOn: try r.textOrNil(),
            told: try r.jsonOrNil())
    }
}
