import Foundation

/// The folder of the server's Unix socket: short, because a socket's path ends at 107 bytes, and private, because
/// whoever reaches the socket is trusted.
struct SocketFolder: Sendable, Hashable {
    let path: String

    private static let prefix = "/tmp/leadwire-"

    static func make(for identity: ServerIdentity) throws(ClusterError) -> SocketFolder {
        var template = Array((prefix + "XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else {
            throw ClusterError(
                .folderUnusable, "cannot make a folder for the socket in /tmp: \(String(cString: strerror(errno)))")
        }
        let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        try identity.own(path)
        return SocketFolder(path: path)
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }

    /// Writes down where the socket is, so that the next run removes it if this one cannot.
    func record(in note: String) { try? path.write(toFile: note, atomically: true, encoding: .utf8) }

    static func removeLeftover(recordedIn note: String) {
        guard let path = try? String(contentsOfFile: note, encoding: .utf8), path.hasPrefix(prefix),
            !path.dropFirst(prefix.count).contains("/")
        else { return }
        SocketFolder(path: path).remove()
        try? FileManager.default.removeItem(atPath: note)
    }
}
