import Cluster
import EventLoop
import Foundation
import Postgres
import Storage
import Telemetry

/// A database to work on: the one that DATABASE_URL names, or a private cluster in the data folder.
@Reactor
struct DatabaseAccess {
    let pool: PostgresPool
    let cluster: PrivateCluster?

    var database: Database { Database(pool) }

    /// For a server, which owns its private cluster and keeps the schema up to date on it.
    static func owning(_ settings: Settings) async throws -> DatabaseAccess {
        if let url = settings.databaseURL {
            return try await connect(settings.database(at: url), cluster: nil, migrates: false)
        }
        let cluster = try await startCluster(settings)
        do {
            return try await connect(
                settings.database(at: cluster.connectionString), cluster: cluster, migrates: true)
        } catch {
            await cluster.stop()
            throw error
        }
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
            return try await connect(settings.database(at: running), cluster: nil, migrates: true)
        }
        return try await owning(settings)
    }

    /// For a server, whose database may come later where it is not its own.
    static func serving(_ settings: Settings) async throws -> DatabaseAccess {
        guard let url = settings.databaseURL else { return try await owning(settings) }
        return try await joining(url, settings)
    }

    /// For a server on a database that somebody else looks after: it answers 503 until that is there. What no waiting
    /// mends is an error.
    static func joining(_ connectionString: String, _ settings: Settings) async throws -> DatabaseAccess {
        let configuration = settings.database(at: connectionString)
        do {
            try await checkSchema(configuration)
        } catch {
            guard let away = error as? PostgresError, away.isUnavailable, away.code != .misconfigured else {
                throw unreachable(error)
            }
            Log.shared.warning("database.awaited", ["error": .string("\(away)")])
            spawn { await checkSchemaLater(configuration) }
        }
        let pool = PostgresPool(configuration)
        pool.dial()
        return DatabaseAccess(pool: pool, cluster: nil)
    }

    private static func connect(
        _ configuration: PostgresConfiguration, cluster: PrivateCluster?, migrates: Bool
    ) async throws -> DatabaseAccess {
        let pool = PostgresPool(configuration)
        do {
            if migrates {
                _ = try await Migrator.migrate(configuration, migrations: Schema.migrations)
            } else {
                try await checkSchema(configuration)
            }
            try await pool.start()
        } catch {
            throw unreachable(error)
        }
        return DatabaseAccess(pool: pool, cluster: cluster)
    }

    private static func unreachable(_ error: any Error) -> any Error {
        error is PostgresError ? CommandError("the database cannot be reached: \(error)") : error
    }

    private static func checkSchema(_ configuration: PostgresConfiguration) async throws {
        let pending = try await Migrator.pending(configuration, migrations: Schema.migrations)
        guard pending.isEmpty else {
            throw CommandError("the database lacks \(pending.joined(separator: ", ")): run leadwire migrate")
        }
    }

    /// How often a database that was not there at the start is asked after.
    private static let patience = Duration.seconds(1)

    private static func checkSchemaLater(_ configuration: PostgresConfiguration) async {
        while true {
            do {
                try await Task.sleep(for: patience)
                return try await checkSchema(configuration)
            } catch let error as CommandError {
                // As it would have been at the start.
                Console.error("\(error)")
                exit(1)
            } catch let error as PostgresError where error.code == .misconfigured {
                Log.shared.error("database.refused", ["error": .string("\(error)")])
            } catch {}
        }
    }

    func close() async {
        await pool.stop()
        await cluster?.stop()
    }
}
