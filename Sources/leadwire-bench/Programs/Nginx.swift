import EventLoop
import Foundation
import HTTP

/// nginx as one process, configured by Tests/Benchmarks/nginx.conf.
@Reactor
struct Nginx {
    let program: Program
    let port: UInt16
    let tlsPort: UInt16

    /// - Parameter wrapper: a command that nginx is run by.
    static func start(in workshop: Workshop, _ certificate: Certificate, wrapper: [String] = []) async throws -> Nginx {
        let port = try Workshop.freePort()
        let tlsPort = try Workshop.freePort()
        let file = workshop.path("nginx.conf")
        let settings = try Workshop.template(
            "nginx.conf",
            [
                "FOLDER": workshop.folder, "PORT": "\(port)", "TLS_PORT": "\(tlsPort)",
                "CERTIFICATE": certificate.file, "KEY": certificate.key,
            ])
        try Data(settings.utf8).write(to: URL(fileURLWithPath: file))
        let command = wrapper + [try Workshop.tool("nginx"), "-c", file, "-e", workshop.path("nginx-error.log")]
        let program = try Program(command[0], Array(command.dropFirst()), log: workshop.path("nginx.log"))
        let nginx = Nginx(program: program, port: port, tlsPort: tlsPort)
        try await program.answers(nginx.url("/ping"))
        return nginx
    }

    func url(_ path: String) -> HTTPURL { URLs.plain(port, path) }
    func tlsURL(_ path: String) -> HTTPURL { URLs.tls(tlsPort, path) }
}

/// Addresses of programs on this machine.
enum URLs {
    // Built of parts that are valid by construction.
    static func plain(_ port: UInt16, _ path: String) -> HTTPURL { HTTPURL("http://127.0.0.1:\(port)\(path)")! }
    static func tls(_ port: UInt16, _ path: String) -> HTTPURL { HTTPURL("https://127.0.0.1:\(port)\(path)")! }
}
