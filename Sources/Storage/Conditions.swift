import Domain
import Postgres

/// What a list is narrowed by. Each combination that is asked for is a statement of its own, so that the planner sees
/// only the conditions that apply; their texts are ours, their values are bound.
struct Conditions {
    private(set) var parameters: [PostgresValue]
    private var clauses: [String]
    private var name = ""
    private var inner = ""
    private var outer = ""

    /// - Parameter column: the tenant's column, with its table's alias where there are several.
    init(_ account: Account.ID, column: StaticString = "account_id") {
        parameters = [.id(account)]
        clauses = ["\(column) = $1"]
    }

    /// `clause` ends where the value's place follows; `after` closes what it opened.
    mutating func add(_ name: StaticString, _ clause: StaticString, _ value: PostgresValue, after: StaticString = "") {
        parameters.append(value)
        clauses.append("\(clause)$\(parameters.count)\(after)")
        self.name += "_\(name)"
    }

    /// A condition without a value of its own.
    mutating func add(_ name: StaticString, _ clause: StaticString) {
        clauses.append("\(clause)")
        self.name += "_\(name)"
    }

    /// - Parameters:
    ///   - rows: 501 at most.
    ///   - passed: how many come before them. None is a statement of its own, as it is asked for most.
    mutating func limit(_ rows: Int, after passed: Int = 0) {
        parameters.append(.int(Int64(rows)))
        let length = PageLength(atLeast: rows)
        inner = "LIMIT \(length)"
        outer = "LIMIT $\(parameters.count)"
        name += "_\(length)"
        guard passed > 0 else { return }
        parameters.append(.int(Int64(passed)))
        inner += " OFFSET $\(parameters.count)"
        name += "_further"
    }

    /// `body` gets the conditions, joined; a limit follows it.
    func statement(_ prefix: StaticString, _ body: (String) -> String) -> Statement {
        statement(prefix, body) { "SELECT * FROM (\n\($0)) AS page" }
    }

    /// As above; `around` gets what `body` picked, to join to it what belongs to each row, and keeps its order.
    func statement(
        _ prefix: StaticString, _ body: (String) -> String, around: (String) -> String
    ) -> Statement {
        Statement(
            "\(prefix)\(name)",
            """
            \(around("\(body(clauses.joined(separator: "\n    AND ")))\n\(inner)"))
            \(outer)
            """)
    }
}
