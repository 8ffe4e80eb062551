package import Domain
package import Postgres

/// API keys, found by the hash of their token.
package struct APIKeyStore: Sendable {
    private let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    package struct NewKey: Sendable {
        package var name: String
        package var prefix: String
        /// SHA-256 of the token.
        package var hash: [UInt8]
        package var permissions: Set<Permission>
        package var instanceIDs: Set<Instance.ID>?
        package var ratePerMinute: Int
        package var expiresAt: Timestamp?

        package init(
            name: String, prefix: String, hash: [UInt8], permissions: Set<Permission>,
            instanceIDs: Set<Instance.ID>?, ratePerMinute: Int, expiresAt: Timestamp?
        ) {
            self.name = name
            self.prefix = prefix
            self.hash = hash
            self.permissions = permissions
            self.instanceIDs = instanceIDs
            self.ratePerMinute = ratePerMinute
            self.expiresAt = expiresAt
        }
    }

    static let insert = Statement(
        "api_key_insert",
        """
        INSERT INTO api_keys (
            account_id, name, prefix, hash, permissions, instance_ids, rate_per_minute, expires_at, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        RETURNING account_id, id, name, prefix, permissions, instance_ids, rate_per_minute, expires_at, revoked_at,
            created_at
        """)

    static let create = Statement(
        "api_key_create",
        """
        WITH key AS (
            \(insert.sql)
        ), line AS (
            \(AuditStore.operatorLine(.create, of: .apiKey, each: "key", at: "$9"))
        )
        SELECT * FROM key
        """)

    /// By the operator; what a key makes is in a write of its own.
    package func create(_ key: NewKey, for account: Account.ID, now: Timestamp) async throws -> APIKey {
        let rows = try await pool.write(Self.create, Self.insertion(key, of: account, now: now))
        guard let row = rows.first else { throw StorageError.missing("the new key") }
        return try Self.key(row)
    }

    static func insertion(_ key: NewKey, of account: Account.ID, now: Timestamp) -> [PostgresValue] {
        [
            .id(account), .text(key.name), .text(key.prefix), .bytes(key.hash), words(key.permissions),
            numbers(key.instanceIDs), .int(Int64(key.ratePerMinute)), .time(key.expiresAt), .time(now),
        ]
    }

    static func words(_ permissions: Set<Permission>) -> PostgresValue {
        .textArray(permissions.map(\.rawValue).sorted())
    }

    static func numbers(_ instances: Set<Instance.ID>?) -> PostgresValue {
        instances.map { .intArray($0.map(\.rawValue).sorted()) } ?? .null
    }

    /// A token from before a rotation ends with its overlap, if the key does not end sooner.
    static let selectByHash = Statement(
        "api_key_by_hash",
        """
        SELECT k.account_id, k.id, k.name, k.prefix, k.permissions, k.instance_ids, k.rate_per_minute,
            LEAST(k.expires_at, t.ends_at), k.revoked_at, k.created_at,
            a.id, a.name, a.plan, a.status, a.locale, a.timezone, a.default_country, a.currency
        FROM (
            SELECT account_id, id, NULL::timestamptz AS ends_at FROM api_keys WHERE hash = $1
            UNION ALL
            SELECT account_id, api_key_id, ends_at FROM api_key_overlaps WHERE hash = $1
        ) AS t
        JOIN api_keys k ON k.account_id = t.account_id AND k.id = t.id
        JOIN accounts a ON a.id = k.account_id
        """)

    /// The key with this hash, now or before a rotation, and its account, whatever their state.
    package func find(hash: [UInt8]) async throws -> (key: APIKey, account: Account)? {
        guard let row = try await pool.read(Self.selectByHash, [.bytes(hash)]).first else { return nil }
        var reader = RowReader(row)
        return (try Self.key(&reader), try AccountStore.account(&reader))
    }

    static let selectOfAccount = Statement(
        "api_key_list",
        """
        SELECT account_id, id, name, prefix, permissions, instance_ids, rate_per_minute, expires_at, revoked_at,
            created_at
        FROM api_keys
        WHERE account_id = $1
        ORDER BY id
        """)

    package func all(of account: Account.ID) async throws -> [APIKey] {
        try await pool.read(Self.selectOfAccount, [.id(account)]).map(Self.key)
    }

    static let updateRevoked = Statement(
        "api_key_revoke",
        """
        WITH key AS (
            UPDATE api_keys SET revoked_at = $3 WHERE account_id = $1 AND id = $2 AND revoked_at IS NULL
            RETURNING id
        ), line AS (
            \(AuditStore.operatorLine(.delete, of: .apiKey, each: "key", at: "$3"))
        )
        SELECT id FROM api_keys WHERE account_id = $1 AND id = $2
        """)

    /// By the operator. Whether the key exists; revoking twice keeps the first instant.
    package func revoke(_ id: APIKey.ID, of account: Account.ID, now: Timestamp) async throws -> Bool {
        try await !pool.write(Self.updateRevoked, [.id(account), .id(id), .time(now)]).isEmpty
    }

    static func key(_ row: PostgresRow) throws -> APIKey {
        var reader = RowReader(row)
        return try key(&reader)
    }

    private static func key(_ row: inout RowReader) throws -> APIKey {
        let account: Account.ID = try row.id()
        return APIKey(
            id: try row.id(), accountID: account, name: try row.text(), prefix: try row.text(),
            permissions: Set(try row.textArray().compactMap(Permission.init(rawValue:))),
            instanceIDs: try row.intArrayOrNil().map { Set($0.map { Instance.ID($0) }) },
            ratePerMinute: Int(try row.int()), expiresAt: try row.timestampOrNil(),
            revokedAt: try row.timestampOrNil(), createdAt: try row.timestamp())
    }
}
