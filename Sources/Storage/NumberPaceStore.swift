package import Domain
package import Postgres

/// What the processes have told each other of their numbers' sending.
package struct NumberPaceStore: Sendable {
    private let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    /// A number of an account.
    package struct Number: Hashable, Sendable {
        package let account: Account.ID
        package let instance: Instance.ID

        package init(account: Account.ID, instance: Instance.ID) {
            self.account = account
            self.instance = instance
        }
    }

    /// Rows are taken in one order by all processes. Nothing is told of a number that is no more.
    static let addReports = Statement(
        "number_pace_add",
        """
        WITH told AS MATERIALIZED (
            SELECT r.*
            FROM unnest(
                $1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::timestamptz[]
            ) AS r (account_id, instance_id, count, time, since, paid_until)
            CROSS JOIN LATERAL (
                SELECT i.id FROM instances i WHERE i.account_id = r.account_id AND i.id = r.instance_id LIMIT 1
            ) known
        )
        INSERT INTO number_paces AS n (
            account_id, instance_id, paid_until, hour_start, hour_count, day_start, day_count)
        SELECT t.account_id, t.instance_id,
            GREATEST(t.since + t.time * interval '1 microsecond', t.paid_until), $7::timestamptz,
            GREATEST(t.count, 0), $8::timestamptz, GREATEST(t.count, 0)
        FROM told t
        ORDER BY t.account_id, t.instance_id
        ON CONFLICT (account_id, instance_id) DO UPDATE SET
            paid_until = (
                SELECT GREATEST(
                    GREATEST(n.paid_until, t.since) + t.time * interval '1 microsecond', t.paid_until)
                FROM told t WHERE t.account_id = n.account_id AND t.instance_id = n.instance_id),
            hour_count = (
                SELECT GREATEST(
                    CASE WHEN n.hour_start < EXCLUDED.hour_start THEN 0 ELSE n.hour_count END + t.count, 0)
                FROM told t WHERE t.account_id = n.account_id AND t.instance_id = n.instance_id),
            day_count = (
                SELECT GREATEST(
                    CASE WHEN n.day_start < EXCLUDED.day_start THEN 0 ELSE n.day_count END + t.count, 0)
                FROM told t WHERE t.account_id = n.account_id AND t.instance_id = n.instance_id),
            hour_start = GREATEST(n.hour_start, EXCLUDED.hour_start),
            day_start = GREATEST(n.day_start, EXCLUDED.day_start)
        RETURNING n.account_id, n.instance_id, n.paid_until, n.hour_start, n.hour_count, n.day_start, n.day_count
        """)

    /// Adds what this process has sent; answers with what all have sent. A number that is not answered for is no more.
    package func add(
        _ reports: [(number: Number, report: NumberLedger.Report)], now: Timestamp
    ) async throws -> [Number: NumberSpending] {
        let rows = try await pool.write(
            Self.addReports,
            [
                .ids(reports.map(\.number.account)), .ids(reports.map(\.number.instance)),
                .intArray(reports.map { Int64($0.report.count) }),
                .intArray(reports.map(\.report.time.microseconds)), .times(reports.map(\.report.since)),
                .times(reports.map(\.report.paidUntil)), .time(NumberSpending.Tally(of: .hour, at: now).start),
                .time(NumberSpending.Tally(of: .day, at: now).start),
            ])
        var spendings: [Number: NumberSpending] = [:]
        for row in rows {
            var reader = RowReader(row)
            let number = Number(account: try reader.id(), instance: try reader.id())
            spendings[number] = try Self.spending(&reader)
        }
        return spendings
    }

    /// Of `paid_until, hour_start, hour_count, day_start, day_count`; nothing where there is no row.
    static func spending(_ reader: inout RowReader) throws -> NumberSpending {
        let paidUntil = try reader.timestampOrNil()
        var tallies: [NumberSpending.Tally?] = []
        for span in NumberSpending.Span.allCases {
            let (start, count) = (try reader.timestampOrNil(), try reader.intOrNil())
            tallies.append(start.map { NumberSpending.Tally(start: $0, span: span, count: Int(count ?? 0)) })
        }
        return NumberSpending(paidUntil: paidUntil, hour: tallies[0], day: tallies[1])
    }
}
