internal import CLinux

/// A signal this process may be told about.
package enum ProcessSignal: Int32, Sendable, CaseIterable {
    case hangUp = 1
    case interrupt = 2
    case quit = 3
    case kill = 9
    case terminate = 15

    /// Keeps the catchable ones from their default action in every thread; call before the first thread starts.
    package static func block() {
        var set = signalSet()
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    fileprivate static func signalSet() -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in [ProcessSignal.hangUp, .interrupt, .terminate] { sigaddset(&set, signal.rawValue) }
        return set
    }
}

/// Delivers blocked signals on the loop.
@Reactor
package final class SignalSource: ReadinessHandler {
    private let fd: Int32
    private let onSignal: @Reactor (ProcessSignal) -> Void

    package init(_ onSignal: @escaping @Reactor (ProcessSignal) -> Void) throws(SystemError) {
        var set = ProcessSignal.signalSet()
        fd = signalfd(-1, &set, Int32(SFD_NONBLOCK | SFD_CLOEXEC))
        self.onSignal = onSignal
        guard fd >= 0 else { throw .last("signalfd") }
        _ = try EventLoop.shared.register(fd, .read, self)
    }

    package func ready(_ readiness: Readiness) {
        var information = signalfd_siginfo()
        while read(fd, &information, MemoryLayout<signalfd_siginfo>.size) == MemoryLayout<signalfd_siginfo>.size {
            if let signal = ProcessSignal(rawValue: Int32(information.ssi_signo)) { onSignal(signal) }
        }
    }
}
