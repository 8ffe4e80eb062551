import EventLoop
import Foundation
import Testing

@Suite struct ChildProcessTests {
    @Test func `a child has the descriptors that it was given, in their order, and no others`() async throws {
        let exit = try await onReactor {
            let any = try #require(SocketAddress(ip: "127.0.0.1", port: 0))
            let sockets = try (0..<3).map { _ in try Socket.listen(on: any) }
            defer { for socket in sockets { Socket.close(socket) } }
            let names = try sockets.map {
                try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")
            }
            let script = """
                [ "$(readlink /proc/$$/fd/3)" = "$THIRD" ] && [ "$(readlink /proc/$$/fd/4)" = "$FIRST" ] \
                    && [ ! -e /proc/$$/fd/5 ]
                """
            let child = try ChildProcess(
                "/bin/sh", ["-c", script], name: "heir",
                environment: ["PATH": "/usr/bin:/bin", "FIRST": names[0], "THIRD": names[2]],
                inherited: [sockets[2], sockets[0]])
            return await child.waitForExit()
        }
        #expect(exit == .status(0))
    }
}
