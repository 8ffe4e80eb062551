internal import CLinux

/// A pthread mutex around the state it guards.
///
/// `Synchronization.Mutex` is not used: ThreadSanitizer on Linux cannot see its futex and reports races that are none.
package final class Lock<State>: @unchecked Sendable {
    // Unchecked, because every access to `state` goes through `withLock`.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var state: State

    package init(_ state: sending State) {
        self.state = state
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Runs `body` alone; it must neither call out nor resume a continuation.
    package func withLock<Result, Failure: Error>(
        _ body: (inout State) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&state)
    }
}
