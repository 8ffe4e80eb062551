import EventLoop

/// One server of a pool: all the pool's connections to it tell here what they hear of it, and wonder here together.
@Reactor
final class ServerWatch {
    private let address: SocketAddress
    private var pulse: Pulse
    private var probe: ServerProbe?
    private let onSilence: @Reactor (ServerWatch) -> Void

    init(_ address: SocketAddress, limit: Duration, onSilence: @escaping @Reactor (ServerWatch) -> Void) {
        self.address = address
        self.onSilence = onSilence
        pulse = Pulse(limit: limit, now: .now)
    }

    var lastSign: MonotonicTime { pulse.lastSign }

    func heard(at now: MonotonicTime) { pulse.heard(at: now) }

    /// Finds out whether the server is there, unless that is under way. If it is not, the pool is told.
    func wonder() {
        guard let deadline = pulse.wonder(now: .now) else { return }
        let probe = ServerProbe()
        self.probe = probe
        // Holds on to this until the probe has ended, which is soon, whatever becomes of the pool.
        probe.begin(address, until: deadline) { self.take($0) }
    }

    private func take(_ answer: Pulse.Answer) {
        switch pulse.judge(answer, now: .now) {
        case .probeOn(let deadline): probe?.goOn(until: deadline)
        case .waitOn: stop()
        case .silent:
            stop()
            onSilence(self)
        }
    }

    func stop() {
        probe?.end()
        probe = nil
    }
}

/// The servers that the connections of one pool have reached.
@Reactor
final class ServerWatches {
    private let limit: Duration
    private var watches: [SocketAddress: ServerWatch] = [:]
    /// Told of a server that is not there.
    var onSilence: (@Reactor (ServerWatch) -> Void)?

    init(limit: Duration) { self.limit = limit }

    func watch(over address: SocketAddress) -> ServerWatch {
        if let watch = watches[address] { return watch }
        let watch = ServerWatch(address, limit: limit) { [weak self] in self?.onSilence?($0) }
        watches[address] = watch
        return watch
    }

    func stop() { for watch in watches.values { watch.stop() } }
}
