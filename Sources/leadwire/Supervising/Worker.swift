import EventLoop
import Foundation

/// A worker as its supervisor sees it: a process, and the line to it.
@Reactor
final class Worker: ReadinessHandler {
    let started = MonotonicTime.now
    private let process: ChildProcess
    private let line: Int32
    private var registration: Registration?
    private var onReady: (@Reactor () -> Void)?

    init(
        _ handOver: WorkerHandOver, listener: Int32, onReady: @escaping @Reactor () -> Void
    ) throws {
        var ends: [Int32] = [0, 0]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw SystemError("socketpair", code: errno) }
        let (line, other) = (ends[0], ends[1])
        defer { Socket.close(other) }
        _ = Array(handOver.text.utf8).withUnsafeBytes { Socket.write(line, $0) }
        Socket.shutdownWrite(line)
        do {
            // The program that runs, whatever stands at its path by now: workers of two versions would disagree.
            process = try ChildProcess(
                "/proc/self/exe", ["worker"], name: "leadwire", environment: ProcessInfo.processInfo.environment,
                output: STDERR_FILENO, inherited: [listener, other], deathSignal: .terminate)
        } catch {
            Socket.close(line)
            throw error
        }
        self.line = line
        self.onReady = onReady
        registration = try EventLoop.shared.register(line, .read, self)
    }

    var pid: Int32 { process.pid }

    func send(_ signal: ProcessSignal) { process.send(signal) }

    func ended() async -> ChildProcess.Exit {
        let exit = await process.waitForExit()
        closeLine()
        return exit
    }

    func ready(_ readiness: Readiness) {
        var octet: UInt8 = 0
        let said = withUnsafeMutableBytes(of: &octet) { Socket.read(line, into: $0) }
        closeLine()
        if case .bytes = said { onReady?() }
        onReady = nil
    }

    private func closeLine() {
        guard let registration else { return }
        EventLoop.shared.deregister(registration)
        self.registration = nil
        Socket.close(line)
    }
}
