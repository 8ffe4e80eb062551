import Crypto
import EventLoop

/// Keeps the ticket keys of a server's TLS up to date.
///
/// Periods are counted by the machine's monotonic clock, which all processes on it share.
@Reactor
final class TicketRotation {
    /// Long enough for clients to come back, short enough that a ticket which leaks opens little.
    private static let period = Duration.seconds(12 * 3600)

    private(set) var keys: TLSTicketKeys
    private var timer: LoopTimer?
    private let onChange: @Reactor (TLSTicketKeys) -> Void

    /// - Parameter keys: those of the process that started this one; without them, new ones.
    init(_ keys: TLSTicketKeys? = nil, onChange: @escaping @Reactor (TLSTicketKeys) -> Void = { _ in }) {
        self.keys = keys ?? TLSTicketKeys(drawnFor: Self.current)
        self.onChange = onChange
        turn()
    }

    func stop() { timer?.cancel() }

    private static var current: Int64 { MonotonicTime.now.nanoseconds / period.nanoseconds }

    private func turn() {
        keys.advance(to: Self.current)
        onChange(keys)
        let next = MonotonicTime(nanoseconds: (Self.current + 1) * Self.period.nanoseconds)
        timer = EventLoop.shared.schedule(at: next) { [weak self] in self?.turn() }
    }
}
