import Cluster
package import EventLoop
import Foundation

/// PgBouncer in transaction mode before the test cluster.
@Reactor
package final class TestPooler {
    package nonisolated static let program: String? = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    package let port: UInt16
    private let folder: String
    private let process: ChildProcess

    /// - Parameter size: how many server connections a database may have, for all its clients.
    package static func start(size: Int = 3) async throws -> TestPooler {
        let pooler = try TestPooler(cluster: try await TestCluster.shared(), size: size)
        let deadline = MonotonicTime.now + .seconds(30)
        while !pooler.answers {
            guard pooler.process.exit == nil, MonotonicTime.now < deadline else {
                throw TestServerError(what: "the pooler did not start")
            }
            await pause(.milliseconds(5))
        }
        return pooler
    }

    private init(cluster: PrivateCluster, size: Int) throws {
        guard let program = Self.program, let any = SocketAddress(ip: "127.0.0.1", port: 0) else {
            throw TestServerError(what: "PgBouncer is not installed")
        }
        let fd = try Socket.listen(on: any)
        port = Socket.localAddress(fd)?.port ?? 0
        Socket.close(fd)
        // It runs as the cluster's own user, because the socket's folder is that user's alone.
        let identity = geteuid() == 0 ? ChildProcess.Identity(named: "postgres") : nil
        folder = try makeTemporaryFolder("pooler")
        let settings = """
            [databases]
            * = host=\(cluster.socketDirectory) port=5432 user=leadwire
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = \(port)
            unix_socket_dir =
            auth_type = any
            pool_mode = transaction
            default_pool_size = \(size)
            max_client_conn = 200
            log_connections = 0
            log_disconnections = 0

            """
        let file = folder + "/pgbouncer.ini"
        try settings.write(toFile: file, atomically: true, encoding: .utf8)
        chmod(file, 0o644)
        process = try ChildProcess(
            program, ["-q", file], environment: ["PATH": "/usr/bin:/bin"], directory: "/", identity: identity,
            deathSignal: .kill)
        try Afterwards.remove([folder])
    }

    /// For libpq, beside user and database.
    package var address: String { "host=127.0.0.1 port=\(port) sslmode=disable" }

    private var answers: Bool {
        guard let address = SocketAddress(ip: "127.0.0.1", port: port) else { return false }
        let fd = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { Socket.close(fd) }
        return address.connects(fd)
    }

    package func stop() async {
        process.send(.kill)
        _ = await process.waitForExit()
        try? FileManager.default.removeItem(atPath: folder)
    }
}

extension SocketAddress {
    /// Whether somebody listens there; blocks, which on the loopback takes no time.
    fileprivate func connects(_ fd: Int32) -> Bool {
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = port.bigEndian
        target.sin_addr.s_addr = inet_addr(ip)
        return withUnsafePointer(to: &target) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(fd, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
