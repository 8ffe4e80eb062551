package import Domain
package import Postgres

/// Items of raw webhook bodies that could not be applied: what is told of them, and which are to be tried again.
package struct InboundFailureStore: Sendable {
    let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    package enum State: String, Sendable, CaseIterable {
        case failed
        /// It is to be tried again. Can transition to: failed, replayed.
        case pending
        /// It was tried again, and is applied.
        case replayed
    }

    package struct Failure: Sendable {
        package let id: Int64
        package let hookID: Int64
        package let provider: Instance.Provider
        /// The attached number that it is for; nil when it names none, or one that is not attached.
        package let instanceID: Instance.ID?
        package let bodyID: Int64
        package let item: Int64
        package let state: State
        package let reason: String
        package let receivedAt: Timestamp
        package let triedAt: Timestamp
    }

    /// Where an account's items are: what names its numbers, and whatever came to a hook that is its alone.
    package struct Reach: Sendable {
        fileprivate struct Number: Sendable {
            let instance: Instance.ID
            let hook: Int64
            let key: String
            let provider: Instance.Provider
        }

        fileprivate let numbers: [Number]
        /// The hooks of which everything is told.
        fileprivate let wholeHooks: Set<Int64>

        /// `$1` to `$3` of what looks there: numbers of hooks that others share, and whole hooks.
        var parameters: [PostgresValue] {
            let shared = numbers.filter { !wholeHooks.contains($0.hook) }
            return [
                .intArray(shared.map(\.hook)), .textArray(shared.map(\.key)), .intArray(wholeHooks.sorted()),
            ]
        }
    }

    static let selectReach = Statement(
        "inbound_reach",
        """
        SELECT i.id, i.hook_id, i.provider_key, i.provider, NOT EXISTS (
            SELECT 1 FROM instances o WHERE o.hook_id = i.hook_id AND o.account_id <> $1)
        FROM instances i
        WHERE i.account_id = $1
        """)

    /// - Parameter instances: those that are asked about; nil: all. Who sees only some is not told of what names none.
    package func reach(of account: Account.ID, _ instances: Set<Instance.ID>?) -> Query<Reach> {
        Query([(Self.selectReach, [.id(account)])]) { results in
            var numbers: [Reach.Number] = []
            var wholeHooks: Set<Int64> = []
            for row in results[0] {
                var r = RowReader(row)
                let number = Reach.Number(
                    instance: try r.id(), hook: try r.int(), key: try r.text(), provider: try r.word())
                guard instances?.contains(number.instance) ?? true else { continue }
                numbers.append(number)
                if instances == nil, try r.bool() { wholeHooks.insert(number.hook) }
            }
            return Reach(numbers: numbers, wholeHooks: wholeHooks)
        }
    }

    private static let columns =
        "f.id, f.hook_id, f.provider_key, f.body_id, f.item, f.state, f.reason, f.received_at, f.tried_at"

    /// The newest of every number and hook are picked, then the newest of those.
    static func selectPage(_ length: PageLength) -> Statement {
        func picked(_ source: String, _ match: String) -> String {
            """
            SELECT f.*
                FROM \(source)
                CROSS JOIN unnest($4::text[]) AS s (state)
                CROSS JOIN LATERAL (
                    SELECT f.* FROM inbound_failures f
                    WHERE f.hook_id = n.hook_id AND \(match)f.state = s.state AND f.id < $5
                    ORDER BY f.id DESC
                    LIMIT \(length)
                ) AS f
            """
        }
        return Statement(
            "inbound_failures_\(length)",
            """
            SELECT \(columns)
            FROM (
                \(picked("unnest($1::bigint[], $2::text[]) AS n (hook_id, key)", "f.provider_key = n.key AND "))
                UNION ALL
                \(picked("unnest($3::bigint[]) AS n (hook_id)", ""))
            ) AS f
            ORDER BY f.id DESC
            LIMIT $6
            """)
    }

    /// Newest first, those below an id.
    ///
    /// - Parameter state: nil for every one.
    package func list(
        _ reach: Reach, _ state: State?, before: Int64?, limit: Int
    ) async throws -> [Failure] {
        let states = state.map { [$0] } ?? State.allCases
        return try await pool.read(
            Self.selectPage(PageLength(atLeast: limit)),
            reach.parameters + [
                .textArray(states.map(\.rawValue)), .int(before ?? .max), .int(Int64(limit)),
            ]
        ).map { try Self.failure($0, reach) }
    }

    /// What of `f` is within the reach.
    static let isReached = """
        f.hook_id = ANY ($1::bigint[] || $3::bigint[]) AND (
            f.hook_id = ANY ($3::bigint[]) OR (f.hook_id, f.provider_key) IN (
                SELECT n.hook_id, n.key FROM unnest($1::bigint[], $2::text[]) AS n (hook_id, key)))
        """

    static let selectOne = Statement(
        "inbound_failure_get",
        """
        SELECT \(columns)
        FROM inbound_failures f
        WHERE f.id = $4 AND \(isReached)
        """)

    package func one(_ id: Int64, _ reach: Reach) async throws -> Failure? {
        try await pool.read(Self.selectOne, reach.parameters + [.int(id)]).first
            .map { try Self.failure($0, reach) }
    }

    /// The same, as it is in the transaction.
    @PostgresActor
    package func one(_ id: Int64, _ reach: Reach, in write: WriteTransaction) async throws -> Failure? {
        try await write.transaction.query(Self.selectOne, reach.parameters + [.int(id)]).first
            .map { try Self.failure($0, reach) }
    }

    static let selectIDs = Statement(
        "inbound_failure_ids",
        """
        SELECT f.id
        FROM inbound_failures f
        WHERE f.id = ANY ($4::bigint[]) AND \(isReached)
        """)

    /// Which of the ids there are.
    @PostgresActor
    package func known(_ ids: [Int64], _ reach: Reach, in write: WriteTransaction) async throws -> Set<Int64> {
        Set(
            try await write.transaction.query(Self.selectIDs, reach.parameters + [.intArray(ids)])
                .map { try $0.int(0) })
    }

    private static func failure(_ row: PostgresRow, _ reach: Reach) throws -> Failure {
        var r = RowReader(row)
        let (id, hook) = (try r.int(), try r.int())
        let key = try r.textOrNil()
        let number = reach.numbers.first { $0.hook == hook && $0.key == key }
        guard let provider = reach.numbers.first(where: { $0.hook == hook })?.provider else {
            throw StorageError.missing("the hook's provider")
        }
        return Failure(
            id: id, hookID: hook, provider: provider, instanceID: number?.instance, bodyID: try r.int(),
            item: try r.int(), state: try r.word(), reason: try r.text(), receivedAt: try r.timestamp(),
            triedAt: try r.timestamp())
    }
}
