/// How to reach a database and how many connections of each kind to hold.
package struct PostgresConfiguration: Sendable {
    /// A `postgresql://` URL or libpq's keywords.
    package var connectionString: String
    /// For short reads, many at a time on each (4 did better than 8 on two cores).
    package var readLanes = 4
    /// For single durable writes; a connection commits one after the other, so more of them share one flush.
    package var writeLanes = 8
    /// For what waits, locks or takes long.
    package var exclusive = 4

    package var connectTimeout: Duration = .seconds(5)
    /// On the lanes: one slow statement holds up all behind it.
    package var statementTimeout: Duration = .seconds(5)
    /// On the exclusive connections.
    package var exclusiveStatementTimeout: Duration = .seconds(30)
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

    /// Sets time zone and time limits as the connection starts. PgBouncer refuses a connection that asks for them
    /// (`ignore_startup_parameters`); without them the client's own watch keeps the limits, less exactly.
    package var startupOptions = true

    package init(connectionString: String) { self.connectionString = connectionString }
}
