package import Domain
package import Postgres

/// What the processes have told each other of the contacts that business accounts wrote to first.
package struct TierStore: Sendable {
    private let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    /// A WhatsApp business account, as an account has it.
    package struct Business: Hashable, Comparable, Sendable {
        package let account: Account.ID
        package let businessAccountID: String

        package init(account: Account.ID, businessAccountID: String) {
            self.account = account
            self.businessAccountID = businessAccountID
        }

        package init(_ claim: TierClaim) {
            self.init(account: claim.account, businessAccountID: claim.businessAccountID)
        }

        package static func < (left: Business, right: Business) -> Bool {
            (left.account.rawValue, left.businessAccountID) < (right.account.rawValue, right.businessAccountID)
        }
    }

    static let addCounts = Statement(
        "tier_add",
        """
        INSERT INTO tier_counts AS t (account_id, business_account_id, hour, count)
        SELECT $1, $2, r.hour, r.count
        FROM unnest($3::timestamptz[], $4::bigint[]) AS r (hour, count)
        ORDER BY r.hour
        ON CONFLICT (account_id, business_account_id, hour) DO UPDATE SET count = t.count + EXCLUDED.count
        """)

    static let deletePast = Statement(
        "tier_forget",
        "DELETE FROM tier_counts t WHERE t.account_id = $1 AND t.business_account_id = $2 AND t.hour < $3")

    static let selectCounts = Statement(
        "tier_counts",
        "SELECT t.hour, t.count FROM tier_counts t WHERE t.account_id = $1 AND t.business_account_id = $2")

    /// Adds what this process has counted; answers with what all have counted. Rows are taken in one order by all
    /// processes.
    package func add(_ reports: [Business: TierCount], now: Timestamp) async throws -> [Business: TierCount] {
        let businesses = reports.keys.sorted()
        let steps = businesses.flatMap { business in
            let own: [PostgresValue] = [.id(business.account), .text(business.businessAccountID)]
            let hours = (reports[business]?.hours ?? [:]).sorted { $0.key < $1.key }
            return [
                (Self.addCounts, own + [.times(hours.map(\.key)), .intArray(hours.map { Int64($0.value) })]),
                (Self.deletePast, own + [.time(Timestamp(microseconds: now.microseconds - Self.kept.microseconds))]),
                (Self.selectCounts, own),
            ]
        }
        let results = try await pool.transaction(steps)
        var counts: [Business: TierCount] = [:]
        for (place, business) in businesses.enumerated() {
            counts[business] = try Self.count(results[3 * place + 2])
        }
        return counts
    }

    /// A clock may go a little ahead of another.
    private static let kept = TierCount.length + .seconds(3600)

    private static func count(_ rows: PostgresRows) throws -> TierCount {
        var count = TierCount()
        for row in rows {
            var reader = RowReader(row)
            let hour = try reader.timestamp()
            count.add(Int(try reader.int()), at: hour)
        }
        return count
    }
}

/// `TierCount` and `ServiceWindow` as the statements write them, over the conversation `v`.
enum Tier {
    private static let counts = "interval '\(TierCount.length.components.seconds) seconds'"

    /// Whether a message writes to its contact first, if it goes now. What cannot go without an open window does not.
    static func initiates(_ message: String, now: String) -> String {
        """
        ((\(message).template_id IS NOT NULL OR \(message).fallback IS NOT NULL)
                AND COALESCE(v.last_inbound_at <= \(now)::timestamptz - interval '24 hours', TRUE))
        """
    }

    /// Whether it would take room besides: the contact is not counted still.
    static func needsRoom(_ message: String, now: String) -> String {
        """
        (\(initiates(message, now: now))
                AND COALESCE(
                    date_trunc('hour', v.tier_counted_at, 'UTC') + \(counts) <= \(now)::timestamptz, TRUE))
        """
    }
}
