package import Domain
import Postgres

/// The SQL of a list whose newest come first: what narrows it, and its pages. Texts are ours and values are bound; there
/// are too many combinations to prepare, and planned for its values each finds its index.
struct NewestFirst {
    /// With its alias, as `messages m`.
    let table: StaticString
    let alias: StaticString
    /// What the list is in the order of, backwards, beside the id; in SQL, with the alias.
    let key: StaticString?
    private(set) var parameters: [PostgresValue]
    private var clauses: [String]
    private var fan: Fan?

    /// What an index finds only for one value each: the newest of every value are picked, then the newest of those,
    /// however few of one and many of another there are. The value is put into the order as well, where only that index
    /// has it: the planner takes each value for a common one, and would look for it among all rows.
    private struct Fan {
        /// The values, in SQL.
        let source: String
        let column: StaticString
    }

    init(_ account: Account.ID, of table: StaticString, as alias: StaticString, by key: StaticString? = nil) {
        (self.table, self.alias, self.key) = (table, alias, key)
        parameters = [.id(account)]
        clauses = ["\(alias).account_id = $1"]
    }

    mutating func bind(_ value: PostgresValue) -> String {
        parameters.append(value)
        return "$\(parameters.count)"
    }

    mutating func add(_ clause: String) { clauses.append(clause) }

    /// The column has one of the values.
    ///
    /// - Parameter values: rows of one column, in SQL: `unnest($2::bigint[])`, or a subquery in parentheses.
    mutating func add(_ column: StaticString, among values: String, spread: Bool) {
        if spread, fan == nil {
            fan = Fan(source: values, column: column)
        } else {
            clauses.append("\(column) IN (SELECT n.value FROM \(values) AS n (value))")
        }
    }

    /// Of one instance, if one is asked for, and of those that the key sees.
    ///
    /// - Parameter seen: nil: all.
    mutating func add(_ column: StaticString, of instance: Int64?, seen: Set<Instance.ID>?, spread: Bool) {
        guard instance != nil || seen != nil else { return }
        let own = seen?.map(\.rawValue)
        let wanted = instance.map { id in own?.contains(id) ?? true ? [id] : [] } ?? own ?? []
        add(column, among: "unnest(\(bind(.intArray(wanted)))::bigint[])", spread: spread)
    }

    /// Behind the row that a page ended with.
    mutating func goOn(behind position: ListPosition) {
        guard let key else { return add("\(alias).id < \(bind(.int(position.id)))") }
        let time = bind(.time(position.time ?? Timestamp.latest))
        add("(\(key), \(alias).id) < (\(time), \(bind(.int(position.id)))::bigint)")
    }

    private var order: String { (key.map { "\($0) DESC, " } ?? "") + "\(alias).id DESC" }
    private var joined: String { clauses.joined(separator: "\n    AND ") }

    /// - Parameters:
    ///   - rows: 501 at most.
    ///   - columns: those of a row, in SQL.
    ///   - joins: what they need beside it.
    mutating func page(
        _ name: String, rows: Int, after passed: Int = 0, _ columns: String, joins: String = ""
    ) -> Statement {
        let length = PageLength(atLeast: rows)
        let skip = passed == 0 ? "" : "OFFSET \(bind(.int(Int64(passed))))"
        let picked =
            if let fan {
                """
                SELECT \(alias).*
                FROM \(fan.source) AS n (value)
                CROSS JOIN LATERAL (
                    SELECT \(alias).*
                    FROM \(table)
                    WHERE \(joined) AND \(fan.column) BETWEEN n.value AND n.value
                    ORDER BY \(fan.column) DESC, \(order)
                    LIMIT \(length.rawValue + passed)
                ) AS \(alias)
                """
            } else {
                "SELECT \(alias).* FROM \(table) WHERE \(joined)"
            }
        return Statement(
            name,
            """
            SELECT \(columns)
            FROM (
                \(picked)
                ORDER BY \(order)
                LIMIT \(length) \(skip)
            ) AS \(alias)
            \(joins)
            ORDER BY \(order)
            LIMIT \(bind(.int(Int64(rows))))
            """, isPrepared: false)
    }

    func count(_ name: String) -> Statement {
        let among = fan.map { " AND \($0.column) IN (SELECT n.value FROM \($0.source) AS n (value))" } ?? ""
        return Statement(name, "SELECT count(*) FROM \(table) WHERE \(joined)\(among)", isPrepared: false)
    }
}

/// Where a page of a list ended.
package struct ListPosition: Sendable, Hashable {
    /// nil in a list that is in the order of its ids.
    package let time: Timestamp?
    package let id: Int64

    package init(time: Timestamp?, id: Int64) {
        self.time = time
        self.id = id
    }
}
