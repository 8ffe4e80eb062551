import EventLoop
import Foundation

/// What `postmaster.pid` in a data folder tells (PostgreSQL's `pidfile.h`: a line each for pid, folder, start time,
/// port, socket folder, listen address, shared memory, status).
struct Postmaster: Sendable, Hashable {
    let pid: Int32
    let status: String

    var isReady: Bool { status == "ready" }

    init?(pidFile text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let first = lines.first, let pid = Int32(first), pid > 0 else { return nil }
        self.pid = pid
        status = lines.count > 7 ? lines[7].trimmingCharacters(in: .whitespaces) : ""
    }

    static func read(_ data: String) -> Postmaster? {
        guard let text = try? String(contentsOfFile: data + "/postmaster.pid", encoding: .utf8) else { return nil }
        return Postmaster(pidFile: text)
    }

    /// Every process that works in the data folder: the postmaster and its backends stand in it.
    static func residents(of data: String) -> [Int32] {
        guard let real = realpath(data, nil) else { return [] }
        defer { free(real) }
        let folder = String(cString: real)
        return ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { name in
            guard let pid = Int32(name),
                let cwd = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(name)/cwd"),
                cwd == folder
            else { return nil }
            return pid
        }
    }

    /// Ends a server that a killed run left behind, and removes what it left of its own.
    ///
    /// It is ended, not taken over: only a child of this process is sure to end with it.
    @Reactor
    static func endLeftover(in data: String, patience: Duration = .seconds(30)) async throws(ClusterError) {
        guard FileManager.default.fileExists(atPath: data + "/postmaster.pid") else { return }
        let began = MonotonicTime.now
        var sent: ProcessSignal?
        while true {
            let residents = residents(of: data)
            guard !residents.isEmpty else { break }
            let waited = MonotonicTime.now - began
            // Fast shutdown first; then the immediate one, which recovers at the next start.
            let signal: ProcessSignal = waited > patience ? .quit : .interrupt
            if sent != signal {
                sent = signal
                if let postmaster = read(data)?.pid, residents.contains(postmaster) {
                    kill(postmaster, signal.rawValue)
                } else if signal == .quit {
                    for pid in residents { kill(pid, signal.rawValue) }
                }
            }
            guard waited < patience * 2 else {
                throw ClusterError(
                    .folderInUse,
                    "a PostgreSQL server from an earlier run still works in \(data) (process \(residents[0])): stop it")
            }
            await pause(.milliseconds(20))
        }
        // Nobody works here: a number in the file that belongs to somebody else would only stop the next start.
        unlink(data + "/postmaster.pid")
    }
}

/// Suspends without holding up the loop.
@Reactor
func pause(_ duration: Duration) async {
    await withCheckedContinuation { continuation in
        _ = EventLoop.shared.schedule(after: duration) { continuation.resume() }
    }
}
