package import Domain
import JSON
package import Postgres

/// The account's people.
package struct UserStore: Sendable {
    private let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    static let selectAll = Statement(
        "user_list",
        "SELECT id, name, email, role FROM users WHERE account_id = $1 AND deleted_at IS NULL ORDER BY id")

    package func all(of account: Account.ID) async throws -> [User] {
        try await pool.read(Self.selectAll, [.id(account)]).map(Self.user)
    }

    static let selectOne = Statement(
        "user_get",
        "SELECT id, name, email, role FROM users WHERE account_id = $1 AND id = $2 AND deleted_at IS NULL")

    package func get(_ id: User.ID, of account: Account.ID) async throws -> User? {
        try await pool.read(Self.selectOne, [.id(account), .id(id)]).first.map(Self.user)
    }

    /// Those of the given ids that something can be assigned to.
    static let selectIDs = Statement(
        "user_ids",
        "SELECT id FROM users WHERE account_id = $1 AND id = ANY ($2::bigint[]) AND deleted_at IS NULL")

    static let lock = Statement(
        "user_lock",
        """
        SELECT id, name, email, role FROM users
        WHERE account_id = $1 AND id = $2 AND deleted_at IS NULL
        FOR UPDATE
        """)

    @PostgresActor
    package func lock(_ id: User.ID, in write: WriteTransaction) async throws -> User? {
        try await write.transaction.query(Self.lock, [.id(write.account), .id(id)]).first.map(Self.user)
    }

    static let selectByEmail = Statement(
        "user_by_email",
        "SELECT id FROM users WHERE account_id = $1 AND lower(email) = lower($2) AND deleted_at IS NULL")

    /// Whose address it is. One that is taken in between is met by the unique key, and looked for anew.
    @PostgresActor
    package func owner(ofEmail email: String, in write: WriteTransaction) async throws -> User.ID? {
        try await write.transaction.query(Self.selectByEmail, [.id(write.account), .text(email)]).first
            .map { User.ID(try $0.int(0)) }
    }

    static let insert = Statement(
        "user_insert",
        """
        INSERT INTO users (account_id, name, email, role, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $5)
        RETURNING id, name, email, role
        """)

    @PostgresActor
    package func insert(
        _ name: String, email: String, role: User.Role, in write: WriteTransaction
    ) async throws -> User {
        let rows = try await write.transaction.query(
            Self.insert,
            [.id(write.account), .text(name), .text(email), .text(role.rawValue), .time(write.now)])
        guard let row = rows.first else { throw StorageError.missing("the new user") }
        let user = try Self.user(row)
        write.audit(.create, of: .user, user.id.rawValue)
        return user
    }

    static let update = Statement(
        "user_update",
        """
        UPDATE users SET name = $3, email = $4, role = $5, updated_at = $6
        WHERE account_id = $1 AND id = $2
        """)

    @PostgresActor
    package func update(_ old: User, to user: User, in write: WriteTransaction) async throws {
        guard user != old else { return }
        try await write.transaction.query(
            Self.update,
            [
                .id(write.account), .id(user.id), .text(user.name), .text(user.email), .text(user.role.rawValue),
                .time(write.now),
            ])
        write.audit(
            .update, of: .user, user.id.rawValue,
            changes: .changes([
                ("name", .string(old.name), .string(user.name)), ("email", .string(old.email), .string(user.email)),
                ("role", .string(old.role.rawValue), .string(user.role.rawValue)),
            ]))
    }

    static let delete = Statement(
        "user_delete",
        "UPDATE users SET deleted_at = $3, updated_at = $3 WHERE account_id = $1 AND id = $2")

    /// What is assigned to the user stays so until it is assigned to another.
    @PostgresActor
    package func delete(_ id: User.ID, in write: WriteTransaction) async throws {
        try await write.transaction.query(Self.delete, [.id(write.account), .id(id), .time(write.now)])
        write.audit(.delete, of: .user, id.rawValue)
    }

    private static func user(_ row: PostgresRow) throws -> User {
        var r = RowReader(row)
        return User(id: try r.id(), name: try r.text(), email: try r.text(), role: try r.word())
    }
}
