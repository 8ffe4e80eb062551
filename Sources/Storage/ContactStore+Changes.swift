package import Domain
import Postgres

/// Contacts in the order of their changes, as leads come in.
extension ContactStore {
    /// Those that changed until the list was begun, behind a position; what is narrowed is planned for its values.
    ///
    /// - Parameters:
    ///   - until: when the first page was asked for.
    ///   - position: where the page before ended; nil for the first one.
    package func changes(
        _ filter: Filter, of account: Account.ID, until: Timestamp, after position: LeadFilter.Position?, limit: Int
    ) -> Query<[ContactRecord]> {
        Query([Self.step(filter, of: account, until: until, after: position, limit: limit)]) {
            $0[0].map(ContactRecord.init)
        }
    }

    static func step(
        _ filter: Filter, of account: Account.ID, until: Timestamp, after position: LeadFilter.Position?, limit: Int
    ) -> (Statement, [PostgresValue]) {
        var parameters = filter.parameters(account)
        func bind(_ value: PostgresValue) -> String {
            parameters.append(value)
            return "$\(parameters.count)"
        }
        var clauses = [filter.conditions, "c.updated_at <= \(bind(.time(until)))"]
        if let position {
            let key = PostgresValue.timestamp(Int64(position.key) ?? 0)
            clauses.append("(c.updated_at, c.id) > (\(bind(key)), \(bind(.int(position.id)))::bigint)")
            if let snapshot = position.snapshot {
                clauses.append(snapshot.clause(of: "c", begunAt: until) { bind($0) })
            }
        }
        let snapshot = position == nil ? ", pg_current_snapshot()::text" : ""
        let statement = Statement(
            "contact_changes",
            """
            SELECT \(columns)\(snapshot)
            FROM (
                SELECT c.*
                FROM contacts c
                WHERE \(clauses.joined(separator: "\n        AND "))
                ORDER BY c.updated_at, c.id
                LIMIT \(PageLength(atLeast: limit))
            ) AS c
            ORDER BY c.updated_at, c.id
            LIMIT \(bind(.int(Int64(limit))))
            """, isPrepared: false)
        return (statement, parameters)
    }
}

extension ContactRecord {
    /// Where a page in the order of the changes ends that ends with this contact.
    package func position(until: Timestamp, after before: LeadFilter.Position?) throws -> LeadFilter.Position {
        LeadFilter.Position(
            id: try id.rawValue, key: String(try row.timestamp(ContactColumn.updatedAt.rawValue)), until: until,
            snapshot: before == nil
                ? ReadSnapshot(pgSnapshot: try row.text(ContactColumn.allCases.count)) : before?.snapshot)
    }
}
