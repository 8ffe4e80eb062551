import Domain
import Postgres

/// What a list is narrowed by. Each combination that is asked for is a statement of its own, so that the planner sees
/// only the conditions that apply; their texts are ours, their values are bound.
struct Conditions {
    private(set) var parameters: [PostgresValue]
    private var clauses: [String]
    private var name = ""
    private var ending = ""

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

    mutating func limit(_ limit: Int, offset: Int? = nil) {
        parameters.append(.int(Int64(limit)))
        ending = "LIMIT $\(parameters.count)"
        guard let offset else { return }
        parameters.append(.int(Int64(offset)))
        ending += " OFFSET $\(parameters.count)"
        name += "_page"
    }

    /// `body` gets the conditions, joined; a limit follows it.
    func statement(_ prefix: StaticString, _ body: (String) -> String) -> Statement {
        Statement("\(prefix)\(name)", "\(body(clauses.joined(separator: "\n    AND ")))\n\(ending)")
    }
}
