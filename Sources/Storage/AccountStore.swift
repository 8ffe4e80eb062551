package import Domain
import JSON
package import Postgres

/// Tenants.
package struct AccountStore: Sendable {
    private let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    package struct NewAccount: Sendable {
        package var name: String
        package var locale: String
        package var timezone: String
        package var defaultCountry: String
        package var currency: String

        package init(name: String, locale: String, timezone: String, defaultCountry: String, currency: String) {
            self.name = name
            self.locale = locale
            self.timezone = timezone
            self.defaultCountry = defaultCountry
            self.currency = currency
        }
    }

    static let insert = Statement(
        "account_insert",
        """
        WITH account AS (
            INSERT INTO accounts (name, locale, timezone, default_country, currency, created_at)
            VALUES ($1, $2, $3, $4, $5, $6)
            RETURNING id, name, plan, status, locale, timezone, default_country, currency
        ), line AS (
            \(AuditStore.operatorLine(.create, of: .account, each: "account", account: "id", at: "$6::timestamptz"))
        )
        SELECT * FROM account
        """)

    package func create(_ account: NewAccount, now: Timestamp) async throws -> Account {
        let rows = try await pool.write(
            Self.insert,
            [
                .text(account.name), .text(account.locale), .text(account.timezone), .text(account.defaultCountry),
                .text(account.currency), .time(now),
            ])
        guard let row = rows.first else { throw StorageError.missing("the new account") }
        return try Self.account(row)
    }

    static let selectAll = Statement(
        "account_list",
        """
        SELECT id, name, plan, status, locale, timezone, default_country, currency
        FROM accounts
        ORDER BY id
        """)

    package func all() async throws -> [Account] { try await pool.read(Self.selectAll).map(Self.account) }

    static let updateStatus = Statement(
        "account_set_status",
        """
        WITH found AS (
            SELECT id, status FROM accounts WHERE id = $1 FOR UPDATE
        ), changed AS (
            UPDATE accounts a SET status = $2 FROM found WHERE a.id = found.id AND found.status <> $2
            RETURNING a.id, found.status AS before
        ), line AS (
            \(AuditStore.operatorLine(
                .update, of: .account, each: "changed", account: "id", at: "$3",
                changes: "jsonb_build_object('status', jsonb_build_array(before, $2::text))"))
        )
        SELECT id FROM found
        """)

    /// Whether the account exists.
    package func set(_ status: Account.Status, of id: Account.ID, now: Timestamp) async throws -> Bool {
        try await !pool.write(Self.updateStatus, [.id(id), .text(status.rawValue), .time(now)]).isEmpty
    }

    static let selectOne = Statement(
        "account_get",
        """
        SELECT id, name, plan, status, locale, timezone, default_country, currency
        FROM accounts
        WHERE id = $1
        """)

    package func get(_ id: Account.ID) async throws -> Account? {
        try await pool.read(Self.selectOne, [.id(id)]).first.map(Self.account)
    }

    static let lock = Statement("account_lock", "\(selectOne.sql)\nFOR UPDATE")

    /// The writer's own.
    @PostgresActor
    package func lock(in write: WriteTransaction) async throws -> Account {
        let rows = try await write.transaction.query(Self.lock, [.id(write.account)])
        guard let row = rows.first else { throw StorageError.missing("the account") }
        return try Self.account(row)
    }

    static let update = Statement(
        "account_update",
        """
        UPDATE accounts SET name = $2, locale = $3, timezone = $4, default_country = $5, currency = $6
        WHERE id = $1
        """)

    /// Writes the settings; plan and status are the operator's.
    @PostgresActor
    package func update(_ old: Account, to account: Account, in write: WriteTransaction) async throws {
        guard account != old else { return }
        try await write.transaction.query(
            Self.update,
            [
                .id(account.id), .text(account.name), .text(account.locale), .text(account.timezone),
                .text(account.defaultCountry), .text(account.currency),
            ])
        write.audit(
            .update, of: .account, account.id.rawValue,
            changes: .changes([
                ("name", .string(old.name), .string(account.name)),
                ("locale", .string(old.locale), .string(account.locale)),
                ("timezone", .string(old.timezone), .string(account.timezone)),
                ("default_country", .string(old.defaultCountry), .string(account.defaultCountry)),
                ("currency", .string(old.currency), .string(account.currency)),
            ]))
    }

    private static func account(_ row: PostgresRow) throws -> Account {
        var reader = RowReader(row)
        return try account(&reader)
    }

    static func account(_ row: inout RowReader) throws -> Account {
        Account(
            id: try row.id(), name: try row.text(), plan: try row.text(), status: try row.word(),
            locale: try row.text(), timezone: try row.text(), defaultCountry: try row.text(),
            currency: try row.text())
    }
}
