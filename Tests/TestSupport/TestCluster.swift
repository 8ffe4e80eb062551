package import Cluster
import EventLoop
import Foundation

/// One private PostgreSQL for the whole test process, gone with it.
package enum TestCluster {
    /// Starts it at first use.
    @Reactor
    package static func shared() async throws -> PrivateCluster { try await start.value.get() }

    @Reactor
    private static let start: Task<Result<PrivateCluster, any Error>, Never> = spawn {
        do {
            return .success(try await begin())
        } catch {
            return .failure(error)
        }
    }

    @Reactor
    private static func begin() async throws -> PrivateCluster {
        let folder = try makeTemporaryFolder("tests")
        var configuration = PrivateCluster.Configuration(dataDirectory: folder, purpose: .test)
        configuration.maxConnections = 200
        configuration.settings["autovacuum"] = "off"
        let cluster = try await PrivateCluster.start(configuration)
        try Afterwards.remove([folder, cluster.socketDirectory])
        return cluster
    }
}
