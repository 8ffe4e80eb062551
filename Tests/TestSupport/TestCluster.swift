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
        try removeAfterwards([folder, cluster.socketDirectory])
        return cluster
    }

    /// The kernel ends the server with this process, however that ends; a watcher outlives both to clear up.
    @Reactor
    private static func removeAfterwards(_ folders: [String]) throws {
        let script = """
            tail --pid="$0" -s 0.2 -f /dev/null
            for attempt in 1 2 3 4 5; do
                rm -rf "$@" && exit
                sleep 0.2
            done
            """
        _ = try ChildProcess(
            "/bin/sh", ["-c", script, String(getpid())] + folders, environment: ["PATH": "/usr/bin:/bin"],
            directory: "/")
    }
}
