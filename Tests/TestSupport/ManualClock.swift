package import EventLoop

/// A wall clock that moves when a test says so.
package final class ManualClock: Sendable {
    private let microseconds: Lock<Int64>

    /// Begins at this machine's time, so that what a database dates itself lies near.
    package init() { microseconds = Lock(Clock.system.microseconds) }

    package var clock: Clock { Clock { self.microseconds.withLock { $0 } } }

    /// Sets it to this machine's time, as after it has stood still while a test was at work.
    package func catchUp() { microseconds.withLock { $0 = Clock.system.microseconds } }

    package func advance(by duration: Duration) {
        let (seconds, attoseconds) = duration.components
        microseconds.withLock { $0 += seconds * 1_000_000 + attoseconds / 1_000_000_000_000 }
    }
}
