package import EventLoop
import Foundation

/// A PostgreSQL server of this process's own: reached by a Unix socket, ended when the process ends.
@Reactor
package final class PrivateCluster {
    /// For libpq, as keywords.
    package let connectionString: String
    /// The folder of the Unix socket.
    package let socketDirectory: String
    package let configuration: Configuration

    private let folder: DataFolder
    private let socket: SocketFolder
    private let server: ChildProcess
    private var lock: FolderLock?
    private var isStopping = false

    nonisolated static let user = "leadwire"
    nonisolated static let database = "leadwire"

    /// Starts the server on the data of an earlier run, or on new ones, and waits until it takes connections.
    package static func start(_ configuration: Configuration) async throws -> PrivateCluster {
        let identity = try ServerIdentity.current()
        try DataFolder.makeRoot(configuration.dataDirectory, identity: identity)
        let root = URL(fileURLWithPath: configuration.dataDirectory).standardizedFileURL.path
        let lock = try FolderLock(root)
        let folder = try DataFolder.open(root, identity: identity, elsewhere: configuration.fallbackDirectory)
        try await Postmaster.endLeftover(in: folder.data)
        SocketFolder.removeLeftover(recordedIn: folder.socketNote)
        let launcher = Launcher(
            binaries: try ServerBinaries.find(
                major: folder.major, environment: ProcessInfo.processInfo.environment),
            identity: identity, folder: folder, configuration: configuration)
        if folder.major == nil { try await launcher.initialise() }
        let socket = try SocketFolder.make(for: identity)
        do {
            socket.record(in: folder.socketNote)
            let server = try launcher.startServer(socket)
            try await launcher.waitUntilReady(server)
            return PrivateCluster(configuration, folder, socket, server, lock)
        } catch {
            socket.remove()
            throw error
        }
    }

    private init(
        _ configuration: Configuration, _ folder: DataFolder, _ socket: SocketFolder, _ server: ChildProcess,
        _ lock: FolderLock
    ) {
        self.configuration = configuration
        self.folder = folder
        self.socket = socket
        self.server = server
        self.lock = lock
        socketDirectory = socket.path
        connectionString = "host=\(socket.path) user=\(Self.user) dbname=\(Self.database)"
    }

    /// Where the server writes its log.
    package var logFile: String { folder.log }
    package var serverPID: Int32 { server.pid }
    package var isRunning: Bool { server.exit == nil }

    /// Calls `action` when the server ends without being asked to, as when somebody killed it.
    package func onFailure(_ action: @escaping @Reactor @Sendable () -> Void) {
        spawn {
            _ = await self.server.waitForExit()
            if !self.isStopping { action() }
        }
    }

    /// Ends the server in order: open transactions are rolled back, what is committed is written down.
    package func stop() async {
        guard lock != nil else { return }
        isStopping = true
        server.send(.interrupt)
        let impatience = EventLoop.shared.schedule(after: configuration.stopTimeout) { [server] in server.send(.quit) }
        _ = await server.waitForExit()
        impatience.cancel()
        socket.remove()
        unlink(folder.socketNote)
        if configuration.purpose == .test {
            let folders = [folder.home, folder.root]
            try? await ThreadPool.blocking.run {
                for folder in folders { try? FileManager.default.removeItem(atPath: folder) }
            }
        }
        lock = nil
    }
}
