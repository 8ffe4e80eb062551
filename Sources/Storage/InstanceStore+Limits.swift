package import Domain
import JSON
import Postgres

/// How much numbers may send: what Meta tells, and what an owner sets.
extension InstanceStore {
    static let updateMessagingLimit = Statement(
        "instance_set_messaging_limit",
        """
        WITH changed AS (
            UPDATE instances i SET messaging_limit = $3, updated_at = $4
            WHERE i.account_id = $1 AND i.business_account_id = $2 AND i.provider = 'cloud_api'
                AND ($5::bigint IS NULL OR i.hook_id = $5) AND i.messaging_limit IS DISTINCT FROM $3
            RETURNING i.id
        ), woken AS (
            UPDATE outbox o SET run_at = $4, tier_waits = false
            FROM changed
            WHERE o.account_id = $1 AND o.instance_id = changed.id AND o.tier_waits AND o.lease_until IS NULL
        )
        SELECT id FROM changed
        """)

    /// How many contacts a business account may write to first, in Meta's word; what waits for room is looked at again.
    ///
    /// - Parameter hook: only the numbers that are attached under it; nil is all of the account.
    package func setMessagingLimit(
        _ word: String, ofBusiness business: String, under hook: Int64? = nil, account: Account.ID, now: Timestamp
    ) async throws {
        _ = try await pool.write(
            Self.updateMessagingLimit,
            [.id(account), .text(business), .text(word), .time(now), .int(hook)])
    }

    static let selectAccounts = Statement(
        "instance_accounts_of_business",
        """
        SELECT DISTINCT i.account_id
        FROM instances i
        WHERE i.hook_id = $1 AND i.business_account_id = $2
        """)

    /// Whose numbers of a business account are attached under a hook.
    package func accounts(ofBusiness business: String, under hook: Int64) async throws -> [Account.ID] {
        try await pool.read(Self.selectAccounts, [.int(hook), .text(business)]).map { Account.ID(try $0.int(0)) }
    }

    @PostgresActor
    package func lock(_ id: Instance.ID, in write: WriteTransaction) async throws -> Instance? {
        try await write.transaction.query(Self.lock, [.id(write.account), .id(id)]).first.map(Self.instance)
    }

    /// What waits only because it would have been too fast is looked at again.
    static let updatePacing = Statement(
        "instance_set_pacing",
        """
        WITH changed AS (
            UPDATE instances i SET hourly_budget = $3, daily_budget = $4, least_gap_ms = $5, most_gap_ms = $6,
                updated_at = $7
            WHERE i.account_id = $1 AND i.id = $2
            RETURNING i.id
        )
        UPDATE outbox o SET run_at = $7
        FROM changed, messages m
        WHERE o.account_id = $1 AND o.instance_id = changed.id AND o.run_at > $7 AND o.lease_owner IS NULL
            AND m.account_id = $1 AND m.id = o.message_id AND m.error IS NULL
            AND (m.send_at IS NULL OR m.send_at <= $7)
        """)

    @PostgresActor
    package func update(
        _ old: Instance, to pacing: NumberPacing, in write: WriteTransaction
    ) async throws {
        guard pacing != old.pacing else { return }
        try await write.transaction.query(
            Self.updatePacing,
            [
                .id(write.account), .id(old.id), .int(pacing.hourlyBudget), .int(pacing.dailyBudget),
                .int(pacing.leastGap), .int(pacing.mostGap), .time(write.now),
            ])
        write.audit(
            .update, of: .instance, old.id.rawValue,
            changes: .changes([
                ("hourly_budget", .integer(old.pacing.hourlyBudget), .integer(pacing.hourlyBudget)),
                ("daily_budget", .integer(old.pacing.dailyBudget), .integer(pacing.dailyBudget)),
                ("least_gap_ms", .integer(old.pacing.leastGap), .integer(pacing.leastGap)),
                ("most_gap_ms", .integer(old.pacing.mostGap), .integer(pacing.mostGap)),
            ]))
    }
}
