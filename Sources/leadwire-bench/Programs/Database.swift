import Cluster
import Crypto
import EventLoop

/// A PostgreSQL of the benchmark's own, with the schema applied.
@Reactor
struct Database {
    private let cluster: PrivateCluster
    /// For `leadwire`: how it gets there.
    let environment: [String: String]

    var postmaster: Int32 { cluster.serverPID }

    /// Lends it to `body`, and ends it.
    static func lend<Result>(
        in workshop: Workshop, _ body: (Database) async throws -> Result
    ) async throws -> Result {
        let cluster = try await PrivateCluster.start(.init(dataDirectory: workshop.path("postgres")))
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
