import EventLoop
import Foundation

extension PrivateCluster {
    /// How to reach the cluster that another process of ours runs on this folder; nil when none does.
    nonisolated package static func connectionString(ofRunning dataDirectory: String) -> String? {
        let root = URL(fileURLWithPath: dataDirectory).standardizedFileURL.path
        guard let socket = try? String(contentsOfFile: root + "/socket", encoding: .utf8),
            FileManager.default.fileExists(atPath: socket + "/.s.PGSQL.5432")
        else { return nil }
        // Nobody holds the lock: what is left there is of a run that died.
        guard (try? FolderLock(root)) == nil else { return nil }
        return "host=\(socket) user=\(user) dbname=\(database)"
    }
}
