internal import CLinux

/// A child in a session of its own, watched from the loop, which does not outlive this process.
@Reactor
package final class ChildProcess: ReadinessHandler {
    package struct Identity: Sendable, Hashable {
        package let user: UInt32
        package let group: UInt32

        package init(user: UInt32, group: UInt32) {
            self.user = user
            self.group = group
        }

        /// The system user of this name.
        package init?(named name: String) {
            guard let entry = getpwnam(name) else { return nil }
            self.init(user: entry.pointee.pw_uid, group: entry.pointee.pw_gid)
        }
    }

    package enum Exit: Sendable, Hashable {
        case status(Int32)
        case signal(Int32)
    }

    package let pid: Int32
    private let pidfd: Int32
    private var registration: Registration?
    private(set) package var exit: Exit?
    private var waiters: [CheckedContinuation<Exit, Never>] = []

    /// - Parameters:
    ///   - name: what it is called in lists of processes, if not by its path.
    ///   - output: the descriptor that becomes its stdout and stderr; nil discards them.
    ///   - inherited: descriptors, eight at most, that it has as 3, 4 and so on; they stay open here.
    ///   - deathSignal: what the kernel sends the child when this process dies, however it dies.
    package init(
        _ path: String, _ arguments: [String], name: String? = nil, environment: [String: String],
        directory: String? = nil, identity: Identity? = nil, output: Int32? = nil, inherited: [Int32] = [],
        deathSignal: ProcessSignal? = nil
    ) throws(SystemError) {
        precondition(inherited.count <= LW_INHERITED_LIMIT, "too many descriptors for a child")
        let argv = CStringArray([name ?? path] + arguments)
        let envp = CStringArray(environment.map { "\($0.key)=\($0.value)" })
        pid = lw_spawn(
            path, argv.pointer, envp.pointer, directory, identity.map { Int32($0.user) } ?? -1,
            identity.map { Int32($0.group) } ?? -1, output ?? -1, deathSignal?.rawValue ?? 0, inherited,
            Int32(inherited.count))
        guard pid > 0 else { throw .last("fork") }
        pidfd = Int32(lw_pidfd_open(pid))
        guard pidfd >= 0 else { throw .last("pidfd_open") }
        registration = try EventLoop.shared.register(pidfd, .read, self)
    }

    package func send(_ signal: ProcessSignal) {
        guard exit == nil else { return }
        _ = kill(pid, signal.rawValue)
    }

    package func waitForExit() async -> Exit {
        if let exit { return exit }
        return await withCheckedContinuation { waiters.append($0) }
    }

    package func ready(_ readiness: Readiness) {
        var status: Int32 = 0
        guard waitpid(pid, &status, WNOHANG) == pid else { return }
        let exit = status & 0x7f == 0 ? Exit.status((status >> 8) & 0xff) : Exit.signal(status & 0x7f)
        self.exit = exit
        if let registration { EventLoop.shared.deregister(registration) }
        registration = nil
        Socket.close(pidfd)
        let waiters = self.waiters
        self.waiters = []
        for waiter in waiters { waiter.resume(returning: exit) }
    }
}

/// A NULL-terminated array of C strings, for exec.
private final class CStringArray {
    let pointer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ strings: [String]) {
        count = strings.count
        pointer = .allocate(capacity: count + 1)
        for (index, string) in strings.enumerated() { pointer[index] = strdup(string) }
        pointer[count] = nil
    }

    deinit {
        for index in 0..<count { free(pointer[index]) }
        pointer.deallocate()
    }
}
