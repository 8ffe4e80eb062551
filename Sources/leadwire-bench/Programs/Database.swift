import Cluster
import Crypto
import EventLoop
import Postgres

/// A PostgreSQL of the benchmark's own, with the schema applied.
@Reactor
struct Database {
    private let cluster: PrivateCluster
    /// For `leadwire`: how it gets there.
    let environment: [String: String]

    var connectionString: String { cluster.connectionString }
    /// For those who want a URL.
    var connectionURL: String {
        get throws {
            let words = connectionString.split(separator: " ").compactMap { word -> (String, String)? in
                let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
                return parts.count == 2 ? (parts[0], parts[1]) : nil
            }
            let values = Dictionary(words, uniquingKeysWith: { $1 })
            guard let host = values["host"], let user = values["user"], let name = values["dbname"] else {
                throw BenchError("the database cannot be named by a URL")
            }
            return "postgresql://\(user)@/\(name)?host=\(host)"
        }
    }

    var secretKey: String { environment["LEADWIRE_SECRET_KEY"] ?? "" }

    /// As many as `serve` reads and writes by, unless it is told otherwise.
    let readConnections = PostgresConfiguration(connectionString: "").readLanes
    let writeConnections = PostgresConfiguration(connectionString: "").writeLanes

    /// What waits is nobody's any more, and the planner learns what is there, as by autovacuum within a minute: to a
    /// plan that was made for empty tables, any index of an account seems as good as the right one. The outbox is cleared
    /// last, so that the planner does not learn that it is empty.
    func clearOutboxAndAnalyse(in workshop: Workshop) async throws {
        _ = try await Program.run(
            try Workshop.tool("psql", package: "postgresql"),
            [connectionString, "-q", "-c", "ANALYZE", "-c", "TRUNCATE outbox"], log: workshop.path("psql.log"))
    }

    var postmaster: Int32 { cluster.serverPID }

    /// Lends it to `body`, and ends it.
    static func lend<Result>(
        in workshop: Workshop, _ body: (Database) async throws -> Result
    ) async throws -> Result {
        // Nobody finds what another part of the table has left.
        let folder = workshop.path("postgres-\(Hex.encode(SecureRandom.bytes(4)))")
        let cluster = try await PrivateCluster.start(.init(dataDirectory: folder))
        let database = Database(
            cluster: cluster,
            environment: [
                "DATABASE_URL": cluster.connectionString, "LEADWIRE_SECRET_KEY": Hex.encode(SecureRandom.bytes(32)),
                "LEADWIRE_LOG_LEVEL": "warning",
            ])
        let result: Result
        do {
            try await database.migrate(workshop)
            result = try await body(database)
        } catch {
            await cluster.stop()
            throw error
        }
        await cluster.stop()
        return result
    }

    private func migrate(_ workshop: Workshop) async throws {
        _ = try await Program.run(
            try Workshop.sibling("leadwire"), ["migrate"], environment: environment, log: workshop.path("migrate.log"))
    }
}
