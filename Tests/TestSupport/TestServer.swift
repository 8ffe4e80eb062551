import Cluster
package import EventLoop
import Foundation

/// A PostgreSQL server that a test may stop, kill, start again and copy; on TCP, and of this test alone.
@Reactor
package final class TestServer {
    package enum Stop: Sendable {
        /// Ends every session and shuts down in order.
        case fast
        /// As a crash: recovers at the next start.
        case immediate
    }

    package let port: UInt16
    /// Where its data lie, in a folder that only the server's user enters.
    package let folder: String
    private var settings: [String: String]
    private let binaries: ServerBinaries
    private let identity: ChildProcess.Identity?
    private var process: ChildProcess?
    /// Its processes beside the first, while all of them are stopped.
    private var frozen: [Int32] = []
    private var isMounted = false

    package nonisolated static let user = "leadwire"

    /// What makes a server's answers durable against its own death, though not against the machine's.
    private nonisolated static let defaults = [
        "fsync": "off", "full_page_writes": "off", "synchronous_commit": "on", "shared_buffers": "32MB",
        "max_connections": "100", "autovacuum": "off", "listen_addresses": "127.0.0.1", "timezone": "UTC",
        "unix_socket_directories": "", "jit": "off", "log_min_messages": "panic",
        // In its folder, so that one that is killed leaves nothing elsewhere.
        "dynamic_shared_memory_type": "mmap",
    ]

    /// Made and running.
    ///
    /// - Parameter disk: bytes of a file system of its own that it lives on; nil for one that it shares.
    package static func start(_ settings: [String: String] = [:], disk: Int? = nil) async throws -> TestServer {
        let server = try TestServer(settings)
        if let disk { try await server.mount(disk) }
        let template = try await template.value.get()
        try await server.run("/bin/cp", ["-a", template, server.data])
        try await server.start()
        return server
    }

    private init(_ settings: [String: String]) throws {
        self.settings = Self.defaults.merging(settings) { $1 }
        binaries = try ServerBinaries.find(major: nil, environment: ProcessInfo.processInfo.environment)
        identity = geteuid() == 0 ? ChildProcess.Identity(named: "postgres") : nil
        folder = try makeTemporaryFolder("server")
        if let identity, chown(folder, identity.user, identity.group) != 0 { throw CocoaError(.fileWriteNoPermission) }
        port = try Self.freePort()
        try Afterwards.remove([folder])
    }

    private var data: String { folder + "/data" }

    /// For libpq.
    package var connectionString: String { address + " dbname=postgres sslmode=disable" }
    package var address: String { "host=127.0.0.1 port=\(port) user=\(Self.user)" }
    package var isRunning: Bool { process?.exit == nil && process != nil }

    // MARK: Life

    package func start() async throws {
        let arguments = settings.sorted { $0.key < $1.key }.flatMap { ["-c", "\($0.key)=\($0.value)"] }
        let log = open(folder + "/server.log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        defer { close(log) }
        let process = try ChildProcess(
            binaries.postgres, ["-D", data, "-p", String(port)] + arguments, environment: environment, directory: "/",
            identity: identity, output: log, deathSignal: .quit)
        self.process = process
        let deadline = MonotonicTime.now + .seconds(60)
        while !isReady(process) {
            guard process.exit == nil, MonotonicTime.now < deadline else {
                let said = (try? String(contentsOfFile: folder + "/server.log", encoding: .utf8)) ?? ""
                throw TestServerError(what: "the server did not start: \(said.suffix(500))")
            }
            await pause(.milliseconds(5))
        }
    }

    package func stop(_ how: Stop) async {
        process?.send(how == .fast ? .interrupt : .quit)
        endFrost()
        _ = await process?.waitForExit()
        process = nil
    }

    /// It falls silent without a word: all its processes stand still, the kernel keeps its sockets open. Only `stop`
    /// ends that.
    package func freeze() throws {
        guard let pid = process?.pid else { return }
        // The first one first: it makes no others then.
        kill(pid, SIGSTOP)
        let children = try String(contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8)
        frozen = children.split(separator: " ").compactMap { Int32($0) }
        for child in frozen { kill(child, SIGSTOP) }
    }

    /// What was under way ends with its process; only the first, told to stop, goes on to do so.
    private func endFrost() {
        guard !frozen.isEmpty, let process else { return }
        for child in frozen { kill(child, SIGKILL) }
        frozen = []
        kill(process.pid, SIGCONT)
    }

    /// Stopped for good, and gone.
    package func remove() async {
        await stop(.immediate)
        if isMounted { _ = try? await run("/bin/umount", ["-l", folder], as: nil) }
        let folder = folder
        try? await ThreadPool.blocking.run { try FileManager.default.removeItem(atPath: folder) }
    }

    package func change(_ name: String, to value: String) { settings[name] = value }

    private func isReady(_ process: ChildProcess) -> Bool {
        guard let text = try? String(contentsOfFile: data + "/postmaster.pid", encoding: .utf8) else { return false }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count > 7, Int32(lines[0]) == process.pid else { return false }
        return ["ready", "standby"].contains(lines[7].trimmingCharacters(in: .whitespaces))
    }

    // MARK: Replication

    /// A standby that streams from this server; `name` is what `synchronous_standby_names` calls it.
    package func standby(named name: String, _ settings: [String: String] = [:]) async throws -> TestServer {
        let standby = try TestServer(settings)
        try await standby.run(
            binaries.folder + "/pg_basebackup",
            [
                "-d", "host=127.0.0.1 port=\(port) user=\(Self.user) application_name=\(name)", "-D", standby.data,
                "-R", "-X", "stream", "-c", "fast", "--no-sync",
            ])
        try await standby.start()
        return standby
    }

    package func promote() async throws {
        try await run(binaries.folder + "/pg_ctl", ["promote", "-D", data, "-s", "-w"])
    }

    // MARK: Files and programs

    /// Puts a file into the server's folder that only the server's user can read; its path.
    package func place(_ text: String, as name: String) throws -> String {
        let path = folder + "/" + name
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        chmod(path, 0o600)
        if let identity { chown(path, identity.user, identity.group) }
        return path
    }

    private var environment: [String: String] { ["PATH": binaries.folder + ":/usr/bin:/bin", "LC_ALL": "C.UTF-8"] }

    private func run(_ program: String, _ arguments: [String]) async throws {
        try await run(program, arguments, as: identity)
    }

    private func run(_ program: String, _ arguments: [String], as identity: ChildProcess.Identity?) async throws {
        let child = try ChildProcess(
            program, arguments, environment: environment, directory: "/", identity: identity, deathSignal: .kill)
        guard await child.waitForExit() == .status(0) else {
            throw TestServerError(what: "\(program) failed")
        }
    }

    // MARK: Its disk

    private func mount(_ bytes: Int) async throws {
        try await run("/bin/mount", ["-t", "tmpfs", "-o", "size=\(bytes),mode=711", "leadwire-test", folder], as: nil)
        isMounted = true
        if let identity, chown(folder, identity.user, identity.group) != 0 { throw CocoaError(.fileWriteNoPermission) }
    }

    /// Whether a file system can be mounted here, which takes rights that a container may lack.
    package static func canMount() async -> Bool {
        guard geteuid() == 0, let server = try? TestServer([:]) else { return false }
        let isPossible = (try? await server.mount(1 << 20)) != nil
        await server.remove()
        return isPossible
    }

    private var filler: String { folder + "/filler" }

    /// Takes all room that its disk has left.
    package func fillDisk() {
        let fd = open(filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer { close(fd) }
        for size in [1 << 20, 1 << 12] {
            let block = [UInt8](repeating: 0, count: size)
            while lseek(fd, 0, SEEK_END) >= 0, write(fd, block, size) == size {}
        }
    }

    package func freeDisk() { unlink(filler) }

    /// Below those that the kernel gives to outgoing connections: while the server is stopped, one of them must not get
    /// its port.
    private static func freePort() throws -> UInt16 {
        for _ in 0..<200 {
            let port = UInt16.random(in: 15_000..<32_000)
            guard let address = SocketAddress(ip: "127.0.0.1", port: port) else { break }
            guard let fd = try? Socket.listen(on: address) else { continue }
            Socket.close(fd)
            return port
        }
        throw TestServerError(what: "no port is free")
    }

    /// Made once and copied: initdb takes a second or two.
    private static let template: Task<Result<String, any Error>, Never> = spawn {
        do {
            let maker = try TestServer([:])
            try await maker.run(
                maker.binaries.initdb,
                [
                    "-D", maker.data, "-U", user, "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust", "--no-sync",
                    "--no-instructions",
                ])
            return .success(maker.data)
        } catch {
            return .failure(error)
        }
    }
}

package struct TestServerError: Error { package let what: String }

/// Suspends without holding up the loop.
@Reactor
package func pause(_ duration: Duration) async {
    await withCheckedContinuation { continuation in
        _ = EventLoop.shared.schedule(after: duration) { continuation.resume() }
    }
}
