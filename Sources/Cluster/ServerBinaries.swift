import Foundation

/// The folder with `postgres` and `initdb`.
package struct ServerBinaries: Sendable, Hashable {
    package let folder: String

    package var postgres: String { folder + "/postgres" }
    package var initdb: String { folder + "/initdb" }

    /// Looks where `LEADWIRE_PG_BIN` points, else among Debian's versioned folders, newest first, else along `PATH`.
    ///
    /// - Parameter major: the version that existing data was made by; only it can open them.
    package static func find(
        major: Int?, environment: [String: String], versions root: String = "/usr/lib/postgresql"
    ) throws(ClusterError) -> ServerBinaries {
        if let folder = environment["LEADWIRE_PG_BIN"] {
            let chosen = ServerBinaries(folder: folder)
            guard chosen.isComplete else {
                throw ClusterError(
                    .serverNotFound,
                    "LEADWIRE_PG_BIN is \(folder), but there is no PostgreSQL server (postgres, initdb) in it")
            }
            return chosen
        }
        let installed = ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? [])
            .compactMap { name in Int(name).map { (major: $0, binaries: ServerBinaries(folder: "\(root)/\(name)/bin")) }
            }
            .filter { $0.binaries.isComplete }
            .sorted { $0.major > $1.major }
        if let match = installed.first(where: { major == nil || $0.major == major }) { return match.binaries }
        for folder in (environment["PATH"] ?? "").split(separator: ":") {
            let candidate = ServerBinaries(folder: String(folder))
            if candidate.isComplete { return candidate }
        }
        if let major, let newest = installed.first {
            throw ClusterError(
                .serverNotFound,
                """
                the data were made by PostgreSQL \(major), but version \(newest.major) is installed: \
                apt-get install postgresql-\(major), or set DATABASE_URL to use a server of your own
                """)
        }
        throw ClusterError(
            .serverNotFound,
            "PostgreSQL's server was not found: apt-get install postgresql, or set DATABASE_URL to use one elsewhere")
    }

    private var isComplete: Bool {
        [postgres, initdb].allSatisfy { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
