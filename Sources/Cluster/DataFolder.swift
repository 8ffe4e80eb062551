import Foundation

/// Where the pieces of one private cluster lie.
struct DataFolder: Sendable, Hashable {
    /// As the configuration named it: the lock and the notes about what lies elsewhere.
    let root: String
    /// Private to the server's user: `root/postgres`, or elsewhere if that user cannot get there.
    let home: String

    var data: String { home + "/data" }
    /// Filled and then renamed, so that an interrupted initialisation is never taken for a cluster.
    var unfinished: String { home + "/data.new" }
    var log: String { home + "/server.log" }
    var socketNote: String { root + "/socket" }

    /// The major version of PostgreSQL that made the data; nil when there are none yet.
    var major: Int? {
        guard let text = try? String(contentsOfFile: data + "/PG_VERSION", encoding: .utf8) else { return nil }
        return Int(text.prefix { $0.isNumber })
    }

    static func makeRoot(_ root: String, identity: ServerIdentity) throws(ClusterError) {
        // The server's user must pass through a folder that root made for it, without reading it.
        let mode = identity.change == nil ? 0o700 : 0o711
        do {
            try FileManager.default.createDirectory(
                atPath: root, withIntermediateDirectories: true, attributes: [.posixPermissions: mode])
        } catch {
            throw ClusterError(.folderUnusable, "cannot make the data folder \(root): choose one that can be written")
        }
    }

    /// Finds, or makes, the server's own folder. The caller holds the lock.
    static func open(
        _ root: String, identity: ServerIdentity, elsewhere: String
    ) throws(ClusterError) -> DataFolder {
        let note = root + "/location"
        let home: String
        if let recorded = try? String(contentsOfFile: note, encoding: .utf8), !recorded.isEmpty {
            home = recorded
            guard FileManager.default.fileExists(atPath: home) else {
                throw ClusterError(
                    .folderUnusable,
                    "\(note) says that the data are in \(home), which is gone: restore it, or delete \(note) to start anew"
                )
            }
        } else if identity.canReach(root) {
            home = root + "/postgres"
            try identity.makePrivateFolder(home)
        } else {
            home = try makeElsewhere(elsewhere, identity)
            do {
                try home.write(toFile: note, atomically: true, encoding: .utf8)
            } catch {
                rmdir(home)
                throw ClusterError(.folderUnusable, "cannot write \(note)")
            }
        }
        var status = stat()
        guard stat(home, &status) == 0, status.st_uid == identity.user else {
            throw ClusterError(
                .folderUnusable, "\(home) belongs to another user: run leadwire as the user who made it")
        }
        return DataFolder(root: root, home: home)
    }

    private static func makeElsewhere(_ parent: String, _ identity: ServerIdentity) throws(ClusterError) -> String {
        do {
            try FileManager.default.createDirectory(
                atPath: parent, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        } catch {
            throw ClusterError(.folderUnusable, "cannot make \(parent) for PostgreSQL's data")
        }
        let home = "\(parent)/cluster-\(String(UInt64.random(in: .min ... .max), radix: 36))"
        try identity.makePrivateFolder(home)
        return home
    }
}
