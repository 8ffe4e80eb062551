import EventLoop
import Foundation

/// The built `leadwire`, run as a process of its own; it does not outlive the tests.
@Reactor
final class CommandRun: ReadinessHandler {
    /// What it said, to both outputs.
    private(set) var output = ""
    private let child: ChildProcess
    private let pipe: Int32
    private var registration: Registration?
    private var waiter: (mark: String, continuation: CheckedContinuation<Bool, Never>)?
    private var timer: LoopTimer?

    /// Beside the tests' own bundle; nil where it was not built.
    nonisolated static let binary: String? = {
        let folders = CommandLine.arguments.prefix(1) + [Bundle.main.bundlePath] + Bundle.allBundles.map(\.bundlePath)
        for folder in folders {
            var url = URL(fileURLWithPath: folder)
            while url.path != "/" {
                url.deleteLastPathComponent()
                let candidate = url.appendingPathComponent("leadwire").path
                var isFolder: ObjCBool = false
                if FileManager.default.fileExists(atPath: candidate, isDirectory: &isFolder), !isFolder.boolValue {
                    return candidate
                }
            }
        }
        return nil
    }()

    init(
        _ arguments: [String], environment: [String: String] = [:], path: String? = nil,
        identity: ChildProcess.Identity? = nil
    ) throws {
        guard let path = path ?? Self.binary else { throw StageError(what: "leadwire is not built") }
        var ends: [Int32] = [0, 0]
        guard Foundation.pipe(&ends) == 0 else { throw StageError(what: "no pipe") }
        pipe = ends[0]
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(pipe, F_SETFL, O_NONBLOCK)
        defer { close(ends[1]) }
        var all = environment
        all["PATH"] = "/usr/local/bin:/usr/bin:/bin"
        child = try ChildProcess(
            path, arguments, environment: all, directory: "/", identity: identity, output: ends[1],
            deathSignal: .terminate)
        registration = try EventLoop.shared.register(pipe, .read, self)
    }

    /// Runs to the end: its exit status and what it said.
    static func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> (Int32, String) {
        let run = try CommandRun(arguments, environment: environment)
        return (await run.ended(), run.output)
    }

    /// The exit status, or minus the signal that ended it; a minute is its limit. What it had said is then all read.
    func ended() async -> Int32 {
        let limit = EventLoop.shared.schedule(after: .seconds(60)) { self.child.send(.kill) }
        let exit = await child.waitForExit()
        limit.cancel()
        read()
        finish()
        switch exit {
        case .status(let status): return status
        case .signal(let signal): return -signal
        }
    }

    var pid: Int32 { child.pid }

    func send(_ signal: ProcessSignal) { child.send(signal) }

    /// Whether it says this before it ends, or a minute is over.
    func says(_ mark: String) async -> Bool {
        if output.contains(mark) { return true }
        guard registration != nil else { return false }
        timer = EventLoop.shared.schedule(after: .seconds(60)) { self.resume(false) }
        return await withCheckedContinuation { waiter = (mark, $0) }
    }

    func ready(_ readiness: Readiness) { read() }

    private func read() {
        guard registration != nil else { return }
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            switch buffer.withUnsafeMutableBytes({ Socket.read(pipe, into: $0) }) {
            case .bytes(let count):
                output += String(decoding: buffer[..<count], as: UTF8.self)
                if let waiter, output.contains(waiter.mark) { resume(true) }
            case .wouldBlock: return
            case .end, .failed: return finish()
            }
        }
    }

    private func finish() {
        guard let registration else { return }
        EventLoop.shared.deregister(registration)
        self.registration = nil
        close(pipe)
        resume(false)
    }

    private func resume(_ found: Bool) {
        timer?.cancel()
        timer = nil
        let waiter = self.waiter
        self.waiter = nil
        waiter?.continuation.resume(returning: found)
    }
}
