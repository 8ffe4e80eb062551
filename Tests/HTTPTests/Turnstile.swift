import EventLoop

/// Lets so many in at a time: the tests share one reactor, and a test whose deadlines are short must not wait behind a
/// hundred others.
@Reactor
final class Turnstile {
    static let shared = Turnstile(4)

    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ places: Int) { free = places }

    func pass<Value: Sendable>(_ body: @Reactor @Sendable () async throws -> Value) async throws -> Value {
        if free > 0 { free -= 1 } else { await withCheckedContinuation { waiting.append($0) } }
        defer { if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() } }
        return try await body()
    }
}
