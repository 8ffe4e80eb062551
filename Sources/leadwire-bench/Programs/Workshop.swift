import EventLoop
import Foundation

/// The folder of one run, with all that its programs write; gone with it.
final class Workshop: Sendable {
    let folder: String

    init() throws {
        var template = Array("/tmp/leadwire-bench-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw BenchError("there is no place for a folder in /tmp") }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // The user that PostgreSQL runs as must get through.
        chmod(folder, 0o711)
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }

    func path(_ name: String) -> String { "\(folder)/\(name)" }

    /// Held by nobody a moment ago.
    static func freePort() throws -> UInt16 {
        guard let any = SocketAddress(ip: "127.0.0.1", port: 0) else { throw BenchError("no loopback address") }
        let socket = try Socket.listen(on: any)
        defer { Socket.close(socket) }
        guard let port = Socket.localAddress(socket)?.port else { throw BenchError("no free port") }
        return port
    }

    /// A command along `PATH`, or where administrators' programs lie.
    static func tool(_ name: String, package: String? = nil) throws -> String {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        for folder in folders + ["/usr/sbin", "/usr/local/sbin"]
        where FileManager.default.isExecutableFile(atPath: "\(folder)/\(name)") {
            return "\(folder)/\(name)"
        }
        throw BenchError("\(name) is not installed: apt-get install \(package ?? name)")
    }

    /// A program of this package, built in the same way as this one.
    static func sibling(_ name: String) throws -> String {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent(name).path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw BenchError("\(name) is not built: swift build -c release")
        }
        return path
    }

    /// A folder beside the build's own, which outlives the run.
    static func buildFolder(_ name: String) throws -> String {
        URL(fileURLWithPath: try sibling("leadwire")).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent(name).path
    }

    /// A file of Tests/Benchmarks as it lies there; the folder itself without a name.
    static func source(_ name: String) throws -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Tests/Benchmarks").appendingPathComponent(name).path
    }

    /// A file of Tests/Benchmarks with its `@NAME@`s filled in.
    static func template(_ name: String, _ values: [String: String]) throws -> String {
        let text = try String(contentsOfFile: try source(name), encoding: .utf8)
        return values.reduce(text) { $0.replacing("@\($1.key)@", with: $1.value) }
    }
}
