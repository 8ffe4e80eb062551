import Foundation

/// Sole ownership of a data folder, held for as long as this object lives; the kernel frees it when the process dies.
final class FolderLock: Sendable {
    private let descriptor: Int32

    init(_ folder: String) throws(ClusterError) {
        let path = folder + "/lock"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw ClusterError(.folderUnusable, "cannot open \(path): \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw ClusterError(
                .folderInUse,
                """
                another leadwire owns the data folder \(folder): stop it, or give this one its own folder \
                (or set DATABASE_URL, which any number of processes may share)
                """)
        }
    }

    deinit {
        // Not by closing alone: a child that is just being forked still has a copy.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
