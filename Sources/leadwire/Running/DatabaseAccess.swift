import Cluster
import EventLoop
import Foundation
import Postgres
import Storage

/// A database to work on: the one that DATABASE_URL names, or a private cluster in the data folder.
@Reactor
struct DatabaseAccess {
    let pool: PostgresPool
    let cluster: PrivateCluster?

    var database: Database { Database(pool) }

    /// For a server, which owns its private cluster and keeps the schema up to date on it.
    static func owning(_ settings: Settings) async throws -> DatabaseAccess {
        if let url = settings.databaseURL { return try await joining(url) }
        let cluster = try await startCluster(settings)
        do {
            return try await connect(cluster.connectionString, cluster: cluster, migrates: true)
        } catch {
            await cluster.stop()
            throw error
        }
    }

    /// For a server beside others on a database that somebody else looks after.
    static func joining(_ connectionString: String) async throws -> DatabaseAccess {
        try await connect(connectionString, cluster: nil, migrates: false)
    }

    /// The private cluster of a server.
    static func startCluster(_ settings: Settings) async throws -> PrivateCluster {
        var configuration = PrivateCluster.Configuration(dataDirectory: settings.dataDirectory)
        // A worker's lanes and exclusive connections, and as many again while one is replaced by another.
        configuration.maxConnections = max(configuration.maxConnections, 40 * settings.workers)
        let cluster = try await PrivateCluster.start(configuration)
        cluster.onFailure {
            // A supervisor, or a person, starts everything anew; half a service helps nobody.
            Console.error("PostgreSQL ended unexpectedly; see \(cluster.logFile), and start leadwire again")
            exit(1)
        }
        return cluster
    }

    /// For a command beside a running server, or alone.
    static func sharing(_ settings: Settings) async throws -> DatabaseAccess {
        if settings.databaseURL == nil,
            let running = PrivateCluster.connectionString(ofRunning: settings.dataDirectory)
        {
            return try await connect(running, cluster: nil, migrates: true)
        }
        return try await owning(settings)
    }

    private static func connect(
        _ connectionString: String, cluster: PrivateCluster?, migrates: Bool
    ) async throws -> DatabaseAccess {
        let configuration = PostgresConfiguration(connectionString: connectionString)
        if migrates {
            _ = try await Migrator.migrate(configuration, migrations: Schema.migrations)
        } else {
            let pending = try await Migrator.pending(configuration, migrations: Schema.migrations)
            guard pending.isEmpty else {
                throw CommandError("the database lacks \(pending.joined(separator: ", ")): run leadwire migrate")
            }
        }
        let pool = PostgresPool(configuration)
        do {
            try await pool.start()
        } catch {
            throw CommandError("the database cannot be reached: \(error)")
        }
        return DatabaseAccess(pool: pool, cluster: cluster)
    }

    func close() async {
        await pool.stop()
        await cluster?.stop()
    }
}
