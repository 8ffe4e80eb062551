/// How to reach a database and how many connections of each kind to hold.
package struct PostgresConfiguration: Sendable {
    /// A `postgresql://` URL or libpq's keywords.
    package var connectionString: String
    /// For short reads, many at a time on each (4 did better than 8 on two cores).
    package var readLanes = 4
    /// For reads that are planned at each use: searches, which may take longer than what is looked up by a key.
    package var searchLanes = 2
    /// For single durable writes; a connection commits one after the other, so more of them share one flush.
    package var writeLanes = 8
    /// For what waits, locks or takes long.
    package var exclusive = 4

    package var connectTimeout: Duration = .seconds(5)
    /// On the lanes: one slow statement holds up all behind it.
    package var statementTimeout: Duration = .seconds(5)
    /// On the exclusive connections.
    package var exclusiveStatementTimeout: Duration = .seconds(30)
    /// After how long a silence of a server that owes an answer it is asked, on a further connection, whether it is
    /// there at all.
    package var silence: Duration = .milliseconds(1500)
    /// How long it then has to say anything; if it does not, all connections to it are given up.
    package var probeTimeout: Duration = .milliseconds(1500)
    package var idleInTransactionTimeout: Duration = .seconds(10)
    /// How long a caller waits for a connection.
    package var waitLimit: Duration = .seconds(2)
    /// How many callers of one kind may wait.
    package var queueLimit = 4096
    /// How many requests one read or write lane may have in flight.
    package var readDepth = 64
    package var writeDepth = 16
    /// How long `stop` waits for what is in flight.
    package var stopTimeout: Duration = .seconds(5)

    /// A pooler in transaction mode stands between (PgBouncer, `pool_mode = transaction`): the next transaction may
    /// meet another server connection. So nothing is prepared, time limits are kept by the client's own watch and
    /// within transactions, and the time zone goes as a setting of its own, which PgBouncer keeps per client
    /// (`options` it refuses).
    package var isPooled = false

    package init(connectionString: String) { self.connectionString = connectionString }

    private static let limits = Statement(
        "lw_limits",
        """
        SELECT set_config('statement_timeout', $1, true), set_config('idle_in_transaction_session_timeout', $2, true)
        """)

    /// What a transaction says behind its `BEGIN` where the connection could not say it when it was made.
    var transactionLimits: [(Statement, [PostgresValue])] {
        guard isPooled else { return [] }
        return [
            (
                Self.limits,
                [
                    .text(String(exclusiveStatementTimeout.milliseconds)),
                    .text(String(idleInTransactionTimeout.milliseconds)),
                ]
            )
        ]
    }
}
