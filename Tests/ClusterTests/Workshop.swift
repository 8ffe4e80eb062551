import EventLoop
import Foundation
import TestSupport

@testable import Cluster

/// A temporary folder, removed when the test ends, and the tools to look into clusters in it.
@Reactor
final class Workshop {
    nonisolated let folder: String

    init() throws {
        folder = try makeTemporaryFolder("workshop")
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func configuration(_ name: String = "data") -> PrivateCluster.Configuration {
        var configuration = PrivateCluster.Configuration(dataDirectory: folder + "/" + name)
        configuration.fallbackDirectory = folder + "/elsewhere"
        // What these tests are about survives without it, and they are faster.
        configuration.settings["fsync"] = "off"
        return configuration
    }

    /// Runs SQL through psql and returns what it printed, its errors included.
    func sql(_ text: String, on cluster: PrivateCluster) async throws -> String {
        let output = folder + "/psql-\(UInt64.random(in: 0 ... .max))"
        let descriptor = open(output, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        let binaries = try ServerBinaries.find(major: nil, environment: [:])
        let child = try ChildProcess(
            binaries.folder + "/psql", ["-X", "-A", "-t", "-d", cluster.connectionString, "-c", text], environment: [:],
            output: descriptor)
        _ = await child.waitForExit()
        return try String(contentsOfFile: output, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
}

var isRoot: Bool { geteuid() == 0 }
