import Crypto
import EventLoop
import Foundation
import TestCertificates
import Testing

@testable import HTTP

/// Debian's nginx with TLS, as one process in a folder that goes with it.
@Reactor
final class Nginx {
    /// One `server` block on a port of its own, unless it shares another's.
    struct Server {
        let certificate: TestAuthority.Certificate
        var name = "_"
        /// Directives for the block.
        var lines = ""
        /// The place in the list of the block whose port it shares.
        var sharesPortOf: Int?
    }

    nonisolated static let path = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    let folder: URL
    private(set) var ports: [UInt16] = []
    private let process: ChildProcess

    /// - Parameter lines: directives for the `http` block.
    init(_ servers: [Server], folder: URL) throws {
        let path = try #require(Self.path)
        self.folder = folder
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("www"), withIntermediateDirectories: true)
        ports = try Self.freePorts(servers.count)
        for (index, server) in servers.enumerated() {
            if let other = server.sharesPortOf { ports[index] = ports[other] }
        }
        let blocks = zip(servers, ports).map { Self.block($0, port: $1) }.joined()
        try Data(Self.settings(blocks).utf8).write(to: folder.appendingPathComponent("nginx.conf"))
        process = try ChildProcess(
            path, ["-p", folder.path, "-c", "nginx.conf", "-e", "error.log"], environment: [:], deathSignal: .kill)
    }

    func url(_ target: String, server: Int = 0, host: String = "127.0.0.1") -> HTTPURL {
        // Built of parts that are valid by construction.
        HTTPURL("https://\(host):\(ports[server])\(target)")!
    }

    /// Suspends until it takes connections; false if it ended in place of that.
    func isUp() async throws -> Bool {
        let address = try #require(ports.first.flatMap { SocketAddress(ip: "127.0.0.1", port: $0) })
        while process.exit == nil {
            let probe = try Socket.connect(to: address)
            defer { Socket.close(probe) }
            // On loopback the connection stands, or is refused, before `connect` returns.
            if Socket.connectionError(probe) == nil,
                case .bytes = [UInt8(0x16)].withUnsafeBytes({ Socket.write(probe, $0) })
            {
                return true
            }
            await withCheckedContinuation { continuation in
                EventLoop.shared.schedule(after: .milliseconds(2)) { continuation.resume() }
            }
        }
        return false
    }

    func stop() async {
        process.send(.kill)
        _ = await process.waitForExit()
    }

    private static func freePorts(_ count: Int) throws -> [UInt16] {
        let any = try #require(SocketAddress(ip: "127.0.0.1", port: 0))
        let sockets = try (0..<count).map { _ in try Socket.listen(on: any) }
        defer { for socket in sockets { Socket.close(socket) } }
        return try sockets.map { try #require(Socket.localAddress($0)).port }
    }

    private static func block(_ server: Server, port: UInt16) -> String {
        """
        server {
            listen 127.0.0.1:\(port) ssl;
            server_name \(server.name);
            ssl_certificate \(server.certificate.chain);
            ssl_certificate_key \(server.certificate.key);
            \(server.lines)
            location / { return 200 "$ssl_protocol $ssl_session_reused $ssl_server_name $connection_requests"; }
            location /files/ {
                root www;
                dav_methods PUT;
                create_full_put_path on;
                client_max_body_size 4m;
            }
        }

        """
    }

    private static func settings(_ blocks: String) -> String {
        """
        daemon off;
        master_process off;
        pid nginx.pid;
        events { worker_connections 512; }
        http {
            access_log off;
            ssl_protocols TLSv1.2 TLSv1.3;
            ssl_session_cache none;
            client_body_temp_path body;
            proxy_temp_path proxy;
            fastcgi_temp_path fastcgi;
            uwsgi_temp_path uwsgi;
            scgi_temp_path scgi;
            \(blocks)
        }
        """
    }
}

/// An nginx, and a client that trusts the authority, for the length of `body`.
func withNginx<Value: Sendable>(
    _ authority: TestAuthority, _ servers: [Nginx.Server],
    configuration: HTTPClientConfiguration? = nil,
    _ body: @escaping @Reactor @Sendable (Nginx, HTTPClient) async throws -> Value
) async throws -> Value {
    try await onReactor {
        var nginx = try Nginx(servers, folder: authority.folder)
        // A free port may be taken by another before nginx binds it.
        for _ in 0..<5 where try await !nginx.isUp() { nginx = try Nginx(servers, folder: authority.folder) }
        let client = HTTPClient(
            configuration: configuration ?? HTTPClientConfiguration(trust: .file(authority.file)))
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(nginx, client))
        } catch {
            result = .failure(error)
        }
        client.close()
        await nginx.stop()
        return try result.get()
    }
}
