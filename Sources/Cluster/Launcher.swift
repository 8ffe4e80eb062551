import EventLoop
import Foundation

/// The steps from an empty folder to a server that takes connections.
struct Launcher: Sendable {
    let binaries: ServerBinaries
    let identity: ServerIdentity
    let folder: DataFolder
    let configuration: PrivateCluster.Configuration

    private var environment: [String: String] {
        ["PATH": binaries.folder + ":/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"]
    }

    /// Makes the cluster and its database beside their final place and renames them there as the last step.
    @Reactor
    func initialise() async throws {
        try? FileManager.default.removeItem(atPath: folder.unfinished)
        var options = [
            "-D", folder.unfinished, "-U", PrivateCluster.user, "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust",
            "--no-instructions",
        ]
        if configuration.purpose == .test { options.append("--no-sync") }
        try await run(binaries.initdb, options, "initdb")
        // One statement in single-user mode: no client program is needed, and no second start.
        let create = """
            echo 'CREATE DATABASE \(PrivateCluster.database)' | \
            "$0" --single -F -c log_min_messages=log -D "$1" template1
            """
        try await run("/bin/sh", ["-ec", create, binaries.postgres, folder.unfinished], "create the database")
        guard rename(folder.unfinished, folder.data) == 0 else {
            throw ClusterError(.initialisationFailed, "cannot rename \(folder.unfinished) to \(folder.data)")
        }
    }

    @Reactor
    func startServer(_ socket: SocketFolder) throws -> ChildProcess {
        let log = try openLog()
        defer { close(log) }
        let settings = configuration.serverSettings(socketFolder: socket.path).sorted { $0.key < $1.key }
        return try ChildProcess(
            binaries.postgres, ["-D", folder.data] + settings.flatMap { ["-c", "\($0.key)=\($0.value)"] },
            environment: environment, directory: "/", identity: identity.change, output: log,
            deathSignal: configuration.purpose == .durable ? .interrupt : .quit)
    }

    /// PostgreSQL says so itself, in the last line of its `postmaster.pid`; pg_ctl waits the same way.
    @Reactor
    func waitUntilReady(_ server: ChildProcess) async throws(ClusterError) {
        let deadline = MonotonicTime.now + configuration.startTimeout
        while true {
            if let postmaster = Postmaster.read(folder.data), postmaster.pid == server.pid, postmaster.isReady {
                return
            }
            guard server.exit == nil else {
                throw ClusterError(
                    .startFailed, "PostgreSQL ended while it started. Its log \(folder.log) ends:\(logTail)")
            }
            guard MonotonicTime.now < deadline else {
                server.send(.quit)
                _ = await server.waitForExit()
                throw ClusterError(
                    .startFailed,
                    "PostgreSQL was not ready after \(configuration.startTimeout). Its log \(folder.log) ends:\(logTail)"
                )
            }
            await pause(.milliseconds(10))
        }
    }

    @Reactor
    private func run(_ program: String, _ arguments: [String], _ what: String) async throws {
        let log = try openLog()
        defer { close(log) }
        let child = try ChildProcess(
            program, arguments, environment: environment, directory: "/", identity: identity.change, output: log,
            deathSignal: .kill)
        let exit = await child.waitForExit()
        guard exit == .status(0) else {
            throw ClusterError(
                .initialisationFailed, "\(what) failed (\(exit)). The log \(folder.log) ends:\(logTail)")
        }
    }

    /// A log beyond this size is set aside at the next start; one older is kept.
    private static let logLimit: off_t = 1 << 20

    private func openLog() throws(ClusterError) -> Int32 {
        var status = stat()
        if stat(folder.log, &status) == 0, status.st_size > Self.logLimit { rename(folder.log, folder.log + ".1") }
        let log = open(folder.log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard log >= 0 else {
            throw ClusterError(.folderUnusable, "cannot write \(folder.log): \(String(cString: strerror(errno)))")
        }
        return log
    }

    private var logTail: String {
        guard let text = try? String(contentsOfFile: folder.log, encoding: .utf8) else { return " (it cannot be read)" }
        return "\n" + text.split(separator: "\n").suffix(8).joined(separator: "\n")
    }
}
