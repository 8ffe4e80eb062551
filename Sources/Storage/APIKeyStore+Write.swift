package import Domain
import JSON
import Postgres

@PostgresActor
extension APIKeyStore {
    nonisolated static let lock = Statement(
        "api_key_lock",
        """
        SELECT account_id, id, name, prefix, permissions, instance_ids, rate_per_minute, expires_at, revoked_at,
            created_at
        FROM api_keys
        WHERE account_id = $1 AND id = ANY ($2::bigint[]) AND revoked_at IS NULL
        ORDER BY id
        FOR UPDATE
        """)

    /// Those of the keys that are not revoked, which nobody else changes for the length of the transaction.
    package func lock(_ ids: [APIKey.ID], in write: WriteTransaction) async throws -> [APIKey] {
        try await write.transaction.query(
            Self.lock, [.id(write.account), .intArray(ids.map(\.rawValue))]
        ).map(Self.key)
    }

    nonisolated static let selectInstances = Statement(
        "api_key_instances", "SELECT id FROM instances WHERE account_id = $1 AND id = ANY ($2::bigint[])")

    /// Those of the instances that the account has.
    package func known(_ instances: [Instance.ID], in write: WriteTransaction) async throws -> Set<Instance.ID> {
        Set(
            try await write.transaction.query(
                Self.selectInstances, [.id(write.account), .intArray(instances.map(\.rawValue))]
            ).map { Instance.ID(try $0.int(0)) })
    }

    package func insert(_ key: NewKey, in write: WriteTransaction) async throws -> APIKey {
        let rows = try await write.transaction.query(
            Self.insert, Self.insertion(key, of: write.account, now: write.now))
        guard let row = rows.first else { throw StorageError.missing("the new key") }
        let made = try Self.key(row)
        write.audit(.create, of: .apiKey, made.id.rawValue)
        return made
    }

    nonisolated static let update = Statement(
        "api_key_update",
        """
        UPDATE api_keys SET name = $3, permissions = $4, instance_ids = $5, rate_per_minute = $6, expires_at = $7
        WHERE account_id = $1 AND id = $2
        """)

    package func update(_ old: APIKey, to key: APIKey, in write: WriteTransaction) async throws {
        guard key != old else { return }
        try await write.transaction.query(
            Self.update,
            [
                .id(write.account), .id(key.id), .text(key.name), Self.words(key.permissions),
                Self.numbers(key.instanceIDs), .int(Int64(key.ratePerMinute)), .time(key.expiresAt),
            ])
        write.audit(.update, of: .apiKey, key.id.rawValue, changes: Self.changes(old, key))
    }

    nonisolated static let revokeOne = Statement(
        "api_key_delete", "UPDATE api_keys SET revoked_at = $3 WHERE account_id = $1 AND id = $2")

    package func revoke(_ id: APIKey.ID, in write: WriteTransaction) async throws {
        try await write.transaction.query(Self.revokeOne, [.id(write.account), .id(id), .time(write.now)])
        write.audit(.delete, of: .apiKey, id.rawValue)
    }

    /// The token that was good until now stays so until `$5`; what ended before is forgotten.
    nonisolated static let insertOverlap = Statement(
        "api_key_overlap",
        """
        INSERT INTO api_key_overlaps (account_id, api_key_id, hash, ends_at)
        SELECT $1, id, hash, $3 FROM api_keys WHERE account_id = $1 AND id = $2
        """)
    nonisolated static let deleteOverlaps = Statement(
        "api_key_overlap_end",
        "DELETE FROM api_key_overlaps WHERE account_id = $1 AND api_key_id = $2 AND ends_at <= $3")
    nonisolated static let updateToken = Statement(
        "api_key_rotate", "UPDATE api_keys SET hash = $3, prefix = $4 WHERE account_id = $1 AND id = $2")

    /// - Parameter overlapEnds: until when the token before works; now ends it at once.
    package func rotate(
        _ id: APIKey.ID, to hash: [UInt8], prefix: String, overlapEnds: Timestamp, in write: WriteTransaction
    ) async throws {
        var steps: [(Statement, [PostgresValue])] = [
            (Self.deleteOverlaps, [.id(write.account), .id(id), .time(write.now)])
        ]
        if overlapEnds > write.now {
            steps.append((Self.insertOverlap, [.id(write.account), .id(id), .time(overlapEnds)]))
        }
        steps.append((Self.updateToken, [.id(write.account), .id(id), .bytes(hash), .text(prefix)]))
        try await write.transaction.query(steps)
        write.audit(.rotate, of: .apiKey, id.rawValue)
    }

    private static func changes(_ old: APIKey, _ new: APIKey) -> JSONValue? {
        func number(_ value: Int64) -> JSONValue { .number(JSONNumber(value)) }
        func permissions(_ key: APIKey) -> JSONValue {
            .array(key.permissions.map(\.rawValue).sorted().map { .string($0) })
        }
        func instances(_ key: APIKey) -> JSONValue {
            key.instanceIDs.map { .array($0.sorted().map { number($0.rawValue) }) } ?? .null
        }
        func expiry(_ key: APIKey) -> JSONValue { key.expiresAt.map { .string($0.text) } ?? .null }
        return .changes([
            ("name", .string(old.name), .string(new.name)),
            ("permissions", permissions(old), permissions(new)), ("instance_ids", instances(old), instances(new)),
            ("rate_per_minute", number(Int64(old.ratePerMinute)), number(Int64(new.ratePerMinute))),
            ("expires_at", expiry(old), expiry(new)),
        ])
    }
}
