package import Domain
package import Postgres

/// Contacts as they are read; `ContactStore+Write` changes them, `ContactStore+Merge` makes one of two.
package struct ContactStore: Sendable {
    let pool: PostgresPool
    private static let statements = StatementShelf()

    package init(_ pool: PostgresPool) { self.pool = pool }

    static let columns = ContactColumn.allCases.map(\.sql).joined(separator: ", ")

    static let selectOne = Statement(
        "contact_get",
        """
        SELECT \(columns)
        FROM contacts c
        WHERE c.account_id = $1 AND c.id = $2 AND c.erased_at IS NULL
        """)

    /// What became of a contact that is no more.
    package enum Found: Sendable {
        case here(ContactRecord)
        /// Another contact has taken it up.
        case mergedInto(Contact.ID)
        case nowhere
    }

    static let selectWinner = Statement(
        "contact_winner",
        """
        SELECT g.winner_id
        FROM contact_merges g
        WHERE g.account_id = $1 AND g.loser_id = $2 AND g.undone_at IS NULL
        """)

    /// The contact, unless it is erased or another account's.
    package func one(_ id: Contact.ID, of account: Account.ID) -> Query<Found> {
        let parameters: [PostgresValue] = [.id(account), .id(id)]
        return Query([(Self.selectOne, parameters), (Self.selectWinner, parameters)]) { results in
            if let row = results[0].first { return .here(ContactRecord(row)) }
            return try results[1].first.map { .mergedInto(Contact.ID(try $0.int(0))) } ?? .nowhere
        }
    }

    /// What a list is narrowed by. Each combination is a statement of its own, so that the planner sees only the
    /// conditions that apply.
    package struct Filter: Sendable, Hashable {
        /// Part of name, email or phone.
        package var q: String?
        /// What equal identifiers share.
        package var phoneKey: String?
        package var emailKey: String?
        package var externalID: String?
        package var updatedSince: Timestamp?

        package init() {}

        var conditions: String {
            // Every parameter is named even when it does not narrow, so that every variant takes the same ones.
            """
            c.account_id = $1 AND c.erased_at IS NULL
                AND \(q == nil ? "$2::text IS NULL AND $3::text IS NULL" : Self.matches)
                AND \(phoneKey == nil ? "$4::text IS NULL" : Self.owns("i.kind IN ('phone', 'wa_id')", "$4"))
                AND \(emailKey == nil ? "$5::text IS NULL" : Self.owns("i.kind = 'email'", "$5"))
                AND \(externalID == nil ? "$6::text IS NULL" : Self.owns("i.kind = 'external_id'", "$6"))
                AND \(updatedSince == nil ? "$7::timestamptz IS NULL" : "c.updated_at >= $7")
            """
        }

        private static let matches = "(c.name ILIKE $2 OR c.email ILIKE $2 OR c.phone LIKE $3)"

        private static func owns(_ kind: String, _ key: String) -> String {
            """
            c.id IN (
                    SELECT i.contact_id FROM contact_identifiers i
                    WHERE i.account_id = $1 AND \(kind) AND i.scope = '' AND i.match_key = \(key))
            """
        }

        fileprivate var variant: String {
            let parts = [
                ("q", q != nil), ("phone", phoneKey != nil), ("email", emailKey != nil),
                ("external", externalID != nil), ("since", updatedSince != nil),
            ]
            return parts.filter(\.1).map { "_\($0.0)" }.joined()
        }

        func parameters(_ account: Account.ID) -> [PostgresValue] {
            let search = q.map { SearchText($0) }
            return [
                .id(account), .word(search?.words.pattern), .word(search.map { $0.phone?.pattern ?? "" }),
                .word(phoneKey),
                .word(emailKey), .word(externalID), .time(updatedSince),
            ]
        }
    }

    static func selectPage(_ filter: Filter, _ length: PageLength) -> Statement {
        statements.named("contact_page\(filter.variant)_\(length)") {
            page(filter.conditions, length, further: "OFFSET $9")
        }
    }

    static func selectAfter(_ filter: Filter, _ length: PageLength) -> Statement {
        statements.named("contact_cursor\(filter.variant)_\(length)") {
            page(filter.conditions + "\n    AND c.id < $9", length)
        }
    }

    /// The rows are picked before their identifiers are put together.
    private static func page(_ conditions: String, _ length: PageLength, further: String = "") -> String {
        """
        SELECT \(columns)
        FROM (
            SELECT c.*
            FROM contacts c
            WHERE \(conditions)
            ORDER BY c.id DESC
            LIMIT \(length) \(further)
        ) AS c
        ORDER BY c.id DESC
        LIMIT $8
        """
    }

    static func selectCount(_ filter: Filter) -> Statement {
        statements.named("contact_count\(filter.variant)") {
            """
            SELECT count(*)
            FROM contacts c
            WHERE \(filter.conditions)
            """
        }
    }

    /// One page by number, newest first, with the total.
    package func page(
        _ filter: Filter, of account: Account.ID, page: Int, perPage: Int
    ) -> Query<(contacts: [ContactRecord], total: Int)> {
        let parameters = filter.parameters(account)
        let rows = parameters + [.int(Int64(perPage)), .int(Int64((page - 1) * perPage))]
        return Query([
            (Self.selectPage(filter, PageLength(atLeast: perPage)), rows), (Self.selectCount(filter), parameters),
        ]) { results in
            (results[0].map(ContactRecord.init), try results[1].first.map { Int(try $0.int(0)) } ?? 0)
        }
    }

    /// The contacts below an id: a cursor that rows made or changed meanwhile cannot upset.
    package func list(
        _ filter: Filter, of account: Account.ID, before: Contact.ID?, limit: Int
    ) -> Query<[ContactRecord]> {
        let statement = Self.selectAfter(filter, PageLength(atLeast: limit))
        let parameters = filter.parameters(account) + [.int(Int64(limit)), .int(before?.rawValue ?? Int64.max)]
        return Query([(statement, parameters)]) { $0[0].map(ContactRecord.init) }
    }
}
