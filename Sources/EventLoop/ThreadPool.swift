internal import CLinux

/// A few threads for what would hold up the loop: name resolution, files, long computations.
package final class ThreadPool: @unchecked Sendable {
    // Unchecked, because `state` is touched only between lock and unlock of `mutex`.

    /// Names and files: waits, hardly computes.
    package static let blocking = ThreadPool(name: "blocking", threads: 4)
    /// Names that strangers chose, whose servers may never answer: apart, so that they keep nobody else waiting.
    package static let strangersNames = ThreadPool(name: "names", threads: 8)
    /// Requests to stop a statement: each is a connection of its own, to a server that may not answer, and must not
    /// keep those to others waiting.
    package static let cancelling = ThreadPool(name: "cancelling", threads: 16)
    /// Parsing and hashing that take more than a few milliseconds.
    package static let compute = ThreadPool(name: "compute", threads: 2)

    private let name: String
    private let limit: Int
    private var started = 0
    private var idle = 0
    private var queue: [@Sendable () -> Void] = []
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    private init(name: String, threads: Int) {
        self.name = name
        limit = threads
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        condition = .allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    /// Runs `work` on one of the threads; cancellation does not stop it.
    package func run<Success: Sendable>(
        _ work: @escaping @Sendable () throws -> Success
    ) async throws -> Success {
        try await withCheckedThrowingContinuation { continuation in
            submit { continuation.resume(with: Result { try work() }) }
        }
    }

    private func submit(_ job: @escaping @Sendable () -> Void) {
        pthread_mutex_lock(mutex)
        queue.append(job)
        let needsThread = idle == 0 && started < limit
        if needsThread { started += 1 }
        pthread_cond_signal(condition)
        pthread_mutex_unlock(mutex)
        guard needsThread else { return }
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self).toOpaque()
        precondition(pthread_create(&thread, nil, runPoolThread, context) == 0, "no thread for the \(name) pool")
        pthread_detach(thread)
    }

    fileprivate func work() {
        lw_name_thread(name)
        while true {
            pthread_mutex_lock(mutex)
            idle += 1
            while queue.isEmpty { pthread_cond_wait(condition, mutex) }
            idle -= 1
            let job = queue.removeFirst()
            pthread_mutex_unlock(mutex)
            job()
        }
    }
}

private func runPoolThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    Unmanaged<ThreadPool>.fromOpaque(context).takeUnretainedValue().work()
    return nil
}
