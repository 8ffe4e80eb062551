import EventLoop
import Foundation

/// A worker's end of the line to its supervisor.
struct WorkerChannel {
    /// Where the supervisor put the socket that all workers listen on.
    static let listener: Int32 = 3
    private static let line: Int32 = 4

    static func ofThisProcess() throws -> WorkerChannel {
        var listens: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(listener, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0, listens != 0 else {
            throw CommandError.usage("worker is started by leadwire serve --workers N, and by nothing else")
        }
        // Not for children of its own.
        for descriptor in [listener, line] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        return WorkerChannel()
    }

    /// Secrets come this way and not by the environment, which other processes of the user can read.
    func receive() throws -> WorkerHandOver {
        let handle = FileHandle(fileDescriptor: Self.line, closeOnDealloc: false)
        // Written before this process was started, and ended.
        let text = String(decoding: try handle.readToEnd() ?? Data(), as: UTF8.self)
        guard let handOver = WorkerHandOver(text: text) else {
            throw CommandError("the supervisor is gone")
        }
        return handOver
    }

    func sayReady() { _ = [UInt8(ascii: "r")].withUnsafeBytes { Socket.write(Self.line, $0) } }
}
