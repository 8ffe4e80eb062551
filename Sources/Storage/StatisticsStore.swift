package import Postgres

/// What the planner knows of the tables, which is how they were when somebody looked (`ANALYZE`).
///
/// Plans are kept until somebody looks again. Autovacuum does so a minute or more after a table has grown, and till then
/// what was planned for a few rows reads all that an account has.
package struct StatisticsStore: Sendable {
    private let pool: PostgresPool

    package init(_ pool: PostgresPool) { self.pool = pool }

    /// To read through what is smaller takes no longer than a trip to the database.
    static let fewestBlocks: Int64 = 64
    static let fewestRows: Int64 = 1000
    /// How many times larger than when it was looked at: a plan that was right then is still good for less.
    static let growth: Int64 = 4

    /// By its size, and by its rows: a queue that was empty when autovacuum came by keeps its blocks. A table that
    /// somebody else is looking at is left alone. Names cannot be bound: PostgreSQL quotes them itself.
    static let selectOutgrown = Statement(
        "statistics_outgrown",
        """
        SELECT c.relname::text, format('ANALYZE (SKIP_LOCKED) %I.%I', n.nspname, c.relname)
        FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = current_schema() AND c.relkind = 'r' AND pg_has_role(c.relowner, 'USAGE')
            AND (
                pg_relation_size(c.oid) / current_setting('block_size')::int >= GREATEST($1, $3 * c.relpages::bigint)
                OR pg_stat_get_live_tuples(c.oid) >= GREATEST($2, $3 * c.reltuples::bigint))
        ORDER BY c.relname
        """)

    /// Asks the planner to look at the tables that have outgrown what it knows of them; their names.
    ///
    /// - Throws: what one of them failed by, once all have had their turn.
    @discardableResult
    package func refresh() async throws -> [String] {
        let bounds = [Self.fewestBlocks, Self.fewestRows, Self.growth].map { PostgresValue.integer($0) }
        // Both may take seconds, or wait for a table's lock: on a lane others would wait behind them.
        return try await pool.withConnection { session in
            var names: [String] = []
            var failure: (any Error)?
            for row in try await session.query(Self.selectOutgrown, bounds) {
                do {
                    _ = try await session.query(
                        Statement("statistics_refresh", try row.text(1), isPrepared: false))
                    names.append(try row.text(0))
                } catch {
                    failure = failure ?? error
                }
            }
            if let failure { throw failure }
            return names
        }
    }
}
