/// The isolation of everything that lives on the loop: connections, pools, caches, timers.
@globalActor
package actor Reactor {
    package static let shared = Reactor()

    nonisolated package var unownedExecutor: UnownedSerialExecutor { EventLoop.shared.asUnownedSerialExecutor() }
}

/// Starts a task on the loop; started from the loop, it runs within the same turn.
///
/// The one door through which tasks start: a task without the loop as its preferred executor leaves for the global
/// pool at every call of a nonisolated standard-library function (16 µs a hop).
@discardableResult
package func spawn<Success: Sendable>(
    _ body: @escaping @Reactor @Sendable () async -> Success
) -> Task<Success, Never> {
    Task.immediate(executorPreference: EventLoop.shared) { @Reactor in await body() }
}

/// Runs `body` on the loop and waits for what it returns: the door for threads and tasks that live elsewhere.
package func onReactor<Success: Sendable>(
    _ body: @escaping @Reactor @Sendable () async throws -> Success
) async throws -> Success {
    try await Task(executorPreference: EventLoop.shared) { try await body() }.value
}
