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

    /// - Parameter rows: 501 at most.
    mutating func limit(_ rows: Int) {
        parameters.append(.int(Int64(rows)))
        let length = PageLength(atLeast: rows)
        inner = "LIMIT \(length)"
        outer = "LIMIT $\(parameters.count)"
        name += "_\(length)"
    }

    /// `body` gets the conditions, joined; a limit follows it.
    func statement(_ prefix: StaticString, _ body: (String) -> String) -> Statement {
        Statement(
            "\(prefix)\(name)",
            """
            SELECT * FROM (
            \(body(clauses.joined(separator: "\n    AND ")))
            \(inner)) AS page
            \(outer)
            """)
    }
}
