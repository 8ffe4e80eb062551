/// Why the private PostgreSQL could not be had, and what to do about it.
package struct ClusterError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Reason: Sendable, Hashable {
        case serverNotFound
        case noServerUser
        case folderInUse
        case folderUnusable
        case initialisationFailed
        case startFailed
    }

    package let reason: Reason
    package let description: String

    init(_ reason: Reason, _ description: String) {
        self.reason = reason
        self.description = description
    }
}
