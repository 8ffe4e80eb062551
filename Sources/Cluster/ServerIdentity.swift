import EventLoop
import Foundation

/// Whom the server runs as: PostgreSQL refuses to run as root.
struct ServerIdentity: Sendable, Hashable {
    let user: UInt32
    let group: UInt32
    /// What a child must become; nil when it already is.
    let change: ChildProcess.Identity?

    static func current() throws(ClusterError) -> ServerIdentity {
        guard geteuid() == 0 else { return ServerIdentity(user: geteuid(), group: getegid(), change: nil) }
        guard let postgres = ChildProcess.Identity(named: "postgres") else {
            throw ClusterError(
                .noServerUser,
                """
                PostgreSQL does not run as root and there is no system user "postgres": create it \
                (useradd --system postgres), or run leadwire as another user
                """)
        }
        return ServerIdentity(user: postgres.user, group: postgres.group, change: postgres)
    }

    /// Makes a folder that only the server's user can enter.
    func makePrivateFolder(_ path: String) throws(ClusterError) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw ClusterError(.folderUnusable, "cannot make the folder \(path): \(String(cString: strerror(errno)))")
        }
        try own(path)
    }

    func own(_ path: String) throws(ClusterError) {
        guard change != nil else { return }
        guard chown(path, user, group) == 0 else {
            throw ClusterError(
                .folderUnusable, "cannot give \(path) to PostgreSQL: \(String(cString: strerror(errno)))")
        }
    }

    /// True if the server's user may pass through `path` and every folder above it.
    func canReach(_ path: String) -> Bool {
        guard change != nil else { return true }
        var ancestors = URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath()
        while true {
            guard canEnter(ancestors.path) else { return false }
            guard ancestors.path != "/" else { return true }
            ancestors.deleteLastPathComponent()
        }
    }

    private func canEnter(_ folder: String) -> Bool {
        var status = stat()
        guard stat(folder, &status) == 0 else { return false }
        let bit: mode_t =
            if status.st_uid == user { 0o100 } else if status.st_gid == group { 0o010 } else { 0o001 }
        return status.st_mode & bit != 0
    }
}
